package org.keymoot.protocol.simulation;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.PriorityQueue;
import java.util.Queue;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.Semaphore;
import org.jspecify.annotations.Nullable;
import org.keymoot.crypto.random.SeededRandom;
import org.keymoot.crypto.transcript.Tag;
import org.keymoot.crypto.transcript.Transcript;
import org.keymoot.protocol.session.Channel;
import org.keymoot.protocol.session.Silent;

/// The clock, the network, the disks and the scheduler of one run.
///
/// It keeps true: at most one party's thread moves at a time, and which one is the seed's choice, so a run depends on
/// nothing outside. Frames of one link arrive in the order sent, as the contract of [Channel] has it; a lost frame is
/// lost for good and shows as a gap.
public final class World {
    private static final int MAX_STEPS = 2_000_000;

    private final Options options;
    private final Scenario scenario;
    private final List<Invariant> invariants;
    private final SplittableRandom chance;
    private final SeededRandom randomness;
    private final @Nullable Adversary adversary;
    private final Map<Integer, Actor> actors = new TreeMap<>();
    private final Map<Link, Queue<byte[]>> mailboxes = new HashMap<>();
    private final Map<Link, Long> lastArrivals = new HashMap<>();
    private final Map<Integer, Map<String, Object>> disks = new TreeMap<>();
    private final PriorityQueue<Event> events =
            new PriorityQueue<>(Comparator.comparingLong(Event::atMicros).thenComparingLong(Event::order));
    private final Semaphore baton = new Semaphore(0);
    private final List<Outcome> outcomes = new ArrayList<>();
    private final List<String> violations = new ArrayList<>();
    private final Set<Integer> tamperers = new TreeSet<>();
    private final Set<Integer> crashed = new TreeSet<>();
    private final Transcript history = Transcript.start(Tag.SIMULATION_HISTORY);
    private int happenings;
    private int framesOfAttacker;
    private long framesSent;
    private long bytesSent;
    private long nowMicros;
    private long order;

    private record Link(String channel, int from, int to) {}

    private record Event(long atMicros, long order, Runnable effect) {}

    /// Unwinds a party's thread; its `finally` blocks still erase secrets, as they would not need to in a real crash.
    private static final class Dead extends Error {
        private static final long serialVersionUID = 1L;

        Dead() {
            super("the simulated party has crashed", null, false, false);
        }
    }

    /// The thread of one party in one of its lives.
    private final class Actor {
        private final int party;
        private final int life;
        private final Semaphore turn = new Semaphore(0);
        private final Thread thread;
        private boolean ready = true;
        private boolean done;
        private boolean condemned;
        private int operations;
        private @Nullable Link awaited;
        private @Nullable Throwable failure;

        Actor(int party, int life) {
            this.party = party;
            this.life = life;
            Seat seat = new Seat(World.this, party, life, randomness.child("party " + party + " life " + life));
            this.thread = Thread.ofVirtual().unstarted(() -> live(seat));
        }

        private void live(Seat seat) {
            try {
                turn.acquireUninterruptibly();
                if (!condemned) {
                    if (life == 0) {
                        scenario.run(seat);
                    } else {
                        scenario.recover(seat);
                    }
                }
            } catch (Dead e) {
                // The crash was recorded where it was decided.
            } catch (RuntimeException | Error e) {
                failure = e;
            } finally {
                done = true;
                ready = false;
                baton.release();
            }
        }

        /// Lets this party move until it waits or ends.
        void move() {
            ready = false;
            awaited = null;
            if (thread.getState() == Thread.State.NEW) {
                thread.start();
            }
            turn.release();
            baton.acquireUninterruptibly();
        }

        /// Called on the party's thread: gives the turn back until the scheduler returns it.
        void pause() {
            baton.release();
            turn.acquireUninterruptibly();
            if (condemned) {
                throw new Dead();
            }
        }

        /// Called on the party's thread before each operation, where a planned crash strikes.
        void operation() {
            int number = operations++;
            for (Options.Crash crash : options.crashes()) {
                if (life == 0 && crash.party() == party && crash.atOperation() == number) {
                    crash(crash);
                    throw new Dead();
                }
            }
        }
    }

    World(long seed, Options options, Scenario scenario, List<Invariant> invariants, @Nullable Adversary adversary) {
        this.options = options;
        this.scenario = scenario;
        this.invariants = invariants;
        this.adversary = adversary;
        this.chance = new SplittableRandom(seed);
        this.randomness = new SeededRandom(seed);
        for (int party = 1; party <= options.parties(); party++) {
            actors.put(party, new Actor(party, 0));
            disks.put(party, new TreeMap<>());
        }
    }

    public Options options() {
        return options;
    }

    /// How attempts ended, in order.
    public List<Outcome> outcomes() {
        return Collections.unmodifiableList(outcomes);
    }

    /// Parties in whose name something was sent that their honest code did not.
    public Set<Integer> tamperers() {
        return Collections.unmodifiableSet(tamperers);
    }

    public Set<Integer> crashed() {
        return Collections.unmodifiableSet(crashed);
    }

    /// What the party has kept under the name.
    public <T> Optional<T> kept(int party, String name, Class<T> type) {
        Map<String, Object> disk = disks.get(party);
        return Optional.ofNullable(disk == null ? null : disk.get(name)).map(type::cast);
    }

    /// Runs until nothing more can happen or something is broken, and reports.
    Report run(long seed) {
        int steps = 0;
        while (violations.isEmpty() && steps++ < MAX_STEPS && step()) {}
        if (steps >= MAX_STEPS) {
            violations.add("the run does not end");
        }
        if (violations.isEmpty()) {
            for (Invariant invariant : invariants) {
                invariant.atEnd(this).ifPresent(what -> violations.add(invariant.name() + ": " + what));
            }
        }
        endAll();
        return new Report(
                seed,
                options,
                List.copyOf(violations),
                List.copyOf(outcomes),
                happenings,
                framesSent,
                bytesSent,
                nowMicros,
                history.hash());
    }

    private boolean step() {
        List<Actor> ready =
                actors.values().stream().filter(actor -> actor.ready).toList();
        if (!ready.isEmpty()) {
            Actor actor = ready.get(chance.nextInt(ready.size()));
            actor.move();
            if (actor.failure != null) {
                violations.add("P" + actor.party + " failed: " + trace(actor.failure));
            }
            return true;
        }
        if (actors.values().stream().allMatch(actor -> actor.done)
                && crashed.stream().noneMatch(this::willRestart)) {
            return false;
        }
        Event event = events.poll();
        if (event == null) {
            return false;
        }
        nowMicros = Math.max(nowMicros, event.atMicros());
        event.effect().run();
        return true;
    }

    private boolean willRestart(int party) {
        Actor actor = actors.get(party);
        return actor != null
                && actor.life == 0
                && options.crashes().stream().anyMatch(crash -> crash.party() == party && crash.restarts());
    }

    private void endAll() {
        for (Actor actor : actors.values()) {
            if (!actor.done) {
                actor.condemned = true;
                actor.move();
            }
        }
    }

    private static String trace(Throwable failure) {
        StringBuilder text = new StringBuilder(failure.toString());
        Arrays.stream(failure.getStackTrace())
                .limit(8)
                .forEach(frame -> text.append("\n    at ").append(frame));
        if (failure.getCause() != null) {
            text.append("\n  because of ").append(trace(failure.getCause()));
        }
        return text.toString();
    }

    Channel channel(int party, int life, String name, Duration limit) {
        Actor actor = actor(party);
        long deadline = nowMicros + limit.toNanos() / 1000;
        return new Channel() {
            @Override
            public void send(int toParty, byte[] frame) {
                actor.operation();
                World.this.send(actor, toParty, name, frame);
            }

            @Override
            public byte[] receive(int fromParty) throws Silent {
                actor.operation();
                return World.this.receive(actor, new Link(name, fromParty, party), deadline);
            }

            @Override
            public Duration remaining() {
                return Duration.ofNanos(Math.max(0, deadline - nowMicros) * 1000);
            }
        };
    }

    void keep(int party, String name, Object value) {
        Actor actor = actor(party);
        actor.operation();
        Map<String, Object> disk = disks.get(party);
        if (disk != null) {
            disk.put(name, value);
        }
        happened(new Happening.Kept(party, name, value), "kept", party, 0, name, new byte[0]);
    }

    void deviates(int party) {
        tamperers.add(party);
    }

    void ended(Outcome outcome) {
        outcomes.add(outcome);
        happened(
                new Happening.Ended(outcome),
                "ended",
                outcome.party(),
                0,
                outcome.attempt(),
                outcome.text().getBytes(java.nio.charset.StandardCharsets.UTF_8));
    }

    private Actor actor(int party) {
        Actor actor = actors.get(party);
        if (actor == null) {
            throw new IllegalArgumentException("P" + party + " does not take part");
        }
        return actor;
    }

    private void send(Actor actor, int to, String channel, byte[] frame) {
        Options.Attack attack = options.attack();
        if (adversary == null || attack == null || attack.party() != actor.party) {
            transmit(new Link(channel, actor.party, to), frame, false);
            return;
        }
        Adversary.Outgoing outgoing =
                new Adversary.Outgoing(framesOfAttacker++, actor.party, to, channel, frame.clone());
        List<byte[]> sent = adversary.send(outgoing, chance);
        boolean tampered = sent.size() != 1 || !Arrays.equals(sent.getFirst(), frame);
        if (tampered) {
            tamperers.add(actor.party);
        }
        for (byte[] each : sent) {
            transmit(new Link(channel, actor.party, to), each, tampered);
        }
    }

    private void transmit(Link link, byte[] frame, boolean tampered) {
        framesSent++;
        bytesSent += frame.length;
        happened(
                new Happening.Sent(link.from(), link.to(), link.channel(), frame, tampered),
                "sent",
                link.from(),
                link.to(),
                link.channel(),
                frame);
        if (chance.nextDouble() < options.network().lossChance()) {
            return;
        }
        arrive(link, frame);
        if (chance.nextDouble() < options.network().duplicateChance()) {
            arrive(link, frame);
        }
    }

    private void arrive(Link link, byte[] frame) {
        Options.Network network = options.network();
        long latency = network.minLatencyMicros() == network.maxLatencyMicros()
                ? network.minLatencyMicros()
                : chance.nextLong(network.minLatencyMicros(), network.maxLatencyMicros());
        long at = nowMicros + latency;
        Options.Partition partition = options.partition();
        if (partition != null && partition.separates(link.from(), link.to(), at)) {
            at = partition.untilMicros();
        }
        long ordered = Math.max(at, lastArrivals.getOrDefault(link, 0L));
        lastArrivals.put(link, ordered);
        byte[] copy = frame.clone();
        at(ordered, () -> {
            mailboxes.computeIfAbsent(link, l -> new ArrayDeque<>()).add(copy);
            wake(link);
            happened(
                    new Happening.Delivered(link.from(), link.to(), link.channel(), copy),
                    "delivered",
                    link.from(),
                    link.to(),
                    link.channel(),
                    copy);
        });
    }

    private byte[] receive(Actor actor, Link link, long deadline) throws Silent {
        while (true) {
            Queue<byte[]> mailbox = mailboxes.get(link);
            byte[] frame = mailbox == null ? null : mailbox.poll();
            if (frame != null) {
                return frame;
            }
            if (nowMicros >= deadline) {
                throw new Silent(List.of(link.from()), "P" + link.from() + " did not answer in time");
            }
            actor.awaited = link;
            at(deadline, () -> wake(link));
            actor.pause();
        }
    }

    private void wake(Link link) {
        Actor actor = actor(link.to());
        if (link.equals(actor.awaited)) {
            actor.ready = true;
        }
    }

    private void crash(Options.Crash crash) {
        crashed.add(crash.party());
        happened(new Happening.Crashed(crash.party()), "crashed", crash.party(), 0, "", new byte[0]);
        if (crash.restarts()) {
            at(nowMicros + chance.nextLong(1, 1_000_000), () -> {
                actors.put(crash.party(), new Actor(crash.party(), 1));
                happened(new Happening.Restarted(crash.party()), "restarted", crash.party(), 0, "", new byte[0]);
            });
        }
    }

    private void at(long atMicros, Runnable effect) {
        events.add(new Event(atMicros, order++, effect));
    }

    private void happened(Happening happening, String kind, int from, int to, String name, byte[] content) {
        happenings++;
        history.text(kind).number(nowMicros).number(from).number(to).text(name).bytes(content);
        for (Invariant invariant : invariants) {
            invariant.after(happening, this).ifPresent(what -> violations.add(invariant.name() + ": " + what));
        }
    }
}
