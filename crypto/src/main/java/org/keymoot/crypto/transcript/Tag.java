package org.keymoot.crypto.transcript;

/// Every domain of every hash in the project, in one list, so that a reviewer sees at a glance that no two uses
/// share one.
///
/// It keeps true: [#text()] is unique, carries a version, and is no prefix of another. A tag's text never
/// changes once released; a changed use takes a new version.
public enum Tag {
    // transcript
    TRANSCRIPT_EXPAND("transcript/expand", 1),

    // session
    SESSION_SET_UP("session/set-up", 1),
    SESSION_ID("session/id", 1),
    SESSION_CHILD("session/child", 1),
    SESSION_ECHO("session/echo", 1),

    // simulation
    SIMULATION_HISTORY("simulation/history", 1),

    // distributed key generation
    DKG_CHAIN_CODE("dkg/chain-code", 1),
    DKG_TRANSCRIPT("dkg/transcript", 1),

    // keys that are brought: the scalar of symmetric material, shares on their way, dealing
    IMPORT_SCALAR("import/scalar", 1),
    IMPORT_SHARE("import/sealed-share", 1),
    IMPORT_SHARE_KEY("import/key-of-share", 1),
    IMPORT_WRAPPING_KEY("import/wrapping-key", 1),
    DEALING_CHAIN_CODE("dealing/chain-code", 1),
    DEALING_TRANSCRIPT("dealing/transcript", 1),
    DEALING_SHARING("dealing/sharing", 1),

    // signing
    FROST_MESSAGE("frost/message", 1),

    // commit and proof
    COMMITMENT("commit/hash", 1),
    PROOF_SCHNORR("proof/schnorr", 1),
    PROOF_SCHNORR_NONCE("proof/schnorr-nonce", 1),
    PROOF_EQUALITY("proof/equality", 1),
    PROOF_EQUALITY_NONCE("proof/equality-nonce", 1),
    PROOF_EQUALITIES("proof/equalities", 1),
    PROOF_EQUALITIES_WEIGHT("proof/equalities-weight", 1),
    PROOF_EQUALITIES_NONCE("proof/equalities-nonce", 1),
    PROOF_BATCH("proof/batch", 1),

    // oblivious transfer: base, all-but-one, extension
    BASE_OT_POINT("ot/base/point", 1),
    BASE_OT_RANDOM_POINT("ot/base/random-point", 1),
    BASE_OT_BINDING("ot/base/binding", 1),
    BASE_OT_PAD("ot/base/pad", 1),
    ALL_BUT_ONE_NODE("ot/all-but-one/node", 1),
    ALL_BUT_ONE_LEAF("ot/all-but-one/leaf", 1),
    ALL_BUT_ONE_CHECK("ot/all-but-one/check", 1),
    ALL_BUT_ONE_CHECKS("ot/all-but-one/check-of-all", 1),
    COTE_ROW("ot/cote/row", 1),
    COTE_CHALLENGE("ot/cote/challenge", 1),
    COTE_COMBINED("ot/cote/combined", 1),
    COTE_PAD("ot/cote/pad", 1),

    // vector oblivious linear evaluation
    RVOLE_GADGET("vole/gadget", 1),
    RVOLE_CHALLENGE("vole/challenge", 1),
    RVOLE_CHECK("vole/check", 1),

    // pair set-up
    PAIR_SESSION("pair/session", 1),
    PAIR_ID("pair/id", 1),
    PAIR_ZERO_SEED("pair/zero-seed", 1),
    PAIR_ZERO_SHARE("pair/zero-share", 1),
    PAIR_CONFIRMATION("pair/confirmation", 1),

    // encryption, data keys and MACs on the pseudo-random function
    ENCRYPTION_CONTEXT("encryption/context", 1),
    ENCRYPTION_NONCE("encryption/nonce", 1),
    ENCRYPTION_INPUT("encryption/input", 1),
    ENCRYPTION_HEADER("encryption/header", 1),
    ENCRYPTION_KEYS("encryption/keys", 1),
    ENCRYPTION_DATA_KEY("encryption/data-key", 1),
    ENCRYPTION_DATA_KEY_PAIR("encryption/key-pair", 1),
    ENCRYPTION_CHECK("encryption/check", 1),
    MAC_INPUT("mac/input", 1),
    MAC_TAG("mac/tag", 1),

    // randomness of a quorum
    RANDOM_COMBINED("random/combined", 1),

    // threshold ECDSA
    ECDSA_SESSION("ecdsa/session", 1),
    ECDSA_PAIR("ecdsa/pair", 1),
    ECDSA_BINDING("ecdsa/binding", 1),
    ECDSA_PRESIGNATURE("ecdsa/presignature", 1),
    ECDSA_SHARE("ecdsa/share", 1),

    // evaluation
    PRF_INPUT("prf/input", 1),
    PRF_POINT("prf/point", 1),
    PRF_OUTPUT("prf/output", 1),

    // RSA
    RSA_DEALT("rsa/dealt", 1),
    RSA_SALT("rsa/salt", 1),
    RSA_PROOF("rsa/proof", 1),
    RSA_PROOF_NONCE("rsa/proof-nonce", 1);

    private final String text;

    Tag(String use, int version) {
        this.text = "keymoot/" + use + "/v" + version;
    }

    /// What enters the hash.
    public String text() {
        return text;
    }
}
