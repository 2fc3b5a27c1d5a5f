package org.keymoot.access;

import java.util.Arrays;
import java.util.List;

/// The MAC algorithms, with AWS's names. The tag is the parties' pseudo-random function, expanded to the length that
/// the algorithm of that name has; it is not the tag that plain HMAC computes.
public enum MacAlgorithm {
    HMAC_SHA_224(28),
    HMAC_SHA_256(32),
    HMAC_SHA_384(48),
    HMAC_SHA_512(64);

    static final List<String> ALL_OF_AWS =
            Arrays.stream(values()).map(Enum::name).toList();

    private final int tagBytes;

    MacAlgorithm(int tagBytes) {
        this.tagBytes = tagBytes;
    }

    int tagBytes() {
        return tagBytes;
    }
}
