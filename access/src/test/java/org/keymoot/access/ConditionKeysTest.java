package org.keymoot.access;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.keymoot.access.policy.Identity;
import org.keymoot.access.policy.Policies;
import org.keymoot.access.policy.RequestValues;

/// Which condition keys requests have, as key policies see them.
final class ConditionKeysTest {
    private static final String SIGN =
            "\"Message\":\"" + Cluster.base64(new byte[32]) + "\",\"SigningAlgorithm\":\"ECDSA_SHA_256\"";

    private final Cluster cluster = new Cluster();
    private String key = "";

    @BeforeEach
    void makeAKey() {
        key = cluster.makeKey(KeySpec.ECC_SECG_P256K1);
        cluster.call("CreateAlias", "{\"AliasName\":\"alias/one\",\"TargetKeyId\":\"" + key + "\"}");
        cluster.call("TagResource", with("\"Tags\":[{\"TagKey\":\"env\",\"TagValue\":\"test\"}]"));
    }

    private String with(String more) {
        return "{\"KeyId\":\"" + key + "\"" + (more.isEmpty() ? "" : "," + more) + "}";
    }

    /// Lets alice do what meets the condition, and everything to the account.
    private void allowIf(String condition) {
        cluster.now = cluster.now.plusSeconds(1);
        String policy = "{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Principal\":{\"AWS\":\""
                + Cluster.ACCOUNT + "\"},\"Action\":\"kms:*\",\"Resource\":\"*\"},{\"Sid\":\"alice\","
                + "\"Effect\":\"Allow\",\"Principal\":{\"AWS\":\""
                + Cluster.user("alice").arn()
                + "\"},\"Action\":\"kms:*\",\"Resource\":\"*\",\"Condition\":" + condition + "}]}";
        cluster.call("PutKeyPolicy", with("\"Policy\":" + KeyStatesTest.quoted(policy)));
    }

    private boolean mayAlice(String action, String body) {
        Decision decision = Kms.decide(
                Cluster.as("AKIAALICE", Cluster.REGION).post(action, body, cluster.now),
                cluster.directory,
                cluster.now);
        if (decision instanceof Decision.Refused refused) {
            assertThat(refused.error().type()).isEqualTo("AccessDeniedException");
            return false;
        }
        assertThat(decision.context().decidedBy()).isEqualTo("key policy statement 'alice'");
        return true;
    }

    private static String one(String operator, String name, String value) {
        return "{\"" + operator + "\":{\"" + name + "\":\"" + value + "\"}}";
    }

    @ParameterizedTest
    @CsvSource({
        "StringEquals, kms:SigningAlgorithm, ECDSA_SHA_256, true",
        "StringEquals, kms:SigningAlgorithm, ED25519_SHA_512, false",
        "StringEquals, kms:MessageType, RAW, true",
        "StringEquals, kms:MessageType, DIGEST, false",
        "StringEquals, kms:KeySpec, ECC_SECG_P256K1, true",
        "StringEquals, kms:KeySpec, ECC_NIST_P256, false",
        "StringEquals, kms:KeyUsage, SIGN_VERIFY, true",
        "StringEquals, kms:CustomerMasterKeySpec, ECC_SECG_P256K1, true",
        "StringEquals, kms:CustomerMasterKeySpec, ECC_NIST_P256, false",
        "StringEquals, kms:CustomerMasterKeyUsage, SIGN_VERIFY, true",
        "StringEquals, kms:CustomerMasterKeyUsage, ENCRYPT_DECRYPT, false",
        "StringEquals, kms:KeyOrigin, AWS_KMS, true",
        "StringEquals, kms:KeyOrigin, EXTERNAL, false",
        "Bool, kms:MultiRegion, false, true",
        "Null, kms:MultiRegionKeyType, true, true",
        "StringEquals, kms:CallerAccount, 123456789012, true",
        "StringEquals, kms:CallerAccount, 210987654321, false",
        "Null, kms:ViaService, true, true",
        "StringEquals, kms:ViaService, s3.us-east-1.amazonaws.com, false",
        "Null, kms:RequestAlias, true, true",
        "ArnEquals, aws:PrincipalArn, arn:aws:iam::123456789012:user/*, true",
        "ArnEquals, aws:PrincipalArn, arn:aws:iam::123456789012:role/*, false",
        "StringEquals, aws:PrincipalAccount, 123456789012, true",
        "StringEquals, aws:PrincipalType, User, true",
        "Bool, aws:PrincipalIsAWSService, false, true",
        "StringEquals, aws:username, alice, true",
        "StringEquals, AWS:UserName, alice, true",
        "StringEquals, aws:username, Alice, false",
        "IpAddress, aws:SourceIp, 192.0.2.0/24, true",
        "IpAddress, aws:SourceIp, 198.51.100.0/24, false",
        "NotIpAddress, aws:SourceIp, 192.0.2.0/24, false",
        "DateLessThan, aws:CurrentTime, 2026-11-22T13:00:00Z, true",
        "DateLessThan, aws:CurrentTime, 2026-11-22T11:00:00Z, false",
        "NumericGreaterThan, aws:EpochTime, 1795348800, true",
        "DateGreaterThan, aws:EpochTime, 2026-11-22T13:00:00Z, false",
        "Bool, aws:SecureTransport, false, true",
        "Bool, aws:SecureTransport, true, false",
        "StringEquals, aws:RequestedRegion, us-east-1, true",
        "StringEquals, aws:RequestedRegion, eu-west-1, false",
        "StringEquals, aws:ResourceAccount, 123456789012, true",
        "StringEquals, aws:ResourceTag/env, test, true",
        "StringEquals, aws:ResourceTag/ENV, test, true",
        "StringEquals, aws:ResourceTag/env, prod, false",
        "StringEquals, aws:ResourceTag/${aws:username}, test, false",
        "Null, aws:RequestTag/env, true, true",
        "StringEquals, aws:PrincipalTag/team, x, false"
    })
    void setsTheKeysOfASignature(String operator, String name, String value, boolean expected) {
        allowIf(one(operator, name, value));
        assertThat(mayAlice("Sign", with(SIGN))).isEqualTo(expected);
    }

    private boolean denied(String action, String body) {
        cluster.now = cluster.now.plusSeconds(1);
        Decision decision = Kms.decide(
                Cluster.as("AKIAALICE", Cluster.REGION).post(action, body, cluster.now),
                cluster.directory,
                cluster.now);
        return decision instanceof Decision.Refused refused
                && String.valueOf(refused.error().message()).contains("perform: kms:" + action);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '"',
            value = {
                "HMAC_256 | GENERATE_VERIFY_MAC | GenerateMac | 'Message':'AAAA','MacAlgorithm':'HMAC_SHA_256' | kms:MacAlgorithm | HMAC_SHA_256",
                "HMAC_256 | GENERATE_VERIFY_MAC | VerifyMac | 'Message':'AAAA','Mac':'AAAA','MacAlgorithm':'HMAC_SHA_256' | kms:MacAlgorithm | HMAC_SHA_256",
                "ECC_NIST_P256 | KEY_AGREEMENT | DeriveSharedSecret | 'KeyAgreementAlgorithm':'ECDH','PublicKey':'AAAA' | kms:KeyAgreementAlgorithm | ECDH",
                "ECC_NIST_P256 | SIGN_VERIFY | UpdatePrimaryRegion | 'PrimaryRegion':'eu-west-1' | kms:PrimaryRegion | eu-west-1",
                "ECC_NIST_P256 | SIGN_VERIFY | ReplicateKey | 'ReplicaRegion':'eu-west-1' | kms:ReplicaRegion | eu-west-1",
            })
    void setsTheKeysOfOtherRequests(
            KeySpec spec, KeyUsage usage, String action, String more, String name, String value) {
        key = cluster.makeKey(spec, usage);
        String body = with(more.replace('\'', '"'));
        allowIf(one("StringEquals", name, value));
        assertThat(denied(action, body)).isFalse();
        allowIf(one("StringEquals", name, "another"));
        assertThat(denied(action, body)).isTrue();
    }

    @Test
    void knowsWhetherADigestWasGiven() {
        allowIf(one("StringEquals", "kms:MessageType", "DIGEST"));
        assertThat(mayAlice("Sign", with(SIGN + ",\"MessageType\":\"DIGEST\""))).isTrue();
        assertThat(mayAlice("Sign", with(SIGN + ",\"MessageType\":\"RAW\""))).isFalse();
        assertThat(mayAlice("DescribeKey", with(""))).isFalse();
    }

    @Test
    void knowsByWhichAliasTheKeyWasNamed() {
        allowIf(one("StringLike", "kms:RequestAlias", "alias/o*"));
        cluster.call("CreateAlias", "{\"AliasName\":\"alias/two\",\"TargetKeyId\":\"" + key + "\"}");
        String arn = "arn:aws:kms:us-east-1:123456789012:alias/one";
        assertThat(mayAlice("GetPublicKey", "{\"KeyId\":\"alias/one\"}")).isTrue();
        assertThat(mayAlice("GetPublicKey", "{\"KeyId\":\"" + arn + "\"}")).isTrue();
        assertThat(mayAlice("GetPublicKey", "{\"KeyId\":\"alias/two\"}")).isFalse();
        assertThat(mayAlice("GetPublicKey", with(""))).isFalse();
        assertThat(mayAlice("GetPublicKey", "{\"KeyId\":\"" + Cluster.arn(key) + "\"}"))
                .isFalse();
    }

    @Test
    void knowsTheTagsOfTheRequest() {
        allowIf("{\"StringEquals\":{\"aws:RequestTag/team\":\"a\"},\"ForAllValues:StringEquals\":"
                + "{\"aws:TagKeys\":[\"team\",\"cost\"]}}");
        String team = "{\"TagKey\":\"team\",\"TagValue\":\"a\"}";
        assertThat(mayAlice("TagResource", with("\"Tags\":[" + team + "]"))).isTrue();
        assertThat(mayAlice("TagResource", with("\"Tags\":[" + team + ",{\"TagKey\":\"cost\",\"TagValue\":\"1\"}]")))
                .isTrue();
        assertThat(mayAlice("TagResource", with("\"Tags\":[" + team + ",{\"TagKey\":\"env\",\"TagValue\":\"1\"}]")))
                .isFalse();
        assertThat(mayAlice("TagResource", with("\"Tags\":[" + team + ",{\"TagKey\":\"Team\",\"TagValue\":\"b\"}]")))
                .as("two tags whose names differ in case cannot be told apart")
                .isFalse();
        allowIf("{\"ForAnyValue:StringEquals\":{\"aws:TagKeys\":\"team\"}}");
        assertThat(mayAlice("UntagResource", with("\"TagKeys\":[\"team\"]"))).isTrue();
        assertThat(mayAlice("UntagResource", with("\"TagKeys\":[\"env\"]"))).isFalse();
    }

    @Test
    void knowsTheWaitingPeriodAndItsDefault() {
        allowIf(one("NumericGreaterThanEquals", "kms:ScheduleKeyDeletionPendingWindowInDays", "30"));
        assertThat(mayAlice("ScheduleKeyDeletion", with("\"PendingWindowInDays\":7")))
                .isFalse();
        assertThat(mayAlice("ScheduleKeyDeletion", with(""))).isTrue();
    }

    @Test
    void knowsWhetherTheLockoutCheckIsBypassed() {
        allowIf(one("Bool", "kms:BypassPolicyLockoutSafetyCheck", "false"));
        String policy = KeyStatesTest.quoted(org.keymoot.access.policy.KeyPolicy.defaultDocument(Cluster.ACCOUNT));
        assertThat(mayAlice("PutKeyPolicy", with("\"BypassPolicyLockoutSafetyCheck\":true,\"Policy\":" + policy)))
                .isFalse();
        assertThat(cluster.refusalAs("AKIAALICE", "PutKeyPolicy", with("\"Policy\":" + policy)))
                .as("the default policy leaves alice nothing")
                .isEqualTo(AwsError.of(
                        "MalformedPolicyDocumentException",
                        "The new key policy will not allow you to update the key policy in the future."));
    }

    @Test
    void needsAPermissionOnBothKeysToMoveAnAlias() {
        String other = cluster.makeKey(KeySpec.ECC_NIST_P256);
        allowIf(one("StringEquals", "kms:KeySpec", "ECC_SECG_P256K1"));
        AwsError error = cluster.refusalAs(
                "AKIAALICE", "UpdateAlias", "{\"AliasName\":\"alias/one\",\"TargetKeyId\":\"" + other + "\"}");
        assertThat(error.message()).contains("kms:UpdateAlias on resource: " + Cluster.arn(other));
        error = cluster.refusalAs(
                "AKIAALICE", "UpdateAlias", "{\"AliasName\":\"alias/one\",\"TargetKeyId\":\"" + key + "\"}");
        assertThat(error.message())
                .as("and on the alias, which only policies of identities give")
                .contains("kms:UpdateAlias on resource: arn:aws:kms:us-east-1:123456789012:alias/one");
    }

    @Test
    void believesTheEndpointAboutAddressAndTransport() {
        RequestValues values = new RequestValues();
        SignedRequest request = new SignedRequest(
                "POST",
                "/",
                List.of(new SignedRequest.Header("User-Agent", "agent/1")),
                "{}".getBytes(StandardCharsets.UTF_8),
                "fe80::1%eth0",
                true);
        ContextKeys.ofRequest(values, request, "us-east-1", cluster.now);
        assertThat(values.get("aws:SourceIp")).containsExactly("fe80::1");
        assertThat(values.get("aws:SecureTransport")).containsExactly("true");
        assertThat(values.get("aws:UserAgent")).containsExactly("agent/1");
        assertThat(values.get("aws:CurrentTime")).containsExactly("2026-11-22T12:00:00Z");
    }

    @Test
    void namesARoleSessionByItsRole() {
        RequestValues values = new RequestValues();
        Principal session = new Principal(Cluster.ACCOUNT, "arn:aws:sts::123456789012:assumed-role/signer/one");
        Identity caller = new Identity(
                session,
                "arn:aws:iam::123456789012:role/ops/signer",
                "AROAX:one",
                null,
                Map.of("team", "a"),
                Policies.NONE,
                Map.of("aws:TokenIssueTime", List.of("2026-11-22T11:00:00Z")));
        ContextKeys.ofCaller(values, caller);
        assertThat(values.get("aws:PrincipalArn")).containsExactly("arn:aws:iam::123456789012:role/ops/signer");
        assertThat(values.get("aws:PrincipalType")).containsExactly("AssumedRole");
        assertThat(values.get("aws:userid")).containsExactly("AROAX:one");
        assertThat(values.get("aws:username")).isNull();
        assertThat(values.get("aws:PrincipalTag/team")).containsExactly("a");
        assertThat(values.get("aws:TokenIssueTime")).containsExactly("2026-11-22T11:00:00Z");
    }

    // Aliases of the key

    /// Records what was read, and may show a listing that is behind.
    private record Reading(
            DirectoryView view, List<String> read, @Nullable Entry stale) implements DirectoryView {
        @Override
        public @Nullable RegisterValue read(RegisterName name) {
            read.add(name.text());
            return view.read(name);
        }

        @Override
        public List<Entry> list(String prefix, String after, int limit) {
            List<Entry> entries = new ArrayList<>(view.list(prefix, after, limit));
            if (stale != null) {
                entries.add(stale);
            }
            return entries;
        }

        @Override
        public int parties() {
            return view.parties();
        }

        @Override
        public int reconstructionThreshold() {
            return view.reconstructionThreshold();
        }

        @Override
        public @Nullable Credential credential(String accessKeyId) {
            return view.credential(accessKeyId);
        }
    }

    private @Nullable List<String> aliases(DirectoryView view) {
        RequestValues values = new RequestValues();
        ContextKeys.ofKey(values, cluster.directory.key(Cluster.ACCOUNT, Cluster.REGION, key), view);
        return values.get("kms:ResourceAliases");
    }

    @Test
    void readsEachAliasThatItCountsSoThatPeersCatchUpByIt() {
        List<String> read = new ArrayList<>();
        assertThat(aliases(new Reading(cluster.directory, read, null))).containsExactly("alias/one");
        assertThat(read).containsExactly("alias/123456789012/us-east-1/one");
    }

    @Test
    void countsNoAliasThatMovedAwayAfterTheListing() {
        String other = cluster.makeKey(KeySpec.ECC_NIST_P256);
        RegisterName name = RegisterName.alias(Cluster.ACCOUNT, Cluster.REGION, "alias/moved");
        cluster.call("CreateAlias", "{\"AliasName\":\"alias/moved\",\"TargetKeyId\":\"" + key + "\"}");
        RegisterValue before = cluster.directory.read(name);
        assertThat(before).isNotNull();
        assertThat(aliases(cluster.directory)).containsExactly("alias/moved", "alias/one");
        cluster.call("UpdateAlias", "{\"AliasName\":\"alias/moved\",\"TargetKeyId\":\"" + other + "\"}");
        DirectoryView.Entry stale = new DirectoryView.Entry(name, java.util.Objects.requireNonNull(before));
        assertThat(aliases(new Reading(cluster.directory, new ArrayList<>(), stale)))
                .containsExactly("alias/one");
        cluster.call("DeleteAlias", "{\"AliasName\":\"alias/moved\"}");
        assertThat(aliases(new Reading(cluster.directory, new ArrayList<>(), stale)))
                .containsExactly("alias/one");
    }

    @Test
    void readsNoAliasesWhenNoPolicyAsksForThem() {
        List<String> read = new ArrayList<>();
        Kms.decide(cluster.signed("Sign", with(SIGN)), new Reading(cluster.directory, read, null), cluster.now);
        assertThat(read).noneMatch(name -> name.startsWith("alias/"));
    }
}
