package org.keymoot.crypto.group;

import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;

/// RFC 9380 appendices J.1, J.8 and K.1.
class HashToCurveTest {
    @Test
    void hashesTheMessagesOfTheRfcToItsPoints() {
        check(
                GroupId.P256,
                "QUUX-V01-CS02-with-P256_XMD:SHA-256_SSWU_RO_",
                "",
                "2c15230b26dbc6fc9a37051158c95b79656e17a1a920b11394ca91c44247d3e4",
                "8a7a74985cc5c776cdfe4b1f19884970453912e9d31528c060be9ab5c43e8415");
        check(
                GroupId.P256,
                "QUUX-V01-CS02-with-P256_XMD:SHA-256_SSWU_RO_",
                "abc",
                "0bb8b87485551aa43ed54f009230450b492fead5f1cc91658775dac4a3388a0f",
                "5c41b3d0731a27a7b14bc0bf0ccded2d8751f83493404c84a88e71ffd424212e");
        check(
                GroupId.P256,
                "QUUX-V01-CS02-with-P256_XMD:SHA-256_SSWU_RO_",
                "abcdef0123456789",
                "65038ac8f2b1def042a5df0b33b1f4eca6bff7cb0f9c6c1526811864e544ed80",
                "cad44d40a656e7aff4002a8de287abc8ae0482b5ae825822bb870d6df9b56ca3");
        check(
                GroupId.P256,
                "QUUX-V01-CS02-with-P256_XMD:SHA-256_SSWU_NU_",
                "",
                "f871caad25ea3b59c16cf87c1894902f7e7b2c822c3d3f73596c5ace8ddd14d1",
                "87b9ae23335bee057b99bac1e68588b18b5691af476234b8971bc4f011ddc99b");
        check(
                GroupId.P256,
                "QUUX-V01-CS02-with-P256_XMD:SHA-256_SSWU_NU_",
                "abc",
                "fc3f5d734e8dce41ddac49f47dd2b8a57257522a865c124ed02b92b5237befa4",
                "fe4d197ecf5a62645b9690599e1d80e82c500b22ac705a0b421fac7b47157866");
        check(
                GroupId.P256,
                "QUUX-V01-CS02-with-P256_XMD:SHA-256_SSWU_NU_",
                "abcdef0123456789",
                "f164c6674a02207e414c257ce759d35eddc7f55be6d7f415e2cc177e5d8faa84",
                "3aa274881d30db70485368c0467e97da0e73c18c1d00f34775d012b6fcee7f97");
        check(
                GroupId.SECP256K1,
                "QUUX-V01-CS02-with-secp256k1_XMD:SHA-256_SSWU_RO_",
                "",
                "c1cae290e291aee617ebaef1be6d73861479c48b841eaba9b7b5852ddfeb1346",
                "64fa678e07ae116126f08b022a94af6de15985c996c3a91b64c406a960e51067");
        check(
                GroupId.SECP256K1,
                "QUUX-V01-CS02-with-secp256k1_XMD:SHA-256_SSWU_RO_",
                "abc",
                "3377e01eab42db296b512293120c6cee72b6ecf9f9205760bd9ff11fb3cb2c4b",
                "7f95890f33efebd1044d382a01b1bee0900fb6116f94688d487c6c7b9c8371f6");
        check(
                GroupId.SECP256K1,
                "QUUX-V01-CS02-with-secp256k1_XMD:SHA-256_SSWU_RO_",
                "abcdef0123456789",
                "bac54083f293f1fe08e4a70137260aa90783a5cb84d3f35848b324d0674b0e3a",
                "4436476085d4c3c4508b60fcf4389c40176adce756b398bdee27bca19758d828");
        check(
                GroupId.SECP256K1,
                "QUUX-V01-CS02-with-secp256k1_XMD:SHA-256_SSWU_NU_",
                "",
                "a4792346075feae77ac3b30026f99c1441b4ecf666ded19b7522cf65c4c55c5b",
                "62c59e2a6aeed1b23be5883e833912b08ba06be7f57c0e9cdc663f31639ff3a7");
        check(
                GroupId.SECP256K1,
                "QUUX-V01-CS02-with-secp256k1_XMD:SHA-256_SSWU_NU_",
                "abc",
                "3f3b5842033fff837d504bb4ce2a372bfeadbdbd84a1d2b678b6e1d7ee426b9d",
                "902910d1fef15d8ae2006fc84f2a5a7bda0e0407dc913062c3a493c4f5d876a5");
        check(
                GroupId.SECP256K1,
                "QUUX-V01-CS02-with-secp256k1_XMD:SHA-256_SSWU_NU_",
                "abcdef0123456789",
                "07644fa6281c694709f53bdd21bed94dab995671e4a8cd1904ec4aa50c59bfdf",
                "c79f8d1dad79b6540426922f7fbc9579c3018dafeffcd4552b1626b506c21e7b");
    }

    private static void check(GroupId id, String dst, String message, String x, String y) {
        WeierstrassGroup group = (WeierstrassGroup) Group.of(id);
        byte[] text = message.getBytes(StandardCharsets.US_ASCII);
        byte[] tag = dst.getBytes(StandardCharsets.US_ASCII);
        WeierstrassPoint point = dst.endsWith("RO_") ? group.hashToGroup(text, tag) : group.encodeToGroup(text, tag);
        assertThat(HexFormat.of().formatHex(point.encodeUncompressed())).isEqualTo("04" + x + y);
    }

    @Test
    void mapsZeroAndEveryExceptionalInputOntoTheCurve() {
        for (GroupId id : new GroupId[] {GroupId.SECP256K1, GroupId.P256}) {
            CurveGroup group = (CurveGroup) Group.of(id);
            PrimeField field = group.field();
            BigInteger p = field.modulus();
            // Z·u² = -1 makes the denominator vanish, as u = 0 does.
            long z = id == GroupId.P256 ? -10 : -11;
            BigInteger target = BigInteger.valueOf(-z).modInverse(p);
            BigInteger root = target.modPow(p.add(BigInteger.ONE).shiftRight(2), p);
            for (BigInteger u : new BigInteger[] {BigInteger.ZERO, BigInteger.ONE, root, p.subtract(root)}) {
                FieldElement x = new FieldElement();
                FieldElement y = new FieldElement();
                group.map().map(x, y, field.element(u));
                ProjectivePoint point = new ProjectivePoint();
                group.toCurve(point, x, y);
                CurvePoint result = new CurvePoint(group, point);
                FieldElement right = new FieldElement();
                group.rightHandSide(right, field.element(new BigInteger(1, result.x())));
                byte[] affine = result.encodeUncompressed();
                BigInteger affineY = new BigInteger(1, affine, 33, 32);
                assertThat(affineY.multiply(affineY).mod(p)).isEqualTo(field.toBigInteger(right));
                assertThat(field.toBigInteger(y).testBit(0)).isEqualTo(u.testBit(0));
            }
        }
    }
}
