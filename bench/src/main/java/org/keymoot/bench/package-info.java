/// Benchmarks of the algebra and the protocols, and a driver of load, each beside a control. It keeps true: a figure of
/// processor time is printed together with the same kind of work done by the JDK or by BouncyCastle in the same run.
/// Start at [Bench], whose commands `./keymoot bench` runs.
@NullMarked
package org.keymoot.bench;

import org.jspecify.annotations.NullMarked;
