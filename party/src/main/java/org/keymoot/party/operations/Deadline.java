package org.keymoot.party.operations;

import java.time.Duration;

/// Until when a client's request is worked on: the endpoint that brought it turns to another party afterwards, which
/// begins anew.
///
/// @param nanos as [System#nanoTime] counts
record Deadline(long nanos) {
    /// How long an endpoint waits that does not say it.
    private static final Duration USUAL_WAIT = Duration.ofSeconds(10);
    /// The longest wait that counts: no request is worth more, whatever an endpoint says.
    private static final Duration LONGEST_WAIT = Duration.ofSeconds(30);
    /// How much earlier the work ends, so that the answer is there in time: a tenth of the wait, at most this.
    private static final Duration ANSWERING = Duration.ofMillis(500);

    /// @param waits zero when it is not known
    static Deadline ofOneWhoWaits(Duration waits) {
        Duration wait = waits.isPositive() ? min(waits, LONGEST_WAIT) : USUAL_WAIT;
        return in(wait.minus(min(wait.dividedBy(10), ANSWERING)));
    }

    static Deadline in(Duration time) {
        return new Deadline(System.nanoTime() + time.toNanos());
    }

    /// What is left of `time` by then: nothing or less when it is over.
    Duration within(Duration time) {
        return min(time, Duration.ofNanos(nanos - System.nanoTime()));
    }

    boolean isOver() {
        return nanos - System.nanoTime() <= 0;
    }

    private static Duration min(Duration one, Duration other) {
        return one.compareTo(other) < 0 ? one : other;
    }
}
