package org.keymoot.access;

import java.time.Duration;
import java.time.Instant;

/// When a key gets new material by itself.
///
/// @param periodDays between two rotations
/// @param nextAt when the next one is due
public record RotationSchedule(int periodDays, Instant nextAt) {
    static final int SHORTEST_DAYS = 90;
    static final int LONGEST_DAYS = 2560;
    static final int DEFAULT_DAYS = 365;

    public RotationSchedule {
        if (periodDays < SHORTEST_DAYS || periodDays > LONGEST_DAYS) {
            throw new IllegalArgumentException("keys are rotated every %d to %d days, found %d"
                    .formatted(SHORTEST_DAYS, LONGEST_DAYS, periodDays));
        }
    }

    static RotationSchedule startingAt(Instant now, int periodDays) {
        return new RotationSchedule(periodDays, now.plus(Duration.ofDays(periodDays)));
    }
}
