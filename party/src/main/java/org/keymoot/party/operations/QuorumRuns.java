package org.keymoot.party.operations;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.keymoot.access.KeyRecord;
import org.keymoot.party.mesh.Declined;
import org.keymoot.party.mesh.HostedSession;
import org.keymoot.party.mesh.Mesh;
import org.keymoot.protocol.pairsetup.PairQuarantined;
import org.keymoot.protocol.session.Cheated;
import org.keymoot.protocol.session.Silent;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Has a quorum of a key do something for this party, and another quorum when one does not.
///
/// It keeps true: a party that was silent, cheated or refused is left out of the next attempt; where a peer decided
/// otherwise by newer registers, the request is to be decided again by these, and where it knows nothing newer it is
/// left out, since every other quorum decides for itself as well; no attempt outlives the request. Where two parties
/// are still at their set-up, the request waits for it and nobody is left out; a pair that is in quarantine is not
/// waited for.
final class QuorumRuns {
    /// A peer refused because it decided otherwise on the client's request.
    static final String DENIED = "denied";

    private static final String QUARANTINE = "quarantine";
    /// Two parties of the quorum have no set-up yet, and it is being made.
    private static final String PAIRING = "pairing";
    /// How long one request waits for set-ups at most.
    private static final Duration PAIRING_TIME = Duration.ofSeconds(8);

    private static final Duration PAIRING_PAUSE = Duration.ofMillis(200);
    static final Duration FIRST_ATTEMPT = Duration.ofSeconds(2);

    /// For what computes for most of a second on a machine that has little else to do.
    static final Duration FIRST_ATTEMPT_OF_SLOW_WORK = Duration.ofSeconds(5);

    private static final Duration LATER_ATTEMPT = Duration.ofSeconds(5);
    private static final int MAX_ATTEMPTS = 6;
    private static final Logger log = LoggerFactory.getLogger(QuorumRuns.class);

    private final Mesh mesh;
    private final Quorums quorums;
    private final Pairs pairs;
    private final AuditTrail audit;

    QuorumRuns(Mesh mesh, Quorums quorums, Pairs pairs, AuditTrail audit) {
        this.mesh = mesh;
        this.quorums = quorums;
        this.pairs = pairs;
        this.audit = audit;
    }

    /// What a quorum is to do. An instance serves one request.
    interface Work<T> {
        /// The protocol that the peers serve.
        String protocol();

        /// Whether the key can be used together with the peer.
        boolean isUsable(int peer);

        /// Whether it can be used with the peer at once; peers of which this is true are preferred.
        default boolean isReady(int peer) {
            return true;
        }

        /// Whether this party knows newer registers by now that the request has to be decided by, having asked a peer
        /// that decided otherwise.
        boolean learnsFrom(int peer);

        /// What the peers of this quorum are told.
        byte[] invitation(List<Integer> quorum);

        /// This party's side, from its audit record on.
        T run(HostedSession hosted) throws Cheated, Silent, PairQuarantined, Declined;

        /// How long the first attempt may take, after which a quorum without the slow ones is tried.
        default Duration firstAttempt() {
            return FIRST_ATTEMPT;
        }

        /// Whether the work goes on otherwise after a refusal with this code, with the same parties.
        default boolean goesOnAfter(String code) {
            return false;
        }
    }

    /// A result and who made it.
    record Done<T>(T result, String session, List<Integer> participants) {}

    /// Runs until a quorum brings a result about or the request's time is over.
    ///
    /// @throws Unavailable when none did in time
    /// @throws DecidedOtherwise when peers refused what this party allowed, and there is something newer to
    ///     decide by or no quorum without them
    <T> Done<T> lead(KeyRecord key, Work<T> work, Deadline deadline) throws Unavailable, DecidedOtherwise {
        long start = System.nanoTime();
        Set<Integer> excluded = new HashSet<>();
        List<String> denials = new ArrayList<>();
        String last = "";
        for (int attempt = 0; attempt < MAX_ATTEMPTS && !deadline.isOver(); attempt++) {
            List<Integer> quorum;
            try {
                quorum = quorums.choose(key, excluded, work::isUsable, work::isReady);
            } catch (Unavailable e) {
                DecidedOtherwise.throwIfAny(denials, e);
                throw new Unavailable(
                        last.isEmpty() ? String.valueOf(e.getMessage()) : e.getMessage() + "; " + last,
                        !last.isEmpty());
            }
            boolean mayWait = System.nanoTime() - start < PAIRING_TIME.toNanos();
            if (mayWait && !isReady(quorum, work)) {
                // Nobody is invited before this party's own set-ups are there; that costs no record and no session.
                last = "a set-up with a party of quorum %s is under way".formatted(quorum);
                attempt--;
                pause();
                continue;
            }
            // Who has just made a set-up has busy processors.
            Duration time = attempt == 0 && last.isEmpty() ? work.firstAttempt() : LATER_ATTEMPT;
            try (HostedSession hosted =
                    mesh.sessions().open(work.protocol(), quorum, work.invitation(quorum), deadline.within(time))) {
                switch (attempt(hosted, work)) {
                    case Outcome.Success<T> success -> {
                        return new Done<>(success.result(), hosted.id(), quorum);
                    }
                    case Outcome.Without<T> without -> {
                        excluded.addAll(without.parties());
                        last = without.why();
                    }
                    case Outcome.Otherwise<T> otherwise -> last = otherwise.why();
                    case Outcome.Pairing<T> pairing -> {
                        last = pairing.why();
                        if (mayWait) {
                            attempt--;
                            pause();
                        } else {
                            excluded.addAll(pairing.parties());
                        }
                    }
                    case Outcome.Denied<T> denied -> {
                        last = String.join("; ", denied.reasons().values());
                        for (int peer : denied.reasons().keySet()) {
                            if (work.learnsFrom(peer)) {
                                throw DecidedOtherwise.byNewerRegisters(last);
                            }
                            quorums.suspect(peer);
                        }
                        excluded.addAll(denied.reasons().keySet());
                        denials.addAll(denied.reasons().values());
                    }
                }
            } catch (Silent e) {
                e.parties().forEach(quorums::suspect);
                excluded.addAll(e.parties());
                last = String.valueOf(e.getMessage());
            }
        }
        throw new Unavailable("no quorum brought it about in time: " + last, true);
    }

    private <T> boolean isReady(List<Integer> quorum, Work<T> work) {
        boolean ready = true;
        for (int peer : quorum) {
            if (peer != mesh.membership().self() && !work.isReady(peer)) {
                pairs.makeSoon(peer);
                ready = false;
            }
        }
        return ready;
    }

    /// What came of one attempt.
    private sealed interface Outcome<T> {
        record Success<T>(T result) implements Outcome<T> {}

        /// Try again without these parties.
        record Without<T>(List<Integer> parties, String why) implements Outcome<T> {}

        /// Try again, with anybody; the work does it otherwise.
        record Otherwise<T>(String why) implements Outcome<T> {}

        /// Try again soon: the set-up with one of these parties is under way.
        record Pairing<T>(List<Integer> parties, String why) implements Outcome<T> {}

        /// These peers decided otherwise, for these reasons.
        record Denied<T>(Map<Integer, String> reasons) implements Outcome<T> {}
    }

    private <T> Outcome<T> attempt(HostedSession hosted, Work<T> work) {
        try {
            return new Outcome.Success<>(work.run(hosted));
        } catch (Silent e) {
            Outcome<T> known = outcomeOf(hosted.refusals(), work);
            if (known == null) {
                e.parties().forEach(quorums::suspect);
                hosted.abandon("silent", "others fell silent");
                return new Outcome.Without<>(e.parties(), String.valueOf(e.getMessage()));
            }
            hosted.abandon("retry", "the quorum is chosen anew");
            return known;
        } catch (Cheated e) {
            audit.cheated(work.protocol(), hosted.id(), e.step(), e.culprits(), String.valueOf(e.getMessage()));
            log.atWarn()
                    .addKeyValue("session", hosted.id())
                    .addKeyValue("step", e.step())
                    .addKeyValue("culprits", e.culprits())
                    .log("session ended by a failed check");
            hosted.abandon("cheated", "a check failed");
            List<Integer> peers =
                    hosted.parties().stream().filter(p -> p != hosted.self()).toList();
            return new Outcome.Without<>(e.culprits().isEmpty() ? peers : e.culprits(), String.valueOf(e.getMessage()));
        } catch (PairQuarantined e) {
            if (pairs.isBurned(e.peer())) {
                hosted.abandon(QUARANTINE, "a pair is out of use");
                return new Outcome.Without<>(List.of(e.peer()), String.valueOf(e.getMessage()));
            }
            hosted.abandon("retry", "a pair is being set up");
            pairs.makeSoon(e.peer());
            return new Outcome.Pairing<>(List.of(e.peer()), String.valueOf(e.getMessage()));
        } catch (Declined e) {
            hosted.abandon(e.code(), "the opener cannot go on");
            if (work.goesOnAfter(e.code())) {
                return new Outcome.Otherwise<>(String.valueOf(e.getMessage()));
            }
            List<Integer> peers =
                    hosted.parties().stream().filter(p -> p != hosted.self()).toList();
            return new Outcome.Without<>(peers, String.valueOf(e.getMessage()));
        }
    }

    private static <T> @Nullable Outcome<T> outcomeOf(Map<Integer, HostedSession.Refusal> refusals, Work<T> work) {
        for (Map.Entry<Integer, HostedSession.Refusal> entry : refusals.entrySet()) {
            String code = entry.getValue().code();
            String why =
                    "party %d: %s".formatted(entry.getKey(), entry.getValue().detail());
            if (work.goesOnAfter(code)) {
                return new Outcome.Otherwise<>(why);
            }
            switch (code) {
                case PAIRING -> {
                    return new Outcome.Pairing<>(List.of(entry.getKey()), why);
                }
                case DENIED -> {
                    return new Outcome.Denied<>(denied(refusals));
                }
                case "unreachable", "retry", "silent" -> {}
                default -> {
                    return new Outcome.Without<>(List.of(entry.getKey()), why);
                }
            }
        }
        return null;
    }

    private static Map<Integer, String> denied(Map<Integer, HostedSession.Refusal> refusals) {
        Map<Integer, String> reasons = new TreeMap<>();
        refusals.forEach((party, refusal) -> {
            if (refusal.code().equals(DENIED)) {
                reasons.put(party, "party %d: %s".formatted(party, refusal.detail()));
            }
        });
        return reasons;
    }

    /// This party's part in what another leads.
    interface Part {
        void run() throws Cheated, Silent, PairQuarantined, Declined;
    }

    /// Does this party's part; failures become refusals that the leader understands.
    void help(String protocol, HostedSession hosted, Part part) throws Silent, Declined {
        try {
            part.run();
        } catch (Cheated e) {
            audit.cheated(protocol, hosted.id(), e.step(), e.culprits(), String.valueOf(e.getMessage()));
            throw new Declined("cheated", "a check failed");
        } catch (PairQuarantined e) {
            if (pairs.isBurned(e.peer())) {
                throw new Declined(QUARANTINE, "a pair of party %d is out of use".formatted(hosted.self()));
            }
            pairs.makeSoon(e.peer());
            throw new Declined(
                    PAIRING, "parties %d and %d are still at their set-up".formatted(hosted.self(), e.peer()));
        }
    }

    private static void pause() throws Unavailable {
        try {
            Thread.sleep(PAIRING_PAUSE);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new Unavailable("this party is stopping", true);
        }
    }
}
