/// What parties do together: pair set-ups, keys, presignatures and signatures.
/// It keeps true: a party joins only what it has decided on itself from the client's own request and its own view of
/// the
/// registers, and only after that is durably in its audit log.
/// Start at [org.keymoot.party.operations.Requests].
@NullMarked
package org.keymoot.party.operations;

import org.jspecify.annotations.NullMarked;
