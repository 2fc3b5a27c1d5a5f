package org.keymoot.party;

import static org.assertj.core.api.Assertions.assertThat;
import static org.keymoot.party.Asking.json;

import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.keymoot.api.gateway.v1.ClientAnswer;

/// A client's own change counts at once at every party, also at one that nobody told of it.
@Timeout(120)
class NewsBeforeRefusalTest {
    @TempDir
    @SuppressWarnings("NullAway.Init")
    static Path folder;

    @SuppressWarnings("NullAway.Init")
    private static NodeCluster cluster;

    @BeforeAll
    static void start() throws Exception {
        cluster = new NodeCluster(folder, 3, 2, 0);
        // Party 3 hears of commits only when it asks.
        cluster.tap = (from, to, frame) ->
                to == 3 && frame.hasRequest() && frame.getRequest().getMethod().equals("directory/learn")
                        ? null
                        : frame;
    }

    @AfterAll
    static void stop() {
        cluster.close();
    }

    private static ClientAnswer mustSucceed(int party, String action, String body) {
        ClientAnswer answer = cluster.call(party, action, body);
        assertThat(answer.getStatus()).as(answer.getBody().toStringUtf8()).isEqualTo(200);
        return answer;
    }

    @Test
    void aKeyIsUsableAtOnceWhereItsMakingAndItsEnablingWereNotHeardOf() {
        ClientAnswer made =
                mustSucceed(1, "CreateKey", "{\"KeySpec\":\"ECC_NIST_EDWARDS25519\",\"KeyUsage\":\"SIGN_VERIFY\"}");
        String key = json(made).path("KeyMetadata").path("KeyId").asString();
        String sign =
                "{\"KeyId\":\"%s\",\"Message\":\"AAAA\",\"MessageType\":\"RAW\",\"SigningAlgorithm\":\"ED25519_SHA_512\"}"
                        .formatted(key);
        mustSucceed(3, "Sign", sign);
        mustSucceed(1, "DisableKey", "{\"KeyId\":\"%s\"}".formatted(key));
        assertThat(cluster.call(3, "Sign", sign).getErrorType()).isEqualTo("DisabledException");
        mustSucceed(1, "EnableKey", "{\"KeyId\":\"%s\"}".formatted(key));
        mustSucceed(3, "Sign", sign);
        assertThat(cluster.call(3, "DescribeKey", "{\"KeyId\":\"11111111-2222-3333-4444-555555555555\"}")
                        .getErrorType())
                .isEqualTo("NotFoundException");
    }
}
