/// Encryption of what rests on disk, under a key that rests in a file of its own. It keeps true: sealed bytes
/// open only unchanged, only with the associated data they were sealed with, and only under a key of the ring;
/// secrets pass through memory that the caller owns and erases. Start at [org.keymoot.platform.seal.Sealer].
@NullMarked
package org.keymoot.platform.seal;

import org.jspecify.annotations.NullMarked;
