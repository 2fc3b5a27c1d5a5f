package org.keymoot.protocol.frost;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import org.bouncycastle.crypto.params.Ed25519PublicKeyParameters;
import org.bouncycastle.crypto.signers.Ed25519Signer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.keymoot.crypto.group.Group;
import org.keymoot.crypto.group.GroupId;
import org.keymoot.crypto.group.InvalidEncodingException;
import org.keymoot.crypto.group.Point;
import org.keymoot.crypto.group.Scalar;
import org.keymoot.crypto.group.SecretScalar;
import org.keymoot.crypto.random.RandomSource;
import org.keymoot.crypto.random.SeededRandom;
import org.keymoot.crypto.secret.Disclosure;
import org.keymoot.crypto.secret.SecretScope;

/// The functions of RFC 9591, compared with the values of its appendix E (2 of 3, signers 1 and 3, message "test").
class FrostSuiteTest {
    private static final Disclosure TAKE = Disclosure.I_TAKE_THE_SECRET_OUT;
    private static final byte[] MESSAGE = "test".getBytes(StandardCharsets.US_ASCII);

    private record Signer(
            int identifier,
            String hidingRandomness,
            String bindingRandomness,
            String hidingNonce,
            String bindingNonce,
            String bindingFactor,
            String share) {}

    private record Vector(
            String secret, String coefficient, String publicKey, Signer one, Signer three, String signature) {
        List<Signer> signers() {
            return List.of(one, three);
        }
    }

    private static Vector vector(GroupId id) {
        return switch (id) {
            case ED25519 ->
                new Vector(
                        "7b1c33d3f5291d85de664833beb1ad469f7fb6025a0ec78b3a790c6e13a98304",
                        "178199860edd8c62f5212ee91eff1295d0d670ab4ed4506866bae57e7030b204",
                        "15d21ccd7ee42959562fc8aa63224c8851fb3ec85a3faf66040d380fb9738673",
                        new Signer(
                                1,
                                "06894e04ee4aceec8619d5f6a0a180e2f47194d2ac306cba586b555e7c48d765",
                                "40d6f879ff22e22409f7d808fed81f37118e7d3e4af71c0f44c60207553bcbce",
                                "ef6599dea4010581a72b3018c37c29a4341d7cab0773e8687ca74dcf14009701",
                                "2baadfa0c69aa60d517ad4751de372a73f9d89cfc39026601f18458cdec12605",
                                "ff960a65374e216a0918729b153466016664fa980d409bc3f308daa7acb30d0d",
                                "60997f0142e43e8005027fe5ab7447dac00d22c2d7ddd9571a02613ba7d81c08"),
                        new Signer(
                                3,
                                "fa5d950626782aade9e33fa781376d4888c2d1de7c37518bc248eb818ed0cdde",
                                "7459a4d14ded0e365b085271be8dc6600d5b88f3978a2174297ffa32001a5afc",
                                "80f8d9a4b8f9366e1a0b618107c907cd3ee29fa9bb40b4691cc1bde696240005",
                                "2610b664a5a187b4855e87d2ff485bebdf043dc2f161fcd4854cd01dc0276404",
                                "279d48ec56f16d234c09ea62f3d02ab776ee38e03f66b20f939f1316e13df10f",
                                "79390e78bc59699c7af831f8f5fb478ec871a85f561a8641b5670ac4443f720f"),
                        "154fb694ee7fcb37bf2381d94488c2a84b03b3352ad085feca81ad26d45852b7ecfe971ce4da95c4a95db93ac376b053897fca212ef85f99cf696bffeb178f07");
            case RISTRETTO255 ->
                new Vector(
                        "1b25a55e463cfd15cf14a5d3acc3d15053f08da49c8afcf3ab265f2ebc4f970b",
                        "410f8b744b19325891d73736923525a4f596c805d060dfb9c98009d34e3fec02",
                        "e2a62f39eede11269e3bd5a7d97554f5ca384f9f6d3dd9c3c0d05083c7254f57",
                        new Signer(
                                1,
                                "4366eff4b4676f97822998ec3e5af1388131bffa3db76e54ee19805f0e778f33",
                                "173a02012818fbb58ed70b2dc620bb22e2d144d8c3953479e213ed7323f0270a",
                                "b16f611649233ec528d20759e8cf828c12630a3b73996a643e59a5eda63c8b05",
                                "0cfb25a32975cc397e86509cdeb461d83d5021e4101c9554bd0b33b776645e09",
                                "812e62f8abce961bd9b3aabe36b6a00e7158611d6b5ccedec98119ae94a20d01",
                                "1f5adbfd775a95ce4c95c7d81b3898d89bdce160adece3168b38dc9367a20502"),
                        new Signer(
                                3,
                                "ca93286a68e79bd850839fd4fb4498fbee1bae3829f5dbd9e447860925e556cc",
                                "598dce485138d86ddecebb5c0cfa112ac114eb35fcded3cf69ad915c7abeb425",
                                "4388f2f9912a8d2af3e9a655ce20c4eeb4a8c31df626cf628996f770b156b104",
                                "c680e9639176fd17747a915864299a3ad8fbd85883271d85726f311c94ed0604",
                                "989e8cca0fbd75655f6eb77b010c45e4368c4fa912dbffb6c06798a42d91cd07",
                                "34c974f623cd0b5563334afc2a395ee86c0638136d6cad74240478c13d4a2101"),
                        "fa954853693068803615803a06e2c23a6228f7d6d6b442b72b26696aa776fe75532350f49b27a123b0c811d54671f6c008e319741a59918baf3c5455a5ec2603");
            case P256 ->
                new Vector(
                        "8ba9bba2e0fd8c4767154d35a0b7562244a4aaf6f36c8fb8735fa48b301bd8de",
                        "80f25e6c0709353e46bfbe882a11bdbb1f8097e46340eb8673b7e14556e6c3a4",
                        "023a309ad94e9fe8a7ba45dfc58f38bf091959d3c99cfbd02b4dc00585ec45ab70",
                        new Signer(
                                1,
                                "4a8477d587f118308d3069e63995feec76f5d9b83ab7d9bce2fc8011d3462bb4",
                                "62cbcda4d3d0df22b8dcc973714bc50c4ebb12caed8266df5e1a49cb73c0bcff",
                                "a5d80a9eb6454a912473d129effd1eb6610ab556fbb2d198594947ea87be88bf",
                                "224bf61f1b423a20d1e4e74d6de7f6fe492488067c6f3b36b0aba601ae74eae1",
                                "f3524ed2b393ae51a66c8de55b65bea32532d7d90e34a6419ec32ea42201b846",
                                "3913cccb804dd81498c9f2873ce7f7d39accf7def963ee2e18817955462ca88a"),
                        new Signer(
                                3,
                                "da6c48369ed5170e8000a3d379c07c426a98620e7f7835334c87721e090188bc",
                                "b9c65da6de960b4c3eea5fb951e51aba852a91b7f893fbf8976c7a945e41d86d",
                                "9a98a4bb403c55b194c470b4f05a11bf240b770e4ef8730c83f737a3308b5f01",
                                "6d18b61b5353af66f9ebee38fda169d7c01f0b2a51fc68ed7a526a79ed87eb86",
                                "a44f422051188cb7b48e8a326b961cef99ab1bd47d8425a130794767e7c7bc05",
                                "9149aa8ac15e6e7481f9e3816135bc9e18de1f5dd1f472073fa00c8ef8e749bb"),
                        "02aea65143565d19f2811d6c1d7a7486fdd57dd3f6b08d8653ca260ec0ebe00b61ca5d775641ac46891ac3d6089e1db471b3ab173ccb586035582185e43f13f245");
            case SECP256K1 ->
                new Vector(
                        "0d004150d27c3bf2a42f312683d35fac7394b1e9e318249c1bfe7f0795a83114",
                        "fbf85eadae3058ea14f19148bb72b45e4399c0b16028acaf0395c9b03c823579",
                        "02f37c34b66ced1fb51c34a90bdae006901f10625cc06c4f64663b0eae87d87b4f",
                        new Signer(
                                1,
                                "bda8e748e599187762cff956f03dc6ea13fc8e04491a0427b7e6e78600f41c52",
                                "2ca682429bf05df435b9927b8edb1d748278f3e42fa11ef358e49bbf4a1b780d",
                                "09764379667f9a9fa61928947bd925a7f162b21886b750d3b11c226d16b32f58",
                                "b2d3f8cb9da70984354c3fc3511b1f6ed21b7205941cb5553565d2ecade8c694",
                                "9bee5aef4012de4b94c9fc1a9a9572181079e293bf1d7545a5af0ef86f824a91",
                                "ca54b18d7449377cfa680760a5770b9e64e201f7ea36b068effeca5fce2155e5"),
                        new Signer(
                                3,
                                "70818dd5170672c4a4285fd593d4f222417f941f3118e1244955e7a1098a35d8",
                                "74ca2da071ed4a2a6cad5087d6758b48a558ab5861c61117fee05757e4b1309e",
                                "0d92e255e5b42ebc2863f8198d946fc10f388c4983073c18cbb77b88e3bf2e34",
                                "1c7243ce00a499b1e7ce3403e7b731d0c820cf108feb8c5ee7c29b4ef43be5e0",
                                "cfe0db2197c94cc355b6ab05610f27f4a874898009c8bf007f2a4e2ce2c8306d",
                                "da13d054e83052568706a6d161d80f112a6bc3f76aa903c022585ae7e091e65e"),
                        "024c1ad4e031872661fa6ebd05dfc7fb30db08b38d79f0edbc82051ae931381bc6a46881e25c7989d3816eae32074f1ab0d49ee908a59713ed5284c6bade7cfb02");
        };
    }

    @ParameterizedTest
    @EnumSource(GroupId.class)
    void givesTheValuesOfTheStandard(GroupId id) throws InvalidEncodingException {
        Vector vector = vector(id);
        FrostSuite suite = FrostSuite.of(id);
        Group group = suite.group();
        try (SecretScope scope = new SecretScope()) {
            Scalar secret = group.scalars().decode(bytes(vector.secret()));
            Scalar coefficient = group.scalars().decode(bytes(vector.coefficient()));
            Point publicKey = group.multiplyBase(secret);
            assertThat(publicKey.encode()).isEqualTo(bytes(vector.publicKey()));

            List<Nonces> nonces = vector.signers().stream()
                    .map(signer -> suite.nonces(
                            signer.identifier(),
                            shareOf(group, secret, coefficient, signer.identifier(), scope),
                            fixed(signer.hidingRandomness() + signer.bindingRandomness())))
                    .toList();
            SigningPackage signing = new SigningPackage(
                    suite,
                    publicKey,
                    MESSAGE,
                    nonces.reversed().stream().map(Nonces::commitment).toList());
            List<Scalar> shares = new ArrayList<>();
            for (int i = 0; i < 2; i++) {
                Signer signer = vector.signers().get(i);
                assertThat(nonces.get(i).hiding().reveal(TAKE).encode()).isEqualTo(bytes(signer.hidingNonce()));
                assertThat(nonces.get(i).binding().reveal(TAKE).encode()).isEqualTo(bytes(signer.bindingNonce()));
                assertThat(signing.bindingFactor(signer.identifier()).encode())
                        .isEqualTo(bytes(signer.bindingFactor()));
                SecretScalar share = shareOf(group, secret, coefficient, signer.identifier(), scope);
                shares.add(signing.sign(nonces.get(i), share, 2));
                assertThat(shares.get(i).encode()).isEqualTo(bytes(signer.share()));
                Point verificationShare = group.multiplyBase(share);
                assertThat(signing.verifyShare(signer.identifier(), verificationShare, shares.get(i)))
                        .isTrue();
                assertThat(signing.verifyShare(
                                signer.identifier(),
                                verificationShare,
                                shares.get(i).add(group.scalars().one())))
                        .isFalse();
            }
            FrostSignature signature = signing.aggregate(shares);
            assertThat(signature.encode()).isEqualTo(bytes(vector.signature()));
            assertThat(suite.verify(publicKey, MESSAGE, signature)).isTrue();
            assertThat(suite.verify(publicKey, new byte[] {1}, signature)).isFalse();
        }
    }

    @Test
    void anEd25519SignatureIsAcceptedByAnotherLibrary() {
        Ed25519Signer verifier = new Ed25519Signer();
        verifier.init(
                false,
                new Ed25519PublicKeyParameters(bytes(vector(GroupId.ED25519).publicKey())));
        verifier.update(MESSAGE, 0, MESSAGE.length);
        assertThat(verifier.verifySignature(bytes(vector(GroupId.ED25519).signature())))
                .isTrue();
    }

    @Test
    void noncesServeOnceAndAreErasedByIt() {
        FrostSuite suite = FrostSuite.of(GroupId.ED25519);
        Group group = suite.group();
        SeededRandom random = new SeededRandom(1);
        try (SecretScope scope = new SecretScope()) {
            SecretScalar share = group.scalars().random(scope, random);
            Nonces mine = suite.nonces(1, share, random);
            Nonces other = suite.nonces(2, share, random);
            SigningPackage signing = new SigningPackage(
                    suite, group.multiplyBase(share), MESSAGE, List.of(mine.commitment(), other.commitment()));
            Scalar unused = signing.sign(mine, share, 2);
            assertThat(unused.isZero()).isFalse();
            assertThatThrownBy(() -> signing.sign(mine, share, 2)).isInstanceOf(IllegalStateException.class);
            assertThatThrownBy(() -> mine.hiding().isZero()).isInstanceOf(IllegalStateException.class);
            assertThat(other).hasToString("[redacted nonces of P2]");
            other.close();
        }
    }

    @Test
    void refusesToSignWithTooFewCommitmentsOrWithoutItsOwn() {
        FrostSuite suite = FrostSuite.of(GroupId.ED25519);
        SeededRandom random = new SeededRandom(2);
        try (SecretScope scope = new SecretScope()) {
            SecretScalar share = suite.group().scalars().random(scope, random);
            Point publicKey = suite.group().multiplyBase(share);
            NonceCommitment second = suite.nonces(2, share, random).commitment();
            NonceCommitment third = suite.nonces(3, share, random).commitment();

            Nonces alone = suite.nonces(1, share, random);
            SigningPackage few = new SigningPackage(suite, publicKey, MESSAGE, List.of(alone.commitment()));
            assertThatThrownBy(() -> few.sign(alone, share, 2)).isInstanceOf(IllegalArgumentException.class);

            Nonces absent = suite.nonces(1, share, random);
            SigningPackage others = new SigningPackage(suite, publicKey, MESSAGE, List.of(second, third));
            assertThatThrownBy(() -> others.sign(absent, share, 2)).isInstanceOf(IllegalArgumentException.class);

            Nonces replaced = suite.nonces(2, share, random);
            assertThatThrownBy(() -> others.sign(replaced, share, 2)).isInstanceOf(IllegalArgumentException.class);
            assertThatThrownBy(() -> new SigningPackage(suite, publicKey, MESSAGE, List.of(second, second)))
                    .isInstanceOf(IllegalArgumentException.class);
        }
    }

    @Test
    void aGeneratorThatRepeatsItselfDoesNotRepeatANonceUnderAnotherShare() {
        FrostSuite suite = FrostSuite.of(GroupId.ED25519);
        try (SecretScope scope = new SecretScope();
                Nonces one = suite.nonces(
                        1, suite.group().scalars().random(scope, new SeededRandom(1)), new SeededRandom(9));
                Nonces other = suite.nonces(
                        1, suite.group().scalars().random(scope, new SeededRandom(2)), new SeededRandom(9))) {
            assertThat(one.commitment().hiding())
                    .isNotEqualTo(other.commitment().hiding());
            assertThat(one.commitment().hiding()).isNotEqualTo(one.commitment().binding());
        }
    }

    private static SecretScalar shareOf(
            Group group, Scalar secret, Scalar coefficient, int identifier, SecretScope scope) {
        Scalar share = secret.add(coefficient.multiply(group.scalars().of(identifier)));
        try {
            return group.scalars().decodeSecret(scope, MemorySegment.ofArray(share.encode()));
        } catch (InvalidEncodingException e) {
            throw new AssertionError(e);
        }
    }

    private static RandomSource fixed(String hex) {
        MemorySegment bytes = MemorySegment.ofArray(bytes(hex));
        long[] at = new long[1];
        return target -> {
            target.copyFrom(bytes.asSlice(at[0], target.byteSize()));
            at[0] += target.byteSize();
        };
    }

    private static byte[] bytes(String hex) {
        return HexFormat.of().parseHex(hex);
    }
}
