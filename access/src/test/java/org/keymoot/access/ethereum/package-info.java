/// Tests of [org.keymoot.access.ethereum].
@NullMarked
package org.keymoot.access.ethereum;

import org.jspecify.annotations.NullMarked;
