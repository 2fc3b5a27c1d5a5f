/// Runs published test vectors, in a folder of the user's own, against this build.
/// It keeps true: every file found is run, declared not applicable with a reason, or counted as a failure.
/// Start at [org.keymoot.testkit.vectors.Vectors].
@NullMarked
package org.keymoot.testkit.vectors;

import org.jspecify.annotations.NullMarked;
