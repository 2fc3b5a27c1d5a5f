package org.keymoot.access.ethereum;

import java.util.List;

/// One address of an access list (EIP-2930) with its storage keys.
///
/// @param storageKeys 32 bytes each, as 64 lower-case hexadecimal digits
public record AccessListEntry(Address address, List<String> storageKeys) {
    public AccessListEntry {
        storageKeys = List.copyOf(storageKeys);
        for (String key : storageKeys) {
            if (!key.matches("[0-9a-f]{64}")) {
                throw new IllegalArgumentException("a storage key is 64 lower-case hexadecimal digits");
            }
        }
    }
}
