package org.keymoot.crypto.transcript;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import java.io.ByteArrayOutputStream;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.keymoot.crypto.group.Group;
import org.keymoot.crypto.group.GroupId;
import org.keymoot.crypto.group.ScalarField;
import org.keymoot.crypto.secret.Disclosure;
import org.keymoot.crypto.secret.SecretBytes;
import org.keymoot.crypto.secret.SecretScope;

final class TranscriptTest {
    private static final Disclosure TAKE = Disclosure.I_TAKE_THE_SECRET_OUT;

    @Test
    void hashIsSha256OfTypedAndLengthPrefixedInput() throws Exception {
        ByteArrayOutputStream expected = new ByteArrayOutputStream();
        item(expected, 0, Tag.COMMITMENT.text().getBytes(StandardCharsets.UTF_8));
        item(expected, 1, new byte[] {7, 8});
        item(expected, 2, "é".getBytes(StandardCharsets.UTF_8));
        item(expected, 3, new byte[] {0, 0, 0, 0, 0, 0, 1, 2});
        expected.write(new byte[] {16, 0, 0, 0, 32});
        assertThat(Transcript.start(Tag.COMMITMENT)
                        .bytes(new byte[] {7, 8})
                        .text("é")
                        .number(258)
                        .hash())
                .isEqualTo(MessageDigest.getInstance("SHA-256").digest(expected.toByteArray()));
    }

    @Test
    void inputsThatConcatenateAlikeHashApart() {
        ScalarField field = ScalarField.of(GroupId.SECP256K1);
        Group group = Group.of(GroupId.SECP256K1);
        List<Transcript> all = List.of(
                start(),
                start().bytes(new byte[0]),
                start().text(""),
                start().bytes(new byte[] {1, 2}),
                start().bytes(new byte[] {1}).bytes(new byte[] {2}),
                start().bytes(new byte[] {1, 2}).bytes(new byte[0]),
                start().text("\u0001\u0002"),
                start().bytes(new byte[8]),
                start().number(0),
                start().number(0).number(0),
                start().bytes(new byte[16]),
                start().scalar(field.zero()),
                start().scalar(ScalarField.of(GroupId.P256).zero()),
                start().point(group.generator()),
                start().point(group.identity()),
                start().bytes(group.generator().encode()),
                start().points(List.of(group.generator())),
                Transcript.start(Tag.PROOF_EQUALITY));
        Set<String> hashes = new HashSet<>();
        all.forEach(transcript -> hashes.add(Arrays.toString(transcript.hash())));
        assertThat(hashes).hasSize(all.size());
    }

    @Test
    void kindsAndLengthsOfOutputAreApart() {
        byte[] hash = start().hash();
        byte[] expanded = start().expand(32);
        byte[] longer = start().expand(33);
        assertThat(expanded).isNotEqualTo(hash);
        assertThat(Arrays.copyOf(longer, 32)).isNotEqualTo(expanded).isNotEqualTo(hash);
        assertThat(start().expand(100)).hasSize(100);
    }

    @Test
    void givesOutputOnlyOnce() {
        Transcript transcript = start();
        transcript.hash();
        assertThatIllegalStateException().isThrownBy(transcript::hash);
        assertThatIllegalStateException().isThrownBy(() -> transcript.number(1));
        assertThatIllegalStateException().isThrownBy(transcript::copy);
    }

    @Test
    void copyGoesItsOwnWay() {
        Transcript transcript = start().number(1);
        Transcript copy = transcript.copy();
        assertThat(copy.number(2).hash()).isEqualTo(start().number(1).number(2).hash());
        assertThat(transcript.hash()).isEqualTo(start().number(1).hash());
    }

    @ParameterizedTest
    @EnumSource
    void secretTranscriptOfPublicInputsIsTheSameTranscript(GroupId id) {
        ScalarField field = ScalarField.of(id);
        try (SecretScope scope = new SecretScope()) {
            SecretBytes hash = SecretTranscript.start(Tag.COMMITMENT)
                    .bytes(new byte[] {1})
                    .text("x")
                    .number(3)
                    .scalar(field.one())
                    .hash(scope);
            assertThat(array(hash))
                    .isEqualTo(Transcript.start(Tag.COMMITMENT)
                            .bytes(new byte[] {1})
                            .text("x")
                            .number(3)
                            .scalar(field.one())
                            .hash());
            assertThat(array(SecretTranscript.start(Tag.COMMITMENT).expand(77, scope)))
                    .isEqualTo(Transcript.start(Tag.COMMITMENT).expand(77));
            BigInteger secret = SecretTranscript.start(Tag.COMMITMENT)
                    .number(9)
                    .scalar(field, scope)
                    .reveal(TAKE)
                    .toBigInteger();
            assertThat(secret)
                    .isEqualTo(Transcript.start(Tag.COMMITMENT)
                            .number(9)
                            .scalar(field)
                            .toBigInteger());
        }
    }

    @Test
    void secretInputOfAnyLengthIsHashedWhole() throws Exception {
        for (int length : new int[] {0, 1, 255, 256, 257, 1000}) {
            byte[] input = new byte[length];
            Arrays.fill(input, (byte) 5);
            ByteArrayOutputStream expected = new ByteArrayOutputStream();
            item(expected, 0, Tag.COMMITMENT.text().getBytes(StandardCharsets.UTF_8));
            item(expected, 6, input);
            expected.write(new byte[] {16, 0, 0, 0, 32});
            try (SecretScope scope = new SecretScope()) {
                SecretBytes hash = SecretTranscript.start(Tag.COMMITMENT)
                        .secret(MemorySegment.ofArray(input))
                        .hash(scope);
                assertThat(array(hash))
                        .isEqualTo(MessageDigest.getInstance("SHA-256").digest(expected.toByteArray()));
            }
        }
    }

    private static Transcript start() {
        return Transcript.start(Tag.COMMITMENT);
    }

    private static byte[] array(SecretBytes bytes) {
        return bytes.segment(TAKE).toArray(ValueLayout.JAVA_BYTE);
    }

    private static void item(ByteArrayOutputStream out, int type, byte[] content) {
        out.write(type);
        out.writeBytes(ByteBuffer.allocate(4).putInt(content.length).array());
        out.writeBytes(content);
    }
}
