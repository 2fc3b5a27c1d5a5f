package org.keymoot.crypto.ecdsa;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.math.BigInteger;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Random;
import org.bouncycastle.asn1.x9.X9ECParameters;
import org.bouncycastle.crypto.digests.SHA256Digest;
import org.bouncycastle.crypto.ec.CustomNamedCurves;
import org.bouncycastle.crypto.params.ECDomainParameters;
import org.bouncycastle.crypto.params.ECPrivateKeyParameters;
import org.bouncycastle.crypto.signers.ECDSASigner;
import org.bouncycastle.crypto.signers.HMacDSAKCalculator;
import org.bouncycastle.crypto.signers.StandardDSAEncoding;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.keymoot.crypto.group.Group;
import org.keymoot.crypto.group.GroupId;
import org.keymoot.crypto.group.InvalidEncodingException;
import org.keymoot.crypto.group.Point;
import org.keymoot.crypto.group.Scalar;
import org.keymoot.crypto.group.ScalarField;

/// Verification, recovery and encodings against BouncyCastle's signer.
class EcdsaTest {
    private final Random random = new Random(3);

    private record Signed(
            Group group, Point key, byte[] digest, EcdsaSignature signature, BigInteger r, BigInteger s) {}

    private Signed sign(GroupId id) {
        X9ECParameters curve = CustomNamedCurves.getByName(id == GroupId.P256 ? "secp256r1" : "secp256k1");
        ECDomainParameters domain = new ECDomainParameters(curve.getCurve(), curve.getG(), curve.getN(), curve.getH());
        Group group = Group.of(id);
        Scalar secret = group.scalars().of(new BigInteger(256, random));
        byte[] digest = new byte[32];
        random.nextBytes(digest);
        ECDSASigner signer = new ECDSASigner(new HMacDSAKCalculator(new SHA256Digest()));
        signer.init(true, new ECPrivateKeyParameters(secret.toBigInteger(), domain));
        BigInteger[] rs = signer.generateSignature(digest);
        EcdsaSignature signature =
                new EcdsaSignature(group.scalars().of(rs[0]), group.scalars().of(rs[1]));
        return new Signed(group, group.multiplyBase(secret), digest, signature, rs[0], rs[1]);
    }

    @ParameterizedTest
    @EnumSource(names = {"SECP256K1", "P256"})
    void acceptsWhatAnotherImplementationSignsAndNothingNear(GroupId id) {
        for (int i = 0; i < 20; i++) {
            Signed signed = sign(id);
            Scalar r = signed.signature().r();
            Scalar s = signed.signature().s();
            Group group = signed.group();
            assertThat(Ecdsa.verify(group, signed.key(), signed.digest(), r, s)).isTrue();
            assertThat(Ecdsa.verify(group, signed.key(), signed.digest(), r, s.negate()))
                    .isTrue();
            Scalar one = group.scalars().one();
            assertThat(Ecdsa.verify(group, signed.key(), signed.digest(), r.add(one), s))
                    .isFalse();
            assertThat(Ecdsa.verify(group, signed.key(), signed.digest(), r, s.add(one)))
                    .isFalse();
            assertThat(Ecdsa.verify(group, signed.key(), signed.digest(), s, r)).isFalse();
            assertThat(Ecdsa.verify(group, signed.key().negate(), signed.digest(), r, s))
                    .isFalse();
            byte[] other = signed.digest().clone();
            other[31] ^= 1;
            assertThat(Ecdsa.verify(group, signed.key(), other, r, s)).isFalse();
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"SECP256K1", "P256"})
    void refusesZeroScalarsAndTheIdentity(GroupId id) {
        Signed signed = sign(id);
        Scalar zero = signed.group().scalars().zero();
        Scalar r = signed.signature().r();
        Scalar s = signed.signature().s();
        assertThat(Ecdsa.verify(signed.group(), signed.key(), signed.digest(), zero, s))
                .isFalse();
        assertThat(Ecdsa.verify(signed.group(), signed.key(), signed.digest(), r, zero))
                .isFalse();
        assertThat(Ecdsa.verify(signed.group(), signed.group().identity(), signed.digest(), r, s))
                .isFalse();
        // With u1·G + u2·P the identity there is no x to compare.
        Scalar e = Ecdsa.digestScalar(signed.group().scalars(), signed.digest());
        Point key = signed.group().multiplyBase(e.multiply(r.invert()).negate());
        assertThat(Ecdsa.verify(signed.group(), key, signed.digest(), r, s)).isFalse();
        assertThatThrownBy(() -> Ecdsa.verify(signed.group(), signed.key(), new byte[31], r, s))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> Ecdsa.verify(Group.of(GroupId.ED25519), signed.key(), signed.digest(), r, s))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @ParameterizedTest
    @EnumSource(names = {"SECP256K1", "P256"})
    void recoversTheKeyUnderItsIdOnly(GroupId id) throws InvalidEncodingException {
        for (int i = 0; i < 10; i++) {
            Signed signed = sign(id);
            int recoveryId = Ecdsa.recoveryId(signed.key(), signed.digest(), signed.signature());
            assertThat(recoveryId).isBetween(0, 1);
            assertThat(Ecdsa.recover(signed.group(), signed.digest(), signed.signature(), recoveryId))
                    .isEqualTo(signed.key());
            assertThat(Ecdsa.recover(signed.group(), signed.digest(), signed.signature(), recoveryId ^ 1))
                    .isNotEqualTo(signed.key());
            EcdsaSignature negated = new EcdsaSignature(
                    signed.signature().r(), signed.signature().s().negate());
            assertThat(Ecdsa.recoveryId(signed.key(), signed.digest(), negated)).isEqualTo(recoveryId ^ 1);
            assertThatThrownBy(() -> Ecdsa.recoveryId(signed.group().generator(), signed.digest(), negated))
                    .isInstanceOf(IllegalArgumentException.class);
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"SECP256K1", "P256"})
    void recoversFromANoncePointWhoseXIsNotBelowTheOrder(GroupId id) throws InvalidEncodingException {
        Group group = Group.of(id);
        BigInteger q = group.scalars().order();
        for (int r = 1; ; r++) {
            byte[] encoded = new byte[33];
            byte[] x = q.add(BigInteger.valueOf(r)).toByteArray();
            System.arraycopy(x, x.length - 32, encoded, 1, 32);
            encoded[0] = 2;
            try {
                group.decode(encoded);
            } catch (InvalidEncodingException notOnCurve) {
                continue;
            }
            EcdsaSignature signature =
                    new EcdsaSignature(group.scalars().of(r), group.scalars().of(12345));
            byte[] digest = new byte[32];
            Arrays.fill(digest, (byte) 9);
            Point key = Ecdsa.recover(group, digest, signature, 2);
            assertThat(Ecdsa.verify(key, digest, signature)).isTrue();
            assertThat(Ecdsa.recoveryId(key, digest, signature)).isEqualTo(2);
            return;
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"SECP256K1", "P256"})
    void encodesAsAnotherImplementationDoes(GroupId id) throws IOException, InvalidEncodingException {
        ScalarField field = ScalarField.of(id);
        for (int bits : new int[] {1, 7, 8, 9, 127, 128, 248, 255, 256}) {
            BigInteger r = new BigInteger(bits, random).setBit(bits - 1).mod(field.order());
            BigInteger s = new BigInteger(256, random).mod(field.order()).max(BigInteger.ONE);
            EcdsaSignature signature = new EcdsaSignature(field.of(r.max(BigInteger.ONE)), field.of(s));
            byte[] der = StandardDSAEncoding.INSTANCE.encode(field.order(), r.max(BigInteger.ONE), s);
            assertThat(signature.encodeDer()).isEqualTo(der);
            assertThat(EcdsaSignature.decodeDer(field, der)).isEqualTo(signature);
            assertThat(EcdsaSignature.decodeP1363(field, signature.encodeP1363()))
                    .isEqualTo(signature);
        }
    }

    @Test
    void lowersOnlyAHighS() {
        ScalarField field = ScalarField.of(GroupId.SECP256K1);
        BigInteger half = field.order().shiftRight(1);
        EcdsaSignature low = new EcdsaSignature(field.one(), field.of(half));
        EcdsaSignature high = new EcdsaSignature(field.one(), field.of(half.add(BigInteger.ONE)));
        assertThat(low.isLowS()).isTrue();
        assertThat(low.withLowS()).isSameAs(low);
        assertThat(high.isLowS()).isFalse();
        assertThat(high.withLowS()).isEqualTo(low);
        assertThatThrownBy(() -> new EcdsaSignature(field.zero(), field.one()))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new EcdsaSignature(
                        field.one(), ScalarField.of(GroupId.P256).one()))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void refusesEveryOtherWayToWriteASignature() throws InvalidEncodingException {
        ScalarField field = ScalarField.of(GroupId.SECP256K1);
        String one = "020101";
        String order = "022100fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141";
        assertThat(EcdsaSignature.decodeDer(field, HexFormat.of().parseHex("3006" + one + one))
                        .encodeDer())
                .asHexString()
                .isEqualToIgnoringCase("3006" + one + one);
        for (String bad : new String[] {
            "",
            "30",
            "3000",
            "3003" + one,
            "3006" + one + one + "00",
            "3007" + one + one,
            "308106" + one + one,
            "3080" + one + one + "0000",
            "3109" + one + one + one,
            "3009" + one + one + one,
            "300702020001" + one,
            "30070201010202" + "0001",
            "3006" + "0201ff" + one,
            "3006" + "020100" + one,
            "3006" + one + "020100",
            "3005" + "0200" + one,
            "3006" + "030101" + one,
            "30080282000101" + one,
            "3006" + "02017f" + "0202ff",
            "3026" + one + order,
            "3026" + order + one,
            "3027" + "02220101" + "00".repeat(32) + one,
        }) {
            assertThatThrownBy(
                            () -> EcdsaSignature.decodeDer(field, HexFormat.of().parseHex(bad)), bad)
                    .isInstanceOf(InvalidEncodingException.class);
        }
        for (int length : new int[] {0, 63, 65}) {
            assertThatThrownBy(() -> EcdsaSignature.decodeP1363(field, new byte[length]))
                    .isInstanceOf(InvalidEncodingException.class);
        }
        byte[] zeroS = new byte[64];
        zeroS[31] = 1;
        assertThatThrownBy(() -> EcdsaSignature.decodeP1363(field, zeroS)).isInstanceOf(InvalidEncodingException.class);
    }

    @Test
    void neverFailsInAnotherWayOnDamagedBytes() {
        Signed signed = sign(GroupId.P256);
        ScalarField field = signed.group().scalars();
        byte[] good = signed.signature().encodeDer();
        for (int i = 0; i < 4000; i++) {
            byte[] bad = Arrays.copyOf(good, random.nextInt(good.length + 3));
            for (int j = random.nextInt(3); j >= 0 && bad.length > 0; j--) {
                bad[random.nextInt(bad.length)] = (byte) random.nextInt();
            }
            try {
                assertThat(EcdsaSignature.decodeDer(field, bad).encodeDer()).isEqualTo(bad);
            } catch (InvalidEncodingException expected) {
                assertThat(expected).hasMessageContaining("expected");
            }
        }
    }
}
