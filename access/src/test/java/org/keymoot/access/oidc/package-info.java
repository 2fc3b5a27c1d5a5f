@NullMarked
package org.keymoot.access.oidc;

import org.jspecify.annotations.NullMarked;
