package org.keymoot.protocol.frost;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.List;
import org.keymoot.crypto.ed25519.Ed25519Signature;
import org.keymoot.crypto.group.Group;
import org.keymoot.crypto.group.GroupId;
import org.keymoot.crypto.group.Point;
import org.keymoot.crypto.group.Scalar;
import org.keymoot.crypto.group.SecretScalar;
import org.keymoot.crypto.random.RandomSource;
import org.keymoot.crypto.secret.Disclosure;
import org.keymoot.crypto.secret.SecretBytes;
import org.keymoot.crypto.secret.SecretScope;

/// The ciphersuites of RFC 9591 section 6: a group and the five hash functions H1 to H5.
///
/// It keeps true: each hash has its own domain, as the RFC writes it; H3, which makes nonces, leaves no secret
/// in a heap array that it could erase.
public final class FrostSuite {
    private static final Disclosure TAKE = Disclosure.I_TAKE_THE_SECRET_OUT;
    private static final int NONCE_RANDOM_BYTES = 32;
    private static final int SCALAR_BYTES = 32;

    private final Group group;
    private final Hashing hashing;

    private FrostSuite(Group group, Hashing hashing) {
        this.group = group;
        this.hashing = hashing;
    }

    public static FrostSuite of(GroupId id) {
        Hashing hashing = switch (id) {
            case ED25519 -> new Sha512("FROST-ED25519-SHA512-v1", true);
            case RISTRETTO255 -> new Sha512("FROST-RISTRETTO255-SHA512-v1", false);
            case P256 -> new Sha256("FROST-P256-SHA256-v1");
            case SECP256K1 -> new Sha256("FROST-secp256k1-SHA256-v1");
        };
        return new FrostSuite(Group.of(id), hashing);
    }

    public Group group() {
        return group;
    }

    /// The nonces of one signature, `nonce_generate` twice (section 4.1): hashed from fresh randomness and the secret
    /// share, so that a generator that repeats itself does not by itself repeat a nonce under another key.
    public Nonces nonces(int identifier, SecretScalar share, RandomSource random) {
        SecretScope scope = new SecretScope();
        try {
            SecretScalar hiding = nonce(share, random, scope);
            SecretScalar binding = nonce(share, random, scope);
            NonceCommitment commitment =
                    new NonceCommitment(identifier, group.multiplyBase(hiding), group.multiplyBase(binding));
            return new Nonces(scope, hiding, binding, commitment);
        } catch (RuntimeException | Error e) {
            scope.close();
            throw e;
        }
    }

    private SecretScalar nonce(SecretScalar share, RandomSource random, SecretScope scope) {
        byte[] stage = new byte[NONCE_RANDOM_BYTES + SCALAR_BYTES];
        byte[] wide = new byte[0];
        try (SecretBytes input = SecretBytes.allocate(stage.length)) {
            MemorySegment segment = input.segment(TAKE);
            random.fill(segment.asSlice(0, NONCE_RANDOM_BYTES));
            share.encodeTo(segment.asSlice(NONCE_RANDOM_BYTES, SCALAR_BYTES), TAKE);
            MemorySegment.copy(segment, ValueLayout.JAVA_BYTE, 0, stage, 0, stage.length);
            wide = hashing.wideLittleEndian("nonce", stage);
            SecretScalar nonce = group.scalars().secretZero(scope);
            SecretBytes offHeap = scope.allocate(wide.length);
            MemorySegment.copy(wide, 0, offHeap.segment(TAKE), ValueLayout.JAVA_BYTE, 0, wide.length);
            group.scalars().rawReduce(nonce.segment(TAKE), 0, offHeap.segment(TAKE), 0, wide.length);
            return nonce;
        } finally {
            Arrays.fill(stage, (byte) 0);
            Arrays.fill(wide, (byte) 0);
        }
    }

    /// H1, the binding factor.
    Scalar bindingFactor(byte[] input) {
        return reduce(hashing.wideLittleEndian("rho", input));
    }

    /// H2, the challenge; for Ed25519 the one of RFC 8032.
    Scalar challenge(Point commitment, Point publicKey, byte[] message) {
        return reduce(hashing.wideLittleEndian("chal", concatenate(commitment.encode(), publicKey.encode(), message)));
    }

    /// H4, the message.
    byte[] messageDigest(byte[] message) {
        return hashing.digest("msg", message);
    }

    /// H5, the list of commitments.
    byte[] commitmentsDigest(byte[] commitments) {
        return hashing.digest("com", commitments);
    }

    /// Tells whether the signature is the key's on the message; for Ed25519 this asks the verifier of RFC 8032 that
    /// serves everybody's signatures.
    public boolean verify(Point publicKey, byte[] message, FrostSignature signature) {
        if (group.id() == GroupId.ED25519) {
            return Ed25519Signature.verify(publicKey, message, signature.encode());
        }
        if (publicKey.isIdentity() || signature.commitment().isIdentity()) {
            return false;
        }
        Scalar challenge = challenge(signature.commitment(), publicKey, message);
        return group.sumOfProducts(
                        List.of(signature.response(), challenge.negate()), List.of(group.generator(), publicKey))
                .equals(signature.commitment());
    }

    static byte[] concatenate(byte[]... parts) {
        int length = 0;
        for (byte[] part : parts) {
            length += part.length;
        }
        byte[] all = new byte[length];
        int at = 0;
        for (byte[] part : parts) {
            System.arraycopy(part, 0, all, at, part.length);
            at += part.length;
        }
        return all;
    }

    private Scalar reduce(byte[] wideLittleEndian) {
        return group.scalars().reduce(reversed(wideLittleEndian));
    }

    private static byte[] reversed(byte[] bytes) {
        byte[] out = new byte[bytes.length];
        for (int i = 0; i < bytes.length; i++) {
            out[i] = bytes[bytes.length - 1 - i];
        }
        return out;
    }

    private static MessageDigest digest(String algorithm) {
        try {
            return MessageDigest.getInstance(algorithm);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has " + algorithm, e);
        }
    }

    /// How a suite hashes under a label.
    private sealed interface Hashing {
        /// 48 or 64 bytes to be reduced, least significant first.
        byte[] wideLittleEndian(String label, byte[] input);

        byte[] digest(String label, byte[] input);
    }

    /// Ed25519 and ristretto255: SHA-512 of the context, the label and the input.
    private record Sha512(String context, boolean bareChallenge) implements Hashing {
        @Override
        public byte[] wideLittleEndian(String label, byte[] input) {
            return digest(label, input);
        }

        @Override
        public byte[] digest(String label, byte[] input) {
            MessageDigest digest = FrostSuite.digest("SHA-512");
            if (!(bareChallenge && label.equals("chal"))) {
                digest.update((context + label).getBytes(StandardCharsets.US_ASCII));
            }
            return digest.digest(input);
        }
    }

    /// P-256 and secp256k1: `hash_to_field` of RFC 9380 over `expand_message_xmd` with SHA-256, 48 bytes.
    private record Sha256(String context) implements Hashing {
        private static final int WIDE_BYTES = 48;
        private static final int BLOCK_BYTES = 64;

        @Override
        public byte[] wideLittleEndian(String label, byte[] input) {
            byte[] tag = (context + label).getBytes(StandardCharsets.US_ASCII);
            byte[] suffix = concatenate(tag, new byte[] {(byte) tag.length});
            MessageDigest digest = FrostSuite.digest("SHA-256");
            digest.update(new byte[BLOCK_BYTES]);
            digest.update(input);
            digest.update(new byte[] {0, WIDE_BYTES, 0});
            byte[] b0 = digest.digest(suffix);
            digest.update(b0);
            digest.update((byte) 1);
            byte[] b1 = digest.digest(suffix);
            for (int i = 0; i < b0.length; i++) {
                b0[i] ^= b1[i];
            }
            digest.update(b0);
            digest.update((byte) 2);
            byte[] b2 = digest.digest(suffix);
            byte[] wide = new byte[WIDE_BYTES];
            for (int i = 0; i < WIDE_BYTES; i++) {
                wide[WIDE_BYTES - 1 - i] = i < b1.length ? b1[i] : b2[i - b1.length];
            }
            Arrays.fill(b0, (byte) 0);
            Arrays.fill(b1, (byte) 0);
            Arrays.fill(b2, (byte) 0);
            return wide;
        }

        @Override
        public byte[] digest(String label, byte[] input) {
            MessageDigest digest = FrostSuite.digest("SHA-256");
            digest.update((context + label).getBytes(StandardCharsets.US_ASCII));
            return digest.digest(input);
        }
    }
}
