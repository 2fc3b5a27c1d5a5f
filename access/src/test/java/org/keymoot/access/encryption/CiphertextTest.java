package org.keymoot.access.encryption;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.bouncycastle.crypto.digests.SHA256Digest;
import org.bouncycastle.crypto.engines.AESEngine;
import org.bouncycastle.crypto.generators.HKDFBytesGenerator;
import org.bouncycastle.crypto.modes.GCMBlockCipher;
import org.bouncycastle.crypto.params.AEADParameters;
import org.bouncycastle.crypto.params.HKDFParameters;
import org.bouncycastle.crypto.params.KeyParameter;
import org.junit.jupiter.api.Test;
import org.keymoot.crypto.random.SeededRandom;
import org.keymoot.crypto.transcript.Tag;
import org.keymoot.crypto.transcript.Transcript;

/// The format of ciphertexts: what the first release wrote still opens, and other people's code opens it by
/// docs/protocols/encryption.md.
final class CiphertextTest {
    private static final HexFormat HEX = HexFormat.of();
    private static final byte[] OUTPUT = bytes(0x11, 32);
    private static final byte[] SALT = bytes(0x22, 32);
    private static final byte[] PLAINTEXT = "attack at dawn".getBytes(StandardCharsets.US_ASCII);
    private static final EncryptionContext CONTEXT =
            new EncryptionContext(new TreeMap<>(Map.of("Purpose", "test", "a", "\u00e9")));
    private static final Ciphertext.Address ADDRESS = new Ciphertext.Address(
            "us-east-1", "123456789012", "12345678-1234-4234-8234-123456789012", "ab".repeat(32));

    private static byte[] bytes(int value, int length) {
        byte[] bytes = new byte[length];
        Arrays.fill(bytes, (byte) value);
        return bytes;
    }

    private static byte[] nonce() {
        return Ciphertext.nonce("ab".repeat(32));
    }

    private static byte[] seal() {
        return Ciphertext.seal(ADDRESS, nonce(), CONTEXT, OUTPUT, SALT, PLAINTEXT);
    }

    @Test
    void writesAndReadsWhatTheFirstReleaseWrote() {
        assertThat(HEX.formatHex(seal())).isEqualTo(GOLDEN_BLOB);
        Ciphertext ciphertext = Objects.requireNonNull(Ciphertext.parse(HEX.parseHex(GOLDEN_BLOB)));
        assertThat(ciphertext.address()).isEqualTo(ADDRESS);
        assertThat(ciphertext.open(CONTEXT, OUTPUT)).isEqualTo(PLAINTEXT);
        assertThat(HEX.formatHex(ciphertext.input(CONTEXT))).isEqualTo(GOLDEN_INPUT);
    }

    @Test
    void derivesWhatTheFirstReleaseDerived() {
        assertThat(HEX.formatHex(Ciphertext.dataKey(ADDRESS, nonce(), CONTEXT, OUTPUT, SALT, 32)))
                .isEqualTo(GOLDEN_DATA_KEY);
        byte[] input = MacTag.input("123456789012", ADDRESS.keyId(), "HMAC_SHA_256", PLAINTEXT);
        assertThat(HEX.formatHex(MacTag.of(input, OUTPUT, 32))).isEqualTo(GOLDEN_TAG);
    }

    @Test
    void opensOnlyWithTheOutputAndContextItWasSealedWith() {
        Ciphertext ciphertext = Objects.requireNonNull(Ciphertext.parse(seal()));
        assertThat(ciphertext.open(CONTEXT, bytes(0x12, 32))).isNull();
        assertThat(ciphertext.open(EncryptionContext.EMPTY, OUTPUT)).isNull();
    }

    /// Steps 2.2 to 2.5 of the specification, with another library's HKDF and AES.
    @Test
    void isWhatItsSpecificationSays() throws Exception {
        ByteBuffer blob = ByteBuffer.wrap(seal());
        assertThat(take(blob, 4)).isEqualTo(new byte[] {'K', 'M', 'T', 1});
        for (String text : new String[] {ADDRESS.region(), ADDRESS.account(), ADDRESS.keyId()}) {
            assertThat(new String(take(blob, blob.get()), StandardCharsets.US_ASCII))
                    .isEqualTo(text);
        }
        assertThat(take(blob, 32)).isEqualTo(HEX.parseHex(ADDRESS.materialId()));
        assertThat(take(blob, 32)).isEqualTo(nonce());
        assertThat(take(blob, 32)).isEqualTo(SALT);
        byte[] commitment = take(blob, 32);
        byte[] sealed = take(blob, PLAINTEXT.length + 16);
        assertThat(blob.remaining()).isEqualTo(8);

        byte[] context = Transcript.start(Tag.ENCRYPTION_CONTEXT)
                .number(2)
                .text("Purpose")
                .text("test")
                .text("a")
                .text("\u00e9")
                .hash();
        byte[] header = Transcript.start(Tag.ENCRYPTION_HEADER)
                .text(ADDRESS.region())
                .text(ADDRESS.account())
                .text(ADDRESS.keyId())
                .text(ADDRESS.materialId())
                .bytes(nonce())
                .bytes(SALT)
                .bytes(context)
                .hash();
        byte[] tag = "keymoot/encryption/keys/v1\0".getBytes(StandardCharsets.US_ASCII);
        byte[] info = Arrays.copyOf(tag, tag.length + header.length);
        System.arraycopy(header, 0, info, tag.length, header.length);
        HKDFBytesGenerator hkdf = new HKDFBytesGenerator(SHA256Digest.newInstance());
        hkdf.init(new HKDFParameters(OUTPUT, SALT, info));
        byte[] keys = new byte[76];
        hkdf.generateBytes(keys, 0, keys.length);
        assertThat(commitment).isEqualTo(Arrays.copyOfRange(keys, 44, 76));
        var gcm = GCMBlockCipher.newInstance(AESEngine.newInstance());
        gcm.init(
                false,
                new AEADParameters(new KeyParameter(keys, 0, 32), 128, Arrays.copyOfRange(keys, 32, 44), header));
        byte[] opened = new byte[gcm.getOutputSize(sealed.length)];
        gcm.doFinal(opened, gcm.processBytes(sealed, 0, sealed.length, opened, 0));
        assertThat(opened).isEqualTo(PLAINTEXT);
    }

    private static byte[] take(ByteBuffer in, int length) {
        byte[] bytes = new byte[length];
        in.get(bytes);
        return bytes;
    }

    @Test
    void readsNothingThatIsNoCiphertext() {
        SeededRandom random = new SeededRandom(1);
        for (int length = 0; length < 600; length++) {
            byte[] body = random.bytes(length);
            if (length > 3) {
                System.arraycopy(new byte[] {'K', 'M', 'T', 1}, 0, body, 0, 4);
            }
            byte[] check = Transcript.start(Tag.ENCRYPTION_CHECK).bytes(body).hash();
            byte[] blob = Arrays.copyOf(body, length + 8);
            System.arraycopy(check, 0, blob, length, 8);
            assertThat(Ciphertext.parse(blob)).as("%d bytes", length).isNull();
            assertThat(Ciphertext.parse(body)).isNull();
        }
    }

    @Test
    void refusesAddressesThatNameNoKey() {
        assertThatThrownBy(() -> new Ciphertext.Address("US", "123456789012", "a", "ab".repeat(32)))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new Ciphertext.Address("us-east-1", "1", "a", "ab".repeat(32)))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new Ciphertext.Address("us-east-1", "123456789012", "a/b", "ab".repeat(32)))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new Ciphertext.Address("us-east-1", "123456789012", "a", "ab"))
                .isInstanceOf(IllegalArgumentException.class);
    }

    private static final String GOLDEN_INPUT = "b5f39fc47505e59e7420bc1a6fc2c7e4b85f65719ca49d3044d2e87f58c9a0df";
    private static final String GOLDEN_DATA_KEY = "82aab71889f72c4caa41a80fe872776e59841cd70da789fc61a7883e9881f87a";
    private static final String GOLDEN_TAG = "13c320fb429684bcf6a64af8b4258d7221201fbf8aee0176d7d4c6359dc9434d";
    private static final String GOLDEN_BLOB =
            "4b4d54010975732d656173742d310c3132333435363738393031322431323334353637382d313233342d343233342d38"
                    + "3233342d313233343536373839303132abababababababababababababababababababababababababababababababab"
                    + "3715562658b691293d1166071d58ae12dea8f70682bc877193a6e3ab1402dc2422222222222222222222222222222222"
                    + "2222222222222222222222222222222238cebf40c4d88fb9d338a7058ee57a5623bcf409794e928dc6c3ec4805c691ef"
                    + "5de7a9951805773ef633ef6b88dda022197e8ed59c945e2fc75d6df01f3f84016aa7a5d3df58";
}
