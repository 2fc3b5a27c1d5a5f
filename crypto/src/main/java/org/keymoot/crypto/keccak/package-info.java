/// Keccak-256, the hash of Ethereum.
/// It keeps true: only public data passes through here, so nothing is erased.
/// Start at [org.keymoot.crypto.keccak.Keccak256].
@NullMarked
package org.keymoot.crypto.keccak;

import org.jspecify.annotations.NullMarked;
