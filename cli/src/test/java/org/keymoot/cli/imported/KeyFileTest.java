package org.keymoot.cli.imported;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.keymoot.access.KeySpec;
import org.keymoot.access.Material;
import org.keymoot.access.encryption.DataKeyPair;
import org.keymoot.access.imported.ImportedKey;
import org.keymoot.crypto.group.Group;
import org.keymoot.crypto.secret.Disclosure;
import org.keymoot.crypto.secret.SecretScope;

class KeyFileTest {
    private static final DataKeyPair PAIR = DataKeyPair.fromSeed(DataKeyPair.Spec.ECC_SECG_P256K1, new byte[32]);

    private static byte[] publicKey(KeySpec spec, byte[] file) throws ImportedKey.Unfit {
        try (SecretScope scope = new SecretScope()) {
            return Material.encode(Group.of(spec.group()).multiplyBase(KeyFile.scalar(spec, file, scope)));
        }
    }

    private static byte[] pem(String label, byte[] der) {
        return ("-----BEGIN " + label + "-----\n"
                        + Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(der) + "\n-----END " + label
                        + "-----\n")
                .getBytes(StandardCharsets.US_ASCII);
    }

    private static byte[] scalar() throws ImportedKey.Unfit {
        byte[] out = new byte[32];
        try (SecretScope scope = new SecretScope()) {
            ImportedKey.scalar(KeySpec.ECC_SECG_P256K1, PAIR.privateKey(), scope)
                    .encodeTo(MemorySegment.ofArray(out), Disclosure.I_TAKE_THE_SECRET_OUT);
        }
        return out;
    }

    @Test
    void readsAnEllipticCurvesKeyInEachForm() throws Exception {
        KeySpec spec = KeySpec.ECC_SECG_P256K1;
        byte[] der = PAIR.privateKey();
        // The key of RFC 5915 is the last element of this PKCS #8.
        byte[] bare = Arrays.copyOfRange(der, 26, der.length);
        byte[] parameters = pem("EC PARAMETERS", HexFormat.of().parseHex("06052b8104000a"));
        byte[] bearing = pem("EC PRIVATE KEY", bare);
        byte[] both = Arrays.copyOf(parameters, parameters.length + bearing.length);
        System.arraycopy(bearing, 0, both, parameters.length, bearing.length);
        String digits = HexFormat.of().formatHex(scalar());
        for (byte[] file : new byte[][] {
            der,
            pem("PRIVATE KEY", der),
            bearing,
            both,
            scalar(),
            digits.getBytes(StandardCharsets.US_ASCII),
            ("0x" + digits + "\n").getBytes(StandardCharsets.US_ASCII)
        }) {
            assertThat(publicKey(spec, file)).isEqualTo(PAIR.publicKey());
        }
    }

    @Test
    void readsAnEd25519KeyInEachForm() throws Exception {
        KeyPair pair = KeyPairGenerator.getInstance("Ed25519").generateKeyPair();
        byte[] der = pair.getPrivate().getEncoded();
        byte[] seed = Arrays.copyOfRange(der, der.length - 32, der.length);
        for (byte[] file : new byte[][] {
            der, pem("PRIVATE KEY", der), seed, HexFormat.of().formatHex(seed).getBytes(StandardCharsets.US_ASCII)
        }) {
            assertThat(publicKey(KeySpec.ECC_NIST_EDWARDS25519, file))
                    .isEqualTo(pair.getPublic().getEncoded());
        }
    }

    @Test
    void readsSymmetricMaterialAsBytesAndDigitsAlike() throws Exception {
        byte[] material = "0123456789abcdef0123456789abcdef".getBytes(StandardCharsets.US_ASCII);
        byte[] digits = HexFormat.of().formatHex(material).getBytes(StandardCharsets.US_ASCII);
        assertThat(publicKey(KeySpec.SYMMETRIC_DEFAULT, material))
                .isEqualTo(publicKey(KeySpec.SYMMETRIC_DEFAULT, digits))
                .isNotEqualTo(publicKey(KeySpec.HMAC_256, material));
        assertThat(publicKey(KeySpec.HMAC_512, digits)).isNotEqualTo(publicKey(KeySpec.SYMMETRIC_DEFAULT, digits));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "0x",
                "0",
                "zz",
                "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n",
                "-----BEGIN PRIVATE KEY-----\nAAAA\n",
                "-----BEGIN PRIVATE KEY-----\n****\n-----END PRIVATE KEY-----\n",
                "0000000000000000000000000000000000000000000000000000000000000000",
                "ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
                "00000000000000000000000000000000000000000000000000000000000001"
            })
    void refusesWhatIsNoKeyWithoutRepeatingIt(String file) {
        assertThatThrownBy(() -> publicKey(KeySpec.ECC_SECG_P256K1, file.getBytes(StandardCharsets.US_ASCII)))
                .isInstanceOf(ImportedKey.Unfit.class)
                .hasNoCause()
                .satisfies(e -> assertThat(file.isEmpty()
                                || file.length() < 4
                                || !String.valueOf(e.getMessage()).contains(file))
                        .isTrue());
    }
}
