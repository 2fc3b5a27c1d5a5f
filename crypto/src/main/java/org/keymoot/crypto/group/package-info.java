/// Prime-order groups and their scalar fields behind one interface.
/// It keeps true: a decoded point is on the curve, in the prime-order subgroup and not the identity; operations on a
/// secret scalar take the same steps whatever its value.
/// Start at [org.keymoot.crypto.group.Group].
@NullMarked
package org.keymoot.crypto.group;

import org.jspecify.annotations.NullMarked;
