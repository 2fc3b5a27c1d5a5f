/// Threshold RSA after Shoup: a dealt key whose private exponent the parties apply together. It keeps true:
/// a power leaves only if the public exponent takes it back to its base, and a wrong part names its party.
/// Start at [org.keymoot.protocol.rsa.RsaPower].
@NullMarked
package org.keymoot.protocol.rsa;

import org.jspecify.annotations.NullMarked;
