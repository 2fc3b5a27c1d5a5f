package org.keymoot.protocol.ecdsa;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.keymoot.crypto.group.GroupId;
import org.keymoot.crypto.random.SeededRandom;
import org.keymoot.protocol.pairsetup.PairQuarantined;
import org.keymoot.protocol.pairsetup.Pairs;
import org.keymoot.protocol.session.Channel;
import org.keymoot.protocol.session.Cheated;
import org.keymoot.protocol.session.Environment;
import org.keymoot.protocol.session.Session;
import org.keymoot.protocol.session.SetUp;
import org.keymoot.protocol.session.Silent;

/// Many sessions of one pair at once, on real threads.
class ParallelSessionsTest {
    private static final int SESSIONS = 100;
    private static final List<Integer> QUORUM = List.of(1, 3);

    private final DealtKeys keys = DealtKeys.deal(GroupId.SECP256K1, 2, 3, 5);
    private final DealtKeys otherKeys = DealtKeys.deal(GroupId.P256, 2, 3, 6);
    private final Map<Integer, Pairs> pairs = Map.of(1, Pairs.of(1, QUORUM), 3, Pairs.of(3, QUORUM));
    private Duration patience = Duration.ofSeconds(30);
    private final Map<String, BlockingQueue<byte[]>> links = new ConcurrentHashMap<>();

    @Test
    void aHundredSessionsOfOnePairWithTwoKeysAllSign() throws Exception {
        for (Object result : runAll(-1)) {
            assertThat(result).isInstanceOf(RecoverableSignature.class);
        }
        assertThat(burned(1)).isEmpty();
    }

    @Test
    void whenOneSessionBurnsThePairEveryOtherSignsOrIsRefusedAndTheBurnIsOne() throws Exception {
        // Whose peer was refused waits in vain.
        patience = Duration.ofSeconds(2);
        List<Object> results = runAll(SESSIONS / 2);
        assertThat(results)
                .allMatch(result -> result instanceof RecoverableSignature
                        || result instanceof PairQuarantined
                        || result instanceof Silent
                        || result instanceof Cheated);
        // P1 finds the corrupt message of P3; of all sessions, one finds it, since the pair is gone for the others.
        assertThat(results.stream().filter(result -> result instanceof Cheated)).hasSize(1);
        assertThat(results).anyMatch(result -> result instanceof PairQuarantined);
        assertThat(burned(1)).containsExactly("P3 ecdsa-presign 2.1");
        assertThat(burned(3)).isEmpty();
    }

    private List<String> burned(int party) {
        return Objects.requireNonNull(pairs.get(party)).burned();
    }

    /// What every party of every session ended with; from session `corruptFrom` on, P3's extensions are inconsistent.
    private List<Object> runAll(int corruptFrom) throws Exception {
        List<Future<Object>> running = new ArrayList<>();
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            for (int number = 0; number < SESSIONS; number++) {
                for (int party : QUORUM) {
                    int session = number;
                    boolean corrupt = party == 3 && corruptFrom >= 0 && number >= corruptFrom;
                    running.add(threads.submit(() -> run(session, party, corrupt)));
                }
            }
        }
        List<Object> results = new ArrayList<>();
        for (Future<Object> future : running) {
            results.add(future.get());
        }
        return results;
    }

    private Object run(int number, int party, boolean corrupt) {
        DealtKeys used = number % 2 == 0 ? keys : otherKeys;
        SeededRandom random = new SeededRandom(1000L * number + party);
        byte[] invitation = ByteBuffer.allocate(4).putInt(number).array();
        SetUp setUp = new SetUp("ecdsa", invitation, QUORUM, new byte[0]);
        Pairs own = Objects.requireNonNull(pairs.get(party));
        try {
            Session session = Session.fresh(setUp, party, channel(number, party, corrupt), Environment.of(random));
            return EcdsaSign.run(session, used.of(party), EcdsaRun.DIGEST, own, own);
        } catch (Cheated | Silent | PairQuarantined e) {
            return e;
        }
    }

    private Channel channel(int number, int self, boolean corrupt) {
        return new Channel() {
            private BlockingQueue<byte[]> link(int from, int to) {
                return links.computeIfAbsent(number + ":" + from + ">" + to, name -> new LinkedBlockingQueue<>());
            }

            @Override
            public void send(int toParty, byte[] frame) {
                // The extension is the one message of between 4 and 20 kilobytes; its last byte is part of its check.
                if (corrupt && frame.length > 4096 && frame.length < 20_000) {
                    frame[frame.length - 1] ^= 1;
                }
                link(self, toParty).add(frame);
            }

            @Override
            public byte[] receive(int fromParty) throws Silent {
                try {
                    byte[] frame = link(fromParty, self).poll(patience.toMillis(), TimeUnit.MILLISECONDS);
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
                return patience;
            }
        };
    }
}
