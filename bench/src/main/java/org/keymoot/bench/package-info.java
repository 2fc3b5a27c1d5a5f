/// Benchmarks of the algebra and drivers of load, each beside a control. It keeps true: a figure is printed
/// together with the same work done by the JDK or by BouncyCastle in the same run. Start at any class whose
/// name ends in `Benchmark`; JMH's own main runs them by name.
@NullMarked
package org.keymoot.bench;

import org.jspecify.annotations.NullMarked;
