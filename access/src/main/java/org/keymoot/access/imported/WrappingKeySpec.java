package org.keymoot.access.imported;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/// The kinds of wrapping keys that a party makes for whole keys. The names are AWS's.
public enum WrappingKeySpec {
    RSA_2048(2048),
    RSA_3072(3072),
    RSA_4096(4096);

    /// Every spec that AWS's model lists.
    public static final List<String> ALL_OF_AWS = List.of("RSA_2048", "RSA_3072", "RSA_4096", "SM2");

    private final int bits;

    WrappingKeySpec(int bits) {
        this.bits = bits;
    }

    public int bits() {
        return bits;
    }

    public static Optional<WrappingKeySpec> find(String aws) {
        return Arrays.stream(values()).filter(one -> one.name().equals(aws)).findFirst();
    }
}
