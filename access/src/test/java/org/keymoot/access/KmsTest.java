package org.keymoot.access;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.keymoot.access.policy.KeyPolicy;
import org.keymoot.crypto.group.Group;
import tools.jackson.databind.JsonNode;

/// What is decided about requests, and in which words they are refused.
final class KmsTest {
    private static final String USAGE = "\"KeyUsage\":\"SIGN_VERIFY\"";

    private final Cluster cluster = new Cluster();

    private String key() {
        cluster.now = cluster.now.plusSeconds(1);
        return cluster.makeKey(KeySpec.ECC_SECG_P256K1);
    }

    private static String with(String keyId, String more) {
        return "{\"KeyId\":\"" + keyId + "\"" + (more.isEmpty() ? "" : "," + more) + "}";
    }

    private static String sign(String keyId, byte[] message, String type, String algorithm) {
        return with(
                keyId,
                "\"Message\":\"" + Cluster.base64(message) + "\",\"MessageType\":\"" + type
                        + "\",\"SigningAlgorithm\":\"" + algorithm + "\"");
    }

    // Determinism and retries

    @Test
    void decidesAlikeOnEveryParty() {
        String keyId = key();
        cluster.now = cluster.now.plusSeconds(1);
        SignedRequest request =
                cluster.signed("TagResource", with(keyId, "\"Tags\":[{\"TagKey\":\"a\",\"TagValue\":\"b\"}]"));
        Decision first = Kms.decide(request, cluster.directory, cluster.now);
        Decision second = Kms.decide(request, cluster.directory, cluster.now);
        assertThat(first).isInstanceOf(Decision.Change.class).isEqualTo(second);
        assertThat(((Decision.Change) first).writes()).hasSize(1);
    }

    @Test
    void namesTheKeyAfterTheSignedRequestSoThatARetryMakesNoSecond() {
        SignedRequest request = cluster.signed("CreateKey", "{\"KeySpec\":\"ECC_NIST_P256\"," + USAGE + "}");
        String first = cluster.execute(request);
        assertThat(Kms.decide(request, cluster.directory, cluster.now)).isInstanceOf(Decision.Answer.class);
        assertThat(cluster.execute(request)).isEqualTo(first);
        assertThat(cluster.keys).hasSize(1);
        cluster.now = cluster.now.plusSeconds(1);
        SignedRequest later = cluster.signed("CreateKey", "{\"KeySpec\":\"ECC_NIST_P256\"," + USAGE + "}");
        assertThat(cluster.execute(later)).isNotEqualTo(first);
        assertThat(cluster.keys).hasSize(2);
    }

    @Test
    void answersARetryOfCreateKeyWhateverTheKeysOwnPolicySays() {
        String policy = "{\"Statement\":{\"Effect\":\"Allow\",\"Principal\":\"*\",\"Action\":\"kms:PutKeyPolicy\","
                + "\"Resource\":\"*\"}}";
        SignedRequest request = cluster.signed(
                "CreateKey",
                "{\"KeySpec\":\"ECC_NIST_P256\"," + USAGE + ",\"Policy\":" + KeyStatesTest.quoted(policy) + "}");
        assertThat(cluster.execute(request)).isEqualTo(cluster.execute(request));
    }

    @Test
    void answersAnExactRetryOfEachChangeAsItAnsweredTheFirst() {
        String keyId = key();
        String other = key();
        for (String[] call : new String[][] {
            {"CreateAlias", "{\"AliasName\":\"alias/a\",\"TargetKeyId\":\"" + keyId + "\"}"},
            {"UpdateAlias", "{\"AliasName\":\"alias/a\",\"TargetKeyId\":\"" + other + "\"}"},
            {"DeleteAlias", "{\"AliasName\":\"alias/a\"}"},
            {"TagResource", with(keyId, "\"Tags\":[{\"TagKey\":\"a\",\"TagValue\":\"b\"}]")},
            {"UntagResource", with(keyId, "\"TagKeys\":[\"a\"]")},
            {"UpdateKeyDescription", with(keyId, "\"Description\":\"d\"")},
            {"DisableKey", with(keyId, "")},
            {"EnableKey", with(keyId, "")},
            {
                "PutKeyPolicy",
                with(keyId, "\"Policy\":" + KeyStatesTest.quoted(KeyPolicy.defaultDocument(Cluster.ACCOUNT)))
            },
            {"ScheduleKeyDeletion", with(keyId, "\"PendingWindowInDays\":9")},
            {"CancelKeyDeletion", with(keyId, "")}
        }) {
            cluster.now = cluster.now.plusSeconds(1);
            SignedRequest request = cluster.signed(call[0], call[1]);
            String first = cluster.execute(request);
            cluster.now = cluster.now.plusSeconds(30);
            assertThat(cluster.execute(request)).as(call[0]).isEqualTo(first);
        }
    }

    @Test
    void refusesAnAliasThatAnotherRequestMade() {
        String keyId = key();
        String body = "{\"AliasName\":\"alias/a\",\"TargetKeyId\":\"" + keyId + "\"}";
        cluster.call("CreateAlias", body);
        cluster.now = cluster.now.plusSeconds(1);
        assertThat(cluster.refusal("CreateAlias", body))
                .isEqualTo(AwsError.of(
                        "AlreadyExistsException",
                        "An alias with the name arn:aws:kms:us-east-1:123456789012:alias/a already exists"));
    }

    // Deletion

    @Test
    void countsAKeyAsGoneFromItsDateOfDeletionOnAndTellsThePartiesToEraseIt() {
        String keyId = key();
        cluster.call("CreateAlias", "{\"AliasName\":\"alias/a\",\"TargetKeyId\":\"" + keyId + "\"}");
        cluster.call("ScheduleKeyDeletion", with(keyId, "\"PendingWindowInDays\":7"));
        RegisterName register = RegisterName.key(Cluster.ACCOUNT, Cluster.REGION, keyId);
        cluster.now = cluster.now.plus(Duration.ofDays(7)).minusMillis(1);
        assertThat(Kms.due(cluster.directory, "", cluster.now).deletion()).isEmpty();
        assertThat(Kms.deletion(cluster.directory, register, cluster.now)).isNull();
        assertThat(cluster.call("DescribeKey", with(keyId, ""))
                        .at("/KeyMetadata/KeyState")
                        .stringValue())
                .isEqualTo("PendingDeletion");
        cluster.now = cluster.now.plusMillis(1);
        assertThat(Kms.due(cluster.directory, "", cluster.now).deletion()).containsExactly(register);
        for (String id : List.of(keyId, "alias/a")) {
            assertThat(cluster.refusal("DescribeKey", with(id, "")).type()).isEqualTo("NotFoundException");
        }
        assertThat(cluster.refusal("CancelKeyDeletion", with(keyId, "")).type()).isEqualTo("NotFoundException");
        assertThat(cluster.call("ListKeys", "{}").at("/Keys")).isEmpty();
        assertThat(cluster.call("ListAliases", "{}").at("/Aliases")).isEmpty();
        RegisterWrite tombstone = Kms.deletion(cluster.directory, register, cluster.now);
        assertThat(tombstone).isNotNull();
        cluster.directory.commit(Objects.requireNonNull(tombstone));
        assertThat(Kms.due(cluster.directory, "", cluster.now).deletion()).isEmpty();
        String successor = key();
        cluster.call("CreateAlias", "{\"AliasName\":\"alias/a\",\"TargetKeyId\":\"" + successor + "\"}");
        assertThat(cluster.call("DescribeKey", with("alias/a", ""))
                        .at("/KeyMetadata/KeyId")
                        .stringValue())
                .isEqualTo(successor);
    }

    @Test
    void findsDueKeysAmongMoreThanOnePage() {
        KeyRecord model = cluster.directory.key(Cluster.ACCOUNT, Cluster.REGION, key());
        Instant due = cluster.now.minusSeconds(1);
        for (int i = 0; i < 1500; i++) {
            KeyRecord copy = KeyRecord.decode(
                    RegisterName.key(
                            Cluster.ACCOUNT, Cluster.REGION, String.format("%08x-0000-4000-8000-000000000000", i)),
                    model.json());
            cluster.directory.put(i % 500 == 7 ? copy.withDeletion(due, 7, "") : copy);
        }
        Kms.Due first = Kms.due(cluster.directory, "", cluster.now);
        Kms.Due second = Kms.due(cluster.directory, Objects.requireNonNull(first.last()), cluster.now);
        assertThat(first.deletion()).hasSize(2);
        assertThat(second.deletion()).hasSize(1);
        assertThat(second.last()).isNull();
    }

    // Records

    @ParameterizedTest
    @EnumSource(KeySpec.class)
    void keepsRecordsThroughTheirRegisters(KeySpec spec) {
        KeyRecord key = cluster.directory.key(Cluster.ACCOUNT, Cluster.REGION, cluster.makeKey(spec));
        assertThat(KeyRecord.decode(key.name(), key.json())).isEqualTo(key);
        assertThat(key.publicSide()).isEqualTo(TestKey.of(spec).publicSide());
        assertThat(key.parties()).isEqualTo(3);
        assertThat(key.reconstructionThreshold()).isEqualTo(2);
        KeyRecord pending = key.withDeletion(cluster.now.plus(Duration.ofDays(7)), 7, "x");
        assertThat(KeyRecord.decode(pending.name(), pending.json()).json()).isEqualTo(pending.json());
        assertThat(RegisterValue.isLive(pending.erased().json())).isFalse();
    }

    /// What the first release wrote, byte for byte.
    @Test
    void readsAndWritesASigningKeyAsTheFirstReleaseDid() throws Exception {
        RegisterName name = RegisterName.key(Cluster.ACCOUNT, Cluster.REGION, "12345678-1234-4234-8234-123456789012");
        try (var golden = Objects.requireNonNull(KmsTest.class.getResourceAsStream("key-records.jsonl"))) {
            List<String> lines = new String(golden.readAllBytes(), StandardCharsets.UTF_8)
                    .lines()
                    .toList();
            assertThat(lines).hasSize(5);
            for (String line : lines) {
                KeyRecord key = KeyRecord.decode(name, line);
                assertThat(key.json()).isEqualTo(line);
                assertThat(key.usage()).isEqualTo(KeyUsage.SIGN_VERIFY);
                assertThat(key.origin()).isEqualTo(KeyOrigin.AWS_KMS);
                assertThat(key.multiRegion()).isNull();
                assertThat(key.rotation()).isNull();
                assertThat(key.materials()).hasSize(key.state() == KeyState.CREATING ? 0 : 1);
            }
        }
    }

    @Test
    void keepsMaterialsScheduleAndRegions() {
        String keyId = cluster.makeKey(KeySpec.SYMMETRIC_DEFAULT);
        KeyRecord key = cluster.directory.key(Cluster.ACCOUNT, Cluster.REGION, keyId);
        Group group = Group.of(KeySpec.SYMMETRIC_DEFAULT.group());
        Material next = Material.current(keyId, group.generator(), cluster.now, Material.RotationType.ON_DEMAND);
        KeyRecord rotated = key.with("r")
                .rotatedTo(next)
                .origin(KeyOrigin.EXTERNAL)
                .multiRegion(new MultiRegion(Cluster.REGION, new TreeSet<>()))
                .rotation(RotationSchedule.startingAt(Instant.ofEpochMilli(5), 90), cluster.now)
                .build();
        assertThat(KeyRecord.decode(rotated.name(), rotated.json())).isEqualTo(rotated);
        assertThat(rotated.currentMaterial()).isEqualTo(next);
        assertThat(rotated.materials().getFirst().state()).isEqualTo(Material.State.NON_CURRENT);
        assertThat(rotated.material(key.materials().getFirst().id())).isNotNull();
        assertThat(rotated.publicPoint()).isEqualTo(group.generator());
        assertThat(next.id())
                .matches("[0-9a-f]{64}")
                .isNotEqualTo(key.materials().getFirst().id());
    }

    // Signing

    @Test
    void signsADigestAsItIsAndAMessageByItsDigest() {
        String keyId = key();
        byte[] digest = new byte[32];
        Arrays.fill(digest, (byte) 0xab);
        Decision.SignWith raw =
                (Decision.SignWith) cluster.decide("Sign", sign(keyId, new byte[] {'a'}, "RAW", "ECDSA_SHA_256"));
        assertThat(HexFormat.of().formatHex(raw.payload()))
                .isEqualTo("ca978112ca1bbdcafac231b39a23dc4da786eff8147c4e72b9807785afee48bb");
        Decision.SignWith asIs =
                (Decision.SignWith) cluster.decide("Sign", sign(keyId, digest, "DIGEST", "ECDSA_SHA_256"));
        assertThat(asIs.payload()).isEqualTo(digest);
        assertThat(asIs.context().principal()).isEqualTo(Principal.root(Cluster.ACCOUNT));
        assertThat(asIs.context().resource()).isEqualTo(Cluster.arn(keyId));
        assertThat(asIs.context().decidedBy()).contains("Enable IAM User Permissions");
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void verifiesLowAndHighS(boolean low) {
        String keyId = key();
        byte[] digest = new byte[32];
        digest[0] = 1;
        byte[] signature = cluster.wholeKey(keyId).ecdsa(digest, low).encodeDer();
        String body = sign(keyId, digest, "DIGEST", "ECDSA_SHA_256");
        String request = body.substring(0, body.length() - 1) + ",\"Signature\":\"" + Cluster.base64(signature) + "\"}";
        assertThat(cluster.call("Verify", request).at("/SignatureValid").booleanValue())
                .isTrue();
    }

    @ParameterizedTest
    @EnumSource(
            value = KeySpec.class,
            names = {"ECC_.*"},
            mode = EnumSource.Mode.MATCH_ALL)
    void refusesEverySignatureThatIsNotTheOne(KeySpec spec) {
        String keyId = cluster.makeKey(spec);
        KeyRecord key = cluster.directory.key(Cluster.ACCOUNT, Cluster.REGION, keyId);
        SigningAlgorithm algorithm = spec.signingAlgorithms().getFirst();
        byte[] payload = new byte[32];
        byte[] signature = cluster.wholeKey(keyId).sign(payload);
        assertThat(Signatures.verify(key, algorithm, payload, signature)).isTrue();
        for (int i = 0; i < signature.length; i++) {
            byte[] changed = signature.clone();
            changed[i] ^= 1;
            assertThat(Signatures.verify(key, algorithm, payload, changed))
                    .as("byte %d", i)
                    .isFalse();
            assertThat(Signatures.verify(key, algorithm, payload, Arrays.copyOf(signature, i)))
                    .isFalse();
        }
        assertThat(Signatures.verify(key, algorithm, payload, Arrays.copyOf(signature, signature.length + 1)))
                .isFalse();
        payload[31] ^= 1;
        assertThat(Signatures.verify(key, algorithm, payload, signature)).isFalse();
    }

    // Words of refusals

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "DescribeKey|{}|ValidationException|1 validation error detected: Value null at 'keyId' failed to satisfy constraint: Member must not be null",
                "DescribeKey|{\"KeyId\":\"\"}|ValidationException|1 validation error detected: Value '' at 'keyId' failed to satisfy constraint: Member must have length greater than or equal to 1",
                "DescribeKey|{\"KeyId\":7}|SerializationException|NUMBER_VALUE can not be converted to a String",
                "DescribeKey|{\"KeyId\":true}|SerializationException|TRUE_VALUE can not be converted to a String",
                "DescribeKey|{\"KeyId\":{}}|SerializationException|Start of structure or map found where not expected.",
                "DescribeKey|{\"KeyId\":[]}|SerializationException|Start of list found where not expected",
                "DescribeKey|{\"KeyId\":null}|ValidationException|1 validation error detected: Value null at 'keyId' failed to satisfy constraint: Member must not be null",
                "DescribeKey|{\"KeyId\":\"key_id\"}|NotFoundException|Invalid keyId 'key_id'",
                "DescribeKey|{\"KeyId\":\"134f2428cec14b25a1ae9048164dba47\"}|NotFoundException|Invalid keyId '134f2428cec14b25a1ae9048164dba47'",
                "DescribeKey|{\"KeyId\":\"12345678-1234-1234-1234-123456789012\"}|NotFoundException|Key 'arn:aws:kms:us-east-1:123456789012:key/12345678-1234-1234-1234-123456789012' does not exist",
                "DescribeKey|{\"KeyId\":\"12345678-1234-1234-1234-12345678901A\"}|NotFoundException|Invalid keyId '12345678-1234-1234-1234-12345678901A'",
                "DescribeKey|{\"KeyId\":\"arn:aws:kms:eu-west-1:123456789012:key/12345678-1234-1234-1234-123456789012\"}|NotFoundException|Invalid arn eu-west-1",
                "DescribeKey|{\"KeyId\":\"arn:aws:s3:::a\"}|NotFoundException|Invalid arn arn:aws:s3:::a",
                "DescribeKey|{\"KeyId\":\"alias/none\"}|NotFoundException|Alias arn:aws:kms:us-east-1:123456789012:alias/none is not found.",
                "DescribeKey|{\"KeyId\":\"alias/../x\"}|NotFoundException|Alias arn:aws:kms:us-east-1:123456789012:alias/../x is not found.",
                "DescribeKey|{\"KeyId\":\"x\",\"GrantTokens\":[\"t\"]}|InvalidGrantTokenException|The grant token is not valid.",
                "DisableKey|{\"KeyId\":\"alias/none\"}|NotFoundException|Invalid keyId 'alias/none'",
                "CreateKey|{\"KeySpec\":\"ECC_NIST_P256\"}|ValidationException|You must specify a KeyUsage value for all KMS keys except for symmetric encryption keys.",
                "CreateKey|{\"KeySpec\":\"RSA_2048\",\"KeyUsage\":\"KEY_AGREEMENT\"}|ValidationException|KeyUsage KEY_AGREEMENT is not compatible with KeySpec RSA_2048",
                "CreateKey|{\"KeyUsage\":\"RANDOM\"}|ValidationException|1 validation error detected: Value 'RANDOM' at 'keyUsage' failed to satisfy constraint: Member must satisfy enum value set: [ENCRYPT_DECRYPT, SIGN_VERIFY, GENERATE_VERIFY_MAC, KEY_AGREEMENT]",
                "CreateKey|{\"KeySpec\":\"ECC_NIST_P256\",\"CustomerMasterKeySpec\":\"ECC_NIST_P256\",\"KeyUsage\":\"SIGN_VERIFY\"}|ValidationException|You cannot specify KeySpec and CustomerMasterKeySpec in the same request. CustomerMasterKeySpec is deprecated.",
                "CreateKey|{\"KeySpec\":\"ECC_NIST_P256\",\"KeyUsage\":\"SIGN_VERIFY\",\"Tags\":[{\"TagKey\":\"a\",\"TagValue\":\"\"},{\"TagKey\":\"a\",\"TagValue\":\"b\"}]}|TagException|Duplicate tag keys",
                "CreateKey|{\"KeySpec\":\"ECC_NIST_P256\",\"KeyUsage\":\"SIGN_VERIFY\",\"Tags\":[{\"TagKey\":\"AWS:a\",\"TagValue\":\"\"}]}|TagException|Tags beginning with aws: are reserved",
                "CreateKey|{\"KeySpec\":\"ECC_NIST_P256\",\"KeyUsage\":\"SIGN_VERIFY\",\"Origin\":\"AWS_CLOUDHSM\"}|UnsupportedOperationException|Only the Origins AWS_KMS and EXTERNAL are supported: custom key stores do not exist here.",
                "CreateKey|{\"Origin\":\"EXTERNAL\",\"MultiRegion\":true}|UnsupportedOperationException|Origin EXTERNAL is not supported for multi-Region keys: they have one secret for all Regions.",
                "CreateKey|{\"KeySpec\":\"ECC_NIST_P256\",\"KeyUsage\":\"SIGN_VERIFY\",\"Policy\":\"{}\"}|MalformedPolicyDocumentException|Syntax errors in policy.",
                "CreateAlias|{\"AliasName\":\"a\",\"TargetKeyId\":\"x\"}|ValidationException|Alias must start with the prefix \"alias/\". Please see https://docs.aws.amazon.com/kms/latest/developerguide/kms-alias.html",
                "CreateAlias|{\"AliasName\":\"alias/a b\",\"TargetKeyId\":\"x\"}|ValidationException|1 validation error detected: Value 'alias/a b' at 'aliasName' failed to satisfy constraint: Member must satisfy regular expression pattern: ^[a-zA-Z0-9:/_-]+$",
                "CreateAlias|{\"AliasName\":\"alias/a:b\",\"TargetKeyId\":\"x\"}|InvalidAliasNameException|alias/a:b contains invalid characters for an alias",
                "CreateAlias|{\"AliasName\":\"alias/a\",\"TargetKeyId\":\"alias/b\"}|ValidationException|Aliases must refer to keys. Not aliases",
                "ListKeys|{\"Limit\":0}|ValidationException|1 validation error detected: Value '0' at 'limit' failed to satisfy constraint: Member must have value greater than or equal to 1",
                "ListKeys|{\"Limit\":1001,\"Marker\":\"\"}|ValidationException|2 validation errors detected: Value '1001' at 'limit' failed to satisfy constraint: Member must have value less than or equal to 1000; Value '' at 'marker' failed to satisfy constraint: Member must have length greater than or equal to 1",
                "Sign|{\"KeyId\":\"x\",\"Message\":\"=\",\"SigningAlgorithm\":\"ECDSA_SHA_256\"}|SerializationException|The member 'message' is not valid Base64",
                "Sign|{\"KeyId\":\"x\",\"Message\":\"\",\"SigningAlgorithm\":\"ECDSA_SHA_256\"}|ValidationException|1 validation error detected: Value at 'message' failed to satisfy constraint: Member must have length greater than or equal to 1",
                "CreateCustomKeyStore|{}|UnsupportedOperationException|The operation CreateCustomKeyStore is not supported: custom key stores do not exist here: every key is held by the parties."
            })
    void refusesInTheWordsOfAws(String action, String body, String type, String message) {
        assertThat(cluster.refusal(action, body)).isEqualTo(AwsError.of(type, message));
    }

    @Test
    void refusesTagsThatAreTooLongOrTooMany() {
        String keyId = key();
        String longKey = "a".repeat(129);
        assertThat(cluster.refusal(
                                "TagResource",
                                with(keyId, "\"Tags\":[{\"TagKey\":\"" + longKey + "\",\"TagValue\":\"\"}]"))
                        .message())
                .isEqualTo("1 validation error detected: Value '" + longKey + "' at 'tags.1.member.tagKey' failed to"
                        + " satisfy constraint: Member must have length less than or equal to 128");
        StringBuilder tags = new StringBuilder();
        for (int i = 0; i < 51; i++) {
            tags.append(i == 0 ? "" : ",").append("{\"TagKey\":\"k").append(i).append("\",\"TagValue\":\"v\"}");
        }
        assertThat(cluster.refusal("TagResource", with(keyId, "\"Tags\":[" + tags + "]")))
                .isEqualTo(AwsError.of("TagException", "Too many tags"));
    }

    @Test
    void reservesTheAliasesOfAws() {
        String body = "{\"AliasName\":\"alias/aws/s3\",\"TargetKeyId\":\"" + key() + "\"}";
        for (String action : List.of("CreateAlias", "UpdateAlias", "DeleteAlias")) {
            assertThat(cluster.refusal(action, body)).isEqualTo(AwsError.of("NotAuthorizedException", null));
        }
    }

    @Test
    void limitsTheAliasesOfAKey() {
        String keyId = key();
        for (int i = 0; i < 50; i++) {
            cluster.call("CreateAlias", "{\"AliasName\":\"alias/a" + i + "\",\"TargetKeyId\":\"" + keyId + "\"}");
        }
        String more = "{\"AliasName\":\"alias/more\",\"TargetKeyId\":\"" + keyId + "\"}";
        assertThat(cluster.refusal("CreateAlias", more).type()).isEqualTo("LimitExceededException");
        cluster.call("DeleteAlias", "{\"AliasName\":\"alias/a7\"}");
        cluster.call("CreateAlias", more);
    }

    @Test
    void refusesAPolicyThatIsTooLong() {
        String policy = KeyPolicy.defaultDocument(Cluster.ACCOUNT) + " ".repeat(KeyPolicy.MAXIMUM_LENGTH);
        assertThat(cluster.refusal("PutKeyPolicy", with(key(), "\"Policy\":" + KeyStatesTest.quoted(policy)))
                        .type())
                .isEqualTo("LimitExceededException");
    }

    // Who may do what

    @Test
    void tellsAStrangerTheSameOfKeysThatExistAndKeysThatDoNot() {
        String there = Cluster.arn(key());
        String notThere = Cluster.arn("12345678-1234-1234-1234-123456789012");
        for (String action :
                List.of("DescribeKey", "GetPublicKey", "DisableKey", "GetKeyPolicy", "ScheduleKeyDeletion")) {
            AwsError first = cluster.refusalAs("AKIAOTHER", action, with(there, ""));
            AwsError second = cluster.refusalAs("AKIAOTHER", action, with(notThere, ""));
            assertThat(first.type()).isEqualTo("AccessDeniedException");
            assertThat(Objects.requireNonNull(second.message()).replace(notThere, there))
                    .isEqualTo(first.message());
        }
    }

    @Test
    void tellsAStrangerTheSameOfAliasesThatExistAndOfEachStepOfAnAction() {
        String keyId = cluster.makeKey(KeySpec.SYMMETRIC_DEFAULT);
        cluster.call("CreateAlias", "{\"AliasName\":\"alias/there\",\"TargetKeyId\":\"" + keyId + "\"}");
        String own = cluster.callAs("AKIAOTHER", "CreateKey", "{}")
                .at("/KeyMetadata/KeyId")
                .stringValue();
        String blob = cluster.callAs("AKIAOTHER", "Encrypt", with(own, "\"Plaintext\":\"AA==\""))
                .at("/CiphertextBlob")
                .stringValue();
        String prefix = "arn:aws:kms:us-east-1:123456789012:";
        String[][] pairs = {
            {prefix + "alias/there", prefix + "alias/missing"},
            {prefix + "key/" + keyId, prefix + "key/12345678-1234-1234-1234-123456789012"}
        };
        for (String[] pair : pairs) {
            for (String[] call : new String[][] {
                {"DescribeKey", "{\"KeyId\":\"%s\"}"},
                {"Encrypt", "{\"KeyId\":\"%s\",\"Plaintext\":\"AA==\"}"},
                {"ReEncrypt", "{\"DestinationKeyId\":\"%s\",\"CiphertextBlob\":\"" + blob + "\"}"}
            }) {
                AwsError there = cluster.refusalAs("AKIAOTHER", call[0], call[1].formatted(pair[0]));
                AwsError missing = cluster.refusalAs("AKIAOTHER", call[0], call[1].formatted(pair[1]));
                assertThat(there.type()).isEqualTo("AccessDeniedException");
                assertThat(there.message())
                        .as("%s of %s", call[0], pair[0])
                        .isEqualTo(Objects.requireNonNull(missing.message()).replace(pair[1], pair[0]));
            }
        }
    }

    @Test
    void letsAnotherAccountUseAKeyButNotChangeIt() {
        String keyId = key();
        String policy = "{\"Statement\":[{\"Effect\":\"Allow\",\"Principal\":{\"AWS\":[\"" + Cluster.ACCOUNT + "\",\""
                + Cluster.OTHER_ACCOUNT + "\"]},\"Action\":\"kms:*\",\"Resource\":\"*\"}]}";
        cluster.call("PutKeyPolicy", with(keyId, "\"Policy\":" + KeyStatesTest.quoted(policy)));
        String arn = Cluster.arn(keyId);
        assertThat(cluster.callAs("AKIAOTHER", "DescribeKey", with(arn, ""))
                        .at("/KeyMetadata/Arn")
                        .stringValue())
                .isEqualTo(arn);
        assertThat(cluster.refusalAs("AKIAOTHER", "DisableKey", with(arn, "")).type())
                .isEqualTo("AccessDeniedException");
        assertThat(cluster.refusalAs("AKIAOTHER", "DescribeKey", with(keyId, ""))
                        .type())
                .isEqualTo("NotFoundException");
    }

    @Test
    void obeysADenyEvenForTheRoot() {
        String keyId = key();
        String policy =
                "{\"Statement\":[{\"Effect\":\"Allow\",\"Principal\":\"*\",\"Action\":\"kms:*\",\"Resource\":\"*\"},"
                        + "{\"Sid\":\"no signing\",\"Effect\":\"Deny\",\"Principal\":\"*\",\"Action\":\"kms:S*n\",\"Resource\":\"*\"}]}";
        cluster.call("PutKeyPolicy", with(keyId, "\"Policy\":" + KeyStatesTest.quoted(policy)));
        Decision decision = cluster.decide("Sign", sign(keyId, new byte[32], "DIGEST", "ECDSA_SHA_256"));
        assertThat(((Decision.Refused) decision).error().message())
                .isEqualTo("User: arn:aws:iam::123456789012:root is not authorized to perform: kms:Sign on resource: "
                        + Cluster.arn(keyId) + " with an explicit deny in a resource-based policy");
        assertThat(decision.context().decidedBy()).isEqualTo("key policy statement 'no signing' denies");
    }

    @Test
    void deniesWhenTheStoredPolicyCannotBeEvaluated() {
        String keyId = key();
        KeyRecord key = cluster.directory.key(Cluster.ACCOUNT, Cluster.REGION, keyId);
        cluster.directory.put(key.withPolicy("{", ""));
        assertThat(cluster.refusal("DescribeKey", with(keyId, "")).type()).isEqualTo("AccessDeniedException");
    }

    @Test
    void needsThePolicyOfBothKeysToMoveAnAlias() {
        String open = key();
        String shut = key();
        cluster.call("CreateAlias", "{\"AliasName\":\"alias/open\",\"TargetKeyId\":\"" + open + "\"}");
        cluster.call("CreateAlias", "{\"AliasName\":\"alias/shut\",\"TargetKeyId\":\"" + shut + "\"}");
        String policy =
                "{\"Statement\":[{\"Effect\":\"Allow\",\"Principal\":\"*\",\"Action\":\"kms:Put*\",\"Resource\":\"*\"}]}";
        cluster.call("PutKeyPolicy", with(shut, "\"Policy\":" + KeyStatesTest.quoted(policy)));
        for (String[] move : new String[][] {{"alias/open", shut}, {"alias/shut", open}}) {
            assertThat(cluster.refusal(
                                    "UpdateAlias",
                                    "{\"AliasName\":\"" + move[0] + "\",\"TargetKeyId\":\"" + move[1] + "\"}")
                            .type())
                    .isEqualTo("AccessDeniedException");
        }
    }

    // Requests as a whole

    @Test
    void listsFiftyFourActionsAndAnswersEachWithoutFailing() {
        List<Action> ofAws = List.of(Action.values()).stream()
                .filter(action -> !action.own())
                .toList();
        assertThat(ofAws).hasSize(54);
        for (Action action : ofAws) {
            assertThat(Action.find(action.aws())).isEqualTo(action);
            Decision decision =
                    cluster.decide(action.aws(), "{\"KeyId\":\"x\",\"KeySpec\":\"ECC_NIST_P256\"," + USAGE + "}");
            if (!action.supported()) {
                assertThat(((Decision.Refused) decision).error().type()).isEqualTo("UnsupportedOperationException");
            } else if (decision instanceof Decision.Refused refused) {
                assertThat(refused.error().type())
                        .isNotEqualTo("UnsupportedOperationException")
                        .isNotNull();
            }
        }
    }

    @Test
    void refusesAnotherPathOrContentTypeThanTheProtocols() {
        TreeMap<String, String> headers = new TreeMap<>();
        headers.put("host", "kms.example.org");
        headers.put("x-amz-target", "TrentService.ListKeys");
        for (String type : List.of("application/json", "application/x-amz-json-1.0", "")) {
            headers.put("content-type", type);
            SignedRequest request =
                    Cluster.as("AKIAROOT", Cluster.REGION).post(headers, new byte[] {'{', '}'}, cluster.now);
            assertThat(cluster.refusal(request).type()).isEqualTo("UnknownOperationException");
        }
        headers.put("content-type", "application/x-amz-json-1.1; charset=utf-8");
        SignedRequest request =
                Cluster.as("AKIAROOT", Cluster.REGION).post(headers, new byte[] {'{', '}'}, cluster.now);
        assertThat(cluster.execute(request)).contains("\"Keys\":[]");
    }

    @Test
    void saysWhoWasRefusedOnceThatIsKnown() {
        Decision unsigned = Kms.decide(
                new SignedRequest("POST", "/", List.of(), new byte[0], "192.0.2.1"), cluster.directory, cluster.now);
        assertThat(unsigned.context().principal()).isNull();
        assertThat(unsigned.context().requestDigest()).hasSize(64);
        RequestContext context = cluster.decide("DescribeKey", "{}").context();
        assertThat(context.principal()).isEqualTo(Principal.root(Cluster.ACCOUNT));
        assertThat(context.action()).isEqualTo(Action.DESCRIBE_KEY);
        assertThat(context.region()).isEqualTo(Cluster.REGION);
    }

    /// Whatever a signed body holds, the answer is a decision and never an exception.
    @Test
    void decidesAboutAnyBody() {
        String keyId = key();
        Random random = new Random(3);
        String[] values = {
            "null",
            "1",
            "-1",
            "true",
            "\"\"",
            "\"" + keyId + "\"",
            "[]",
            "{}",
            "[1]",
            "[\"a\"]",
            "1e9",
            "\"alias/a\"",
            "\"AAAA\"",
            "[{}]",
            "[{\"TagKey\":null}]",
            "\"\\u0000\"",
            "\"ECDSA_SHA_256\"",
            "\"arn:aws:kms:::\""
        };
        String[] names = {
            "KeyId",
            "TargetKeyId",
            "AliasName",
            "Message",
            "MessageType",
            "SigningAlgorithm",
            "Signature",
            "Tags",
            "TagKeys",
            "Policy",
            "Limit",
            "Marker",
            "Description",
            "PendingWindowInDays",
            "KeySpec",
            "KeyUsage"
        };
        List<Action> actions = List.of(Action.values());
        for (int round = 0; round < 3000; round++) {
            Action action = actions.get(random.nextInt(actions.size()));
            StringBuilder body = new StringBuilder("{");
            for (String name : names) {
                if (random.nextInt(3) == 0) {
                    body.append(body.length() > 1 ? "," : "")
                            .append('"')
                            .append(name)
                            .append("\":")
                            .append(values[random.nextInt(values.length)]);
                }
            }
            Decision decision = cluster.decide(action.target(), body.append('}').toString());
            if (decision instanceof Decision.Refused refused) {
                assertThat(refused.error().status()).isEqualTo(400);
            }
        }
    }

    @Test
    void listsEveryKeyOncePageByPage() {
        KeyRecord model = cluster.directory.key(Cluster.ACCOUNT, Cluster.REGION, key());
        for (int i = 0; i < 250; i++) {
            cluster.directory.put(KeyRecord.decode(
                    RegisterName.key(
                            Cluster.ACCOUNT, Cluster.REGION, String.format("%08x-0000-4000-8000-000000000000", i)),
                    model.json()));
        }
        int seen = 0;
        String marker = "";
        JsonNode page;
        do {
            page = cluster.call("ListKeys", marker.isEmpty() ? "{}" : "{\"Marker\":\"" + marker + "\"}");
            seen += page.at("/Keys").size();
            marker = page.at("/NextMarker").stringValue("");
            assertThat(page.at("/Truncated").booleanValue()).isEqualTo(!marker.isEmpty());
        } while (!marker.isEmpty());
        assertThat(seen).isEqualTo(251);
    }
}
