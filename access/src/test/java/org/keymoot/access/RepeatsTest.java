package org.keymoot.access;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.keymoot.access.json.CanonicalJson;
import org.keymoot.access.json.JsonReader;
import org.keymoot.access.sigv4.SignatureVerifier;

/// Requests that are sent again after others have changed what they changed.
final class RepeatsTest {
    private static final String POLICY = "{\\\"Version\\\":\\\"2012-10-17\\\",\\\"Statement\\\":{\\\"Effect\\\":"
            + "\\\"Allow\\\",\\\"Principal\\\":{\\\"AWS\\\":\\\"123456789012\\\"},\\\"Action\\\":\\\"kms:%s*\\\","
            + "\\\"Resource\\\":\\\"*\\\"}}";

    private final Cluster cluster = new Cluster();
    private String key = "";

    @BeforeEach
    void aKey() {
        key = cluster.makeKey(KeySpec.ECC_SECG_P256K1);
        later(1);
    }

    private void later(long seconds) {
        cluster.now = cluster.now.plusSeconds(seconds);
    }

    private String body(String template) {
        return template.replace('\'', '"').replace("KEY", "\"KeyId\":\"" + key + "\"");
    }

    private String json(RegisterName register) {
        return Objects.requireNonNull(cluster.directory.read(register)).json();
    }

    private RegisterName register() {
        return RegisterName.key(Cluster.ACCOUNT, Cluster.REGION, key);
    }

    /// What a request brought about and another took back stays taken back, however soon and late the first one comes
    /// again.
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "EnableKey | {KEY} | DisableKey | {KEY}",
                "DisableKey | {KEY} | EnableKey | {KEY}",
                "TagResource | {KEY,'Tags':[{'TagKey':'a','TagValue':'b'}]} | UntagResource | {KEY,'TagKeys':['a']}",
                "UpdateKeyDescription | {KEY,'Description':'a'} | UpdateKeyDescription | {KEY,'Description':'b'}",
            })
    void aChangeThatWasTakenBackIsNotMadeAgain(String action, String body, String undo, String undoBody) {
        SignedRequest request = cluster.signed(action, body(body));
        cluster.execute(request);
        later(1);
        cluster.call(undo, body(undoBody));
        String after = json(register());
        for (int i = 0; i < 3; i++) {
            AwsError error = cluster.refusal(request);
            assertThat(error.type()).isEqualTo("ThrottlingException");
            assertThat(error.message()).contains("Sign it anew");
            later(90);
            cluster.call("UpdateKeyDescription", "{\"KeyId\":\"" + key + "\",\"Description\":\"" + i + "\"}");
        }
        assertThat(JsonReader.stored(json(register())).get("state"))
                .isEqualTo(JsonReader.stored(after).get("state"));
        cluster.execute(cluster.signed(action, body(body)));
    }

    @Test
    void signRulesThatWereReplacedDoNotComeBack() {
        String put = "{\"KeyId\":\"" + key + "\",\"Rules\":\"{\\\"digests\\\":%s}\"}";
        SignedRequest loose = cluster.signed("Keymoot.PutSignRules", put.formatted("true"));
        cluster.execute(loose);
        later(1);
        cluster.call("Keymoot.PutSignRules", put.formatted("false"));
        assertThat(cluster.refusal(loose).type()).isEqualTo("ThrottlingException");
        later(1);
        cluster.call("Keymoot.DeleteSignRules", "{\"KeyId\":\"" + key + "\"}");
        assertThat(cluster.refusal(loose).type()).isEqualTo("ThrottlingException");
    }

    @Test
    void aPolicyThatWasReplacedDoesNotComeBack() {
        String put = "{\"KeyId\":\"" + key + "\",\"Policy\":\"" + POLICY + "\"}";
        SignedRequest wide = cluster.signed("PutKeyPolicy", put.formatted(""));
        cluster.execute(wide);
        later(1);
        cluster.call("PutKeyPolicy", put.formatted("?"));
        assertThat(cluster.refusal(wide).type()).isEqualTo("ThrottlingException");
        assertThat(cluster.call("GetKeyPolicy", "{\"KeyId\":\"" + key + "\"}")
                        .at("/Policy")
                        .stringValue())
                .contains("kms:?*");
    }

    @Test
    void anAliasThatWasDeletedDoesNotComeBack() {
        SignedRequest create =
                cluster.signed("CreateAlias", "{\"AliasName\":\"alias/a\",\"TargetKeyId\":\"" + key + "\"}");
        cluster.execute(create);
        assertThat(cluster.execute(create)).isEqualTo(cluster.execute(create));
        later(1);
        cluster.call("DeleteAlias", "{\"AliasName\":\"alias/a\"}");
        assertThat(cluster.refusal(create).type()).isEqualTo("ThrottlingException");
        assertThat(cluster.call("ListAliases", "{}").at("/Aliases")).isEmpty();
        later(1);
        cluster.call("CreateAlias", "{\"AliasName\":\"alias/a\",\"TargetKeyId\":\"" + key + "\"}");
    }

    @Test
    void rotationsAreNotRepeated() {
        key = cluster.makeKey(KeySpec.SYMMETRIC_DEFAULT);
        later(1);
        SignedRequest rotate = cluster.signed("RotateKeyOnDemand", "{\"KeyId\":\"" + key + "\"}");
        cluster.execute(rotate);
        later(1);
        cluster.call("UpdateKeyDescription", "{\"KeyId\":\"" + key + "\",\"Description\":\"a\"}");
        assertThat(cluster.refusal(rotate).type()).isEqualTo("ThrottlingException");
        assertThat(cluster.call("ListKeyRotations", "{\"KeyId\":\"" + key + "\"}")
                        .at("/Rotations"))
                .hasSize(1);
    }

    /// The last one may be repeated by a client that did not hear its answer: the same content is committed anew.
    @Test
    void theLastChangeIsAnsweredAgain() {
        SignedRequest disable = cluster.signed("DisableKey", "{\"KeyId\":\"" + key + "\"}");
        String first = cluster.execute(disable);
        String content = json(register());
        later(1);
        Decision again = Kms.decide(disable, cluster.directory, cluster.now);
        assertThat(again).isInstanceOfSatisfying(Decision.Change.class, change -> {
            assertThat(change.json()).isEqualTo(first);
            assertThat(change.writes())
                    .singleElement()
                    .satisfies(write -> assertThat(write.json()).isEqualTo(content));
        });
    }

    @Test
    void aRegisterOfBeforeKnowsItsLastRequest() {
        SignedRequest enable = cluster.signed("EnableKey", "{\"KeyId\":\"" + key + "\"}");
        cluster.execute(enable);
        RegisterValue value = Objects.requireNonNull(cluster.directory.read(register()));
        String old =
                CanonicalJson.object(JsonReader.stored(value.json()), "repeats").text();
        assertThat(old).doesNotContain("repeats");
        cluster.directory.commit(new RegisterWrite(register(), value.version(), old));
        later(1);
        cluster.call("DisableKey", "{\"KeyId\":\"" + key + "\"}");
        assertThat(cluster.refusal(enable).type()).isEqualTo("ThrottlingException");
    }

    /// However often a register changes: it stays small, whoever signs now is heard, and nothing old comes back.
    @Test
    void keepsTheNewestOfManyAndRefusesWhatIsOlder() {
        SignedRequest enable = cluster.signed("EnableKey", "{\"KeyId\":\"" + key + "\"}");
        cluster.execute(enable);
        for (int i = 0; i < Repeats.MAXIMUM + 20; i++) {
            later(1);
            cluster.call("UpdateKeyDescription", "{\"KeyId\":\"" + key + "\",\"Description\":\"" + i + "\"}");
        }
        cluster.call("DisableKey", "{\"KeyId\":\"" + key + "\"}");
        assertThat(JsonReader.stored(json(register())).get("repeats")).hasSizeLessThanOrEqualTo(Repeats.MAXIMUM);
        assertThat(json(register())).doesNotContain(Objects.requireNonNull(digest(enable)));
        assertThat(cluster.refusal(enable).type()).isEqualTo("ThrottlingException");
        later(1);
        cluster.call("EnableKey", "{\"KeyId\":\"" + key + "\"}");
    }

    private String digest(SignedRequest request) {
        return Kms.decide(request, cluster.directory, cluster.now).context().requestDigest();
    }

    @Test
    void forgetsWhatNobodyWouldTake() {
        cluster.call("DisableKey", "{\"KeyId\":\"" + key + "\"}");
        for (int i = 0; i < 5; i++) {
            cluster.now = cluster.now.plus(SignatureVerifier.REPLAYABLE).plusSeconds(1);
            cluster.call("UpdateKeyDescription", "{\"KeyId\":\"" + key + "\",\"Description\":\"" + i + "\"}");
        }
        assertThat(JsonReader.stored(json(register())).get("repeats")).hasSize(1);
    }

    @Test
    void whatChangesSomethingIsTakenForAQuarterOfAnHourHoweverLongItWasPresignedFor() {
        cluster.now = cluster.now.truncatedTo(ChronoUnit.SECONDS);
        TestSigner signer = Cluster.as("AKIAROOT", Cluster.REGION);
        String body = "{\"KeyId\":\"" + key + "\"}";
        Instant at = cluster.now;
        SignedRequest change = signer.presigned("EnableKey", body, at, 604_800);
        SignedRequest making = signer.presigned("CreateKey", "{}", at, 604_800);
        SignedRequest question = signer.presigned("DescribeKey", body, at, 604_800);
        cluster.now = at.plusSeconds(900);
        cluster.execute(change);
        cluster.now = at.plusSeconds(901);
        for (SignedRequest late : List.of(change, making)) {
            AwsError error = cluster.refusal(late);
            assertThat(error.type()).isEqualTo("InvalidSignatureException");
            assertThat(error.message()).contains("within 900 sec. of its signature");
        }
        cluster.now = at.plusSeconds(604_800);
        cluster.execute(question);
        assertThat(SignatureVerifier.REPLAYABLE).isEqualTo(Duration.ofMinutes(30));
    }
}
