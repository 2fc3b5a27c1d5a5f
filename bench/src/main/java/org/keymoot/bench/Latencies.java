package org.keymoot.bench;

import java.util.Arrays;

/// The times that requests took, in nanoseconds, and what is said of them.
///
/// It keeps true: a quantile is a time that was measured, the smallest that at least that share of all times do not
/// exceed.
final class Latencies {
    private static final int FIRST_CAPACITY = 1024;

    private long[] nanos = new long[FIRST_CAPACITY];
    private int count;

    void add(long taken) {
        if (taken < 0) {
            throw new IllegalArgumentException("a request takes no less than no time, not %d ns".formatted(taken));
        }
        if (count == nanos.length) {
            nanos = Arrays.copyOf(nanos, 2 * count);
        }
        nanos[count++] = taken;
    }

    void addAll(Latencies others) {
        for (int i = 0; i < others.count; i++) {
            add(others.nanos[i]);
        }
    }

    int count() {
        return count;
    }

    /// @param share more than 0 and at most 1; 0.5 is the median
    /// @throws IllegalStateException when there are no times
    long quantile(double share) {
        if (!(share > 0 && share <= 1)) {
            throw new IllegalArgumentException("a share is more than 0 and at most 1, not " + share);
        }
        if (count == 0) {
            throw new IllegalStateException("there are no times yet");
        }
        long[] sorted = Arrays.copyOf(nanos, count);
        Arrays.sort(sorted);
        return sorted[Math.max(0, (int) Math.ceil(share * count) - 1)];
    }

    double quantileMillis(double share) {
        return quantile(share) / 1e6;
    }
}
