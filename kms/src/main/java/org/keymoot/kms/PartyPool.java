package org.keymoot.kms;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.keymoot.access.AwsError;
import org.keymoot.api.gateway.v1.ClientAnswer;
import org.keymoot.api.gateway.v1.ClientRequest;

/// The parties that an endpoint may ask, and which of them to ask next.
///
/// It keeps true: requests go round the parties that answered lately, each party is asked at most once for one
/// request, and all attempts together end within the request's time.
final class PartyPool {
    /// How long a party that gave no answer is passed over while others answer; doubled with each further failure.
    static final Duration FIRST_PAUSE = Duration.ofSeconds(1);
    /// The longest such pause.
    static final Duration LONGEST_PAUSE = Duration.ofSeconds(16);

    private static final String CREATE_KEY = "TrentService.CreateKey";
    private static final String RSA_SPEC = "\"RSA_";
    private static final int MAXIMUM_DOUBLINGS = 10;

    private final List<Member> members;
    private final Duration requestTimeout;
    private final Duration attemptTimeout;
    private final LongSupplier nanoTime;
    private final AtomicInteger next = new AtomicInteger();

    /// What came of a request.
    sealed interface Outcome {
        /// A party answered.
        record Answered(ClientAnswer answer) implements Outcome {}

        /// No party did.
        record Failed(AwsError error) implements Outcome {}
    }

    private static final class Member {
        private final PartyLink link;
        private final AtomicLong pausedUntil;
        private final AtomicInteger failures = new AtomicInteger();

        Member(PartyLink link, long now) {
            this.link = link;
            this.pausedUntil = new AtomicLong(now);
        }

        void answered(long now) {
            failures.set(0);
            pausedUntil.set(now);
        }

        void failed(long now) {
            int doublings = Math.min(failures.getAndIncrement(), MAXIMUM_DOUBLINGS);
            pausedUntil.set(now + Math.min(FIRST_PAUSE.toNanos() << doublings, LONGEST_PAUSE.toNanos()));
        }
    }

    /// @param requestTimeout for all attempts together
    /// @param attemptTimeout for one party, so that one that hangs does not use up the request's time
    /// @param nanoTime as System.nanoTime
    PartyPool(List<PartyLink> links, Duration requestTimeout, Duration attemptTimeout, LongSupplier nanoTime) {
        if (links.isEmpty()) {
            throw new IllegalArgumentException("an endpoint knows at least one party");
        }
        long now = nanoTime.getAsLong();
        this.members = links.stream().map(link -> new Member(link, now)).toList();
        this.requestTimeout = requestTimeout;
        this.attemptTimeout = attemptTimeout;
        this.nanoTime = nanoTime;
    }

    Outcome execute(ClientRequest request) {
        // A party that deals an RSA key may search long for its primes. Another would begin anew, so such
        // requests go to the same party always, where a search goes on after the request that began it ended.
        boolean slow = makesRsaKey(request);
        Duration attempt = slow ? requestTimeout : attemptTimeout;
        long deadline = nanoTime.getAsLong() + requestTimeout.toNanos();
        ClientAnswer handedOn = null;
        boolean late = false;
        for (Member member : inOrder(slow ? 0 : next.getAndIncrement())) {
            long left = deadline - nanoTime.getAsLong();
            if (left <= 0) {
                late = true;
                break;
            }
            try {
                Duration timeout = Duration.ofNanos(Math.min(left, attempt.toNanos()));
                ClientAnswer answer = member.link.execute(request, timeout);
                member.answered(nanoTime.getAsLong());
                if (!answer.getTryAnother()) {
                    return new Outcome.Answered(answer);
                }
                handedOn = answer;
            } catch (PartyUnavailable e) {
                late |= e.late();
                member.failed(nanoTime.getAsLong());
            }
        }
        return failure(handedOn, late);
    }

    /// A guess that decides about nothing but patience.
    private static boolean makesRsaKey(ClientRequest request) {
        return request.getHeadersList().stream()
                        .anyMatch(header -> header.getName().equalsIgnoreCase("x-amz-target")
                                && header.getValue().equals(CREATE_KEY))
                && request.getBody().toStringUtf8().contains(RSA_SPEC);
    }

    /// How many parties have not failed lately.
    int answering() {
        long now = nanoTime.getAsLong();
        return (int) members.stream()
                .filter(member -> member.pausedUntil.get() - now <= 0)
                .count();
    }

    int size() {
        return members.size();
    }

    private static Outcome failure(@Nullable ClientAnswer handedOn, boolean late) {
        if (handedOn != null) {
            return new Outcome.Answered(handedOn);
        }
        return new Outcome.Failed(
                late
                        ? AwsError.dependencyTimeout("The parties did not answer in time. Try again.")
                        : AwsError.internal("No party of the cluster can be reached. Try again."));
    }

    /// All parties, beginning with this one, those that failed lately last.
    private List<Member> inOrder(int first) {
        long now = nanoTime.getAsLong();
        int start = Math.floorMod(first, members.size());
        List<Member> well = new ArrayList<>(members.size());
        List<Member> paused = new ArrayList<>();
        for (int i = 0; i < members.size(); i++) {
            Member member = members.get((start + i) % members.size());
            (member.pausedUntil.get() - now <= 0 ? well : paused).add(member);
        }
        well.addAll(paused);
        return well;
    }
}
