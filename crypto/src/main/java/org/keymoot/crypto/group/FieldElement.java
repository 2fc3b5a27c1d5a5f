package org.keymoot.crypto.group;

/// A working register: an integer modulo the prime of some [PrimeField], in five signed limbs of radix 2^52.
///
/// It keeps true: whatever the representation, the value is exact; sums and differences only add limbs, and up to eight
/// multiplied results may be summed before the next multiplication. Mutable, so that a computation can erase it.
final class FieldElement {
    static final int LIMBS = 5;
    static final int LIMB_BITS = 52;
    static final long MASK = (1L << LIMB_BITS) - 1;

    long l0;
    long l1;
    long l2;
    long l3;
    long l4;

    FieldElement() {}

    FieldElement(FieldElement other) {
        set(other);
    }

    void set(FieldElement a) {
        l0 = a.l0;
        l1 = a.l1;
        l2 = a.l2;
        l3 = a.l3;
        l4 = a.l4;
    }

    void setZero() {
        l0 = 0;
        l1 = 0;
        l2 = 0;
        l3 = 0;
        l4 = 0;
    }

    void add(FieldElement a, FieldElement b) {
        l0 = a.l0 + b.l0;
        l1 = a.l1 + b.l1;
        l2 = a.l2 + b.l2;
        l3 = a.l3 + b.l3;
        l4 = a.l4 + b.l4;
    }

    void subtract(FieldElement a, FieldElement b) {
        l0 = a.l0 - b.l0;
        l1 = a.l1 - b.l1;
        l2 = a.l2 - b.l2;
        l3 = a.l3 - b.l3;
        l4 = a.l4 - b.l4;
    }

    void triple(FieldElement a) {
        l0 = 3 * a.l0;
        l1 = 3 * a.l1;
        l2 = 3 * a.l2;
        l3 = 3 * a.l3;
        l4 = 3 * a.l4;
    }

    void negate(FieldElement a) {
        l0 = -a.l0;
        l1 = -a.l1;
        l2 = -a.l2;
        l3 = -a.l3;
        l4 = -a.l4;
    }

    /// Negates where `mask` is -1 and does nothing where it is 0.
    void negateIf(long mask) {
        l0 = (l0 ^ mask) - mask;
        l1 = (l1 ^ mask) - mask;
        l2 = (l2 ^ mask) - mask;
        l3 = (l3 ^ mask) - mask;
        l4 = (l4 ^ mask) - mask;
    }

    /// Takes the value of `a` where `mask` is -1 and does nothing where it is 0.
    void setIf(long mask, FieldElement a) {
        l0 ^= (l0 ^ a.l0) & mask;
        l1 ^= (l1 ^ a.l1) & mask;
        l2 ^= (l2 ^ a.l2) & mask;
        l3 ^= (l3 ^ a.l3) & mask;
        l4 ^= (l4 ^ a.l4) & mask;
    }

    /// Reads the entry `index` of `count` entries, `stride` apart, by reading all of them.
    void select(long[] table, int offset, int stride, int count, int index) {
        long s0 = 0;
        long s1 = 0;
        long s2 = 0;
        long s3 = 0;
        long s4 = 0;
        for (int i = 0; i < count; i++) {
            long mask = (i ^ index) - 1L >> 63;
            int at = offset + i * stride;
            s0 |= table[at] & mask;
            s1 |= table[at + 1] & mask;
            s2 |= table[at + 2] & mask;
            s3 |= table[at + 3] & mask;
            s4 |= table[at + 4] & mask;
        }
        l0 = s0;
        l1 = s1;
        l2 = s2;
        l3 = s3;
        l4 = s4;
    }

    void load(long[] table, int offset) {
        l0 = table[offset];
        l1 = table[offset + 1];
        l2 = table[offset + 2];
        l3 = table[offset + 3];
        l4 = table[offset + 4];
    }

    void store(long[] table, int offset) {
        table[offset] = l0;
        table[offset + 1] = l1;
        table[offset + 2] = l2;
        table[offset + 3] = l3;
        table[offset + 4] = l4;
    }
}
