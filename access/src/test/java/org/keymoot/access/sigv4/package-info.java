/// Tests of the package of the same name.
@NullMarked
package org.keymoot.access.sigv4;

import org.jspecify.annotations.NullMarked;
