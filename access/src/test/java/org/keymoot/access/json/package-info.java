/// Tests of the package of the same name.
@NullMarked
package org.keymoot.access.json;

import org.jspecify.annotations.NullMarked;
