package org.keymoot.crypto.group;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.math.BigInteger;
import java.util.Arrays;
import java.util.Objects;
import org.keymoot.crypto.random.RandomSource;
import org.keymoot.crypto.secret.SecretScope;

/// The scalar field of one group, on a [ScalarKernel].
///
/// It keeps true: both public and secret scalars live in native memory as canonical 32-byte little-endian values, so
/// the same constant-time kernel serves both; only their interfaces differ.
final class PrimeOrderField implements ScalarField {
    static final PrimeOrderField SECP256K1 = new PrimeOrderField(
            GroupId.SECP256K1, "fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141", true);
    static final PrimeOrderField P256 =
            new PrimeOrderField(GroupId.P256, "ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551", true);
    static final PrimeOrderField ED25519 = new PrimeOrderField(
            GroupId.ED25519, "1000000000000000000000000000000014def9dea2f79cd65812631a5cf5d3ed", false);
    static final PrimeOrderField RISTRETTO255 = new PrimeOrderField(
            GroupId.RISTRETTO255, "1000000000000000000000000000000014def9dea2f79cd65812631a5cf5d3ed", false);

    static final int BYTES = 32;
    private static final int RANDOM_BYTES = 48;
    private static final int WIDE_BYTES = 64;
    private static final int WINDOW_BITS = 4;

    private final GroupId groupId;
    private final BigInteger order;
    private final boolean bigEndian;
    private final ScalarKernel kernel;
    private final SlotMemory memory = new SlotMemory();
    private final MemorySegment zeroBytes = memory.allocate(BYTES);
    private final PublicScalar zero;
    private final PublicScalar one;

    static PrimeOrderField of(GroupId id) {
        return switch (id) {
            case SECP256K1 -> SECP256K1;
            case P256 -> P256;
            case ED25519 -> ED25519;
            case RISTRETTO255 -> RISTRETTO255;
        };
    }

    private PrimeOrderField(GroupId groupId, String orderHex, boolean bigEndian) {
        this.groupId = groupId;
        this.order = new BigInteger(orderHex, 16);
        this.bigEndian = bigEndian;
        this.kernel = new ScalarKernel(order);
        this.zero = of(BigInteger.ZERO);
        this.one = of(BigInteger.ONE);
    }

    @Override
    public GroupId groupId() {
        return groupId;
    }

    @Override
    public BigInteger order() {
        return order;
    }

    @Override
    public PublicScalar zero() {
        return zero;
    }

    @Override
    public PublicScalar one() {
        return one;
    }

    @Override
    public PublicScalar of(long value) {
        if (value < 0) {
            throw new IllegalArgumentException("expected a non-negative value but found " + value);
        }
        MemorySegment slot = newSlot();
        slot.set(ScalarKernel.WORD, 0, value);
        return new PublicScalar(this, slot);
    }

    @Override
    public PublicScalar of(BigInteger value) {
        if (value.signum() < 0) {
            throw new IllegalArgumentException("expected a non-negative value but found a negative one");
        }
        MemorySegment slot = newSlot();
        BigInteger reduced = value.mod(order);
        for (int i = 0; i < BYTES / Long.BYTES; i++) {
            slot.set(
                    ScalarKernel.WORD,
                    (long) i * Long.BYTES,
                    reduced.shiftRight(i * Long.SIZE).longValue());
        }
        return new PublicScalar(this, slot);
    }

    @Override
    public PublicScalar reduce(byte[] wideBigEndian) {
        if (wideBigEndian.length < RANDOM_BYTES || wideBigEndian.length > WIDE_BYTES) {
            throw new IllegalArgumentException("expected 48 to 64 bytes but found " + wideBigEndian.length);
        }
        MemorySegment wide = memory.allocate(WIDE_BYTES);
        for (int i = 0; i < wideBigEndian.length; i++) {
            wide.set(ValueLayout.JAVA_BYTE, i, wideBigEndian[wideBigEndian.length - 1 - i]);
        }
        MemorySegment slot = newSlot();
        kernel.reduce(slot, 0, wide, 0, WIDE_BYTES);
        return new PublicScalar(this, slot);
    }

    @Override
    public PublicScalar decode(byte[] encoded) throws InvalidEncodingException {
        return new PublicScalar(this, decodeSlot(MemorySegment.ofArray(encoded)));
    }

    @Override
    public SecretScalar random(SecretScope scope, RandomSource random) {
        MemorySegment wide = memory.allocate(WIDE_BYTES);
        MemorySegment slot = newSlot();
        SecretScalar secret = scope.own(new NativeSecretScalar(this, slot));
        try {
            do {
                random.fill(wide.asSlice(0, RANDOM_BYTES));
                kernel.reduce(slot, 0, wide, 0, RANDOM_BYTES);
            } while (ScalarKernel.isZero(slot, 0));
        } finally {
            wide.fill((byte) 0);
        }
        return secret;
    }

    @Override
    public SecretScalar secretZero(SecretScope scope) {
        return scope.own(new NativeSecretScalar(this, newSlot()));
    }

    @Override
    public SecretScalar decodeSecret(SecretScope scope, MemorySegment encoded) throws InvalidEncodingException {
        return scope.own(new NativeSecretScalar(this, decodeSlot(encoded)));
    }

    private MemorySegment decodeSlot(MemorySegment encoded) throws InvalidEncodingException {
        if (encoded.byteSize() != BYTES) {
            throw new InvalidEncodingException(
                    "expected a scalar of " + BYTES + " bytes but found " + encoded.byteSize() + " bytes");
        }
        MemorySegment slot = newSlot();
        copyCanonical(slot, encoded);
        if (!kernel.isCanonical(slot, 0)) {
            slot.fill((byte) 0);
            throw new InvalidEncodingException("expected a scalar below the order of " + groupId);
        }
        return slot;
    }

    /// Copies between the internal little-endian form and the canonical encoding; the same in both directions.
    void copyCanonical(MemorySegment target, MemorySegment source) {
        if (bigEndian) {
            long w0 = Long.reverseBytes(source.get(ScalarKernel.WORD, 24));
            long w1 = Long.reverseBytes(source.get(ScalarKernel.WORD, 16));
            long w2 = Long.reverseBytes(source.get(ScalarKernel.WORD, 8));
            long w3 = Long.reverseBytes(source.get(ScalarKernel.WORD, 0));
            target.set(ScalarKernel.WORD, 0, w0);
            target.set(ScalarKernel.WORD, 8, w1);
            target.set(ScalarKernel.WORD, 16, w2);
            target.set(ScalarKernel.WORD, 24, w3);
        } else {
            MemorySegment.copy(source, 0, target, 0, BYTES);
        }
    }

    @Override
    public void rawReduce(MemorySegment d, long dOffset, MemorySegment wide, long wideOffset, int length) {
        kernel.reduce(d, dOffset, wide, wideOffset, length);
    }

    @Override
    public void rawAdd(MemorySegment d, long dOffset, MemorySegment a, long aOffset, MemorySegment b, long bOffset) {
        kernel.add(d, dOffset, a, aOffset, b, bOffset);
    }

    @Override
    public void rawSubtract(
            MemorySegment d, long dOffset, MemorySegment a, long aOffset, MemorySegment b, long bOffset) {
        kernel.subtract(d, dOffset, a, aOffset, b, bOffset);
    }

    @Override
    public void rawMultiply(
            MemorySegment d, long dOffset, MemorySegment a, long aOffset, MemorySegment b, long bOffset) {
        kernel.multiplyAdd(d, dOffset, a, aOffset, b, bOffset, zeroBytes, 0);
    }

    @Override
    public void rawMultiplyAdd(
            MemorySegment d, long dOffset, MemorySegment a, long aOffset, MemorySegment b, long bOffset) {
        kernel.multiplyAdd(d, dOffset, a, aOffset, b, bOffset, d, dOffset);
    }

    MemorySegment newSlot() {
        return memory.allocate(BYTES);
    }

    /// Native memory of `bytes`, a multiple of 32, that the caller erases.
    MemorySegment scratch(int bytes) {
        return memory.allocate(bytes);
    }

    void add(MemorySegment d, MemorySegment a, MemorySegment b) {
        kernel.add(d, 0, a, 0, b, 0);
    }

    void subtract(MemorySegment d, MemorySegment a, MemorySegment b) {
        kernel.subtract(d, 0, a, 0, b, 0);
    }

    void multiply(MemorySegment d, MemorySegment a, MemorySegment b) {
        kernel.multiplyAdd(d, 0, a, 0, b, 0, zeroBytes, 0);
    }

    /// `d = round(a·b / 2^384)` of the integers.
    void multiplyShift384(MemorySegment d, MemorySegment a, MemorySegment b) {
        kernel.multiplyShift384(d, a, b);
    }

    void negate(MemorySegment d, MemorySegment a) {
        kernel.subtract(d, 0, zeroBytes, 0, a, 0);
    }

    /// `d = a^(q-2)`: the inverse, or zero of zero. The exponent is public, so only its digits steer the loop.
    void invert(MemorySegment d, MemorySegment a) {
        MemorySegment powers = memory.allocate(BYTES << WINDOW_BITS);
        try {
            powers.set(ScalarKernel.WORD, 0, 1);
            for (int i = 1; i < 1 << WINDOW_BITS; i++) {
                rawMultiply(powers, (long) BYTES * i, powers, (long) BYTES * (i - 1), a, 0);
            }
            BigInteger exponent = order.subtract(BigInteger.TWO);
            MemorySegment.copy(powers, 0, d, 0, BYTES);
            for (int shift = 256 - WINDOW_BITS; shift >= 0; shift -= WINDOW_BITS) {
                for (int i = 0; i < WINDOW_BITS; i++) {
                    rawMultiply(d, 0, d, 0, d, 0);
                }
                int digit = exponent.shiftRight(shift).intValue() & ((1 << WINDOW_BITS) - 1);
                rawMultiply(d, 0, d, 0, powers, (long) BYTES * digit);
            }
        } finally {
            powers.fill((byte) 0);
        }
    }

    BigInteger toBigInteger(MemorySegment slot) {
        byte[] bytes = new byte[BYTES];
        MemorySegment.copy(slot, 0, MemorySegment.ofArray(bytes), 0, BYTES);
        for (int i = 0; i < BYTES / 2; i++) {
            byte swapped = bytes[i];
            bytes[i] = bytes[BYTES - 1 - i];
            bytes[BYTES - 1 - i] = swapped;
        }
        BigInteger value = new BigInteger(1, bytes);
        Arrays.fill(bytes, (byte) 0);
        return value;
    }

    PublicScalar require(Scalar scalar) {
        Objects.requireNonNull(scalar);
        if (!(scalar instanceof PublicScalar ours) || ours.field() != this) {
            throw new IllegalArgumentException("expected a scalar of " + groupId + " but found one of "
                    + scalar.field().groupId());
        }
        return ours;
    }

    NativeSecretScalar require(SecretScalar scalar) {
        Objects.requireNonNull(scalar);
        if (!(scalar instanceof NativeSecretScalar ours) || ours.field() != this) {
            throw new IllegalArgumentException("expected a scalar of " + groupId + " but found one of "
                    + scalar.field().groupId());
        }
        return ours;
    }

    @Override
    public String toString() {
        return "scalars of " + groupId;
    }
}
