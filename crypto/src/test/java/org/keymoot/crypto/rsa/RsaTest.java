package org.keymoot.crypto.rsa;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.lang.foreign.MemorySegment;
import java.math.BigInteger;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.MessageDigest;
import java.security.Signature;
import java.security.interfaces.RSAPrivateKey;
import java.security.interfaces.RSAPublicKey;
import java.security.spec.MGF1ParameterSpec;
import java.security.spec.PSSParameterSpec;
import java.util.Arrays;
import java.util.Random;
import javax.crypto.Cipher;
import javax.crypto.spec.OAEPParameterSpec;
import javax.crypto.spec.PSource;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.keymoot.crypto.group.InvalidEncodingException;
import org.keymoot.crypto.random.SeededRandom;

/// Everything is compared with the JDK's RSA and `BigInteger`.
class RsaTest {
    private static final byte[] MESSAGE = {1, 2, 3};
    private static final KeyPair KEY = generate();

    private static KeyPair generate() {
        try {
            KeyPairGenerator generator = KeyPairGenerator.getInstance("RSA");
            generator.initialize(2048);
            return generator.generateKeyPair();
        } catch (java.security.GeneralSecurityException e) {
            throw new AssertionError(e);
        }
    }

    private static RSAPublicKey publicKey() {
        return (RSAPublicKey) KEY.getPublic();
    }

    private static RsaModulus modulus() {
        return new RsaModulus(publicKey().getModulus());
    }

    private static BigInteger raw(byte[] encoded) {
        RSAPrivateKey key = (RSAPrivateKey) KEY.getPrivate();
        return modulus()
                .power(
                        new BigInteger(1, encoded),
                        MemorySegment.ofArray(RsaModulus.encode(key.getPrivateExponent(), 256)));
    }

    @ParameterizedTest
    @ValueSource(ints = {1024, 2048, 3072})
    void powersAreThoseOfBigInteger(int bits) {
        Random random = new Random(bits);
        for (int i = 0; i < 10; i++) {
            // The largest moduli provoke the last subtraction.
            BigInteger n = i == 0
                    ? BigInteger.ONE.shiftLeft(bits).subtract(BigInteger.ONE)
                    : new BigInteger(bits, random).setBit(bits - 1).setBit(0);
            RsaModulus modulus = new RsaModulus(n);
            for (BigInteger base : new BigInteger[] {
                BigInteger.ZERO, BigInteger.ONE, n.subtract(BigInteger.ONE), new BigInteger(bits, random).mod(n)
            }) {
                byte[] exponent = new byte[1 + random.nextInt(40)];
                random.nextBytes(exponent);
                assertThat(modulus.power(base, MemorySegment.ofArray(exponent)))
                        .isEqualTo(base.modPow(new BigInteger(1, exponent), n));
            }
            assertThat(modulus.power(BigInteger.TWO, MemorySegment.ofArray(new byte[3])))
                    .isEqualTo(BigInteger.ONE);
            assertThatIllegalArgumentException().isThrownBy(() -> modulus.power(n, MemorySegment.ofArray(new byte[1])));
        }
    }

    @Test
    void aModulusThatIsEvenOrOfAnotherLengthIsRefused() {
        for (BigInteger wrong : new BigInteger[] {
            BigInteger.ZERO,
            BigInteger.ONE.shiftLeft(2047),
            BigInteger.ONE.shiftLeft(2040).setBit(0),
            BigInteger.ONE.shiftLeft(511).setBit(0),
            publicKey().getModulus().negate()
        }) {
            assertThatIllegalArgumentException().isThrownBy(() -> new RsaModulus(wrong));
        }
    }

    @Test
    void numbersAreEncodedInTheirLength() {
        assertThat(RsaModulus.encode(BigInteger.valueOf(258), 3)).containsExactly(0, 1, 2);
        assertThat(RsaModulus.encode(BigInteger.valueOf(255), 1)).containsExactly(-1);
        assertThatIllegalArgumentException().isThrownBy(() -> RsaModulus.encode(BigInteger.valueOf(256), 1));
        assertThatIllegalArgumentException().isThrownBy(() -> RsaModulus.encode(BigInteger.valueOf(-1), 1));
    }

    @ParameterizedTest
    @EnumSource(names = {"SHA_256", "SHA_384", "SHA_512"})
    void signaturesAreAcceptedByTheJdk(RsaHash hash) throws Exception {
        String name = hash.name().replace("_", "");
        byte[] digest = MessageDigest.getInstance(hash.name().replace('_', '-')).digest(MESSAGE);
        Signature pkcs1 = Signature.getInstance(name + "withRSA");
        pkcs1.initVerify(publicKey());
        pkcs1.update(MESSAGE);
        assertThat(pkcs1.verify(modulus().encode(raw(RsaPadding.pkcs1(hash, digest, 256)))))
                .isTrue();

        byte[] salt = new SeededRandom(1).bytes(hash.length());
        byte[] encoded = RsaPadding.pss(hash, digest, salt, 2048);
        Signature pss = Signature.getInstance("RSASSA-PSS");
        pss.setParameter(new PSSParameterSpec(
                hash.name().replace('_', '-'),
                "MGF1",
                new MGF1ParameterSpec(hash.name().replace('_', '-')),
                hash.length(),
                1));
        pss.initVerify(publicKey());
        pss.update(MESSAGE);
        assertThat(pss.verify(modulus().encode(raw(encoded)))).isTrue();
        assertThat(RsaPadding.isPss(hash, digest, encoded)).isTrue();
        for (int i = 0; i < encoded.length; i += 7) {
            byte[] changed = encoded.clone();
            changed[i] ^= 1;
            assertThat(RsaPadding.isPss(hash, digest, changed)).isFalse();
        }
        pss.initSign(KEY.getPrivate());
        pss.update(MESSAGE);
        BigInteger theirs = new BigInteger(1, pss.sign())
                .modPow(publicKey().getPublicExponent(), publicKey().getModulus());
        assertThat(RsaPadding.isPss(hash, digest, modulus().encode(theirs))).isTrue();
    }

    @ParameterizedTest
    @EnumSource(names = {"SHA_1", "SHA_256"})
    void oaepIsThatOfTheJdkInBothDirections(RsaHash hash) throws Exception {
        String name = hash.name().replace('_', '-');
        OAEPParameterSpec spec =
                new OAEPParameterSpec(name, "MGF1", new MGF1ParameterSpec(name), PSource.PSpecified.DEFAULT);
        int capacity = RsaPadding.oaepCapacity(hash, 256);
        for (int length : new int[] {0, 1, 100, capacity}) {
            byte[] message = new SeededRandom(length).bytes(length);
            Cipher cipher = Cipher.getInstance("RSA/ECB/OAEPPadding");
            cipher.init(Cipher.ENCRYPT_MODE, publicKey(), spec);
            byte[] theirs = modulus().encode(raw(cipher.doFinal(message)));
            assertThat(RsaPadding.oaepMessage(hash, theirs)).contains(message);

            byte[] ours = RsaPadding.oaep(hash, message, new SeededRandom(9).bytes(hash.length()), 256);
            BigInteger encrypted = new BigInteger(1, ours)
                    .modPow(publicKey().getPublicExponent(), publicKey().getModulus());
            cipher.init(Cipher.DECRYPT_MODE, KEY.getPrivate(), spec);
            assertThat(cipher.doFinal(modulus().encode(encrypted))).isEqualTo(message);
        }
        assertThatIllegalArgumentException()
                .isThrownBy(() ->
                        RsaPadding.oaep(hash, new byte[capacity + 1], new SeededRandom(9).bytes(hash.length()), 256));
    }

    @ParameterizedTest
    @EnumSource(names = {"SHA_1", "SHA_256"})
    void oaepRefusesWhateverIsChanged(RsaHash hash) {
        byte[] message = {0, 1, 1, 0, 5};
        byte[] encoded = RsaPadding.oaep(hash, message, new SeededRandom(3).bytes(hash.length()), 256);
        assertThat(RsaPadding.oaepMessage(hash, encoded)).contains(message);
        for (int i = 0; i < encoded.length - message.length; i++) {
            byte[] changed = encoded.clone();
            changed[i] ^= 2;
            assertThat(RsaPadding.oaepMessage(hash, changed)).isEmpty();
        }
        assertThat(RsaPadding.oaepMessage(hash, Arrays.copyOf(encoded, 2 * hash.length() + 1)))
                .isEmpty();
        assertThat(RsaPadding.oaepMessage(hash, new byte[256])).isEmpty();
    }

    @Test
    void safePrimesAreSafePrimesOfTheirLength() {
        SeededRandom random = new SeededRandom(5);
        for (int bits : new int[] {64, 128, 256, 512}) {
            BigInteger prime = SafePrimes.generate(bits, random);
            assertThat(prime.bitLength()).isEqualTo(bits);
            assertThat(prime.testBit(bits - 2)).isTrue();
            assertThat(prime.isProbablePrime(100)).isTrue();
            assertThat(prime.shiftRight(1).isProbablePrime(100)).isTrue();
        }
    }

    @Test
    void compositesAreNoPrimes() {
        SeededRandom random = new SeededRandom(6);
        for (long composite : new long[] {9, 15, 561, 1105, 3215031751L, 341550071728321L}) {
            assertThat(SafePrimes.isProbablePrime(BigInteger.valueOf(composite), random))
                    .isFalse();
        }
        for (long prime : new long[] {5, 7, 65537, 2147483647L}) {
            assertThat(SafePrimes.isProbablePrime(BigInteger.valueOf(prime), random))
                    .isTrue();
        }
    }

    @Test
    void aSearchEndsWhenItsPaceSaysSo() {
        int[] asked = {0};
        assertThat(SafePrimes.search(1024, new SeededRandom(7), () -> asked[0]++ < 3))
                .isEmpty();
        assertThat(asked[0]).isEqualTo(4);
    }

    @Test
    void publicKeysAreEncodedAsTheJdkDoes() throws Exception {
        for (int bits : new int[] {1024, 2048, 3072}) {
            KeyPairGenerator generator = KeyPairGenerator.getInstance("RSA");
            generator.initialize(bits);
            RSAPublicKey theirs = (RSAPublicKey) generator.generateKeyPair().getPublic();
            RsaPublicKey ours = new RsaPublicKey(theirs.getModulus());
            assertThat(ours.encode()).isEqualTo(theirs.getEncoded());
            assertThat(RsaPublicKey.decode(theirs.getEncoded())).isEqualTo(ours);
            assertThat(ours.bits()).isEqualTo(bits);
        }
    }

    @Test
    void noOtherBytesDecodeToAPublicKey() {
        byte[] encoded = publicKey().getEncoded();
        int modulusFrom = encoded.length - 5 - 256;
        for (int at = 0; at < encoded.length; at++) {
            byte[] changed = encoded.clone();
            changed[at] ^= (byte) 0x81;
            if (at > modulusFrom && at < modulusFrom + 255) {
                assertThat(encoded(changed)).isEqualTo(changed);
            } else {
                assertThat(encoded(changed)).as("byte %d", at).isNull();
            }
        }
        for (int length : new int[] {0, 1, encoded.length - 1, encoded.length + 1}) {
            assertThat(encoded(Arrays.copyOf(encoded, length))).isNull();
        }
    }

    private static byte @Nullable [] encoded(byte[] bytes) {
        try {
            return RsaPublicKey.decode(bytes).encode();
        } catch (InvalidEncodingException e) {
            return null;
        }
    }

    @Test
    void onlyNumbersOfTheRingThatAreNotTrivialAreProper() {
        RsaPublicKey key = new RsaPublicKey(publicKey().getModulus());
        BigInteger n = key.modulus();
        RsaModulus ring = modulus();
        for (BigInteger trivial :
                new BigInteger[] {BigInteger.ZERO, BigInteger.ONE, n.subtract(BigInteger.ONE), n, n.add(BigInteger.TWO)
                }) {
            assertThat(key.isProper(ring.encode(trivial))).isFalse();
        }
        assertThat(key.isProper(ring.encode(BigInteger.TWO))).isTrue();
        assertThat(key.isProper(new byte[255])).isFalse();
        assertThat(key.raise(ring.encode(n))).isEmpty();
        assertThat(key.raise(new byte[255])).isEmpty();
        byte[] two = ring.encode(BigInteger.TWO);
        assertThat(new BigInteger(1, key.raise(two).orElseThrow()))
                .isEqualTo(BigInteger.TWO.modPow(RsaPublicKey.EXPONENT, n));
    }
}
