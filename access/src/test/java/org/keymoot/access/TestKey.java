package org.keymoot.access;

import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.MessageDigest;
import java.security.Signature;
import java.security.interfaces.RSAPrivateKey;
import java.security.spec.NamedParameterSpec;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Arrays;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.bouncycastle.asn1.sec.SECNamedCurves;
import org.bouncycastle.asn1.x9.X9ECParameters;
import org.bouncycastle.crypto.digests.SHA256Digest;
import org.bouncycastle.crypto.params.ECDomainParameters;
import org.bouncycastle.crypto.params.ECPrivateKeyParameters;
import org.bouncycastle.crypto.signers.ECDSASigner;
import org.bouncycastle.crypto.signers.HMacDSAKCalculator;
import org.keymoot.crypto.ecdsa.EcdsaSignature;
import org.keymoot.crypto.group.Group;
import org.keymoot.crypto.group.InvalidEncodingException;
import org.keymoot.crypto.group.Point;
import org.keymoot.crypto.group.Scalar;
import org.keymoot.crypto.group.ScalarField;
import org.keymoot.crypto.rsa.RsaModulus;
import org.keymoot.crypto.rsa.RsaPublicKey;

/// A key that one process holds whole, made with other people's code, in the place of the parties' keys.
public final class TestKey {
    private static final BigInteger SECRET =
            new BigInteger("8f1d2c3b4a59687766554433221100ffeeddccbbaa99887766554433221101", 16);

    private static final Map<KeySpec, KeyPair> RSA = new ConcurrentHashMap<>();

    private final KeySpec spec;
    private final byte[] encoded;
    private final BigInteger secret;

    private TestKey(KeySpec spec, byte[] encoded, BigInteger secret) {
        this.spec = spec;
        this.encoded = encoded;
        this.secret = secret;
    }

    public static TestKey of(KeySpec spec) {
        return of(spec, 0);
    }

    /// @param n tells symmetric keys from one another; all others are the same
    static TestKey of(KeySpec spec, int n) {
        return switch (spec) {
            case RSA_2048, RSA_3072, RSA_4096 -> {
                KeyPair pair = RSA.computeIfAbsent(spec, TestKey::rsa);
                yield new TestKey(
                        spec, pair.getPublic().getEncoded(), ((RSAPrivateKey) pair.getPrivate()).getPrivateExponent());
            }
            case ECC_SECG_P256K1, ECC_NIST_P256 -> {
                var point = curve(spec).getG().multiply(SECRET).normalize();
                yield new TestKey(spec, point.getEncoded(true), SECRET);
            }
            case ECC_NIST_EDWARDS25519 -> {
                byte[] spki = ed25519().getPublic().getEncoded();
                yield new TestKey(spec, Arrays.copyOfRange(spki, spki.length - 32, spki.length), SECRET);
            }
            case SYMMETRIC_DEFAULT, HMAC_224, HMAC_256, HMAC_384, HMAC_512 -> {
                Group group = Group.of(spec.group());
                BigInteger secret = SECRET.add(BigInteger.valueOf(n));
                yield new TestKey(
                        spec, group.multiplyBase(group.scalars().of(secret)).encode(), secret);
            }
        };
    }

    private static KeyPair rsa(KeySpec spec) {
        try {
            KeyPairGenerator generator = KeyPairGenerator.getInstance("RSA");
            generator.initialize(spec.modulusBits());
            return generator.generateKeyPair();
        } catch (GeneralSecurityException e) {
            throw new AssertionError(e);
        }
    }

    /// As [Material#publicKeyBytes()] gives it.
    public byte[] publicSide() {
        return spec.isRsa() ? encoded.clone() : Material.encode(point());
    }

    private byte[] root(byte[] input) {
        try {
            RsaPublicKey key = RsaPublicKey.decode(encoded);
            return RsaModulus.encode(new BigInteger(1, input).modPow(secret, key.modulus()), key.length());
        } catch (InvalidEncodingException e) {
            throw new AssertionError(e);
        }
    }

    /// A key with a given secret; of an Ed25519 key the secret is of no use for signing here.
    static TestKey of(KeySpec spec, BigInteger secret) {
        Group group = Group.of(spec.group());
        return new TestKey(spec, group.multiplyBase(group.scalars().of(secret)).encode(), secret);
    }

    public Point point() {
        try {
            return Group.of(spec.group()).decode(encoded);
        } catch (InvalidEncodingException e) {
            throw new AssertionError(e);
        }
    }

    /// What the parties compute together, from the whole key.
    byte[] evaluate(Evaluation.Kind kind, byte[] input) {
        if (kind == Evaluation.Kind.RSA) {
            return root(input);
        }
        try {
            Group group = Group.of(spec.group());
            Scalar scalar = group.scalars().of(secret);
            return switch (kind) {
                case RSA -> throw new AssertionError("done above");
                case PRF -> {
                    Point product = group.multiply(
                            group.hashToGroup(input, "test".getBytes(StandardCharsets.US_ASCII)), scalar);
                    yield MessageDigest.getInstance("SHA-256").digest(product.encode());
                }
                case ECDH ->
                    Arrays.copyOfRange(
                            group.multiply(group.decode(input), scalar).encode(), 1, 33);
            };
        } catch (InvalidEncodingException | GeneralSecurityException e) {
            throw new AssertionError(e);
        }
    }

    /// @param payload as [Decision.SignWith#payload]
    byte[] sign(SigningAlgorithm algorithm, byte[] payload) {
        if (!spec.isRsa()) {
            return sign(payload);
        }
        try {
            byte[] salt = new byte[algorithm.rsaHash().length()];
            return root(Signatures.encodedForRsa(RsaPublicKey.decode(encoded), algorithm, payload, salt));
        } catch (InvalidEncodingException e) {
            throw new AssertionError(e);
        }
    }

    /// @param payload as [Decision.SignWith#payload]
    public byte[] sign(byte[] payload) {
        return switch (spec) {
            case ECC_SECG_P256K1, ECC_NIST_P256 -> ecdsa(payload, true).encodeDer();
            case ECC_NIST_EDWARDS25519 -> eddsa(payload);
            case RSA_2048, RSA_3072, RSA_4096 -> throw new AssertionError("RSA has several algorithms");
            case SYMMETRIC_DEFAULT, HMAC_224, HMAC_256, HMAC_384, HMAC_512 ->
                throw new AssertionError(spec + " does not sign");
        };
    }

    public EcdsaSignature ecdsa(byte[] digest, boolean lowS) {
        X9ECParameters curve = curve(spec);
        ECDSASigner signer = new ECDSASigner(new HMacDSAKCalculator(new SHA256Digest()));
        signer.init(true, new ECPrivateKeyParameters(secret, new ECDomainParameters(curve)));
        BigInteger[] pair = signer.generateSignature(digest);
        BigInteger s = pair[1].min(curve.getN().subtract(pair[1]));
        ScalarField field = Group.of(spec.group()).scalars();
        return new EcdsaSignature(
                field.of(pair[0]), field.of(lowS ? s : curve.getN().subtract(s)));
    }

    private static byte[] eddsa(byte[] message) {
        try {
            Signature signer = Signature.getInstance("Ed25519");
            signer.initSign(KeyFactory.getInstance("Ed25519")
                    .generatePrivate(
                            new PKCS8EncodedKeySpec(ed25519().getPrivate().getEncoded())));
            signer.update(message);
            return signer.sign();
        } catch (GeneralSecurityException e) {
            throw new AssertionError(e);
        }
    }

    private static KeyPair ed25519() {
        try {
            KeyPairGenerator generator = KeyPairGenerator.getInstance("Ed25519");
            generator.initialize(NamedParameterSpec.ED25519, new FixedRandom());
            return generator.generateKeyPair();
        } catch (GeneralSecurityException e) {
            throw new AssertionError(e);
        }
    }

    private static X9ECParameters curve(KeySpec spec) {
        return SECNamedCurves.getByName(spec == KeySpec.ECC_SECG_P256K1 ? "secp256k1" : "secp256r1");
    }

    /// Always the same bytes, so that the test key is the same in every run.
    @SuppressWarnings("serial")
    private static final class FixedRandom extends java.security.SecureRandom {
        @Override
        public void nextBytes(byte[] bytes) {
            Arrays.fill(bytes, (byte) 7);
        }
    }
}
