package org.keymoot.party.operations;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.keymoot.access.Decision;
import org.keymoot.access.SignedRequest;
import org.keymoot.api.party.v1.ContributeRandomness;
import org.keymoot.api.party.v1.RandomnessAnswer;
import org.keymoot.crypto.random.RandomSource;
import org.keymoot.crypto.secret.Disclosure;
import org.keymoot.crypto.secret.SecretBytes;
import org.keymoot.crypto.secret.SecretScope;
import org.keymoot.crypto.transcript.SecretTranscript;
import org.keymoot.crypto.transcript.Tag;
import org.keymoot.party.mesh.Mesh;
import org.keymoot.party.mesh.PeerRefused;
import org.keymoot.party.mesh.PeerUnavailable;

/// Draws randomness for clients, of which each party of a quorum gives a part.
///
/// It keeps true: what a client gets is a hash of the parts of a whole quorum, so that it cannot be foretold by
/// anybody who does not know every part, even when all generators but one are bad; no party but the one that the
/// request reached sees another's part, so none can choose its own by them; and each party has decided on the
/// client's own request, and has that on record, before it gives anything.
final class Drawing {
    static final String METHOD = "random/contribute";

    private static final int CONTRIBUTION_BYTES = 64;
    private static final int SESSION_BYTES = 16;
    private static final int MAX_ATTEMPTS = 4;
    private static final int MAX_PARTIES = 64;
    private static final Duration PATIENCE = Duration.ofSeconds(2);
    private static final String DENIED = "denied";

    private final Mesh mesh;
    private final Judge judge;
    private final Quorums quorums;
    private final RandomSource random;
    private final AuditTrail audit;

    Drawing(Mesh mesh, Judge judge, Quorums quorums, RandomSource random, AuditTrail audit) {
        this.mesh = mesh;
        this.judge = judge;
        this.quorums = quorums;
        this.random = random;
        this.audit = audit;
    }

    /// What was drawn and by whom. Closing it erases it.
    record Drawn(byte[] bytes, String session, List<Integer> participants) implements AutoCloseable {
        @Override
        public void close() {
            Arrays.fill(bytes, (byte) 0);
        }
    }

    /// A peer refused what this party allowed.
    private static final class Denied extends Exception {
        private static final long serialVersionUID = 1L;

        private final int party;

        Denied(int party, String why) {
            super(why);
            this.party = party;
        }
    }

    void start() {
        mesh.calls().serve(METHOD, this::contribute);
    }

    /// Draws, with another quorum when a peer is silent or will not.
    ///
    /// @throws Unavailable when no quorum could be had
    /// @throws DecidedOtherwise when peers refused what this party allowed, and there is something newer to
    ///     decide by or no quorum without them
    Drawn lead(SignedRequest request, Judge.Judgement judgement, Decision.DrawTogether draw, Deadline deadline)
            throws Unavailable, DecidedOtherwise, InterruptedException {
        int needed = mesh.membership().reconstructionThreshold();
        Set<Integer> excluded = new HashSet<>();
        List<String> denials = new ArrayList<>();
        String last = "";
        for (int attempt = 0; attempt < MAX_ATTEMPTS && !deadline.isOver(); attempt++) {
            List<Integer> quorum;
            try {
                quorum = quorums.choose(needed, mesh.membership().parties(), excluded);
            } catch (Unavailable e) {
                DecidedOtherwise.throwIfAny(denials, e);
                throw e;
            }
            String session = HexFormat.of().formatHex(random.bytes(SESSION_BYTES));
            byte[] question = ContributeRandomness.newBuilder()
                    .setRequest(ClientRequests.toWire(request))
                    .addAllReliedOn(judgement.reliedOn())
                    .setSession(session)
                    .addAllParties(quorum)
                    .build()
                    .toByteArray();
            audit.joins(draw.context(), METHOD, session, mesh.membership().self(), quorum);
            try (SecretScope scope = new SecretScope()) {
                Map<Integer, SecretBytes> parts = ask(quorum, question, deadline.within(PATIENCE), scope);
                byte[] combined = combine(draw.context().requestDigest(), session, parts, draw.length(), scope);
                return new Drawn(combined, session, quorum);
            } catch (PeerUnavailable e) {
                quorums.suspect(e.party());
                excluded.add(e.party());
                last = String.valueOf(e.getMessage());
            } catch (Denied e) {
                last = String.valueOf(e.getMessage());
                if (judge.learnsFrom(e.party, judgement)) {
                    throw DecidedOtherwise.byNewerRegisters(last);
                }
                quorums.suspect(e.party);
                excluded.add(e.party);
                denials.add(last);
            }
        }
        throw new Unavailable("no quorum drew randomness: " + last, true);
    }

    /// Everybody's part, this party's included.
    private Map<Integer, SecretBytes> ask(List<Integer> quorum, byte[] question, Duration patience, SecretScope scope)
            throws PeerUnavailable, Denied, InterruptedException {
        int self = mesh.membership().self();
        List<Integer> peers = quorum.stream().filter(peer -> peer != self).toList();
        Map<Integer, SecretBytes> parts = new TreeMap<>();
        parts.put(self, scope.own(SecretBytes.random(CONTRIBUTION_BYTES, random)));
        try (ExecutorService asking = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<byte[]>> answers = new ArrayList<>();
            for (int peer : peers) {
                answers.add(asking.submit((Callable<byte[]>) () -> contributionOf(peer, question, patience)));
            }
            for (int i = 0; i < peers.size(); i++) {
                byte[] part = resultOf(answers.get(i));
                parts.put(peers.get(i), scope.own(SecretBytes.copyOf(MemorySegment.ofArray(part))));
                Arrays.fill(part, (byte) 0);
            }
        }
        return parts;
    }

    private byte[] contributionOf(int peer, byte[] question, Duration patience) throws PeerUnavailable, Denied {
        try {
            RandomnessAnswer answer = RandomnessAnswer.parseFrom(mesh.calls().call(peer, METHOD, question, patience));
            if (answer.getContribution().size() != CONTRIBUTION_BYTES) {
                throw new PeerUnavailable(
                        peer,
                        "gave a part of %d bytes, not %d"
                                .formatted(answer.getContribution().size(), CONTRIBUTION_BYTES));
            }
            return answer.getContribution().toByteArray();
        } catch (PeerRefused e) {
            if (e.code().equals(DENIED)) {
                throw new Denied(peer, "party %d: %s".formatted(peer, e.getMessage()));
            }
            throw new PeerUnavailable(peer, "refused: " + e.getMessage());
        } catch (InvalidProtocolBufferException e) {
            throw new PeerUnavailable(peer, "gave an answer that cannot be read");
        }
    }

    private static byte[] resultOf(Future<byte[]> answer) throws PeerUnavailable, Denied, InterruptedException {
        try {
            return answer.get();
        } catch (ExecutionException e) {
            switch (e.getCause()) {
                case PeerUnavailable unavailable -> throw unavailable;
                case Denied denied -> throw denied;
                case null, default -> throw new IllegalStateException("asking a peer failed", e);
            }
        }
    }

    /// What everybody's parts come to.
    ///
    /// @param parts by party
    static byte[] combine(
            String requestDigest, String session, Map<Integer, SecretBytes> parts, int length, SecretScope scope) {
        SecretTranscript transcript = SecretTranscript.start(Tag.RANDOM_COMBINED)
                .text(requestDigest)
                .text(session)
                .number(parts.size());
        new TreeMap<>(parts).forEach((party, part) -> transcript.number(party).secret(part));
        return transcript
                .expand(length, scope)
                .segment(Disclosure.I_TAKE_THE_SECRET_OUT)
                .toArray(ValueLayout.JAVA_BYTE);
    }

    private byte[] contribute(int fromParty, byte[] body) throws PeerRefused {
        ContributeRandomness message;
        try {
            message = ContributeRandomness.parseFrom(body);
        } catch (InvalidProtocolBufferException e) {
            throw new PeerRefused("malformed", "the message is malformed");
        }
        if (!ClientRequests.isWithinLimits(message.getRequest())
                || message.getSession().length() != 2 * SESSION_BYTES
                || message.getPartiesCount() > MAX_PARTIES) {
            throw new PeerRefused("malformed", "the request or the session's name is beyond its limits");
        }
        judge.catchUp(fromParty, message.getReliedOnList());
        Decision decision = judge.decide(ClientRequests.fromWire(message.getRequest()), judge.now())
                .decision();
        if (!(decision instanceof Decision.DrawTogether draw)) {
            String reason = decision instanceof Decision.Refused refused
                    ? refused.error().type()
                    : "the request draws nothing here";
            audit.declines(decision.context(), METHOD, message.getSession(), fromParty, reason);
            throw new PeerRefused(DENIED, reason);
        }
        audit.joins(draw.context(), METHOD, message.getSession(), fromParty, message.getPartiesList());
        try (SecretBytes part = SecretBytes.random(CONTRIBUTION_BYTES, random)) {
            byte[] contribution = part.segment(Disclosure.I_TAKE_THE_SECRET_OUT).toArray(ValueLayout.JAVA_BYTE);
            try {
                return RandomnessAnswer.newBuilder()
                        .setContribution(ByteString.copyFrom(contribution))
                        .build()
                        .toByteArray();
            } finally {
                Arrays.fill(contribution, (byte) 0);
            }
        }
    }
}
