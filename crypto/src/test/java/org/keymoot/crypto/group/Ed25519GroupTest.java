package org.keymoot.crypto.group;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import org.bouncycastle.math.ec.rfc8032.Ed25519;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class Ed25519GroupTest extends GroupContract {
    private static final HexFormat HEX = HexFormat.of();

    Ed25519GroupTest() {
        super(GroupId.ED25519);
    }

    @Test
    void baseIsThatOfRfc8032() {
        assertThat(HEX.formatHex(group.generator().encode()))
                .isEqualTo("5866666666666666666666666666666666666666666666666666666666666666");
    }

    @Test
    void multiplesOfTheBaseAgreeWithBouncyCastle() throws NoSuchAlgorithmException {
        for (int i = 0; i < 20; i++) {
            byte[] seed = new byte[32];
            seed[0] = (byte) i;
            byte[] publicKey = new byte[32];
            Ed25519.generatePublicKey(seed, 0, publicKey, 0);
            Scalar secret = group.scalars().of(clamped(seed));
            assertThat(group.multiplyBase(secret).encode()).isEqualTo(publicKey);
            assertThat(baseWithSecret(secret).encode()).isEqualTo(publicKey);
        }
    }

    private static BigInteger clamped(byte[] seed) throws NoSuchAlgorithmException {
        byte[] hash = MessageDigest.getInstance("SHA-512").digest(seed);
        hash[0] &= (byte) 0xf8;
        hash[31] &= 0x7f;
        hash[31] |= 0x40;
        byte[] bigEndian = new byte[32];
        for (int i = 0; i < 32; i++) {
            bigEndian[i] = hash[31 - i];
        }
        return new BigInteger(1, bigEndian);
    }

    /// The eight points of small order and their non-canonical encodings.
    @ParameterizedTest
    @ValueSource(
            strings = {
                "0000000000000000000000000000000000000000000000000000000000000000",
                "0000000000000000000000000000000000000000000000000000000000000080",
                "0100000000000000000000000000000000000000000000000000000000000000",
                "0100000000000000000000000000000000000000000000000000000000000080",
                "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
                "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85",
                "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
                "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa",
                "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
                "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
                "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
                "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
                "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
                "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff"
            })
    void refusesPointsOfSmallOrder(String encoded) {
        assertThatThrownBy(() -> group.decode(HEX.parseHex(encoded))).isInstanceOf(InvalidEncodingException.class);
    }

    @Test
    void refusesPointsOfMixedOrder() throws InvalidEncodingException {
        for (int i = 0; i < 8; i++) {
            Point point = randomPoint();
            EdwardsCoordinates clean = ((EdwardsPoint) point).coordinates();
            EdwardsCoordinates torsion = ofOrderEight();
            EdwardsCoordinates mixed = clean;
            for (int j = 1; j < 8; j++) {
                mixed = mixed.plus(torsion);
                byte[] encoded = new Ed25519Point(Ed25519Group.INSTANCE, mixed).encode();
                assertThatThrownBy(() -> group.decode(encoded))
                        .isInstanceOf(InvalidEncodingException.class)
                        .hasMessageContaining("prime-order subgroup");
            }
            byte[] encoded = new Ed25519Point(Ed25519Group.INSTANCE, mixed.plus(torsion)).encode();
            assertThat(group.decode(encoded)).isEqualTo(point);
        }
    }

    /// `L·Q` for points `Q` of the whole curve, until it has order eight.
    private static EdwardsCoordinates ofOrderEight() {
        for (int i = 1; ; i++) {
            EdwardsCoordinates q = EdwardsElligator.map(Field25519.of(BigInteger.valueOf(i)));
            EdwardsCoordinates sum = EdwardsCoordinates.IDENTITY;
            BigInteger order = Group.of(GroupId.ED25519).scalars().order();
            for (int bit = order.bitLength() - 1; bit >= 0; bit--) {
                sum = sum.plus(sum);
                if (order.testBit(bit)) {
                    sum = sum.plus(q);
                }
            }
            EdwardsCoordinates four = sum.plus(sum).plus(sum.plus(sum));
            if (!four.isIdentity()) {
                return sum;
            }
        }
    }

    @Test
    void refusesACoordinateThatIsNotReduced() {
        for (int excess = 0; excess < 19; excess++) {
            byte[] unreduced = new byte[32];
            Arrays.fill(unreduced, (byte) 0xff);
            unreduced[0] = (byte) (0xed + excess);
            unreduced[31] = 0x7f;
            assertThatThrownBy(() -> group.decode(unreduced))
                    .isInstanceOf(InvalidEncodingException.class)
                    .hasMessageContaining("below 2^255 - 19");
        }
    }

    /// RFC 9380 appendix J.5.
    @ParameterizedTest
    @CsvSource({
        "'',3c3da6925a3c3c268448dcabb47ccde5439559d9599646a8260e47b1e4822fc6,09a6c8561a0b22bef63124c588ce4c62ea83a3c899763af26d795302e115dc21",
        "abc,608040b42285cc0d72cbb3985c6b04c935370c7361f4b7fbdb1ae7f8c1a8ecad,1a8395b88338f22e435bbd301183e7f20a5f9de643f11882fb237f88268a5531",
    })
    void hashesToTheCurveAsRfc9380(String message, String x, String y) {
        byte[] dst = "QUUX-V01-CS02-with-edwards25519_XMD:SHA-512_ELL2_RO_".getBytes(StandardCharsets.US_ASCII);
        Point point = group.hashToGroup(message.getBytes(StandardCharsets.US_ASCII), dst);
        assertIsAt(point, x, y);
    }

    @ParameterizedTest
    @CsvSource({
        "'',1ff2b70ecf862799e11b7ae744e3489aa058ce805dd323a936375a84695e76da,222e314d04a4d5725e9f2aff9fb2a6b69ef375a1214eb19021ceab2d687f0f9b",
        "abc,5f13cc69c891d86927eb37bd4afc6672360007c63f68a33ab423a3aa040fd2a8,67732d50f9a26f73111dd1ed5dba225614e538599db58ba30aaea1f5c827fa42",
    })
    void encodesToTheCurveAsRfc9380(String message, String x, String y) {
        byte[] dst = "QUUX-V01-CS02-with-edwards25519_XMD:SHA-512_ELL2_NU_".getBytes(StandardCharsets.US_ASCII);
        Point point = group.encodeToGroup(message.getBytes(StandardCharsets.US_ASCII), dst);
        assertIsAt(point, x, y);
    }

    private static void assertIsAt(Point point, String x, String y) {
        byte[] expected = HEX.parseHex(y);
        byte[] reversed = new byte[32];
        for (int i = 0; i < 32; i++) {
            reversed[i] = expected[31 - i];
        }
        reversed[31] |= (byte) (new BigInteger(x, 16).testBit(0) ? 0x80 : 0);
        assertThat(HEX.formatHex(point.encode())).isEqualTo(HEX.formatHex(reversed));
    }

    @Test
    void generatorTakesItsOwnPathInSumsOfProducts() {
        for (int i = 0; i < 20; i++) {
            Scalar a = randomScalar();
            Scalar b = randomScalar();
            Point p = randomPoint();
            assertThat(group.sumOfProducts(List.of(a, b), List.of(group.generator(), p)))
                    .isEqualTo(slowly(a, group.generator()).add(slowly(b, p)));
        }
    }
}
