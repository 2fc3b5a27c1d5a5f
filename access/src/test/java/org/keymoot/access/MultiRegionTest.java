package org.keymoot.access;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/// Keys in several Regions: what they share, what they do not, and what becomes of them.
final class MultiRegionTest {
    private static final String HOME = Cluster.REGION;
    private static final String AWAY = "eu-west-1";
    private static final String FAR = "ap-southeast-2";
    private static final String SIGN = "\"Message\":\"" + Cluster.base64(new byte[32])
            + "\",\"MessageType\":\"DIGEST\",\"SigningAlgorithm\":\"ECDSA_SHA_256\"";

    private final Cluster cluster = new Cluster();
    private String key = "";

    @BeforeEach
    void makeKey() {
        key = in(
                        HOME,
                        "CreateKey",
                        "{\"KeySpec\":\"ECC_SECG_P256K1\",\"KeyUsage\":\"SIGN_VERIFY\",\"MultiRegion\":true}")
                .at("/KeyMetadata/KeyId")
                .stringValue();
    }

    private SignedRequest signed(String region, String action, String body) {
        cluster.now = cluster.now.plusSeconds(1);
        return Cluster.as("AKIAROOT", region).post(action, body, cluster.now);
    }

    private JsonNode in(String region, String action, String body) {
        return Cluster.json(cluster.execute(signed(region, action, body)));
    }

    private AwsError refusal(String region, String action, String body) {
        return cluster.refusal(signed(region, action, body));
    }

    private String with(String more) {
        return "{\"KeyId\":\"" + key + "\"" + (more.isEmpty() ? "" : "," + more) + "}";
    }

    private String arn(String region) {
        return "arn:aws:kms:" + region + ":" + Cluster.ACCOUNT + ":key/" + key;
    }

    private void replicate(String region) {
        in(HOME, "ReplicateKey", with("\"ReplicaRegion\":\"" + region + "\""));
    }

    private JsonNode describe(String region) {
        return in(region, "DescribeKey", with("")).at("/KeyMetadata");
    }

    private void pass(Duration time) {
        cluster.now = cluster.now.plus(time);
        for (RegisterName due : Kms.due(cluster.directory, "", cluster.now).deletion()) {
            cluster.directory.commit(Objects.requireNonNull(Kms.deletion(cluster.directory, due, cluster.now)));
        }
    }

    @Test
    void hasAnIdThatSaysWhatItIsAndIsPrimaryWhereItWasMade() {
        assertThat(key).matches("mrk-[0-9a-f]{32}");
        JsonNode metadata = describe(HOME);
        assertThat(metadata.at("/MultiRegion").booleanValue()).isTrue();
        assertThat(metadata.at("/MultiRegionConfiguration/MultiRegionKeyType").stringValue())
                .isEqualTo("PRIMARY");
        assertThat(metadata.at("/MultiRegionConfiguration/PrimaryKey/Arn").stringValue())
                .isEqualTo(arn(HOME));
        assertThat(metadata.at("/MultiRegionConfiguration/ReplicaKeys")).isEmpty();
        assertThat(refusal(AWAY, "DescribeKey", with("")).type()).isEqualTo("NotFoundException");
    }

    @Test
    void signsWithTheSameKeyInEachRegionItIsReplicatedTo() {
        JsonNode made = in(
                HOME,
                "ReplicateKey",
                with("\"ReplicaRegion\":\"" + AWAY
                        + "\",\"Description\":\"d\",\"Tags\":[{\"TagKey\":\"a\",\"TagValue\":\"b\"}]"));
        assertThat(made.at("/ReplicaKeyMetadata/Arn").stringValue()).isEqualTo(arn(AWAY));
        assertThat(made.at("/ReplicaKeyMetadata/KeyState").stringValue()).isEqualTo("Enabled");
        assertThat(made.at("/ReplicaKeyMetadata/MultiRegionConfiguration/MultiRegionKeyType")
                        .stringValue())
                .isEqualTo("REPLICA");
        assertThat(made.at("/ReplicaTags/0/TagKey").stringValue()).isEqualTo("a");
        assertThat(made.at("/ReplicaPolicy").stringValue()).contains("kms:*");
        assertThat(describe(AWAY)).isEqualTo(made.at("/ReplicaKeyMetadata"));
        assertThat(in(AWAY, "Sign", with(SIGN)).at("/KeyId").stringValue()).isEqualTo(arn(AWAY));
        assertThat(in(AWAY, "GetPublicKey", with("")).at("/PublicKey"))
                .isEqualTo(in(HOME, "GetPublicKey", with("")).at("/PublicKey"));
        assertThat(describe(HOME)
                        .at("/MultiRegionConfiguration/ReplicaKeys/0/Region")
                        .stringValue())
                .isEqualTo(AWAY);
        assertThat(in(AWAY, "ListKeys", "{}").at("/Keys/0/KeyId").stringValue()).isEqualTo(key);
    }

    @Test
    void keepsPolicyTagsAndStateOfEachRegionApart() {
        replicate(AWAY);
        in(AWAY, "DisableKey", with(""));
        in(AWAY, "TagResource", with("\"Tags\":[{\"TagKey\":\"a\",\"TagValue\":\"b\"}]"));
        assertThat(refusal(AWAY, "Sign", with(SIGN)).type()).isEqualTo("DisabledException");
        assertThat(in(HOME, "Sign", with(SIGN)).at("/KeyId").stringValue()).isEqualTo(arn(HOME));
        assertThat(in(HOME, "ListResourceTags", with("")).at("/Tags")).isEmpty();
    }

    @Test
    void listsTheRegionBeforeTheReplicaComesToBeAndAnswersARetryAlike() {
        SignedRequest request = signed(HOME, "ReplicateKey", with("\"ReplicaRegion\":\"" + AWAY + "\""));
        Instant at = cluster.now;
        Decision.Change first = (Decision.Change) Kms.decide(request, cluster.directory, at);
        assertThat(first.writes().stream().map(write -> write.name().kind()))
                .containsExactly(RegisterName.Kind.REGIONS, RegisterName.Kind.KEY);
        cluster.directory.commit(first.writes().getFirst());
        assertThat(describe(HOME).at("/MultiRegionConfiguration/ReplicaKeys")).isEmpty();
        Decision.Change second = (Decision.Change) Kms.decide(request, cluster.directory, at);
        assertThat(second.writes()).containsExactly(first.writes().getLast());
        assertThat(second.json()).isEqualTo(first.json());
        cluster.directory.commit(second.writes().getFirst());
        assertThat(cluster.execute(request)).isEqualTo(first.json());
    }

    @Test
    void refusesWhatIsNoReplication() {
        String plain = cluster.makeKey(KeySpec.ECC_NIST_P256);
        assertThat(refusal(HOME, "ReplicateKey", "{\"KeyId\":\"" + plain + "\",\"ReplicaRegion\":\"" + AWAY + "\"}"))
                .isEqualTo(AwsError.of(
                        "UnsupportedOperationException", Cluster.arn(plain) + " is not a multi-region primary key."));
        replicate(AWAY);
        assertThat(refusal(AWAY, "ReplicateKey", with("\"ReplicaRegion\":\"" + FAR + "\"")))
                .isEqualTo(AwsError.of(
                        "UnsupportedOperationException", arn(AWAY) + " is not a multi-region primary key."));
        assertThat(refusal(HOME, "ReplicateKey", with("\"ReplicaRegion\":\"" + AWAY + "\""))
                        .type())
                .isEqualTo("AlreadyExistsException");
        assertThat(refusal(HOME, "ReplicateKey", with("\"ReplicaRegion\":\"" + HOME + "\""))
                        .type())
                .isEqualTo("ValidationException");
        assertThat(refusal(HOME, "ReplicateKey", with("\"ReplicaRegion\":\"Mars\""))
                        .type())
                .isEqualTo("ValidationException");
        in(HOME, "DisableKey", with(""));
        assertThat(refusal(HOME, "ReplicateKey", with("\"ReplicaRegion\":\"" + FAR + "\""))
                        .type())
                .isEqualTo("DisabledException");
    }

    @Test
    void movesThePrimaryRegionInOneStep() {
        replicate(AWAY);
        SignedRequest request = signed(HOME, "UpdatePrimaryRegion", with("\"PrimaryRegion\":\"" + AWAY + "\""));
        cluster.execute(request);
        assertThat(cluster.execute(request)).isEmpty();
        assertThat(describe(HOME)
                        .at("/MultiRegionConfiguration/MultiRegionKeyType")
                        .stringValue())
                .isEqualTo("REPLICA");
        assertThat(describe(AWAY)
                        .at("/MultiRegionConfiguration/MultiRegionKeyType")
                        .stringValue())
                .isEqualTo("PRIMARY");
        assertThat(describe(AWAY)
                        .at("/MultiRegionConfiguration/ReplicaKeys/0/Region")
                        .stringValue())
                .isEqualTo(HOME);
        in(AWAY, "ReplicateKey", with("\"ReplicaRegion\":\"" + FAR + "\""));
        assertThat(describe(FAR)
                        .at("/MultiRegionConfiguration/PrimaryKey/Region")
                        .stringValue())
                .isEqualTo(AWAY);
        assertThat(refusal(HOME, "UpdatePrimaryRegion", with("\"PrimaryRegion\":\"" + FAR + "\""))
                        .type())
                .isEqualTo("UnsupportedOperationException");
        assertThat(refusal(AWAY, "UpdatePrimaryRegion", with("\"PrimaryRegion\":\"us-west-2\"")))
                .isEqualTo(AwsError.of("NotFoundException", "Key '" + arn("us-west-2") + "' does not exist"));
        assertThat(refusal(AWAY, "UpdatePrimaryRegion", with("\"PrimaryRegion\":\"" + AWAY + "\""))
                        .type())
                .isEqualTo("ValidationException");
    }

    @Test
    void givesReplicasTheMaterialsOfThePrimaryWhateverTheyHeldBefore() {
        replicate(AWAY);
        KeyRecord primary = cluster.directory.key(Cluster.ACCOUNT, HOME, key);
        Material other = Material.current(
                key, TestKey.of(KeySpec.ECC_NIST_EDWARDS25519).point(), cluster.now, Material.RotationType.ON_DEMAND);
        cluster.directory.put(primary.with("r").rotatedTo(other).build());
        KeyRecord replica = MultiRegionKeys.read(
                cluster.directory,
                RegisterName.key(Cluster.ACCOUNT, AWAY, key),
                cluster.directory.key(Cluster.ACCOUNT, AWAY, key).json(),
                cluster.now);
        assertThat(replica.materials()).hasSize(2).last().isEqualTo(other);
    }

    @Test
    void decryptsInOneRegionWhatAnotherEncryptedAlsoAfterARotation() {
        key = in(HOME, "CreateKey", "{\"MultiRegion\":true}")
                .at("/KeyMetadata/KeyId")
                .stringValue();
        replicate(AWAY);
        String old = in(HOME, "Encrypt", with("\"Plaintext\":\"AAAA\""))
                .at("/CiphertextBlob")
                .stringValue();
        in(HOME, "RotateKeyOnDemand", with(""));
        assertThat(refusal(AWAY, "RotateKeyOnDemand", with("")).type()).isEqualTo("UnsupportedOperationException");
        String fresh = in(AWAY, "Encrypt", with("\"Plaintext\":\"AAAB\""))
                .at("/CiphertextBlob")
                .stringValue();
        for (String region : List.of(HOME, AWAY)) {
            assertThat(in(region, "Decrypt", "{\"CiphertextBlob\":\"" + old + "\"}")
                            .at("/Plaintext")
                            .stringValue())
                    .isEqualTo("AAAA");
            JsonNode plain = in(region, "Decrypt", "{\"CiphertextBlob\":\"" + fresh + "\"}");
            assertThat(plain.at("/Plaintext").stringValue()).isEqualTo("AAAB");
            assertThat(plain.at("/KeyId").stringValue()).isEqualTo(arn(region));
        }
        assertThat(describe(AWAY).at("/CurrentKeyMaterialId"))
                .isEqualTo(describe(HOME).at("/CurrentKeyMaterialId"));
    }

    /// Both are decided while the other is not committed yet, as by parties that work at the same time.
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void keepsWhatARotationMadeWhileThePrimaryRegionMoved(boolean rotationFirst) {
        key = in(HOME, "CreateKey", "{\"MultiRegion\":true}")
                .at("/KeyMetadata/KeyId")
                .stringValue();
        replicate(AWAY);
        String old = encrypt(HOME);
        SignedRequest rotate = signed(HOME, "RotateKeyOnDemand", with(""));
        SignedRequest move = signed(HOME, "UpdatePrimaryRegion", with("\"PrimaryRegion\":\"" + AWAY + "\""));
        var making = (Decision.MakeMaterial) Kms.decide(rotate, cluster.directory, cluster.now);
        var moving = (Decision.Change) Kms.decide(move, cluster.directory, cluster.now);
        RegisterWrite rotated = cluster.made(making.material());
        if (rotationFirst) {
            cluster.directory.commit(rotated);
        }
        moving.writes().forEach(cluster.directory::commit);
        if (!rotationFirst) {
            cluster.directory.commit(rotated);
        }
        assertThat(cluster.execute(move)).isEmpty();
        assertThat(cluster.execute(rotate)).as("an exact retry").isEqualTo(making.json());
        KeyRecord then = KeyRecord.decode(rotated.name(), rotated.json());
        String made = Objects.requireNonNull(then.currentMaterial()).id();
        String fresh = encrypt(AWAY);
        for (String region : List.of(HOME, AWAY)) {
            assertThat(describe(region).at("/CurrentKeyMaterialId").stringValue())
                    .isEqualTo(made);
            assertThat(decrypt(region, old)).isEqualTo("AAAA");
            assertThat(decrypt(region, fresh)).isEqualTo("AAAA");
        }
        in(AWAY, "RotateKeyOnDemand", with(""));
        assertThat(decrypt(HOME, fresh)).isEqualTo("AAAA");
        assertThat(describe(HOME).at("/CurrentKeyMaterialId"))
                .isEqualTo(describe(AWAY).at("/CurrentKeyMaterialId"));
        assertThat(describe(HOME).at("/CurrentKeyMaterialId").stringValue()).isNotEqualTo(made);
        assertThat(in(HOME, "ListKeyRotations", with("\"IncludeKeyMaterial\":\"ALL_KEY_MATERIAL\""))
                        .at("/Rotations"))
                .hasSize(3);
        in(HOME, "ScheduleKeyDeletion", with("\"PendingWindowInDays\":7"));
        pass(Duration.ofDays(7));
        assertThat(decrypt(AWAY, fresh)).isEqualTo("AAAA");
    }

    @Test
    void keepsTheScheduleThatWasSetLastWhileThePrimaryRegionMoved() {
        key = in(HOME, "CreateKey", "{\"MultiRegion\":true}")
                .at("/KeyMetadata/KeyId")
                .stringValue();
        replicate(AWAY);
        in(HOME, "EnableKeyRotation", with("\"RotationPeriodInDays\":100"));
        SignedRequest move = signed(HOME, "UpdatePrimaryRegion", with("\"PrimaryRegion\":\"" + AWAY + "\""));
        SignedRequest other = signed(HOME, "EnableKeyRotation", with("\"RotationPeriodInDays\":200"));
        var late = (Decision.Change) Kms.decide(other, cluster.directory, cluster.now);
        cluster.execute(move);
        late.writes().forEach(cluster.directory::commit);
        for (String region : List.of(HOME, AWAY)) {
            assertThat(in(region, "GetKeyRotationStatus", with(""))
                            .at("/RotationPeriodInDays")
                            .intValue())
                    .isEqualTo(200);
        }
        in(AWAY, "DisableKeyRotation", with(""));
        for (String region : List.of(HOME, AWAY)) {
            assertThat(in(region, "GetKeyRotationStatus", with(""))
                            .at("/KeyRotationEnabled")
                            .booleanValue())
                    .isFalse();
        }
    }

    /// An earlier release moved the primary key with a copy of what it shared.
    @Test
    void findsTheMaterialThatAnEarlierReleaseLeftBehindInTheOldPrimaryRegion() {
        key = in(HOME, "CreateKey", "{\"MultiRegion\":true}")
                .at("/KeyMetadata/KeyId")
                .stringValue();
        replicate(AWAY);
        in(HOME, "RotateKeyOnDemand", with(""));
        String lost = encrypt(HOME);
        RegisterName regions = RegisterName.of(RegisterName.Kind.REGIONS, Cluster.ACCOUNT, RegisterName.GLOBAL, key);
        RegisterValue before = Objects.requireNonNull(cluster.directory.read(regions));
        cluster.directory.commit(new RegisterWrite(
                regions,
                before.version(),
                before.json().replace("\"primary\":\"" + HOME + "\"", "\"primary\":\"" + AWAY + "\"")));
        assertThat(cluster.directory.key(Cluster.ACCOUNT, AWAY, key).materials())
                .hasSize(1);
        assertThat(decrypt(AWAY, lost)).isEqualTo("AAAA");
        assertThat(describe(AWAY).at("/CurrentKeyMaterialId"))
                .isEqualTo(describe(HOME).at("/CurrentKeyMaterialId"));
    }

    private String encrypt(String region) {
        return in(region, "Encrypt", with("\"Plaintext\":\"AAAA\""))
                .at("/CiphertextBlob")
                .stringValue();
    }

    private String decrypt(String region, String ciphertext) {
        return in(region, "Decrypt", "{\"CiphertextBlob\":\"" + ciphertext + "\"}")
                .at("/Plaintext")
                .stringValue();
    }

    @Test
    void deletesAPrimaryKeyOnlyAfterItsReplicas() {
        replicate(AWAY);
        JsonNode scheduled = in(HOME, "ScheduleKeyDeletion", with("\"PendingWindowInDays\":7"));
        assertThat(scheduled.at("/KeyState").stringValue()).isEqualTo("PendingReplicaDeletion");
        assertThat(scheduled.has("DeletionDate")).isFalse();
        assertThat(describe(HOME).at("/PendingDeletionWindowInDays").intValue()).isEqualTo(7);
        assertThat(refusal(HOME, "Sign", with(SIGN)))
                .isEqualTo(AwsError.of("KMSInvalidStateException", arn(HOME) + " is pending replica deletion."));
        pass(Duration.ofDays(100));
        assertThat(describe(HOME).at("/KeyState").stringValue()).isEqualTo("PendingReplicaDeletion");
        assertThat(in(AWAY, "Sign", with(SIGN)).at("/KeyId").stringValue()).isEqualTo(arn(AWAY));

        in(AWAY, "ScheduleKeyDeletion", with("\"PendingWindowInDays\":8"));
        pass(Duration.ofDays(8));
        assertThat(refusal(AWAY, "DescribeKey", with("")).type()).isEqualTo("NotFoundException");
        RegisterName away = RegisterName.key(Cluster.ACCOUNT, AWAY, key);
        assertThat(Kms.livesElsewhere(cluster.directory, away)).isTrue();
        assertThat(describe(HOME).at("/KeyState").stringValue()).isEqualTo("PendingDeletion");
        pass(Duration.ofDays(6));
        assertThat(describe(HOME).at("/KeyState").stringValue()).isEqualTo("PendingDeletion");
        pass(Duration.ofDays(1));
        assertThat(refusal(HOME, "DescribeKey", with("")).type()).isEqualTo("NotFoundException");
        assertThat(Kms.livesElsewhere(cluster.directory, away)).isFalse();
    }

    @Test
    void cancelsTheDeletionOfAPrimaryKeyThatWaitsForItsReplicas() {
        replicate(AWAY);
        in(HOME, "ScheduleKeyDeletion", with("\"PendingWindowInDays\":7"));
        in(HOME, "CancelKeyDeletion", with(""));
        assertThat(describe(HOME).at("/KeyState").stringValue()).isEqualTo("Disabled");
    }

    @Test
    void comesBackToARegionInWhichItWasDeleted() {
        replicate(AWAY);
        in(AWAY, "ScheduleKeyDeletion", with("\"PendingWindowInDays\":7"));
        pass(Duration.ofDays(7));
        replicate(AWAY);
        assertThat(describe(AWAY).at("/KeyState").stringValue()).isEqualTo("Enabled");
        assertThat(describe(HOME).at("/MultiRegionConfiguration/ReplicaKeys")).hasSize(1);
    }

    @Test
    void needsThePermissionToMakeAKeyInTheOtherRegion() {
        KeyRecord open = cluster.directory.key(Cluster.ACCOUNT, HOME, key);
        String policy = "{\"Statement\":[{\"Effect\":\"Allow\",\"Principal\":{\"AWS\":\"arn:aws:iam::" + Cluster.ACCOUNT
                + ":user/alice\"},\"Action\":\"kms:*\",\"Resource\":\"*\"}]}";
        cluster.directory.put(open.withPolicy(policy, "x"));
        cluster.now = cluster.now.plusSeconds(1);
        AwsError refused = cluster.refusalAs("AKIAALICE", "ReplicateKey", with("\"ReplicaRegion\":\"" + AWAY + "\""));
        assertThat(refused.type()).isEqualTo("AccessDeniedException");
        assertThat(refused.message()).contains("kms:CreateKey");
    }

    @Test
    void readsTheRegistersOfAllRegionsThatADecisionStandsOn() {
        replicate(AWAY);
        assertThat(List.copyOf(cluster.directory.registers().keySet()))
                .contains("regions/" + Cluster.ACCOUNT + "/global/" + key);
        KeyRecord stored = cluster.directory.key(Cluster.ACCOUNT, HOME, key);
        assertThat(KeyRecord.decode(stored.name(), stored.json()).json()).isEqualTo(stored.json());
        assertThat(stored.json()).contains("\"multiRegion\":true");
    }
}
