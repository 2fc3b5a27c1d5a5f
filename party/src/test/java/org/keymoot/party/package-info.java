/// Tests of whole parties.
/// It keeps true: every test runs over real TLS, real disks and the real protocols.
/// Start at [org.keymoot.party.PartyNodeTest].
@NullMarked
package org.keymoot.party;

import org.jspecify.annotations.NullMarked;
