/// What the parties' pseudo-random function is turned into: ciphertexts, data keys, data key pairs and MAC
/// tags. It keeps true: the function is evaluated at values that no party can choose, and everything secret
/// is derived from its output under a tag of its own. Start at [org.keymoot.access.encryption.Ciphertext],
/// beside docs/protocols/encryption.md.
@NullMarked
package org.keymoot.access.encryption;

import org.jspecify.annotations.NullMarked;
