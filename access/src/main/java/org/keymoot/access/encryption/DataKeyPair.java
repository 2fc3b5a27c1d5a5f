package org.keymoot.access.encryption;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.SecureRandom;
import java.security.spec.AlgorithmParameterSpec;
import java.security.spec.ECGenParameterSpec;
import java.security.spec.NamedParameterSpec;
import java.security.spec.RSAKeyGenParameterSpec;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.keymoot.crypto.group.Group;
import org.keymoot.crypto.group.GroupId;
import org.keymoot.crypto.group.Point;
import org.keymoot.crypto.group.WeierstrassPoint;
import org.keymoot.crypto.random.RandomSource;
import org.keymoot.crypto.secret.Disclosure;
import org.keymoot.crypto.secret.SecretScope;
import org.keymoot.crypto.spki.SubjectPublicKeyInfo;

/// A key pair for a client to use outside, made from a seed.
///
/// It keeps true: the pair is a function of spec and seed, and no secret of it is in the record's text.
public final class DataKeyPair {
    /// Everything that the DER of a secp256k1 private key (RFC 5915 in PKCS #8) has before the scalar.
    private static final String SECP256K1_PREFIX = "308184020100301006072a8648ce3d020106052b8104000a046d306b0201010420";

    /// And between scalar and point.
    private static final String SECP256K1_MIDDLE = "a144034200";

    private static final int SCALAR_BYTES = 32;

    private final byte[] privateKey;
    private final byte[] publicKey;

    private DataKeyPair(byte[] privateKey, byte[] publicKey) {
        this.privateKey = privateKey;
        this.publicKey = publicKey;
    }

    /// What pairs can be made. The names are AWS's.
    public enum Spec {
        RSA_2048,
        RSA_3072,
        RSA_4096,
        ECC_NIST_P256,
        ECC_NIST_P384,
        ECC_NIST_P521,
        ECC_SECG_P256K1,
        ECC_NIST_EDWARDS25519;

        /// Every spec that AWS's model lists.
        public static final List<String> ALL_OF_AWS = List.of(
                "RSA_2048",
                "RSA_3072",
                "RSA_4096",
                "ECC_NIST_P256",
                "ECC_NIST_P384",
                "ECC_NIST_P521",
                "ECC_SECG_P256K1",
                "SM2",
                "ECC_NIST_EDWARDS25519");
    }

    public static DataKeyPair fromSeed(Spec spec, byte[] seed) {
        Stream random = new Stream(seed);
        return switch (spec) {
            case RSA_2048 -> rsa(2048, random);
            case RSA_3072 -> rsa(3072, random);
            case RSA_4096 -> rsa(4096, random);
            case ECC_NIST_P256 -> generate("EC", new ECGenParameterSpec("secp256r1"), random);
            case ECC_NIST_P384 -> generate("EC", new ECGenParameterSpec("secp384r1"), random);
            case ECC_NIST_P521 -> generate("EC", new ECGenParameterSpec("secp521r1"), random);
            case ECC_SECG_P256K1 -> secp256k1(random);
            case ECC_NIST_EDWARDS25519 -> generate("Ed25519", NamedParameterSpec.ED25519, random);
        };
    }

    /// PKCS #8 in DER. The array is the pair's own: [#erase] clears it.
    public byte[] privateKey() {
        return privateKey;
    }

    /// SubjectPublicKeyInfo in DER.
    public byte[] publicKey() {
        return publicKey.clone();
    }

    public void erase() {
        Arrays.fill(privateKey, (byte) 0);
    }

    private static DataKeyPair rsa(int bits, SecureRandom random) {
        return generate("RSA", new RSAKeyGenParameterSpec(bits, RSAKeyGenParameterSpec.F4), random);
    }

    private static DataKeyPair generate(String algorithm, AlgorithmParameterSpec parameters, SecureRandom random) {
        try {
            KeyPairGenerator generator = KeyPairGenerator.getInstance(algorithm);
            generator.initialize(parameters, random);
            KeyPair pair = generator.generateKeyPair();
            PrivateKey secret = pair.getPrivate();
            return new DataKeyPair(secret.getEncoded(), pair.getPublic().getEncoded());
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("the platform makes " + algorithm + " key pairs", e);
        }
    }

    /// The platform has no secp256k1, so its pairs are made on our own group.
    private static DataKeyPair secp256k1(Stream random) {
        Group group = Group.of(GroupId.SECP256K1);
        try (SecretScope scope = new SecretScope()) {
            var scalar = group.scalars().random(scope, random);
            Point point = group.multiplyBase(scalar);
            byte[] prefix = HexFormat.of().parseHex(SECP256K1_PREFIX);
            byte[] middle = HexFormat.of().parseHex(SECP256K1_MIDDLE);
            byte[] encodedPoint = ((WeierstrassPoint) point).encodeUncompressed();
            byte[] encoded = Arrays.copyOf(prefix, prefix.length + SCALAR_BYTES + middle.length + encodedPoint.length);
            scalar.encodeTo(
                    MemorySegment.ofArray(encoded).asSlice(prefix.length, SCALAR_BYTES),
                    Disclosure.I_TAKE_THE_SECRET_OUT);
            System.arraycopy(middle, 0, encoded, prefix.length + SCALAR_BYTES, middle.length);
            System.arraycopy(encodedPoint, 0, encoded, encoded.length - encodedPoint.length, encodedPoint.length);
            return new DataKeyPair(encoded, SubjectPublicKeyInfo.encode(point));
        }
    }

    /// A stream of bytes from a seed: HMAC-SHA-256 in counter mode.
    @SuppressWarnings("serial")
    private static final class Stream extends SecureRandom implements RandomSource {
        private static final int BLOCK_BYTES = 32;

        private final transient Mac mac;
        private long counter;
        private byte[] block = new byte[0];
        private int used;

        Stream(byte[] seed) {
            super(null, null);
            try {
                mac = Mac.getInstance("HmacSHA256");
                mac.init(new SecretKeySpec(seed, "HmacSHA256"));
            } catch (GeneralSecurityException e) {
                throw new IllegalStateException("every JDK has HmacSHA256", e);
            }
        }

        @Override
        public synchronized void nextBytes(byte[] bytes) {
            for (int done = 0; done < bytes.length; ) {
                if (used == block.length) {
                    block = mac.doFinal(java.nio.ByteBuffer.allocate(Long.BYTES)
                            .putLong(counter++)
                            .array());
                    used = 0;
                }
                int step = Math.min(BLOCK_BYTES - used, bytes.length - done);
                System.arraycopy(block, used, bytes, done, step);
                used += step;
                done += step;
            }
        }

        @Override
        public void fill(MemorySegment target) {
            byte[] bytes = new byte[Math.toIntExact(target.byteSize())];
            nextBytes(bytes);
            MemorySegment.copy(bytes, 0, target, ValueLayout.JAVA_BYTE, 0, bytes.length);
            Arrays.fill(bytes, (byte) 0);
        }
    }
}
