/// Ed25519 signatures as others verify them. It keeps true: what is accepted here is accepted by every verifier
/// that follows RFC 8032, with or without the cofactor. Start at [org.keymoot.crypto.ed25519.Ed25519Signature].
@NullMarked
package org.keymoot.crypto.ed25519;

import org.jspecify.annotations.NullMarked;
