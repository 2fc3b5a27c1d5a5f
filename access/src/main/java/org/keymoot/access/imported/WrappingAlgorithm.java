package org.keymoot.access.imported;

import java.security.GeneralSecurityException;
import java.security.Key;
import java.security.interfaces.RSAPrivateKey;
import java.security.spec.MGF1ParameterSpec;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import javax.crypto.Cipher;
import javax.crypto.spec.OAEPParameterSpec;
import javax.crypto.spec.PSource;
import javax.crypto.spec.SecretKeySpec;

/// How key material is encrypted on its way to a party. The names are AWS's, except for the last.
///
/// [#code()] is part of import tokens and never changes.
public enum WrappingAlgorithm {
    RSAES_OAEP_SHA_1(1, "SHA-1", false),
    RSAES_OAEP_SHA_256(2, "SHA-256", false),
    /// An AES key under RSA, then the material under that key (RFC 5649).
    RSA_AES_KEY_WRAP_SHA_1(3, "SHA-1", true),
    RSA_AES_KEY_WRAP_SHA_256(4, "SHA-256", true),
    /// For a share of a key that its owner split: see [ShareSealing].
    X25519_MLKEM768(5, "", false);

    /// Every algorithm that AWS's model lists.
    public static final List<String> ALL_OF_AWS = List.of(
            "RSAES_PKCS1_V1_5",
            "RSAES_OAEP_SHA_1",
            "RSAES_OAEP_SHA_256",
            "RSA_AES_KEY_WRAP_SHA_1",
            "RSA_AES_KEY_WRAP_SHA_256",
            "SM2PKE");

    private final int code;
    private final String hash;
    private final boolean twoSteps;

    WrappingAlgorithm(int code, String hash, boolean twoSteps) {
        this.code = code;
        this.hash = hash;
        this.twoSteps = twoSteps;
    }

    public int code() {
        return code;
    }

    /// Whether whole keys come by it, rather than shares.
    public boolean isForWholeKeys() {
        return this != X25519_MLKEM768;
    }

    /// The algorithm of AWS that has this name and that is offered.
    public static Optional<WrappingAlgorithm> find(String aws) {
        return Arrays.stream(values())
                .filter(one -> one.isForWholeKeys() && one.name().equals(aws))
                .findFirst();
    }

    static Optional<WrappingAlgorithm> ofCode(int code) {
        return Arrays.stream(values()).filter(one -> one.code == code).findFirst();
    }

    /// The material, which the caller erases; empty when it was not wrapped for this key in this way.
    public Optional<byte[]> unwrap(RSAPrivateKey key, byte[] wrapped) {
        if (!isForWholeKeys()) {
            throw new IllegalStateException(this + " wraps shares");
        }
        byte[] wrappingKey = null;
        try {
            if (!twoSteps) {
                return Optional.of(decryptByRsa(key, wrapped));
            }
            int first = (key.getModulus().bitLength() + 7) / 8;
            if (wrapped.length <= first) {
                return Optional.empty();
            }
            wrappingKey = decryptByRsa(key, Arrays.copyOf(wrapped, first));
            return Optional.of(decrypt(
                    "AES/KWP/NoPadding",
                    new SecretKeySpec(wrappingKey, "AES"),
                    Arrays.copyOfRange(wrapped, first, wrapped.length)));
        } catch (GeneralSecurityException | IllegalArgumentException e) {
            return Optional.empty();
        } finally {
            if (wrappingKey != null) {
                Arrays.fill(wrappingKey, (byte) 0);
            }
        }
    }

    private byte[] decryptByRsa(RSAPrivateKey key, byte[] wrapped) throws GeneralSecurityException {
        MGF1ParameterSpec mask = hash.equals("SHA-1") ? MGF1ParameterSpec.SHA1 : MGF1ParameterSpec.SHA256;
        Cipher cipher = Cipher.getInstance("RSA/ECB/OAEPPadding");
        cipher.init(Cipher.DECRYPT_MODE, key, new OAEPParameterSpec(hash, "MGF1", mask, PSource.PSpecified.DEFAULT));
        return cipher.doFinal(wrapped);
    }

    private static byte[] decrypt(String transformation, Key key, byte[] wrapped) throws GeneralSecurityException {
        Cipher cipher = Cipher.getInstance(transformation);
        cipher.init(Cipher.DECRYPT_MODE, key);
        return cipher.doFinal(wrapped);
    }
}
