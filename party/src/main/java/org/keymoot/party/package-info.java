/// The node: one party of a cluster, the only place where a share and a socket meet.
/// It keeps true: everything it does for a client it has decided on itself, from the client's own signed request.
/// Start at [org.keymoot.party.PartyNode].
@NullMarked
package org.keymoot.party;

import org.jspecify.annotations.NullMarked;
