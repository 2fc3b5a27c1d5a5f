/// Whole clusters as a user starts them, driven by unmodified AWS clients.
/// It keeps true: a test here talks to real processes over real sockets, and leaves none behind.
/// Start at [org.keymoot.testkit.cluster.DevClusterTest].
@NullMarked
package org.keymoot.testkit.cluster;

import org.jspecify.annotations.NullMarked;
