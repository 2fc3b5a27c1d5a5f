package org.keymoot.bench;

import java.lang.foreign.MemorySegment;
import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.Signature;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.bouncycastle.math.ec.rfc7748.X25519;
import org.bouncycastle.math.ec.rfc8032.Ed25519;
import org.keymoot.crypto.ed25519.Ed25519Signature;
import org.keymoot.crypto.group.Group;
import org.keymoot.crypto.group.GroupId;
import org.keymoot.crypto.group.InvalidEncodingException;
import org.keymoot.crypto.group.Point;
import org.keymoot.crypto.group.Scalar;
import org.keymoot.crypto.group.SecretScalar;
import org.keymoot.crypto.secret.SecretBytes;
import org.keymoot.crypto.secret.SecretScope;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/// The Edwards groups beside what the JDK and BouncyCastle do with one key.
///
/// Methods that begin with `control` are those of others. A signature is one multiplication of the base and two
/// hashes; X25519 is one multiplication of any point; a verification multiplies both.
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 3, time = 1)
public class EdwardsBenchmark {
    private static final byte[] MESSAGE = new byte[64];

    private final Group ed25519 = Group.of(GroupId.ED25519);
    private final Group ristretto255 = Group.of(GroupId.RISTRETTO255);
    private final SecretScope scope = new SecretScope();
    private final Random random = new Random(1);

    private final Scalar publicScalar = ed25519.scalars().of(new BigInteger(252, random));
    private final Scalar otherScalar = ed25519.scalars().of(new BigInteger(252, random));
    private final Point point = ed25519.multiplyBase(otherScalar);
    private final byte[] encodedPoint = point.encode();
    private final SecretScalar secret = secret(ed25519);
    private final SecretScalar ristrettoSecret = secret(ristretto255);
    private final Point ristrettoPoint =
            ristretto255.multiplyBase(ristretto255.scalars().of(new BigInteger(252, random)));
    private final byte[] encodedRistretto = ristrettoPoint.encode();

    private final byte[] seed = new byte[32];
    private final byte[] publicKey = new byte[32];
    private final byte[] signature = new byte[64];
    private final byte[] shared = new byte[32];
    private final KeyPair jdkKeys = jdkKeys();

    private static KeyPair jdkKeys() {
        try {
            return KeyPairGenerator.getInstance("Ed25519").generateKeyPair();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every JDK has Ed25519", e);
        }
    }

    private SecretScalar secret(Group group) {
        byte[] encoded = group.scalars().of(new BigInteger(252, random)).encode();
        try {
            return group.scalars().decodeSecret(scope, MemorySegment.ofArray(encoded));
        } catch (InvalidEncodingException e) {
            throw new IllegalStateException("a scalar decodes from its encoding", e);
        }
    }

    @Setup
    public void sign() {
        random.nextBytes(seed);
        Ed25519.generatePublicKey(seed, 0, publicKey, 0);
        Ed25519.sign(seed, 0, MESSAGE, 0, MESSAGE.length, signature, 0);
    }

    @TearDown
    public void close() {
        scope.close();
    }

    @Benchmark
    public Point multiplyBase() {
        return ed25519.multiplyBase(secret);
    }

    @Benchmark
    public Point multiply() {
        return ed25519.multiply(point, secret);
    }

    @Benchmark
    public Point multiplyPublic() {
        return ed25519.multiply(point, publicScalar);
    }

    @Benchmark
    public Point sumOfTwoProducts() {
        return ed25519.sumOfProducts(List.of(publicScalar, otherScalar), List.of(ed25519.generator(), point));
    }

    @Benchmark
    public Point decode() throws InvalidEncodingException {
        return ed25519.decode(encodedPoint);
    }

    @Benchmark
    public byte[] encode() {
        return point.encode();
    }

    @Benchmark
    public Point hashToGroup() {
        return ed25519.hashToGroup(MESSAGE, encodedPoint);
    }

    @Benchmark
    public boolean verify() {
        return Ed25519Signature.verify(publicKey, MESSAGE, signature);
    }

    @Benchmark
    public Point ristrettoMultiply() {
        return ristretto255.multiply(ristrettoPoint, ristrettoSecret);
    }

    @Benchmark
    public Point ristrettoDecode() throws InvalidEncodingException {
        return ristretto255.decode(encodedRistretto);
    }

    @Benchmark
    public byte[] ristrettoEncode() {
        return ristrettoPoint.encode();
    }

    @Benchmark
    public int secretOf32Bytes() {
        try (SecretBytes bytes = SecretBytes.allocate(32)) {
            return bytes.length();
        }
    }

    @Benchmark
    public byte[] controlBouncyCastleSign() {
        Ed25519.sign(seed, 0, MESSAGE, 0, MESSAGE.length, signature, 0);
        return signature;
    }

    @Benchmark
    public boolean controlBouncyCastleVerify() {
        return Ed25519.verify(signature, 0, publicKey, 0, MESSAGE, 0, MESSAGE.length);
    }

    @Benchmark
    public byte[] controlBouncyCastleX25519() {
        X25519.scalarMult(seed, 0, publicKey, 0, shared, 0);
        return shared;
    }

    @Benchmark
    public byte[] controlJdkSign() throws GeneralSecurityException {
        Signature signer = Signature.getInstance("Ed25519");
        signer.initSign(jdkKeys.getPrivate());
        signer.update(MESSAGE);
        return signer.sign();
    }
}
