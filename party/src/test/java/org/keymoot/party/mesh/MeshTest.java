package org.keymoot.party.mesh;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.stub.StreamObserver;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.keymoot.api.mesh.v1.MeshFrame;
import org.keymoot.api.mesh.v1.MeshGrpc;
import org.keymoot.api.mesh.v1.Reply;
import org.keymoot.api.mesh.v1.SessionClose;
import org.keymoot.api.mesh.v1.SessionFrame;
import org.keymoot.api.mesh.v1.SessionOpen;
import org.keymoot.protocol.session.Silent;

@Timeout(60)
class MeshTest {
    private static final Duration SHORT = Duration.ofSeconds(5);

    @Test
    void callsAreAnsweredInBothDirections() throws Exception {
        try (MeshCluster cluster = MeshCluster.linked(3)) {
            for (int party = 1; party <= 3; party++) {
                int self = party;
                cluster.mesh(party).calls().serve("who", (from, body) -> (self + " hears " + from).getBytes(UTF_8));
            }
            assertThat(text(cluster.mesh(1).calls().call(2, "who", new byte[0], SHORT)))
                    .isEqualTo("2 hears 1");
            assertThat(text(cluster.mesh(2).calls().call(1, "who", new byte[0], SHORT)))
                    .isEqualTo("1 hears 2");
            assertThat(text(cluster.mesh(3).calls().call(2, "who", new byte[0], SHORT)))
                    .isEqualTo("2 hears 3");
        }
    }

    @Test
    void refusalsAndFailuresOfHandlersReachTheCallerAsCodes() throws Exception {
        try (MeshCluster cluster = MeshCluster.linked(2)) {
            PeerCalls served = cluster.mesh(2).calls();
            served.serve("no", (from, body) -> {
                throw new PeerRefused("denied", "not for party " + from);
            });
            served.serve("broken", (from, body) -> {
                throw new IllegalStateException("a detail that stays here");
            });
            served.serve("endless", (from, body) -> {
                throw new StackOverflowError("planted");
            });
            PeerCalls calls = cluster.mesh(1).calls();
            assertThatThrownBy(() -> calls.call(2, "endless", new byte[0], SHORT))
                    .isInstanceOfSatisfying(
                            PeerRefused.class, e -> assertThat(e.code()).isEqualTo(PeerCalls.FAILED));
            assertThatThrownBy(() -> calls.call(2, "no", new byte[0], SHORT))
                    .isInstanceOfSatisfying(
                            PeerRefused.class, e -> assertThat(e.code()).isEqualTo("denied"));
            assertThatThrownBy(() -> calls.call(2, "broken", new byte[0], SHORT))
                    .isInstanceOfSatisfying(PeerRefused.class, e -> {
                        assertThat(e.code()).isEqualTo(PeerCalls.FAILED);
                        assertThat(e.getMessage()).doesNotContain("detail");
                    });
            assertThatThrownBy(() -> calls.call(2, "unheard of", new byte[0], SHORT))
                    .isInstanceOfSatisfying(
                            PeerRefused.class, e -> assertThat(e.code()).isEqualTo(PeerCalls.UNKNOWN_METHOD));
        }
    }

    @Test
    void aCallEndsByItsTimeOutAndAtOnceWhenThePeerDies() throws Exception {
        try (MeshCluster cluster = MeshCluster.linked(2)) {
            CountDownLatch never = new CountDownLatch(1);
            cluster.mesh(2).calls().serve("hang", (from, body) -> {
                try {
                    never.await();
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                }
                return body;
            });
            PeerCalls calls = cluster.mesh(1).calls();
            assertThatThrownBy(() -> calls.call(2, "hang", new byte[0], Duration.ofMillis(100)))
                    .isInstanceOf(PeerUnavailable.class);
            CompletableFuture<Throwable> outcome = new CompletableFuture<>();
            Thread.ofVirtual().start(() -> {
                try {
                    calls.call(2, "hang", new byte[0], Duration.ofSeconds(50));
                } catch (PeerUnavailable | PeerRefused e) {
                    outcome.complete(e);
                }
            });
            Thread.sleep(200);
            cluster.kill(2);
            assertThat(outcome.get(10, TimeUnit.SECONDS)).isInstanceOf(PeerUnavailable.class);
            never.countDown();
        }
    }

    @Test
    void aPeerHasABoundedNumberOfCallsServedAtATime() throws Exception {
        try (MeshCluster cluster = MeshCluster.linked(2)) {
            CountDownLatch release = new CountDownLatch(1);
            cluster.mesh(2).calls().serve("hold", (from, body) -> {
                try {
                    release.await();
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                }
                return body;
            });
            BlockingQueue<String> codes = new LinkedBlockingQueue<>();
            for (int i = 0; i < MeshCluster.LIMITS.callsPerPeer() + 4; i++) {
                Thread.ofVirtual().start(() -> {
                    try {
                        cluster.mesh(1).calls().call(2, "hold", new byte[0], SHORT);
                        codes.add("served");
                    } catch (PeerRefused e) {
                        codes.add(e.code());
                    } catch (PeerUnavailable e) {
                        codes.add("unavailable");
                    }
                });
            }
            assertThat(codes.poll(5, TimeUnit.SECONDS)).isEqualTo(PeerCalls.BUSY);
            release.countDown();
            MeshCluster.await("all to end", () -> codes.size() == MeshCluster.LIMITS.callsPerPeer() + 3);
            assertThat(codes).contains("served");
        }
    }

    @Test
    void aSessionCarriesFramesOfEveryPartyInOrder() throws Exception {
        try (MeshCluster cluster = MeshCluster.linked(3)) {
            BlockingQueue<String> heard = new LinkedBlockingQueue<>();
            for (int party = 2; party <= 3; party++) {
                cluster.mesh(party).sessions().serve("talk", (invitation, session) -> {
                    assertThat(invitation.opener()).isEqualTo(1);
                    assertThat(text(invitation.body())).isEqualTo("come");
                    heard.add(session.self() + ":" + talk(session, 40));
                });
            }
            try (HostedSession session =
                    cluster.mesh(1).sessions().open("talk", List.of(1, 2, 3), "come".getBytes(UTF_8), SHORT)) {
                assertThat(talk(session, 40)).isEqualTo(expected(List.of(2, 3), 40));
            }
            assertThat(List.of(take(heard), take(heard)))
                    .containsExactlyInAnyOrder("2:" + expected(List.of(1, 3), 40), "3:" + expected(List.of(1, 2), 40));
            MeshCluster.await(
                    "sessions to end", () -> cluster.mesh(2).sessions().count() == 0);
        }
    }

    @Test
    void bigSessionsPassThroughAPeerThatReadsSlowlyWithoutGrowingItsMailboxes() throws Exception {
        try (MeshCluster cluster = MeshCluster.linked(2)) {
            int frames = 60;
            CompletableFuture<Integer> read = new CompletableFuture<>();
            cluster.mesh(2).sessions().serve("bulk", (invitation, session) -> {
                int total = 0;
                for (int i = 0; i < frames; i++) {
                    try {
                        Thread.sleep(5);
                    } catch (InterruptedException e) {
                        Thread.currentThread().interrupt();
                    }
                    total += session.receive(1).length;
                }
                read.complete(total);
            });
            byte[] frame = new byte[200_000];
            try (HostedSession session =
                    cluster.mesh(1).sessions().open("bulk", List.of(1, 2), new byte[0], Duration.ofSeconds(20))) {
                for (int i = 0; i < frames; i++) {
                    session.send(2, frame);
                }
                assertThat(read.get(20, TimeUnit.SECONDS)).isEqualTo(frames * frame.length);
            }
            assertThat(cluster.node(2).dropped("session_overflow")).isZero();
        }
    }

    @Test
    void aPeerThatSendsTooFarAheadIsCutOffInThatSessionOnly() throws Exception {
        try (MeshCluster cluster = MeshCluster.linked(2)) {
            CompletableFuture<String> outcome = new CompletableFuture<>();
            CountDownLatch sent = new CountDownLatch(1);
            cluster.mesh(2).sessions().serve("flood", (invitation, session) -> {
                try {
                    sent.await();
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                }
                try {
                    while (true) {
                        session.receive(1);
                    }
                } catch (Silent e) {
                    outcome.complete(
                            Objects.requireNonNull(session.refusals().get(1)).code());
                }
            });
            try (HostedSession session = cluster.mesh(1).sessions().open("flood", List.of(1, 2), new byte[0], SHORT)) {
                for (int i = 0; i < MeshCluster.LIMITS.bufferedFramesPerSession() + 10; i++) {
                    session.send(2, new byte[10]);
                }
                MeshCluster.await("the flood", () -> cluster.node(2).dropped("session_overflow") > 0);
                sent.countDown();
                assertThat(outcome.get(5, TimeUnit.SECONDS)).isEqualTo("overflow");
            }
            cluster.mesh(2).calls().serve("alive", (from, body) -> body);
            assertThat(cluster.mesh(1).calls().call(2, "alive", new byte[] {1}, SHORT))
                    .containsExactly(1);
        }
    }

    @Test
    void aDeclinedInvitationReachesTheOpenerAndTheOthersAtOnce() throws Exception {
        try (MeshCluster cluster = MeshCluster.linked(3)) {
            CompletableFuture<Long> waitedMillis = new CompletableFuture<>();
            cluster.mesh(2).sessions().serve("deal", (invitation, session) -> {
                long start = System.nanoTime();
                try {
                    session.receive(3);
                } finally {
                    waitedMillis.complete(
                            Duration.ofNanos(System.nanoTime() - start).toMillis());
                }
            });
            cluster.mesh(3).sessions().serve("deal", (invitation, session) -> {
                throw new Declined("policy", "party 3 may not");
            });
            try (HostedSession session =
                    cluster.mesh(1).sessions().open("deal", List.of(1, 2, 3), new byte[0], Duration.ofSeconds(20))) {
                assertThatThrownBy(() -> session.receive(3)).isInstanceOf(Silent.class);
                assertThat(session.refusals().get(3)).isEqualTo(new HostedSession.Refusal("policy", "party 3 may not"));
            }
            assertThat(waitedMillis.get(5, TimeUnit.SECONDS)).isLessThan(5_000);
        }
    }

    @Test
    void sessionsOfOnePeerAreBounded() throws Exception {
        try (MeshCluster cluster = MeshCluster.linked(2)) {
            CountDownLatch end = new CountDownLatch(1);
            cluster.mesh(2).sessions().serve("stay", (invitation, session) -> {
                try {
                    end.await();
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                }
            });
            List<HostedSession> open = new ArrayList<>();
            for (int i = 0; i < MeshCluster.LIMITS.sessionsPerPeer(); i++) {
                open.add(cluster.mesh(1).sessions().open("stay", List.of(1, 2), new byte[0], SHORT));
            }
            assertThatThrownBy(() -> cluster.mesh(1).sessions().open("stay", List.of(1, 2), new byte[0], SHORT))
                    .isInstanceOf(Silent.class);
            open.getFirst().close();
            try (HostedSession refused = cluster.mesh(1).sessions().open("stay", List.of(1, 2), new byte[0], SHORT)) {
                assertThatThrownBy(() -> refused.receive(2)).isInstanceOf(Silent.class);
                assertThat(Objects.requireNonNull(refused.refusals().get(2)).code())
                        .isEqualTo(SessionHost.BUSY);
            }
            end.countDown();
            open.forEach(HostedSession::close);
        }
    }

    @Test
    void aLostLinkEndsItsSessionsAndIsDialledAgain() throws Exception {
        try (MeshCluster cluster = MeshCluster.linked(3)) {
            HostedSession session = cluster.mesh(1).sessions().open("none", List.of(1, 2), new byte[0], SHORT);
            cluster.kill(2);
            assertThatThrownBy(() -> session.receive(2)).isInstanceOf(Silent.class);
            session.close();
            MeshCluster.await(
                    "the loss to be seen", () -> cluster.mesh(1).linked().equals(List.of(3)));
            MeshCluster.await(
                    "the loss to be seen", () -> cluster.mesh(3).linked().equals(List.of(1)));
            cluster.start(2);
            cluster.awaitLinks();
            cluster.mesh(2).calls().serve("back", (from, body) -> body);
            assertThat(cluster.mesh(1).calls().call(2, "back", new byte[] {7}, SHORT))
                    .containsExactly(7);
            assertThat(cluster.mesh(1).state(2).softwareVersion()).isEqualTo("0.1.0");
        }
    }

    @Test
    void partiesThatDifferRefuseNamingTheField() {
        try (MeshCluster cluster = new MeshCluster(3)) {
            cluster.start(1);
            for (String field : List.of("cluster_id", "reconstruction_threshold", "epoch", "peers_digest")) {
                cluster.start(2, m -> differing(m, field), MeshCluster.spiffe(2));
                MeshCluster.await(
                        "refusal for " + field,
                        () -> String.valueOf(cluster.mesh(1).state(2).refusal()).startsWith(field));
                assertThat(cluster.mesh(1).linked()).isEmpty();
                assertThat(cluster.mesh(2).linked()).isEmpty();
                cluster.kill(2);
            }
            cluster.start(2);
            cluster.awaitLinks();
            assertThat(cluster.mesh(1).state(2).refusal()).isNull();
        }
    }

    @Test
    void aCertificateOfAnotherPartyOrClusterIsRefused() {
        try (MeshCluster cluster = new MeshCluster(3)) {
            cluster.start(1);
            cluster.start(2, m -> m, MeshCluster.spiffe(3));
            MeshCluster.await(
                    "refusal",
                    () -> String.valueOf(cluster.mesh(1).state(2).refusal()).startsWith("party"));
            assertThat(cluster.mesh(1).linked()).isEmpty();
            cluster.kill(2);
            cluster.start(2, m -> m, "spiffe://other/party/2");
            cluster.kill(1);
            cluster.start(1);
            MeshCluster.await(
                    "refusal",
                    () -> String.valueOf(cluster.mesh(1).state(2).refusal()).startsWith("party"));
            assertThat(cluster.mesh(1).linked()).isEmpty();
        }
    }

    @Test
    void aSecondRunningCopyOfAPartyIsRefusedWhileTheFirstLives() throws Exception {
        try (MeshCluster cluster = MeshCluster.linked(2)) {
            Wire copy = new Wire(cluster, 2, MeshCluster.spiffe(1));
            copy.out.onNext(hello(cluster, 1, "copyboot00000000"));
            assertThat(copy.end()).contains("another running instance");
            assertThat(cluster.mesh(2).linked()).containsExactly(1);
            copy.close();
        }
    }

    @Test
    void junkFromAnAuthenticatedPeerIsDroppedAndCounted() throws Exception {
        try (MeshCluster cluster = new MeshCluster(2)) {
            cluster.start(2);
            cluster.mesh(2).calls().serve("alive", (from, body) -> body);
            CompletableFuture<String> frames = new CompletableFuture<>();
            cluster.mesh(2).sessions().serve("talk", (invitation, session) -> {
                frames.complete(text(session.receive(1)) + text(session.receive(1)));
            });
            Wire wire = new Wire(cluster, 2, MeshCluster.spiffe(1));
            wire.out.onNext(hello(cluster, 1, "wireboot00000000"));
            assertThat(wire.next().hasHello()).isTrue();
            ByteString id = ByteString.copyFromUtf8("0123456789abcdef");

            wire.out.onNext(MeshFrame.getDefaultInstance());
            wire.out.onNext(hello(cluster, 1, "wireboot00000000"));
            wire.out.onNext(MeshFrame.newBuilder()
                    .setReply(Reply.newBuilder().setId(99))
                    .build());
            wire.out.onNext(sessionFrame(ByteString.copyFromUtf8("short"), 0, "x"));
            wire.out.onNext(open(id, List.of(2, 1)));
            assertThat(wire.nextClose().getCode()).isEqualTo(SessionHost.MALFORMED);
            wire.out.onNext(open(id, List.of(1, 2, 3)));
            assertThat(wire.nextClose().getCode()).isEqualTo(SessionHost.MALFORMED);
            wire.out.onNext(open(id, List.of(1, 2)));
            wire.out.onNext(sessionFrame(id, 0, "a"));
            wire.out.onNext(sessionFrame(id, 0, "a"));
            wire.out.onNext(sessionFrame(id, 1, "b"));
            assertThat(frames.get(5, TimeUnit.SECONDS)).isEqualTo("ab");
            MeshCluster.await("the end", () -> cluster.mesh(2).sessions().count() == 0);
            wire.out.onNext(sessionFrame(id, 2, "late"));
            wire.out.onNext(open(id, List.of(1, 2)));
            for (int i = 0; i < 40; i++) {
                wire.out.onNext(
                        sessionFrame(ByteString.copyFromUtf8("neveropened00000".substring(0, 14) + (10 + i)), 0, "e"));
            }
            MeshCluster.await("counts", () -> cluster.node(2).dropped("early_overflow") == 24);
            assertThat(cluster.node(2).dropped("malformed")).isEqualTo(5);
            assertThat(cluster.node(2).dropped("unknown_reply")).isEqualTo(1);
            assertThat(cluster.node(2).dropped("repeated_frame")).isEqualTo(1);
            assertThat(cluster.node(2).dropped("ended_session")).isEqualTo(1);
            assertThat(cluster.node(2).dropped("session_refused")).isEqualTo(1);
            assertThat(cluster.mesh(2).linked()).containsExactly(1);
            wire.close();
        }
    }

    @Test
    void aStreamWithoutAGreetingIsEndedAndNothingOfItCounts() throws Exception {
        try (MeshCluster cluster = new MeshCluster(2)) {
            cluster.start(2);
            Wire silent = new Wire(cluster, 2, MeshCluster.spiffe(1));
            Wire rude = new Wire(cluster, 2, MeshCluster.spiffe(1));
            rude.out.onNext(open(ByteString.copyFromUtf8("0123456789abcdef"), List.of(1, 2)));
            assertThat(rude.end()).contains("greeting");
            assertThat(silent.end()).contains("no greeting came");
            Wire higher = new Wire(cluster, 2, MeshCluster.spiffe(3));
            assertThat(higher.end()).contains("PERMISSION_DENIED");
            assertThat(cluster.mesh(2).linked()).isEmpty();
            silent.close();
            rude.close();
            higher.close();
        }
    }

    private static String talk(HostedSession session, int rounds) throws Silent {
        StringBuilder heard = new StringBuilder();
        List<Integer> peers =
                session.parties().stream().filter(p -> p != session.self()).toList();
        for (int round = 0; round < rounds; round++) {
            for (int peer : peers) {
                session.send(peer, (session.self() + "." + round + " ").getBytes(UTF_8));
            }
            for (int peer : peers) {
                heard.append(text(session.receive(peer)));
            }
        }
        return heard.toString();
    }

    private static String expected(List<Integer> peers, int rounds) {
        StringBuilder all = new StringBuilder();
        for (int round = 0; round < rounds; round++) {
            for (int peer : peers) {
                all.append(peer).append('.').append(round).append(' ');
            }
        }
        return all.toString();
    }

    private static Membership differing(Membership m, String field) {
        List<String> others = new ArrayList<>(m.peers());
        others.set(0, "spiffe://test/party/17");
        return switch (field) {
            case "cluster_id" ->
                new Membership(
                        "elsewhere",
                        m.self(),
                        m.parties(),
                        m.reconstructionThreshold(),
                        m.epoch(),
                        m.peers(),
                        m.softwareVersion(),
                        m.bootId());
            case "reconstruction_threshold" ->
                new Membership(
                        m.clusterId(), m.self(), m.parties(), 3, m.epoch(), m.peers(), m.softwareVersion(), m.bootId());
            case "epoch" ->
                new Membership(
                        m.clusterId(),
                        m.self(),
                        m.parties(),
                        m.reconstructionThreshold(),
                        9,
                        m.peers(),
                        m.softwareVersion(),
                        m.bootId());
            default ->
                new Membership(
                        m.clusterId(),
                        m.self(),
                        m.parties(),
                        m.reconstructionThreshold(),
                        m.epoch(),
                        others,
                        m.softwareVersion(),
                        m.bootId());
        };
    }

    private static MeshFrame hello(MeshCluster cluster, int party, String bootId) {
        Membership like = cluster.mesh(2).membership();
        return MeshFrame.newBuilder()
                .setHello(like.hello().toBuilder().setParty(party).setBootId(ByteString.copyFromUtf8(bootId)))
                .build();
    }

    private static MeshFrame open(ByteString id, List<Integer> parties) {
        return MeshFrame.newBuilder()
                .setSessionOpen(SessionOpen.newBuilder()
                        .setSessionId(id)
                        .setProtocol("talk")
                        .addAllParties(parties)
                        .setDeadlineMillis(5000))
                .build();
    }

    private static MeshFrame sessionFrame(ByteString id, int sequence, String payload) {
        return MeshFrame.newBuilder()
                .setSessionFrame(SessionFrame.newBuilder()
                        .setSessionId(id)
                        .setSequence(sequence)
                        .setPayload(ByteString.copyFromUtf8(payload)))
                .build();
    }

    private static String take(BlockingQueue<String> queue) throws InterruptedException {
        return Objects.requireNonNull(queue.poll(10, TimeUnit.SECONDS));
    }

    private static String text(byte[] bytes) {
        return new String(bytes, UTF_8);
    }

    /// A peer that says whatever a test wants.
    private static final class Wire {
        final ManagedChannel channel;
        final StreamObserver<MeshFrame> out;
        private final BlockingQueue<MeshFrame> in = new LinkedBlockingQueue<>();
        private final CompletableFuture<String> end = new CompletableFuture<>();

        Wire(MeshCluster cluster, int to, String spiffeId) {
            channel = cluster.dial(to, cluster.authority.identity(spiffeId));
            out = MeshGrpc.newStub(channel).link(new StreamObserver<>() {
                @Override
                public void onNext(MeshFrame frame) {
                    if (!frame.hasRequest()) {
                        in.add(frame);
                    }
                }

                @Override
                public void onError(Throwable cause) {
                    end.complete(Status.fromThrowable(cause).toString());
                }

                @Override
                public void onCompleted() {
                    end.complete("completed");
                }
            });
        }

        MeshFrame next() throws InterruptedException {
            return Objects.requireNonNull(in.poll(5, TimeUnit.SECONDS), "no frame came");
        }

        SessionClose nextClose() throws InterruptedException {
            return next().getSessionClose();
        }

        String end() throws Exception {
            return end.get(5, TimeUnit.SECONDS);
        }

        void close() {
            channel.shutdownNow();
        }
    }
}
