package org.keymoot.protocol.dkg;

/// What a new key is for, which every party holds identically before it takes part.
///
/// @param use such as `ecdsa-sign`
/// @param policyHash the hash of whatever authorised the key's making
public record KeyPurpose(String use, byte[] policyHash) {
    public KeyPurpose {
        policyHash = policyHash.clone();
    }

    @Override
    public byte[] policyHash() {
        return policyHash.clone();
    }
}
