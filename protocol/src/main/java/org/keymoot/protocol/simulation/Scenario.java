package org.keymoot.protocol.simulation;

import java.util.List;
import org.keymoot.crypto.group.GroupId;

/// What the parties of a run do, and what must stay true of it.
///
/// It keeps true: all state of a run lives in the [Seat]s and the invariants, never in the scenario itself.
public interface Scenario {
    /// Lower-case words joined by hyphens; part of [Options].
    String name();

    /// The groups that it can run in.
    List<GroupId> groups();

    /// How often a seed draws it, against the others.
    default int weight() {
        return 20;
    }

    /// What one party does from start to end.
    void run(Seat seat);

    /// What a restarted party does; by default nothing.
    default void recover(Seat seat) {}

    /// Fresh invariants of this scenario, beside the [Invariants#general()] ones.
    List<Invariant> invariants();
}
