package org.keymoot.bench;

import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.keymoot.crypto.random.RandomSource;
import org.keymoot.protocol.session.Channel;
import org.keymoot.protocol.session.Environment;
import org.keymoot.protocol.session.Session;
import org.keymoot.protocol.session.SetUp;
import org.keymoot.protocol.session.Silent;

/// Runs all parties of a protocol in this process, each on a platform thread of its own, over queues in memory.
///
/// It keeps true: the processor time of a party is that of its thread, waiting excluded; bytes are those of the frames
/// that the sessions hand to their channels.
final class Players {
    private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();
    private static final int PATIENCE_SECONDS = 60;
    // What carries a frame on the mesh. A frame of a session is wrapped in two protobuf messages with the session's
    // id and a sequence number, in a gRPC message, in HTTP/2 frames of 16 KiB and in records of TLS 1.3.
    private static final int MESSAGE_BYTES = 34 + 5;
    private static final int HTTP_FRAME_BYTES = 9;
    private static final int TLS_RECORD_BYTES = 22;
    private static final int CHUNK_BYTES = 16 << 10;

    private final RandomSource random;

    Players(RandomSource random) {
        this.random = random;
    }

    /// What one party does in one session.
    @FunctionalInterface
    interface Part {
        void play(Session session) throws Exception;
    }

    /// Makes the session of one party.
    @FunctionalInterface
    interface Opening {
        Session open(int self, Channel channel, Environment environment) throws Exception;
    }

    /// @param microsPerParty processor time of one session, the mean of its parties
    /// @param frameBytes of one session, all parties together, with the frames' own headers
    /// @param wireBytes the same with what carries the frames on the mesh
    record Played(double microsPerParty, long frameBytes, long wireBytes) {}

    static Opening fresh(List<Integer> parties) {
        SetUp setUp = new SetUp("bench", new byte[0], parties, new byte[0]);
        return (self, channel, environment) -> Session.fresh(setUp, self, channel, environment);
    }

    /// Plays `sessions` sessions one after the other.
    Played play(List<Integer> parties, int sessions, Opening opening, Part part) throws Exception {
        AtomicLong frames = new AtomicLong();
        AtomicLong wire = new AtomicLong();
        AtomicLong nanos = new AtomicLong();
        Map<String, BlockingQueue<byte[]>> links = new ConcurrentHashMap<>();
        List<Throwable> failures = Collections.synchronizedList(new ArrayList<>());
        List<Thread> threads = new ArrayList<>();
        for (int party : parties) {
            threads.add(Thread.ofPlatform().name("party-" + party).start(() -> {
                try {
                    long before = THREADS.getCurrentThreadCpuTime();
                    for (int i = 0; i < sessions; i++) {
                        Channel channel = channel(links, i, party, frames, wire);
                        part.play(opening.open(party, channel, Environment.of(random)));
                    }
                    nanos.addAndGet(THREADS.getCurrentThreadCpuTime() - before);
                } catch (Exception | Error e) {
                    failures.add(e);
                }
            }));
        }
        for (Thread thread : threads) {
            thread.join();
        }
        if (!failures.isEmpty()) {
            throw new IllegalStateException("a session failed", failures.getFirst());
        }
        return new Played(
                nanos.get() / 1000.0 / parties.size() / sessions, frames.get() / sessions, wire.get() / sessions);
    }

    private static Channel channel(
            Map<String, BlockingQueue<byte[]>> links, int session, int self, AtomicLong frames, AtomicLong wire) {
        return new Channel() {
            private BlockingQueue<byte[]> link(int from, int to) {
                return links.computeIfAbsent(session + ":" + from + ">" + to, name -> new LinkedBlockingQueue<>());
            }

            @Override
            public void send(int toParty, byte[] frame) {
                int chunks = 1 + frame.length / CHUNK_BYTES;
                frames.addAndGet(frame.length);
                wire.addAndGet(frame.length + MESSAGE_BYTES + chunks * (HTTP_FRAME_BYTES + TLS_RECORD_BYTES));
                link(self, toParty).add(frame);
            }

            @Override
            public byte[] receive(int fromParty) throws Silent {
                try {
                    byte[] frame = link(fromParty, self).poll(PATIENCE_SECONDS, TimeUnit.SECONDS);
                    if (frame != null) {
                        return frame;
                    }
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                }
                throw new Silent(List.of(fromParty), "P" + fromParty + " is silent");
            }

            @Override
            public Duration remaining() {
                return Duration.ofSeconds(PATIENCE_SECONDS);
            }
        };
    }
}
