/// The algebra under Keymoot's protocols; it depends on the JDK alone and touches no clock, thread, socket, file,
/// logger
/// or source of randomness of its own.
/// It keeps true: what is secret is off-heap and handled in constant time, and what is decoded is valid.
/// Start at [org.keymoot.crypto.group.Group].
@NullMarked
package org.keymoot.crypto;

import org.jspecify.annotations.NullMarked;
