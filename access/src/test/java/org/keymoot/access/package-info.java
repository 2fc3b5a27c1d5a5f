/// Tests of the package of the same name.
@NullMarked
package org.keymoot.access;

import org.jspecify.annotations.NullMarked;
