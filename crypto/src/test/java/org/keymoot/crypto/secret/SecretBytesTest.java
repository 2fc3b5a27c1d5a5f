package org.keymoot.crypto.secret;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.keymoot.crypto.secret.Disclosure.I_TAKE_THE_SECRET_OUT;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SecretBytesTest {
    private static final byte[] CONTENT =
            "attack at dawn, not at dusk".getBytes(java.nio.charset.StandardCharsets.US_ASCII);

    private static SecretBytes secret(byte[] content) {
        return SecretBytes.copyOf(MemorySegment.ofArray(content));
    }

    @Test
    void holdsWhatItWasGivenOutsideTheHeap() {
        try (SecretBytes secret = secret(CONTENT)) {
            MemorySegment segment = secret.segment(I_TAKE_THE_SECRET_OUT);
            assertThat(segment.isNative()).isTrue();
            assertThat(segment.toArray(ValueLayout.JAVA_BYTE)).isEqualTo(CONTENT);
            assertThat(secret.length()).isEqualTo(CONTENT.length);
        }
    }

    @Test
    void printsNothingOfItsContent() {
        try (SecretBytes secret = secret(CONTENT)) {
            assertThat(secret.toString()).isEqualTo("[redacted]");
            assertThat(String.valueOf(List.of(secret))).isEqualTo("[[redacted]]");
            assertThat(secret.hashCode())
                    .isEqualTo(secret(new byte[CONTENT.length]).hashCode());
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 7, 8, 9, 31, 32, 33, 1000, 4096})
    void equalsOnlyTheSameContent(int length) {
        byte[] content = new byte[length];
        for (int i = 0; i < length; i++) {
            content[i] = (byte) (i * 37 + 5);
        }
        try (SecretBytes one = secret(content);
                SecretBytes same = secret(content);
                SecretBytes longer = SecretBytes.allocate(length + 1)) {
            assertThat(one).isEqualTo(same).isNotEqualTo(longer).hasSameHashCodeAs(same);
            for (int i = 0; i < length; i++) {
                content[i] ^= 0x40;
                try (SecretBytes other = secret(content)) {
                    assertThat(one.equals(other))
                            .as("a difference at byte %d", i)
                            .isFalse();
                }
                content[i] ^= 0x40;
            }
        }
    }

    @Test
    void equalsNothingElseOnceClosed() {
        SecretBytes closed = secret(CONTENT);
        closed.close();
        try (SecretBytes zeros = SecretBytes.allocate(CONTENT.length)) {
            assertThat(closed.equals(zeros)).isFalse();
            assertThat(zeros.equals(closed)).isFalse();
            assertThat(closed.equals(closed)).isTrue();
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 27, 32, 4097, 1 << 20})
    void leavesZerosInItsMemoryWhenClosed(int length) {
        SecretBytes secret = SecretBytes.random(length, target -> target.fill((byte) 0x5a));
        MemorySegment raw = secret.segment(I_TAKE_THE_SECRET_OUT);
        assertThat(raw.mismatch(MemorySegment.ofArray(filled(length, 0x5a)))).isEqualTo(-1);
        secret.close();
        assertThat(raw.mismatch(MemorySegment.ofArray(new byte[length]))).isEqualTo(-1);
    }

    private static byte[] filled(int length, int value) {
        byte[] bytes = new byte[length];
        java.util.Arrays.fill(bytes, (byte) value);
        return bytes;
    }

    @Test
    void freesTheMemoryOfASecretTooLargeForASlot() {
        SecretBytes secret = SecretBytes.allocate(SecretMemory.LARGEST_SLOT_BYTES + 1);
        MemorySegment raw = secret.segment(I_TAKE_THE_SECRET_OUT);
        raw.set(ValueLayout.JAVA_BYTE, SecretMemory.LARGEST_SLOT_BYTES, (byte) 1);
        secret.close();
        secret.close();
        assertThat(raw.scope().isAlive()).isFalse();
    }

    @Test
    void cannotBeReadOnceClosed() {
        SecretBytes secret = secret(CONTENT);
        secret.close();
        secret.close();
        assertThatIllegalStateException()
                .isThrownBy(() -> secret.segment(I_TAKE_THE_SECRET_OUT))
                .withMessage("secret has been erased");
    }

    @Test
    void cannotBeReadBeyondItsEndEvenWhereItsSlotIsLarger() {
        try (SecretBytes secret = SecretBytes.allocate(27)) {
            MemorySegment segment = secret.segment(I_TAKE_THE_SECRET_OUT);
            org.assertj.core.api.Assertions.assertThatExceptionOfType(IndexOutOfBoundsException.class)
                    .isThrownBy(() -> segment.get(ValueLayout.JAVA_BYTE, 27));
        }
    }

    @Test
    void erasesWhatAFailingGeneratorHadBegun() {
        AtomicReference<MemorySegment> drawn = new AtomicReference<>();
        assertThatIllegalStateException()
                .isThrownBy(() -> SecretBytes.random(32, target -> {
                    target.fill((byte) 1);
                    drawn.set(target);
                    throw new IllegalStateException("the generator is broken");
                }));
        assertThat(drawn.get().mismatch(MemorySegment.ofArray(new byte[32]))).isEqualTo(-1);
    }

    @Test
    void refusesANegativeLength() {
        assertThatIllegalArgumentException().isThrownBy(() -> SecretBytes.allocate(-1));
    }

    @Test
    void scopeErasesAllItOwnsWhenTheComputationThrows() {
        AtomicReference<MemorySegment> raw = new AtomicReference<>();
        assertThatIllegalStateException().isThrownBy(() -> {
            try (SecretScope scope = new SecretScope()) {
                MemorySegment segment = scope.allocate(64).segment(I_TAKE_THE_SECRET_OUT);
                segment.fill((byte) 7);
                raw.set(segment);
                throw new IllegalStateException("stop");
            }
        });
        assertThat(raw.get().mismatch(MemorySegment.ofArray(new byte[64]))).isEqualTo(-1);
    }

    @Test
    void scopeErasesTheRestWhenOneSecretCannotBeErased() {
        SecretScope scope = new SecretScope();
        SecretBytes first = scope.allocate(8);
        scope.own(() -> {
            throw new java.io.IOException("stuck");
        });
        assertThatIllegalStateException().isThrownBy(scope::close).withMessage("a secret could not be erased");
        assertThatIllegalStateException().isThrownBy(() -> first.segment(I_TAKE_THE_SECRET_OUT));
    }
}
