package org.keymoot.access;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/// Errors that AWS was seen to answer, provoked here: the same code, the same words.
///
/// What AWS answers about SM2 and ML-DSA keys and ECDSA with SHA-384 and SHA-512 is left out: no such key can be
/// made here. What it answers to new material beside material that waits for its rotation is in [ImportTest], since
/// both ids are made as it goes. In enumerations AWS's order is arbitrary; here it is the model's.
final class RecordedErrorsTest {
    private final Cluster cluster = new Cluster();
    private final Map<String, String> known = new LinkedHashMap<>();

    static Stream<Arguments> errors() {
        return KeyStatesTest.lines("aws-errors.tsv")
                .map(line -> line.split("\t", -1))
                .map(cells -> Arguments.of(cells[0], cells[1], cells[2], cells[3]));
    }

    @BeforeEach
    void makeKeys() {
        key("sign", "{\"KeySpec\":\"ECC_NIST_P256\",\"KeyUsage\":\"SIGN_VERIFY\"}");
        key("enc", "{}");
        key("other", "{\"Description\":\"other\"}");
        key("mac", "{\"KeySpec\":\"HMAC_256\",\"KeyUsage\":\"GENERATE_VERIFY_MAC\"}");
        key("hmac224", "{\"KeySpec\":\"HMAC_224\",\"KeyUsage\":\"GENERATE_VERIFY_MAC\"}");
        key("rsa", "{\"KeySpec\":\"RSA_2048\",\"KeyUsage\":\"SIGN_VERIFY\"}");
        key("rsa2048", "{\"KeySpec\":\"RSA_2048\",\"KeyUsage\":\"ENCRYPT_DECRYPT\"}");
        key("rsa3072", "{\"KeySpec\":\"RSA_3072\",\"KeyUsage\":\"ENCRYPT_DECRYPT\"}");
        key("rsa4096", "{\"KeySpec\":\"RSA_4096\",\"KeyUsage\":\"ENCRYPT_DECRYPT\"}");
        known.put("471 bytes", Cluster.base64(new byte[471]));
        String off = key("off", "{\"Description\":\"off\"}");
        cluster.call("DisableKey", "{\"KeyId\":\"" + off + "\"}");
        String imported = key("imported", "{\"Description\":\"imported\"}");
        KeyRecord record = cluster.directory.key(Cluster.ACCOUNT, Cluster.REGION, imported);
        cluster.directory.put(record.with("").origin(KeyOrigin.EXTERNAL).build());
        key("external", "{\"Origin\":\"EXTERNAL\"}");
        String rotated = key("rotated", "{\"Description\":\"rotated\"}");
        KeyRecord.Builder often =
                cluster.directory.key(Cluster.ACCOUNT, Cluster.REGION, rotated).with("");
        for (int i = 0; i < RotationActions.MAXIMUM_ON_DEMAND; i++) {
            often.rotatedTo(Material.current(rotated, "" + i, cluster.now, Material.RotationType.ON_DEMAND));
        }
        cluster.directory.put(often.build());
        String importing =
                key("importing", "{\"KeySpec\":\"ECC_NIST_P256\",\"KeyUsage\":\"SIGN_VERIFY\",\"Description\":\"i\"}");
        record = cluster.directory.key(Cluster.ACCOUNT, Cluster.REGION, importing);
        cluster.directory.put(record.withState(KeyState.PENDING_IMPORT, ""));
        known.put(
                "public",
                cluster.call("GetPublicKey", "{\"KeyId\":\"" + known.get("sign") + "\"}")
                        .at("/PublicKey")
                        .stringValue());
        known.put(
                "ciphertext",
                cluster.call("Encrypt", "{\"KeyId\":\"" + known.get("enc") + "\",\"Plaintext\":\"AAAA\"}")
                        .at("/CiphertextBlob")
                        .stringValue());
        known.put("129 a", "a".repeat(129));
        known.put("257 a", "a".repeat(257));
        known.put("4097 bytes", Cluster.base64(new byte[4097]));
        List<String> tags = Stream.iterate(0, i -> i < 51, i -> i + 1)
                .map(i -> "{\"TagKey\":\"k" + i + "\",\"TagValue\":\"v\"}")
                .toList();
        known.put("51 tags", String.join(",", tags));
    }

    private String key(String name, String body) {
        String id = cluster.call("CreateKey", body).at("/KeyMetadata/KeyId").stringValue();
        known.put(name, id);
        known.put("arn:" + name, Cluster.arn(id));
        return id;
    }

    private String filled(String text) {
        String filled = text;
        for (Map.Entry<String, String> entry : known.entrySet()) {
            filled = filled.replace("{" + entry.getKey() + "}", entry.getValue());
        }
        return filled;
    }

    @ParameterizedTest(name = "{0}: {2} {3}")
    @MethodSource("errors")
    void answersInTheWordsOfAws(String action, String request, String code, String message) {
        cluster.now = cluster.now.plusSeconds(1);
        assertThat(cluster.refusal(action, filled(request)))
                .isEqualTo(AwsError.of(code, message.isEmpty() ? null : filled(message)));
    }
}
