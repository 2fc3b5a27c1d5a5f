package org.keymoot.access;

import java.util.Arrays;
import java.util.List;

/// What a key is for; fixed when it is made. The names are AWS's.
public enum KeyUsage {
    ENCRYPT_DECRYPT,
    SIGN_VERIFY,
    GENERATE_VERIFY_MAC,
    KEY_AGREEMENT;

    static final List<String> ALL_OF_AWS =
            Arrays.stream(values()).map(Enum::name).toList();
}
