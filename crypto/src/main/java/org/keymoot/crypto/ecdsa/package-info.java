/// ECDSA signatures as values, and their verification, for secp256k1 and P-256; signing is the protocols' work.
/// It keeps true: only one byte string decodes to each signature, and everything here handles public values only.
/// Start at [org.keymoot.crypto.ecdsa.Ecdsa].
@NullMarked
package org.keymoot.crypto.ecdsa;

import org.jspecify.annotations.NullMarked;
