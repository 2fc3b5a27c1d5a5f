package org.keymoot.bench;

import java.lang.management.ManagementFactory;
import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.SecureRandom;
import java.security.Signature;
import org.bouncycastle.asn1.x9.X9ECParameters;
import org.bouncycastle.crypto.digests.SHA256Digest;
import org.bouncycastle.crypto.ec.CustomNamedCurves;
import org.bouncycastle.crypto.params.ECDomainParameters;
import org.bouncycastle.crypto.params.ECPrivateKeyParameters;
import org.bouncycastle.crypto.signers.ECDSASigner;
import org.bouncycastle.crypto.signers.HMacDSAKCalculator;
import org.bouncycastle.math.ec.ECPoint;
import org.bouncycastle.math.ec.FixedPointCombMultiplier;
import org.keymoot.crypto.group.Group;
import org.keymoot.crypto.group.GroupId;
import org.keymoot.crypto.group.Point;
import org.keymoot.crypto.group.SecretScalar;
import org.keymoot.crypto.random.SeededRandom;
import org.keymoot.crypto.secret.SecretScope;

/// Work of one thread: the controls by BouncyCastle and the JDK, and our own multiplications that they are beside.
///
/// Each method returns the processor time of one operation in microseconds.
final class Controls implements AutoCloseable {
    private static final byte[] MESSAGE = new byte[32];

    private final X9ECParameters named = CustomNamedCurves.getByName("secp256k1");
    private final BigInteger scalar = new BigInteger(1, new SeededRandom(1).bytes(32)).mod(named.getN());
    private final FixedPointCombMultiplier comb = new FixedPointCombMultiplier();
    private final ECPoint point = comb.multiply(named.getG(), BigInteger.TEN).normalize();
    private final ECDSASigner ecdsa = new ECDSASigner(new HMacDSAKCalculator(new SHA256Digest()));
    private final PrivateKey ed25519;
    private final Group group = Group.of(GroupId.SECP256K1);
    private final Point ours = group.hashToGroup(MESSAGE, MESSAGE);
    private final SecretScope scope = new SecretScope();
    private final SecretScalar secret = group.scalars().random(scope, new SeededRandom(2));

    Controls() throws GeneralSecurityException {
        ECDomainParameters domain = new ECDomainParameters(named.getCurve(), named.getG(), named.getN(), named.getH());
        ecdsa.init(true, new ECPrivateKeyParameters(new BigInteger(200, new SecureRandom()), domain));
        ed25519 = KeyPairGenerator.getInstance("Ed25519").generateKeyPair().getPrivate();
    }

    /// Something to do many times; what it returns keeps it from being left out.
    @FunctionalInterface
    private interface Operation {
        int once() throws GeneralSecurityException;
    }

    double bouncyCastleSignature(int count) throws GeneralSecurityException {
        return micros(count, () -> ecdsa.generateSignature(MESSAGE)[0].signum());
    }

    double bouncyCastleBase(int count) throws GeneralSecurityException {
        return micros(
                count, () -> comb.multiply(named.getG(), scalar).normalize().getEncoded(true).length);
    }

    double bouncyCastleArbitrary(int count) throws GeneralSecurityException {
        return micros(count, () -> point.multiply(scalar).normalize().getEncoded(true).length);
    }

    double jdkEd25519Signature(int count) throws GeneralSecurityException {
        return micros(count, () -> {
            Signature signature = Signature.getInstance("Ed25519");
            signature.initSign(ed25519);
            signature.update(MESSAGE);
            return signature.sign().length;
        });
    }

    double ownBase(int count) throws GeneralSecurityException {
        return micros(count, () -> group.multiplyBase(secret).encode().length);
    }

    double ownArbitrary(int count) throws GeneralSecurityException {
        return micros(count, () -> group.multiply(ours, secret).encode().length);
    }

    private static double micros(int count, Operation operation) throws GeneralSecurityException {
        long sum = 0;
        long before = ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime();
        for (int i = 0; i < count; i++) {
            sum += operation.once();
        }
        long nanos = ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime() - before;
        if (sum <= 0) {
            throw new AssertionError("an operation did nothing");
        }
        return nanos / 1000.0 / count;
    }

    @Override
    public void close() {
        scope.close();
    }
}
