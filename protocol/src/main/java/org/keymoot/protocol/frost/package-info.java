/// FROST, RFC 9591: Schnorr signatures of a shared key in two rounds; for Ed25519 they are plain RFC 8032 signatures.
/// It keeps true: a nonce serves one signature share and is erased before that share can be seen; a signature leaves
/// only when it verifies.
/// Start at [org.keymoot.protocol.frost.Frost], beside `docs/protocols/frost.md`.
@NullMarked
package org.keymoot.protocol.frost;

import org.jspecify.annotations.NullMarked;
