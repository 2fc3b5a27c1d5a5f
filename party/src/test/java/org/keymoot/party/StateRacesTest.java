package org.keymoot.party;

import static org.assertj.core.api.Assertions.assertThat;
import static org.keymoot.party.Asking.json;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.keymoot.api.gateway.v1.ClientAnswer;

/// Keys and aliases that are changed through one party while all parties sign.
@Timeout(120)
class StateRacesTest {
    private static final int SIGNERS = 6;
    private static final int PARTIES = 3;
    private static final long BEFORE_MILLIS = 150;
    private static final long AFTER_MILLIS = 150;

    @TempDir
    @SuppressWarnings("NullAway.Init")
    static Path folder;

    @SuppressWarnings("NullAway.Init")
    private static NodeCluster cluster;

    @BeforeAll
    static void start() throws Exception {
        cluster = new NodeCluster(folder, PARTIES, 2, 0);
    }

    @AfterAll
    static void stop() {
        cluster.close();
    }

    /// One attempt to sign.
    private record Attempt(long begun, ClientAnswer answer) {
        boolean succeeded() {
            return answer.getStatus() == 200;
        }

        String key() {
            String arn = json(answer).path("KeyId").asString();
            return arn.substring(arn.lastIndexOf('/') + 1);
        }
    }

    /// What was tried while a change was made, and when the change had returned.
    private record Race(List<Attempt> attempts, long changed) {
        List<Attempt> begunAfterwards() {
            return attempts.stream()
                    .filter(attempt -> attempt.begun() - changed > 0)
                    .toList();
        }
    }

    private static Race race(String keyId, int through, String action, String body) throws InterruptedException {
        Queue<Attempt> attempts = new ConcurrentLinkedQueue<>();
        AtomicBoolean stop = new AtomicBoolean();
        List<Thread> signers = new ArrayList<>();
        for (int i = 0; i < SIGNERS; i++) {
            int signer = i;
            signers.add(Thread.ofVirtual().start(() -> {
                for (int message = 0; !stop.get(); message++) {
                    long begun = System.nanoTime();
                    ClientAnswer answer = cluster.call(
                            1 + signer % PARTIES,
                            "Sign",
                            "{\"KeyId\":\"%s\",\"Message\":\"%08d\",\"MessageType\":\"RAW\",\"SigningAlgorithm\":\"%s\"}"
                                    .formatted(keyId, signer * 100_000 + message, "ED25519_SHA_512"));
                    attempts.add(new Attempt(begun, answer));
                }
            }));
        }
        Thread.sleep(BEFORE_MILLIS);
        ClientAnswer changed = cluster.call(through, action, body);
        long at = System.nanoTime();
        assertThat(changed.getStatus()).as(changed.getBody().toStringUtf8()).isEqualTo(200);
        Thread.sleep(AFTER_MILLIS);
        stop.set(true);
        for (Thread signer : signers) {
            signer.join();
        }
        assertThat(attempts).anyMatch(Attempt::succeeded);
        Race race = new Race(List.copyOf(attempts), at);
        assertThat(race.begunAfterwards()).isNotEmpty();
        return race;
    }

    private static String of(String keyId) {
        return "{\"KeyId\":\"%s\"}".formatted(keyId);
    }

    static Stream<Arguments> changes() {
        return Stream.of(
                Arguments.of("DisableKey", "DisabledException", List.of("EnableKey")),
                Arguments.of(
                        "ScheduleKeyDeletion", "KMSInvalidStateException", List.of("CancelKeyDeletion", "EnableKey")));
    }

    @ParameterizedTest
    @MethodSource("changes")
    void nothingIsSignedThatWasAskedForAfterTheChangeReturned(String change, String refusal, List<String> back)
            throws Exception {
        cluster.heal();
        String key = Asking.createKey(cluster, 1, "ECC_NIST_EDWARDS25519");
        for (int party = 1; party <= PARTIES; party++) {
            Race race = race(key, party, change, of(key));
            assertThat(race.begunAfterwards())
                    .allSatisfy(attempt -> assertThat(attempt.answer().getErrorType())
                            .as(attempt.answer().getBody().toStringUtf8())
                            .isEqualTo(refusal));
            assertThat(race.attempts().stream().filter(attempt -> !attempt.succeeded()))
                    .as("a signature is whole or refused for this reason")
                    .allSatisfy(attempt ->
                            assertThat(attempt.answer().getErrorType()).isEqualTo(refusal));
            for (String action : back) {
                assertThat(cluster.call(party, action, of(key)).getStatus()).isEqualTo(200);
            }
        }
    }

    @Test
    void anAliasThatMovedNamesItsNewKeyToWhoeverAsksAfterwardsAndOneKeyToEachSignature() throws Exception {
        cluster.heal();
        String first = Asking.createKey(cluster, 1, "ECC_NIST_EDWARDS25519");
        String second = Asking.createKey(cluster, 2, "ECC_NIST_EDWARDS25519");
        String alias = "{\"AliasName\":\"alias/moving\",\"TargetKeyId\":\"%s\"}";
        assertThat(cluster.call(1, "CreateAlias", alias.formatted(first)).getStatus())
                .isEqualTo(200);
        String to = second;
        for (int party = 1; party <= PARTIES; party++) {
            Race race = race("alias/moving", party, "UpdateAlias", alias.formatted(to));
            assertThat(race.attempts())
                    .allSatisfy(attempt -> assertThat(attempt.succeeded())
                            .as(attempt.answer().getBody().toStringUtf8())
                            .isTrue());
            String expected = to;
            assertThat(race.begunAfterwards())
                    .allSatisfy(attempt -> assertThat(attempt.key()).isEqualTo(expected));
            to = to.equals(second) ? first : second;
        }
    }
}
