package org.keymoot.access.imported;

import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.MessageDigest;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.SecureRandom;
import java.security.spec.PKCS8EncodedKeySpec;
import java.security.spec.X509EncodedKeySpec;
import java.util.Arrays;
import java.util.Optional;
import javax.crypto.Cipher;
import javax.crypto.KDF;
import javax.crypto.KEM;
import javax.crypto.KeyAgreement;
import javax.crypto.SecretKey;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.HKDFParameterSpec;
import javax.crypto.spec.SecretKeySpec;
import org.keymoot.crypto.transcript.Tag;
import org.keymoot.crypto.transcript.Transcript;

/// Encrypts a share to the one party that it is for: X25519 and ML-KEM-768 together, HKDF-SHA-256, AES-256-GCM.
///
/// Requests stay in the directory for good, so the shares in them must not open to somebody who breaks one of the two
/// later.
///
/// It keeps true: a share opens only with the context that it was sealed in, which names token, commitment and party.
public final class ShareSealing {
    private static final int SHARE_BYTES = 32;
    private static final int TAG_BITS = 128;
    private static final int X25519_BYTES = 44;
    private static final int ENCAPSULATION_BYTES = 1088;

    /// Bytes of a sealed share.
    public static final int SEALED_BYTES = X25519_BYTES + ENCAPSULATION_BYTES + SHARE_BYTES + TAG_BITS / 8;

    /// Most bytes of a public key.
    public static final int MAX_PUBLIC_BYTES = 2048;

    private ShareSealing() {}

    /// A party's key pair.
    ///
    /// @param publicKey both public keys, as SubjectPublicKeyInfo, X25519 first
    /// @param privateKey both private keys in PKCS #8, each after its length; the holder erases it
    @SuppressWarnings("ArrayRecordComponent")
    public record Pair(byte[] publicKey, byte[] privateKey) {
        @Override
        public String toString() {
            return "[redacted]";
        }
    }

    public static Pair generate(SecureRandom random) {
        try {
            KeyPair classic = pair("X25519", random);
            KeyPair lattice = pair("ML-KEM-768", random);
            byte[] one = classic.getPrivate().getEncoded();
            byte[] other = lattice.getPrivate().getEncoded();
            byte[] both = ByteBuffer.allocate(2 * Integer.BYTES + one.length + other.length)
                    .putInt(one.length)
                    .put(one)
                    .putInt(other.length)
                    .put(other)
                    .array();
            Arrays.fill(one, (byte) 0);
            Arrays.fill(other, (byte) 0);
            return new Pair(
                    concatenated(
                            classic.getPublic().getEncoded(),
                            lattice.getPublic().getEncoded()),
                    both);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("the platform has X25519 and ML-KEM-768", e);
        }
    }

    /// What a share is bound to beside its receiver's key.
    ///
    /// @param commitment to the polynomial, as encoded in the request
    public static byte[] context(byte[] token, byte[] commitment) {
        return Transcript.start(Tag.IMPORT_SHARE).bytes(token).bytes(commitment).hash();
    }

    /// What a party signs of its wrapping key, so that nobody can put another key in its place, nor let the key's owner
    /// make shares of which fewer are enough.
    ///
    /// @param spec of the KMS key
    /// @param parties that the key is for
    /// @param reconstructionThreshold shares that are to be needed
    public static byte[] statement(
            byte[] token, byte[] publicKey, String spec, int parties, int reconstructionThreshold) {
        return Transcript.start(Tag.IMPORT_WRAPPING_KEY)
                .bytes(token)
                .bytes(publicKey)
                .text(spec)
                .number(parties)
                .number(reconstructionThreshold)
                .hash();
    }

    /// @param share the canonical 32 bytes of the scalar, which stay the caller's to erase
    /// @throws GeneralSecurityException when the public key is none
    public static byte[] seal(byte[] publicKey, byte[] context, byte[] share, SecureRandom random)
            throws GeneralSecurityException {
        if (publicKey.length <= X25519_BYTES) {
            throw new GeneralSecurityException("the wrapping key is too short");
        }
        PublicKey classic = KeyFactory.getInstance("X25519")
                .generatePublic(new X509EncodedKeySpec(Arrays.copyOf(publicKey, X25519_BYTES)));
        PublicKey lattice = KeyFactory.getInstance("ML-KEM")
                .generatePublic(new X509EncodedKeySpec(Arrays.copyOfRange(publicKey, X25519_BYTES, publicKey.length)));
        KeyPair ephemeral = pair("X25519", random);
        KEM.Encapsulated encapsulated =
                KEM.getInstance("ML-KEM").newEncapsulator(lattice, random).encapsulate();
        byte[] head = concatenated(ephemeral.getPublic().getEncoded(), encapsulated.encapsulation());
        SecretKey key = key(agree(ephemeral.getPrivate(), classic), encapsulated.key(), head, publicKey, context);
        return concatenated(head, crypt(Cipher.ENCRYPT_MODE, key, context, share));
    }

    /// The share's bytes in `target`; false when it was not sealed to this pair in this context.
    public static boolean open(Pair pair, byte[] context, byte[] sealed, MemorySegment target) {
        if (sealed.length != SEALED_BYTES) {
            return false;
        }
        Optional<byte[]> opened = opened(pair, context, sealed);
        if (opened.isEmpty()) {
            return false;
        }
        target.copyFrom(MemorySegment.ofArray(opened.get()));
        Arrays.fill(opened.get(), (byte) 0);
        return true;
    }

    private static Optional<byte[]> opened(Pair pair, byte[] context, byte[] sealed) {
        ByteBuffer in = ByteBuffer.wrap(pair.privateKey());
        byte[] one = new byte[in.getInt()];
        in.get(one);
        byte[] other = new byte[in.getInt()];
        in.get(other);
        try {
            byte[] head = Arrays.copyOf(sealed, X25519_BYTES + ENCAPSULATION_BYTES);
            PrivateKey classic = KeyFactory.getInstance("X25519").generatePrivate(new PKCS8EncodedKeySpec(one));
            PrivateKey lattice = KeyFactory.getInstance("ML-KEM").generatePrivate(new PKCS8EncodedKeySpec(other));
            PublicKey ephemeral = KeyFactory.getInstance("X25519")
                    .generatePublic(new X509EncodedKeySpec(Arrays.copyOf(head, X25519_BYTES)));
            SecretKey secret = KEM.getInstance("ML-KEM")
                    .newDecapsulator(lattice)
                    .decapsulate(Arrays.copyOfRange(head, X25519_BYTES, head.length));
            SecretKey key = key(agree(classic, ephemeral), secret, head, pair.publicKey(), context);
            byte[] body = Arrays.copyOfRange(sealed, head.length, sealed.length);
            return Optional.of(crypt(Cipher.DECRYPT_MODE, key, context, body));
        } catch (GeneralSecurityException e) {
            return Optional.empty();
        } finally {
            Arrays.fill(one, (byte) 0);
            Arrays.fill(other, (byte) 0);
        }
    }

    private static KeyPair pair(String algorithm, SecureRandom random) throws GeneralSecurityException {
        KeyPairGenerator generator = KeyPairGenerator.getInstance(algorithm);
        if (algorithm.equals("X25519")) {
            generator.initialize(255, random);
        } else {
            generator.initialize(java.security.spec.NamedParameterSpec.ML_KEM_768, random);
        }
        return generator.generateKeyPair();
    }

    private static byte[] agree(PrivateKey own, PublicKey other) throws GeneralSecurityException {
        KeyAgreement agreement = KeyAgreement.getInstance("X25519");
        agreement.init(own);
        agreement.doPhase(other, true);
        return agreement.generateSecret();
    }

    /// The first secret is erased.
    private static SecretKey key(byte[] classic, SecretKey lattice, byte[] head, byte[] publicKey, byte[] context)
            throws GeneralSecurityException {
        byte[] name = Tag.IMPORT_SHARE_KEY.text().getBytes(StandardCharsets.US_ASCII);
        byte[] info = concatenated(name, sha256(concatenated(sha256(head), sha256(publicKey), context)));
        byte[] second = lattice.getEncoded();
        byte[] input = concatenated(second, classic);
        byte[] derived = new byte[0];
        try {
            derived = KDF.getInstance("HKDF-SHA256")
                    .deriveData(HKDFParameterSpec.ofExtract().addIKM(input).thenExpand(info, 32));
            return new SecretKeySpec(derived, "AES");
        } finally {
            Arrays.fill(classic, (byte) 0);
            Arrays.fill(second, (byte) 0);
            Arrays.fill(input, (byte) 0);
            Arrays.fill(derived, (byte) 0);
        }
    }

    /// Each key encrypts once, so its nonce may be constant.
    private static byte[] crypt(int mode, SecretKey key, byte[] context, byte[] text) throws GeneralSecurityException {
        Cipher cipher = Cipher.getInstance("AES/GCM/NoPadding");
        cipher.init(mode, key, new GCMParameterSpec(TAG_BITS, new byte[12]));
        cipher.updateAAD(context);
        return cipher.doFinal(text);
    }

    private static byte[] sha256(byte[] bytes) throws GeneralSecurityException {
        return MessageDigest.getInstance("SHA-256").digest(bytes);
    }

    private static byte[] concatenated(byte[]... parts) {
        int length = Arrays.stream(parts).mapToInt(part -> part.length).sum();
        ByteBuffer all = ByteBuffer.allocate(length);
        for (byte[] part : parts) {
            all.put(part);
        }
        return all.array();
    }
}
