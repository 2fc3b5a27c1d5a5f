package org.keymoot.party;

import static org.assertj.core.api.Assertions.assertThat;
import static org.keymoot.party.Asking.json;

import java.nio.file.Path;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.keymoot.api.gateway.v1.ClientAnswer;
import org.keymoot.api.mesh.v1.MeshFrame;

/// Grants at several parties at once: given at one and used at another, taken back while one has not heard of it.
@Timeout(120)
class GrantsAcrossPartiesTest {
    private static final String SIGN =
            "\"Message\":\"AAAA\",\"MessageType\":\"RAW\",\"SigningAlgorithm\":\"ED25519_SHA_512\"";

    private static final AtomicInteger COUNT = new AtomicInteger();

    @TempDir
    @SuppressWarnings("NullAway.Init")
    static Path folder;

    @SuppressWarnings("NullAway.Init")
    private static NodeCluster cluster;

    private String key = "";

    @BeforeAll
    static void start() throws Exception {
        cluster = new NodeCluster(folder, 3, 2, 0);
    }

    @BeforeEach
    void makeKey() throws Exception {
        cluster.heal();
        // Equal requests of one second are one request, so each test asks for something of its own.
        ClientAnswer made = cluster.call(
                1,
                "CreateKey",
                "{\"KeySpec\":\"ECC_NIST_EDWARDS25519\",\"KeyUsage\":\"SIGN_VERIFY\",\"Description\":\"%d\"}"
                        .formatted(made()));
        key = json(made).path("KeyMetadata").path("KeyId").asString();
    }

    private static int made() {
        return COUNT.incrementAndGet();
    }

    @AfterEach
    void listenAgain() {
        cluster.tap = Wiretap.Tap.NONE;
    }

    @AfterAll
    static void stop() {
        cluster.close();
    }

    private String with(String more) {
        return "{\"KeyId\":\"%s\",%s}".formatted(key, more);
    }

    private ClientAnswer grant(int party) {
        ClientAnswer answer = cluster.call(
                party,
                "CreateGrant",
                with("\"GranteePrincipal\":\"%s\",\"Operations\":[\"Sign\",\"DescribeKey\"],\"Name\":\"%d\""
                        .formatted(NodeCluster.ALICE, made())));
        assertThat(answer.getStatus()).as(answer.getBody().toStringUtf8()).isEqualTo(200);
        return answer;
    }

    private ClientAnswer revoke(int party, ClientAnswer grant) {
        return cluster.call(
                party,
                "RevokeGrant",
                with("\"GrantId\":\"%s\"".formatted(json(grant).path("GrantId").asString())));
    }

    /// From now on a party hears nothing about registers, until it uses one of the ways in which it must find out.
    private AtomicInteger deafen(int deaf) {
        AtomicInteger kept = new AtomicInteger();
        cluster.tap = (from, to, frame) -> {
            if (frame.hasSessionOpen()
                    || from == deaf
                            && frame.hasRequest()
                            && frame.getRequest().getMethod().equals("directory/versions")) {
                cluster.tap = Wiretap.Tap.NONE;
                return frame;
            }
            boolean news = frame.hasRequest()
                    && (from == deaf && frame.getRequest().getMethod().equals("directory/pull")
                            || to == deaf && frame.getRequest().getMethod().startsWith("directory/"));
            if (!news) {
                return frame;
            }
            kept.incrementAndGet();
            return frame.toBuilder()
                    .setRequest(frame.getRequest().toBuilder().setMethod("nothing"))
                    .build();
        };
        return kept;
    }

    @Test
    void aGrantThatOnePartyGaveIsUsedThroughEveryOtherAndRevokedForAll() {
        ClientAnswer grant = grant(1);
        for (int party = 1; party <= 3; party++) {
            ClientAnswer signed = cluster.callAsAlice(party, "Sign", with(SIGN));
            assertThat(signed.getStatus()).as(signed.getBody().toStringUtf8()).isEqualTo(200);
        }
        assertThat(revoke(2, grant).getStatus()).isEqualTo(200);
        for (int party = 1; party <= 3; party++) {
            assertThat(cluster.callAsAlice(party, "Sign", with(SIGN)).getErrorType())
                    .isEqualTo("AccessDeniedException");
        }
    }

    @Test
    void aPartyThatMissedTheRevocationNeitherSignsNorAnswersByIt() {
        for (String action : new String[] {"Sign", "DescribeKey"}) {
            ClientAnswer grant = grant(1);
            assertThat(cluster.callAsAlice(3, "Sign", with(SIGN)).getStatus()).isEqualTo(200);
            AtomicInteger kept = deafen(3);
            assertThat(revoke(1, grant).getStatus()).isEqualTo(200);
            assertThat(kept.get()).isPositive();
            assertThat(json(cluster.call(3, "ListGrants", with("\"Limit\":10"))).path("Grants"))
                    .as("party 3 has not heard of the revocation")
                    .hasSize(1);
            assertThat(cluster.tap).isNotSameAs(Wiretap.Tap.NONE);
            ClientAnswer refused = cluster.callAsAlice(3, action, action.equals("Sign") ? with(SIGN) : with("\"a\":1"));
            assertThat(refused.getErrorType())
                    .as(refused.getBody().toStringUtf8())
                    .isEqualTo("AccessDeniedException");
            assertThat(refused.getTryAnother()).isFalse();
        }
    }

    @Test
    void aRevocationIsNotReportedWhileNobodyElseDecidesByIt() {
        ClientAnswer grant = grant(1);
        cluster.tap = (from, to, frame) ->
                frame.hasRequest() && frame.getRequest().getMethod().equals("directory/learn")
                        ? MeshFrame.newBuilder()
                                .setRequest(frame.getRequest().toBuilder().setMethod("nothing"))
                                .build()
                        : frame;
        ClientAnswer revoked = revoke(1, grant);
        assertThat(revoked.getStatus()).as(revoked.getBody().toStringUtf8()).isEqualTo(500);
        cluster.tap = Wiretap.Tap.NONE;
        // The client asks again: what was agreed is told to the others first.
        assertThat(revoke(1, grant).getErrorType()).isIn("", "NotFoundException");
    }

    @Test
    void noSignatureThatBeginsAfterARevocationWasAnsweredSucceeds() throws Exception {
        for (int revoker = 1; revoker <= 3; revoker++) {
            ClientAnswer grant = grant(revoker);
            AtomicLong revokedAt = new AtomicLong(Long.MAX_VALUE);
            AtomicInteger before = new AtomicInteger();
            AtomicInteger after = new AtomicInteger();
            Queue<String> wrong = new ConcurrentLinkedQueue<>();
            try (ExecutorService clients = Executors.newVirtualThreadPerTaskExecutor()) {
                for (int party = 1; party <= 3; party++) {
                    int at = party;
                    clients.submit(() -> {
                        while (after.get() < 30) {
                            long begun = System.nanoTime();
                            ClientAnswer answer = cluster.callAsAlice(at, "Sign", with(SIGN));
                            boolean late = begun - revokedAt.get() > 0 && revokedAt.get() != Long.MAX_VALUE;
                            (late ? after : before).incrementAndGet();
                            if (late && answer.getStatus() == 200) {
                                wrong.add("party %d signed".formatted(at));
                            }
                        }
                        return at;
                    });
                }
                NodeCluster.await("signatures", () -> before.get() >= 6);
                assertThat(revoke(revoker, grant).getStatus()).isEqualTo(200);
                revokedAt.set(System.nanoTime());
            }
            assertThat(wrong).isEmpty();
            assertThat(before.get()).isGreaterThanOrEqualTo(6);
        }
    }

    @Test
    void everyPartyTellsWhenAKeyWasLastUsedThroughWhicheverParty() throws Exception {
        String ask = with("\"a\":1");
        assertThat(json(cluster.call(2, "GetKeyLastUsage", ask)).path("KeyLastUsage"))
                .isEmpty();
        String signature =
                json(cluster.call(1, "Sign", with(SIGN))).path("Signature").asString();
        assertThat(lastUse(2)).isEqualTo("Sign");
        assertThat(cluster.call(3, "Verify", with(SIGN + ",\"Signature\":\"" + signature + "\""))
                        .getStatus())
                .isEqualTo(200);
        for (int party = 1; party <= 3; party++) {
            assertThat(lastUse(party)).isEqualTo("Verify");
        }
        // A use that failed is none.
        cluster.call(1, "Verify", with(SIGN + ",\"Signature\":\"AAAA\""));
        cluster.stop(3);
        assertThat(lastUse(1))
                .as("party 3 is away and nobody else led the newest use")
                .isEqualTo("Sign");
        cluster.heal();
        assertThat(lastUse(1)).as("written when party 3 stopped").isEqualTo("Verify");
    }

    private String lastUse(int party) {
        return json(cluster.call(party, "GetKeyLastUsage", with("\"a\":1")))
                .path("KeyLastUsage")
                .path("Operation")
                .asString();
    }

    @Test
    void aTokenIsGoodAtOnceAtAPartyThatHasNotHeardOfItsGrant() {
        AtomicInteger kept = deafen(3);
        ClientAnswer grant = grant(1);
        assertThat(kept.get()).isPositive();
        assertThat(cluster.callAsAlice(3, "Sign", with(SIGN)).getErrorType()).isEqualTo("AccessDeniedException");
        cluster.tap = Wiretap.Tap.NONE;
        String token = json(grant).path("GrantToken").asString();
        ClientAnswer signed = cluster.callAsAlice(3, "Sign", with(SIGN + ",\"GrantTokens\":[\"%s\"]".formatted(token)));
        assertThat(signed.getStatus()).as(signed.getBody().toStringUtf8()).isEqualTo(200);
    }
}
