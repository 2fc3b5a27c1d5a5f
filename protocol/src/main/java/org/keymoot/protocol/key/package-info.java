/// What a party holds of a key: its secret share and all that is public about the key.
/// It keeps true: a share that a protocol can use has been checked against the public key, and its secret lives off the
/// heap until it is closed.
/// Start at [org.keymoot.protocol.key.KeyShare].
@NullMarked
package org.keymoot.protocol.key;

import org.jspecify.annotations.NullMarked;
