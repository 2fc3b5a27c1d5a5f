package org.keymoot.bench;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.bouncycastle.asn1.x9.X9ECParameters;
import org.bouncycastle.crypto.ec.CustomNamedCurves;
import org.bouncycastle.math.ec.ECAlgorithms;
import org.bouncycastle.math.ec.ECPoint;
import org.bouncycastle.math.ec.FixedPointCombMultiplier;
import org.keymoot.crypto.ecdsa.Ecdsa;
import org.keymoot.crypto.group.Group;
import org.keymoot.crypto.group.GroupId;
import org.keymoot.crypto.group.InvalidEncodingException;
import org.keymoot.crypto.group.Point;
import org.keymoot.crypto.group.Scalar;
import org.keymoot.crypto.group.ScalarField;
import org.keymoot.crypto.group.SecretScalar;
import org.keymoot.crypto.secret.SecretScope;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/// Scalar and point arithmetic of secp256k1 and P-256; the methods named `control…` are BouncyCastle's.
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 4, time = 1)
@Fork(1)
public class GroupBenchmark {
    private static final byte[] DST = "keymoot-bench".getBytes(StandardCharsets.US_ASCII);

    @Param({"SECP256K1", "P256"})
    public GroupId id;

    private final Random random = new Random(5);
    private final FixedPointCombMultiplier comb = new FixedPointCombMultiplier();
    private Group group;
    private ScalarField field;
    private SecretScope scope;
    private SecretScalar secret;
    private Point point;
    private byte[] encoded;
    private byte[] digest;
    private Scalar r;
    private Scalar s;
    private Point publicKey;
    private ECPoint controlBase;
    private ECPoint controlPoint;
    private BigInteger controlScalar;
    private BigInteger controlOther;
    private Arena arena;
    private MemorySegment memory;

    @Setup(Level.Trial)
    public void setUp() {
        group = Group.of(id);
        field = group.scalars();
        scope = new SecretScope();
        secret = field.random(scope, target -> {
            byte[] bytes = new byte[(int) target.byteSize()];
            random.nextBytes(bytes);
            target.copyFrom(MemorySegment.ofArray(bytes));
        });
        point = group.multiplyBase(field.of(987_654_321L));
        encoded = point.encode();
        digest = new byte[32];
        random.nextBytes(digest);
        Scalar key = field.of(new BigInteger(256, random));
        Scalar nonce = field.of(new BigInteger(256, random));
        publicKey = group.multiplyBase(key);
        r = Ecdsa.xModuloOrder(group.multiplyBase(nonce));
        s = nonce.invert().multiply(Ecdsa.digestScalar(field, digest).add(r.multiply(key)));
        X9ECParameters curve = CustomNamedCurves.getByName(id == GroupId.P256 ? "secp256r1" : "secp256k1");
        controlBase = curve.getG();
        controlPoint = controlBase.multiply(BigInteger.valueOf(987_654_321L)).normalize();
        controlScalar = new BigInteger(256, random).mod(curve.getN());
        controlOther = new BigInteger(256, random).mod(curve.getN());
        arena = Arena.ofConfined();
        memory = arena.allocate(128, 8);
        random.ints(96).forEach(i -> memory.set(ValueLayout.JAVA_BYTE, Math.floorMod(i, 96), (byte) i));
        field.rawReduce(memory, 0, memory, 0, 32);
        field.rawReduce(memory, 32, memory, 32, 32);
        field.rawReduce(memory, 64, memory, 64, 32);
    }

    @TearDown(Level.Trial)
    public void tearDown() {
        scope.close();
        arena.close();
    }

    @Benchmark
    public byte[] secretBaseToAffine() {
        return group.multiplyBase(secret).encode();
    }

    @Benchmark
    public byte[] controlBaseToAffine() {
        return comb.multiply(controlBase, controlScalar).normalize().getEncoded(true);
    }

    @Benchmark
    public Point secretArbitrary() {
        return group.multiply(point, secret);
    }

    @Benchmark
    public byte[] secretArbitraryToAffine() {
        return group.multiply(point, secret).encode();
    }

    @Benchmark
    public byte[] controlArbitraryToAffine() {
        return controlPoint.multiply(controlScalar).normalize().getEncoded(true);
    }

    @Benchmark
    public boolean verify() {
        return Ecdsa.verify(group, publicKey, digest, r, s);
    }

    @Benchmark
    public ECPoint controlSumOfTwo() {
        return ECAlgorithms.sumOfTwoMultiplies(controlBase, controlScalar, controlPoint, controlOther)
                .normalize();
    }

    @Benchmark
    public Point publicSumOfTwo() {
        return group.sumOfProducts(List.of(r, s), List.of(group.generator(), point));
    }

    @Benchmark
    public Point decode() throws InvalidEncodingException {
        return group.decode(encoded);
    }

    @Benchmark
    public Point hashToGroup() {
        return group.hashToGroup(digest, DST);
    }

    @Benchmark
    @OutputTimeUnit(TimeUnit.NANOSECONDS)
    public Point addPoints() {
        return point.add(publicKey);
    }

    @Benchmark
    @OutputTimeUnit(TimeUnit.NANOSECONDS)
    public void scalarMultiplyAdd() {
        field.rawMultiplyAdd(memory, 0, memory, 32, memory, 64);
    }

    @Benchmark
    public boolean secretInvert() {
        try (SecretScope inner = new SecretScope()) {
            return secret.invert(inner).isZero();
        }
    }
}
