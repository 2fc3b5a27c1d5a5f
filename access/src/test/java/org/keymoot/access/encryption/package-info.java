/// Tests of ciphertexts, data keys and MACs. They keep true what docs/protocols/encryption.md says, and that what a
/// release wrote opens in every later one. Start at [org.keymoot.access.encryption.CiphertextTest].
@NullMarked
package org.keymoot.access.encryption;

import org.jspecify.annotations.NullMarked;
