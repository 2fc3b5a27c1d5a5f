/// RSA with a secret exponent that nobody has: arithmetic, primes and the paddings of RFC 8017. It keeps
/// true: exponentiation with a secret takes the same time and touches the same memory for every exponent of
/// a length. Start at [org.keymoot.crypto.rsa.RsaModulus].
@NullMarked
package org.keymoot.crypto.rsa;

import org.jspecify.annotations.NullMarked;
