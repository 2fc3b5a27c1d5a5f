/// Where randomness comes from, as a parameter.
/// It keeps true: nothing in this module draws randomness on its own.
/// Start at [org.keymoot.crypto.random.RandomSource].
@NullMarked
package org.keymoot.crypto.random;

import org.jspecify.annotations.NullMarked;
