/// All parties of a protocol in one process, under a schedule, network faults and adversaries that one seed decides.
/// It keeps true: the same seed and options give the same run to the last bit, and invariants are checked after
/// everything that happens.
/// Start at [org.keymoot.protocol.simulation.Simulation].
@NullMarked
package org.keymoot.protocol.simulation;

import org.jspecify.annotations.NullMarked;
