package org.keymoot.crypto.ed25519;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.math.BigInteger;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Random;
import org.bouncycastle.math.ec.rfc8032.Ed25519;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.keymoot.crypto.group.Group;
import org.keymoot.crypto.group.GroupId;
import org.keymoot.crypto.group.InvalidEncodingException;
import org.keymoot.crypto.group.Point;

class Ed25519SignatureTest {
    private static final HexFormat HEX = HexFormat.of();
    private static final BigInteger ORDER = Group.of(GroupId.ED25519).scalars().order();

    private final Random random = new Random(8032);
    private final byte[] message = {1, 2, 3};
    private final byte[] publicKey = new byte[32];
    private final byte[] signature = new byte[64];

    Ed25519SignatureTest() {
        byte[] seed = new byte[32];
        random.nextBytes(seed);
        Ed25519.generatePublicKey(seed, 0, publicKey, 0);
        Ed25519.sign(seed, 0, message, 0, message.length, signature, 0);
    }

    /// RFC 8032 section 7.1, tests 1 to 3.
    @ParameterizedTest
    @CsvSource({
        "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a,'',e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b",
        "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c,72,92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00",
        "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025,af82,6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a",
    })
    void verifiesTheSignaturesOfRfc8032(String key, String text, String signed) {
        assertThat(Ed25519Signature.verify(HEX.parseHex(key), HEX.parseHex(text), HEX.parseHex(signed)))
                .isTrue();
    }

    @Test
    void verifiesWhatBouncyCastleSigns() {
        for (int i = 0; i < 20; i++) {
            byte[] seed = new byte[32];
            byte[] text = new byte[i * 7];
            random.nextBytes(seed);
            random.nextBytes(text);
            Ed25519.generatePublicKey(seed, 0, publicKey, 0);
            Ed25519.sign(seed, 0, text, 0, text.length, signature, 0);
            assertThat(Ed25519Signature.verify(publicKey, text, signature)).isTrue();
        }
    }

    @Test
    void refusesAChangeOfAnyBitOfSignatureKeyOrMessage() {
        assertThat(Ed25519Signature.verify(publicKey, message, signature)).isTrue();
        for (int bit = 0; bit < 512; bit += 3) {
            byte[] changed = flipped(signature, bit);
            assertThat(Ed25519Signature.verify(publicKey, message, changed))
                    .as("bit %d", bit)
                    .isFalse();
        }
        for (int bit = 0; bit < 256; bit += 5) {
            byte[] changed = flipped(publicKey, bit);
            assertThat(Ed25519Signature.verify(changed, message, signature))
                    .as("bit %d", bit)
                    .isFalse();
        }
        assertThat(Ed25519Signature.verify(publicKey, flipped(message, 9), signature))
                .isFalse();
    }

    private static byte[] flipped(byte[] bytes, int bit) {
        byte[] out = bytes.clone();
        out[bit / 8] ^= (byte) (1 << bit % 8);
        return out;
    }

    @Test
    void refusesAnSThatIsNotReduced() {
        byte[] bigEndian = new byte[32];
        for (int i = 0; i < 32; i++) {
            bigEndian[i] = signature[63 - i];
        }
        byte[] larger = new BigInteger(1, bigEndian).add(ORDER).toByteArray();
        byte[] malleable = signature.clone();
        Arrays.fill(malleable, 32, 64, (byte) 0);
        for (int i = 0; i < larger.length && i < 32; i++) {
            malleable[32 + i] = larger[larger.length - 1 - i];
        }
        assertThat(Ed25519Signature.verify(publicKey, message, malleable)).isFalse();
    }

    @Test
    void refusesWrongLengthsAndKeysOfSmallOrder() {
        assertThat(Ed25519Signature.verify(publicKey, message, Arrays.copyOf(signature, 63)))
                .isFalse();
        assertThat(Ed25519Signature.verify(publicKey, message, Arrays.copyOf(signature, 65)))
                .isFalse();
        assertThat(Ed25519Signature.verify(Arrays.copyOf(publicKey, 31), message, signature))
                .isFalse();
        // Under the identity as key, R = s·B "signs" every message.
        byte[] identity = new byte[32];
        identity[0] = 1;
        byte[] forged = new byte[64];
        forged[0] = 1;
        assertThat(Ed25519Signature.verify(identity, message, forged)).isFalse();
        Point identityPoint = Group.of(GroupId.ED25519).identity();
        assertThat(Ed25519Signature.verify(identityPoint, message, forged)).isFalse();
    }

    @Test
    void refusesAKeyOfAnotherGroup() {
        Point key = Group.of(GroupId.RISTRETTO255).generator();
        assertThatIllegalArgumentException().isThrownBy(() -> Ed25519Signature.verify(key, message, signature));
    }

    @Test
    void acceptsADecodedKey() throws InvalidEncodingException {
        Point key = Group.of(GroupId.ED25519).decode(publicKey);
        assertThat(Ed25519Signature.verify(key, message, signature)).isTrue();
    }
}
