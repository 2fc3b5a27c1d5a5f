/// Tests of the package of the same name.
@NullMarked
package org.keymoot.access.policy;

import org.jspecify.annotations.NullMarked;
