package org.keymoot.protocol.session;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.keymoot.crypto.random.SeededRandom;
import org.keymoot.protocol.message.Codec;

class SessionTest {
    private static final Codec<Integer> NUMBER = Codec.of(2, (value, out) -> out.u16(value), in -> in.u16());

    @Test
    void twoPartiesThatHoldDifferentSetUpsDoNotUnderstandEachOther() {
        Network network = new Network();
        List<Throwable> failures = network.runAll(2, party -> {
            SetUp setUp = new SetUp("test", new byte[] {1}, List.of(1, 2), new byte[] {(byte) party});
            return Session.fresh(setUp, party, network.channel(party), environment(party))
                    .id();
        });
        assertThat(failures).hasSize(2).allSatisfy(failure -> {
            assertThat(failure).isInstanceOf(Cheated.class);
            assertThat(((Cheated) failure).culprits())
                    .as("either may have been told wrong")
                    .isEmpty();
            assertThat(((Cheated) failure).step()).isEqualTo("0.3");
        });
    }

    @Test
    void idsAreFreshEvenWhenTheLeaderRepeatsItself() throws Exception {
        SessionId first = open(1);
        SessionId second = open(2);
        assertThat(first).isNotEqualTo(second);
    }

    private static SessionId open(long seed) throws Exception {
        Network network = new Network();
        List<SessionId> ids = network.results(
                3,
                party -> Session.fresh(
                                setUp(3),
                                party,
                                network.channel(party),
                                Environment.of(new SeededRandom(seed + 10L * party)))
                        .id());
        assertThat(ids).containsOnly(ids.getFirst());
        return ids.getFirst();
    }

    @Test
    void childrenOnManyThreadsShareOneChannel() throws Exception {
        Network network = new Network();
        int children = 40;
        List<Integer> sums = network.results(3, party -> {
            Session session = Session.fresh(setUp(3), party, network.channel(party), environment(party));
            List<Callable<Integer>> work = new ArrayList<>();
            for (int i = 0; i < children; i++) {
                int number = party == 2 ? children - 1 - i : i;
                work.add(() -> {
                    Session child = session.child("child " + number);
                    int sum = 0;
                    for (int told :
                            child.broadcast("1.1", 100 * number + party, NUMBER).values()) {
                        sum += told;
                    }
                    int given = child.exchange("1.2", PerParty.of(child.peers(), peer -> number), NUMBER)
                            .values()
                            .getFirst();
                    return given == number ? sum : -1_000_000;
                });
            }
            int total = 0;
            try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
                for (Future<Integer> each : threads.invokeAll(work)) {
                    total += each.get();
                }
            }
            return total;
        });
        int expected = 0;
        for (int i = 0; i < children; i++) {
            expected += 300 * i + 6;
        }
        assertThat(sums).containsOnly(expected);
    }

    @Test
    void messagesOfOneFlightAreSentBeforeAnyIsAwaited() throws Exception {
        Network network = new Network();
        List<Integer> received = network.results(2, party -> {
            Session session = Session.withFreshMessages(setUp(2), party, network.channel(party), environment(party));
            var broadcasts = session.startBroadcast("1.1", party, NUMBER);
            var exchanged = session.startExchange("1.2", PerParty.of(session.peers(), peer -> 10 * party), NUMBER);
            assertThatThrownBy(exchanged::all).isInstanceOf(IllegalStateException.class);
            return broadcasts.all().get(3 - party) + exchanged.all().get(3 - party);
        });
        assertThat(received).containsExactly(22, 11);
    }

    @Test
    void whatIsToldToOnePartyReachesItAlone() throws Exception {
        Network network = new Network();
        List<Integer> received = network.results(3, party -> {
            Session session = Session.withFreshMessages(setUp(3), party, network.channel(party), environment(party));
            int sum = 0;
            if (party == 2) {
                PerParty<Integer> told = session.collect("1.1", NUMBER);
                assertThat(told.parties()).containsExactly(1, 3);
                sum = told.get(1) + told.get(3);
            } else {
                session.tell("1.1", 2, 10 * party, NUMBER);
            }
            // The next round finds everybody at the same place.
            return sum + session.broadcast("1.2", party, NUMBER).get(1);
        });
        assertThat(received).containsExactly(1, 41, 1);
    }

    @Test
    void nothingIsToldBetweenSendingAndReceivingARound() throws Exception {
        Network network = new Network();
        Session session = Session.withFreshMessages(setUp(2), 1, network.channel(1), environment(1));
        assertThatThrownBy(() -> session.tell("1.1", 1, 1, NUMBER)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> session.tell("1.1", 3, 1, NUMBER)).isInstanceOf(IllegalArgumentException.class);
        session.startBroadcast("1.1", 1, NUMBER);
        assertThatThrownBy(() -> session.tell("1.2", 2, 1, NUMBER)).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> session.collect("1.2", NUMBER)).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void anExchangeTakesExactlyOneMessageForEachPeer() {
        Session session = Session.withFreshMessages(setUp(3), 1, new Network().channel(1), environment(1));
        assertThatThrownBy(() -> session.exchange("1.1", PerParty.of(session.parties(), party -> 1), NUMBER))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> session.exchange("1.1", PerParty.of(List.of(2), party -> 1), NUMBER))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void noLabelServesTwoChildren() {
        Session session = Session.withFreshMessages(setUp(3), 1, new Network().channel(1), environment(1));
        Session pair = session.child("pair", List.of(1, 2));
        assertThat(pair.id()).isNotEqualTo(session.child("pair", List.of(1, 3)).id());
        assertThat(pair.peers()).containsExactly(2);
        assertThatThrownBy(() -> session.child("pair", List.of(1, 2))).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> session.child("others", List.of(2, 3))).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> session.child("stranger", List.of(1, 4))).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void aRoundIsAbortedOnceWithAllOfItsCulprits() {
        Session session = Session.withFreshMessages(setUp(3), 1, new Network().channel(1), environment(1));
        Checks checks = session.checks();
        assertThat(checks.require("3.1", false, 3, "P3 is wrong")).isFalse();
        assertThat(checks.require("3.2", true, 1, "never said")).isTrue();
        checks.require("3.2", false, 2, "P2 is wrong");
        assertThat(checks.clean()).isFalse();
        assertThatThrownBy(checks::settle).isInstanceOfSatisfying(Cheated.class, cheated -> {
            assertThat(cheated.culprits()).containsExactly(2, 3);
            assertThat(cheated.step()).isEqualTo("3.1");
            assertThat(cheated.session()).isEqualTo(session.id());
            assertThat(cheated).hasMessageContainingAll("P2 is wrong", "P3 is wrong", "test step 3.1");
        });
    }

    @Test
    void computationRunsWhereThePartyWantsItAndFailsAsItself() throws Exception {
        List<String> ran = new ArrayList<>();
        Environment environment = new Environment(
                new SeededRandom(1),
                task -> {
                    ran.add("here");
                    task.run();
                },
                (id, protocol, stage) -> ran.add(protocol + " " + stage));
        Session session = Session.withFreshMessages(setUp(2), 1, new Network().channel(1), environment);
        session.stage("counting");
        assertThat(session.<Integer, RuntimeException>compute(() -> 42)).isEqualTo(42);
        assertThat(ran).containsExactly("test counting", "here");
        assertThatThrownBy(() -> session.compute(() -> {
                    throw session.cheated("1.1", List.of(2), "wrong");
                }))
                .isInstanceOf(Cheated.class);
        assertThatThrownBy(() -> session.compute(() -> {
                    throw new IllegalStateException("own fault");
                }))
                .isInstanceOf(IllegalStateException.class);
    }

    @Test
    void setUpsRefuseNonsense() {
        for (List<Integer> wrong :
                List.of(List.<Integer>of(), List.of(1), List.of(0, 1), List.of(2, 1), List.of(1, 1), List.of(1, 256))) {
            assertThatThrownBy(() -> new SetUp("test", new byte[0], wrong, new byte[0]))
                    .as(wrong.toString())
                    .isInstanceOf(IllegalArgumentException.class);
        }
        assertThatThrownBy(() -> new SetUp("No Name", new byte[0], List.of(1, 2), new byte[0]))
                .isInstanceOf(IllegalArgumentException.class);
    }

    private static SetUp setUp(int parties) {
        return new SetUp("test", new byte[] {7}, List.of(1, 2, 3).subList(0, parties), new byte[] {1, 2, 3});
    }

    private static Environment environment(int party) {
        return Environment.of(new SeededRandom(party));
    }

    /// Channels between threads of the test.
    private static final class Network {
        private final Map<String, BlockingQueue<byte[]>> links = new ConcurrentHashMap<>();

        interface Program<T> {
            T run(int party) throws Exception;
        }

        Channel channel(int self) {
            return new Channel() {
                @Override
                public void send(int toParty, byte[] frame) {
                    link(self, toParty).add(frame);
                }

                @Override
                public byte[] receive(int fromParty) throws Silent {
                    try {
                        byte[] frame = link(fromParty, self).poll(20, TimeUnit.SECONDS);
                        if (frame != null) {
                            return frame;
                        }
                    } catch (InterruptedException e) {
                        Thread.currentThread().interrupt();
                    }
                    throw new Silent(List.of(fromParty), "nothing came");
                }

                @Override
                public Duration remaining() {
                    return Duration.ofSeconds(20);
                }
            };
        }

        private BlockingQueue<byte[]> link(int from, int to) {
            return links.computeIfAbsent(from + " " + to, key -> new LinkedBlockingQueue<>());
        }

        <T> List<T> results(int parties, Program<T> program) throws Exception {
            List<T> results = new ArrayList<>();
            for (Future<T> future : start(parties, program)) {
                results.add(future.get());
            }
            return results;
        }

        <T> List<Throwable> runAll(int parties, Program<T> program) {
            List<Throwable> failures = new ArrayList<>();
            for (Future<T> future : start(parties, program)) {
                if (future.state() == Future.State.FAILED) {
                    failures.add(future.exceptionNow());
                }
            }
            return failures;
        }

        private <T> List<Future<T>> start(int parties, Program<T> program) {
            List<Future<T>> futures = new ArrayList<>();
            try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
                for (int party = 1; party <= parties; party++) {
                    int self = party;
                    futures.add(threads.submit(() -> program.run(self)));
                }
            }
            return futures;
        }
    }
}
