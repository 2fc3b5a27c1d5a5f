package org.keymoot.party.operations;

import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/// Which refusals of requests that nobody is known to have signed get an audit record of their own.
///
/// It keeps true: of those no more than [#PER_SECOND] a second do, after [#AT_ONCE] at once, so that strangers cannot
/// fill the disk and with it stop everybody's work; all others are counted by their error, and the counts are handed
/// out once.
final class StrangerRefusals {
    static final int AT_ONCE = 200;
    static final int PER_SECOND = 20;
    private static final long SUMMARY_NANOS = TimeUnit.SECONDS.toNanos(10);

    private final LongSupplier nanoTime;
    private final Map<String, Long> omitted = new TreeMap<>();
    private double room = AT_ONCE;
    private long at;
    private long omittedSince;

    /// @param nanoTime as System.nanoTime
    StrangerRefusals(LongSupplier nanoTime) {
        this.nanoTime = nanoTime;
        this.at = nanoTime.getAsLong();
    }

    /// Whether this one gets a record; it is counted when not.
    ///
    /// @param error its AWS error type, of which there are few
    synchronized boolean getsRecord(String error) {
        long now = nanoTime.getAsLong();
        room = Math.min(AT_ONCE, room + PER_SECOND * ((now - at) / 1e9));
        at = now;
        if (room >= 1) {
            room--;
            return true;
        }
        if (omitted.isEmpty()) {
            omittedSince = now;
        }
        omitted.merge(error, 1L, Long::sum);
        return false;
    }

    /// The counts by error of what got no record, once in ten seconds; null when there is nothing to tell.
    synchronized @Nullable Map<String, Long> due() {
        return !omitted.isEmpty() && nanoTime.getAsLong() - omittedSince >= SUMMARY_NANOS ? rest() : null;
    }

    /// The same without waiting.
    synchronized @Nullable Map<String, Long> rest() {
        if (omitted.isEmpty()) {
            return null;
        }
        Map<String, Long> counts = new TreeMap<>(omitted);
        omitted.clear();
        return counts;
    }
}
