package org.keymoot.protocol.session;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import org.jspecify.annotations.Nullable;
import org.keymoot.crypto.random.RandomSource;
import org.keymoot.protocol.message.Codec;
import org.keymoot.protocol.message.Malformed;

/// One run of one protocol among fixed parties, as seen by one of them: what protocols are written against.
///
/// It keeps true: every frame is bound to the session's id, its place in the conversation, its sender and its receiver;
/// every frame after a broadcast carries the digest of all broadcasts so far, so that parties which were told different
/// things find out at the next message; and a failure is either [Silent], which accuses no one, or [Cheated].
///
/// All parties run the same straight-line code: the n-th call that sends is the same call with the same step at every
/// party. A session belongs to one thread; its children may run on others.
public final class Session {
    public static final int MAX_PARTIES = 255;
    public static final int MAX_CHILDREN = 1024;
    static final int MAX_REPEATED_FRAMES = 64;
    private static final int CONTRIBUTION_BYTES = 32;
    private static final Codec<byte[]> CONTRIBUTION =
            Codec.of(CONTRIBUTION_BYTES, (bytes, out) -> out.fixed(bytes), in -> in.fixed(CONTRIBUTION_BYTES));
    private static final Codec<Boolean> EMPTY = Codec.of(0, (nothing, out) -> {}, in -> true);

    private final String protocol;
    private final SessionId id;
    private final boolean root;
    private final List<Integer> parties;
    private final List<Integer> peers;
    private final int self;
    private final Multiplexer pipe;
    private final Environment environment;
    private final Set<SessionId> children = new HashSet<>();
    private final Map<Integer, long[]> sequences = new HashMap<>();
    private byte[] echo;
    private long sent;
    private long received;

    private Session(
            String protocol,
            SessionId id,
            boolean root,
            List<Integer> parties,
            int self,
            Multiplexer pipe,
            Environment environment) {
        if (!parties.contains(self)) {
            throw new IllegalArgumentException("P" + self + " is not among the session's parties " + parties);
        }
        this.protocol = protocol;
        this.id = id;
        this.root = root;
        this.parties = parties;
        this.peers = parties.stream().filter(party -> party != self).toList();
        this.self = self;
        this.pipe = pipe;
        this.environment = environment;
        this.echo = Ids.noBroadcasts(id);
        for (int peer : peers) {
            sequences.put(peer, new long[2]);
        }
    }

    /// Opens a session under a fresh id: a first round in which every party contributes 32 random bytes, so that no
    /// other party, and no restored backup, can make an id repeat.
    public static Session fresh(SetUp setUp, int self, Channel channel, Environment environment)
            throws Cheated, Silent {
        Session provisional = withFreshMessages(setUp, self, channel, environment);
        byte[] contribution = environment.random().bytes(CONTRIBUTION_BYTES);
        PerParty<byte[]> contributions = provisional.broadcast("0.1", contribution, CONTRIBUTION);
        SessionId id = Ids.fresh(provisional.id, contributions);
        provisional.pipe.rename(id);
        return new Session(setUp.protocol(), id, true, setUp.parties(), self, provisional.pipe, environment);
    }

    /// Opens a session under the hash of its set-up, without a round of contributions. It is only for a protocol whose
    /// first messages are themselves fresh and whose security does not rest on the id, such as FROST.
    public static Session withFreshMessages(SetUp setUp, int self, Channel channel, Environment environment) {
        SessionId id = setUp.provisionalId();
        Multiplexer pipe = new Multiplexer(setUp.protocol(), channel, self, setUp.parties(), id);
        return new Session(setUp.protocol(), id, true, setUp.parties(), self, pipe, environment);
    }

    public SessionId id() {
        return id;
    }

    /// Whether every party's fresh contribution is in the id. A protocol that keeps state from one session to the next
    /// may depend on it.
    public boolean isFresh() {
        return pipe.isFresh();
    }

    public String protocol() {
        return protocol;
    }

    /// All parties of the session, ascending, this one among them.
    public List<Integer> parties() {
        return parties;
    }

    /// All parties but this one, ascending.
    public List<Integer> peers() {
        return peers;
    }

    public int self() {
        return self;
    }

    public RandomSource random() {
        return environment.random();
    }

    /// The digest of every broadcast of this session so far, in which all honest parties agree once a later message of
    /// each has been received.
    public byte[] broadcasts() {
        return echo.clone();
    }

    /// Tells every party the same and returns what each told, this party's own message included.
    ///
    /// @throws Cheated when a peer's message is malformed or out of place, or broadcasts before it differed
    public <M> PerParty<M> broadcast(String step, M message, Codec<M> codec) throws Cheated, Silent {
        return startBroadcast(step, message, codec).all();
    }

    /// Sends as [#broadcast] does and leaves the receiving for later, so that two messages share one flight.
    public <M> Incoming<M> startBroadcast(String step, M message, Codec<M> codec) throws Silent {
        byte[] body = codec.encode(message);
        Incoming<M> incoming = new Incoming<>(Frame.Kind.BROADCAST, step, codec, message, body);
        send(Frame.Kind.BROADCAST, step, PerParty.of(parties, party -> body));
        return incoming;
    }

    /// Sends each peer a message of its own and returns what each peer sent to this party.
    ///
    /// @param messages one for each of [#peers()]
    public <M> PerParty<M> exchange(String step, PerParty<M> messages, Codec<M> codec) throws Cheated, Silent {
        return startExchange(step, messages, codec).all();
    }

    /// Sends as [#exchange] does and leaves the receiving for later.
    public <M> Incoming<M> startExchange(String step, PerParty<M> messages, Codec<M> codec) throws Silent {
        if (!messages.parties().equals(peers)) {
            throw new IllegalArgumentException(
                    "an exchange has one message for each of " + peers + ", not for " + messages.parties());
        }
        Incoming<M> incoming = new Incoming<>(Frame.Kind.PRIVATE, step, codec, null, new byte[0]);
        send(Frame.Kind.PRIVATE, step, messages.map(codec::encode));
        return incoming;
    }

    /// Sends `receiver` alone what it alone is to know; the receiver calls [#collect] at the same place.
    public <M> void tell(String step, int receiver, M message, Codec<M> codec) throws Silent {
        requireSettled(step);
        if (!peers.contains(receiver)) {
            throw new IllegalArgumentException("P" + receiver + " is not a peer in this session");
        }
        sent++;
        received++;
        transmit(Frame.Kind.PRIVATE, step, PerParty.of(List.of(receiver), party -> codec.encode(message)));
    }

    /// Receives what every peer sends to this party alone with [#tell].
    public <M> PerParty<M> collect(String step, Codec<M> codec) throws Cheated, Silent {
        requireSettled(step);
        Incoming<M> incoming = new Incoming<>(Frame.Kind.PRIVATE, step, codec, null, new byte[0]);
        sent++;
        return incoming.all();
    }

    private void requireSettled(String step) {
        if (sent != received) {
            throw new IllegalStateException("step " + step + " follows one that is not received yet");
        }
    }

    /// A round without content whose frames carry the digest of all broadcasts: after it, every honest party has seen
    /// the same ones.
    public void confirmBroadcasts(String step) throws Cheated, Silent {
        broadcast(step, true, EMPTY);
    }

    /// A session inside this one, over the same channel and among the same parties. All parties open it under the same
    /// label, and no label serves twice.
    public Session child(String label) {
        return child(label, parties);
    }

    /// A session inside this one among some of its parties, such as a pair.
    public Session child(String label, List<Integer> subset) {
        List<Integer> members = List.copyOf(subset);
        Parties.check(members);
        if (!parties.containsAll(members)) {
            throw new IllegalArgumentException(members + " are not all among the session's parties " + parties);
        }
        SessionId childId = Ids.child(id, label, members);
        synchronized (children) {
            if (children.size() == MAX_CHILDREN || !children.add(childId)) {
                throw new IllegalStateException("child '" + label + "' of " + members + " was opened before, or "
                        + MAX_CHILDREN + " others were");
            }
        }
        return new Session(protocol + "/" + label, childId, false, members, self, pipe, environment);
    }

    /// Aborts with the culprit unless the condition holds.
    ///
    /// @param step the number of the assert in the protocol's specification
    public void require(String step, boolean condition, int culprit, String what) throws Cheated {
        if (!condition) {
            throw cheated(step, List.of(culprit), what);
        }
    }

    /// Aborts without accusing anyone unless the condition holds.
    public void require(String step, boolean condition, String what) throws Cheated {
        if (!condition) {
            throw cheated(step, List.of(), what);
        }
    }

    /// The checks of one round, settled together.
    public Checks checks() {
        return new Checks(this);
    }

    /// The exception for evidence that a protocol found by other means than [#require].
    public Cheated cheated(String step, List<Integer> culprits, String what) {
        return new Cheated(id, protocol, step, culprits, what);
    }

    /// Marks the beginning of a long step.
    public void stage(String stage) {
        environment.stages().begins(id, protocol, stage);
    }

    /// Work that computes for long, which must not hold a virtual thread's carrier.
    @FunctionalInterface
    public interface Work<T, E extends Exception> {
        T run() throws E;
    }

    /// Runs `work` where the party wants heavy algebra to run, and waits for it.
    public <T, E extends Exception> T compute(Work<T, E> work) throws E {
        FutureTask<T> task = new FutureTask<>(work::run);
        environment.algebra().execute(task);
        boolean interrupted = false;
        try {
            while (true) {
                try {
                    return task.get();
                } catch (InterruptedException e) {
                    interrupted = true;
                }
            }
        } catch (ExecutionException e) {
            throw Session.<E>asThrown(Objects.requireNonNull(e.getCause()));
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    @SuppressWarnings({"unchecked", "TypeParameterUnusedInFormals"})
    private static <E extends Exception> E asThrown(Throwable cause) {
        switch (cause) {
            case RuntimeException e -> throw e;
            case Error e -> throw e;
            default -> {
                return (E) cause;
            }
        }
    }

    private void send(Frame.Kind kind, String step, PerParty<byte[]> bodies) throws Silent {
        sent++;
        transmit(kind, step, bodies);
    }

    private void transmit(Frame.Kind kind, String step, PerParty<byte[]> bodies) throws Silent {
        List<Integer> silent = new ArrayList<>();
        for (int peer : peers) {
            if (!bodies.parties().contains(peer)) {
                continue;
            }
            long[] sequence = sequenceWith(peer);
            Frame frame = new Frame(
                    kind, pipe.root(), root ? null : id, self, peer, sequence[0]++, echo, step, bodies.get(peer));
            try {
                pipe.send(peer, frame);
            } catch (Silent e) {
                silent.add(peer);
            }
        }
        if (!silent.isEmpty()) {
            throw new Silent(silent, "could not reach " + silent + " in " + protocol + " step " + step);
        }
    }

    private long[] sequenceWith(int peer) {
        long[] sequence = sequences.get(peer);
        if (sequence == null) {
            throw new IllegalArgumentException("P" + peer + " is not a peer in this session");
        }
        return sequence;
    }

    /// The messages of one round that are on their way to this party.
    public final class Incoming<M> {
        private final Frame.Kind kind;
        private final String step;
        private final Codec<M> codec;
        private final @Nullable M own;
        private final byte[] ownBody;
        private final byte[] expectedEcho = echo;
        private final long turn = sent;

        private Incoming(Frame.Kind kind, String step, Codec<M> codec, @Nullable M own, byte[] ownBody) {
            this.kind = kind;
            this.step = step;
            this.codec = codec;
            this.own = own;
            this.ownBody = ownBody;
        }

        /// Waits for every peer's message; of a broadcast, this party's own is among the result.
        ///
        /// Rounds are received in the order in which they were sent.
        public PerParty<M> all() throws Cheated, Silent {
            if (turn != received) {
                throw new IllegalStateException("step " + step + " is received out of order");
            }
            received++;
            List<PerParty.Entry<M>> messages = new ArrayList<>();
            List<PerParty.Entry<byte[]>> bodies = new ArrayList<>();
            List<Integer> silent = new ArrayList<>();
            List<String> silences = new ArrayList<>();
            List<Cheated> offences = new ArrayList<>();
            for (int party : parties) {
                if (party == self) {
                    if (own != null) {
                        messages.add(new PerParty.Entry<>(self, own));
                        bodies.add(new PerParty.Entry<>(self, ownBody));
                    }
                    continue;
                }
                try {
                    Frame frame = next(party);
                    checkPlace(frame, party);
                    if (kind == Frame.Kind.BROADCAST) {
                        bodies.add(new PerParty.Entry<>(party, frame.body().clone()));
                    }
                    messages.add(new PerParty.Entry<>(party, decode(frame, party)));
                } catch (Cheated e) {
                    offences.add(e);
                } catch (Silent e) {
                    silent.addAll(e.parties());
                    silences.add(String.valueOf(e.getMessage()));
                }
            }
            if (!offences.isEmpty()) {
                throw merge(offences);
            }
            if (!silent.isEmpty()) {
                throw new Silent(silent, String.join("; ", silences) + " (" + protocol + " step " + step + ")");
            }
            if (kind == Frame.Kind.BROADCAST) {
                echo = Ids.broadcasts(echo, step, PerParty.of(bodies));
            }
            return PerParty.of(messages);
        }

        /// The next frame that has not been here before: a repetition changes nothing and proves nothing.
        private Frame next(int peer) throws Cheated, Silent {
            for (int repeats = 0; repeats <= MAX_REPEATED_FRAMES; repeats++) {
                Frame frame = pipe.receive(id, peer, step);
                if (frame.sequence() >= sequenceWith(peer)[1]) {
                    return frame;
                }
            }
            throw new Silent(List.of(peer), "P" + peer + " repeats itself");
        }

        private void checkPlace(Frame frame, int peer) throws Cheated, Silent {
            long[] sequence = sequenceWith(peer);
            long expected = sequence[1]++;
            if (frame.sequence() > expected) {
                throw new Silent(List.of(peer), "a frame of P" + peer + " was lost");
            }
            require(
                    "0.6",
                    frame.kind() == kind && frame.step().equals(step),
                    peer,
                    "P" + peer + " sent a message of step " + frame.step() + " where step " + step + " was due");
            boolean sameBroadcasts = Arrays.equals(frame.echo(), expectedEcho);
            String difference = "P" + peer + " saw other broadcasts before step " + step + " than P" + self + " did";
            if (parties.size() == 2) {
                require("0.7", sameBroadcasts, peer, difference);
            } else {
                // A third party may have told us different things.
                require("0.7", sameBroadcasts, difference);
            }
        }

        private M decode(Frame frame, int peer) throws Cheated {
            try {
                return codec.decode(frame.body());
            } catch (Malformed e) {
                throw cheated(
                        "0.8",
                        List.of(peer),
                        "P" + peer + "'s message of step " + step + " is malformed: " + e.getMessage());
            }
        }

        private Cheated merge(List<Cheated> offences) {
            if (offences.size() == 1) {
                return offences.getFirst();
            }
            return cheated(
                    offences.getFirst().step(),
                    offences.stream().flatMap(e -> e.culprits().stream()).toList(),
                    String.join(
                            "; ",
                            offences.stream()
                                    .map(e -> String.valueOf(e.getMessage()))
                                    .toList()));
        }
    }
}
