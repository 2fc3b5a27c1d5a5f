package org.keymoot.protocol.rsa;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.math.BigInteger;
import java.security.KeyFactory;
import java.security.MessageDigest;
import java.security.PublicKey;
import java.security.Signature;
import java.security.spec.RSAPublicKeySpec;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import javax.crypto.Cipher;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.keymoot.crypto.group.GroupId;
import org.keymoot.crypto.random.SeededRandom;
import org.keymoot.crypto.rsa.RsaHash;
import org.keymoot.crypto.rsa.RsaPadding;
import org.keymoot.crypto.secret.Disclosure;
import org.keymoot.crypto.secret.SecretScope;
import org.keymoot.crypto.sharing.ReconstructionThreshold;
import org.keymoot.protocol.key.InvalidKeyShareException;
import org.keymoot.protocol.message.Codec;
import org.keymoot.protocol.message.CodecFuzz;
import org.keymoot.protocol.message.Malformed;
import org.keymoot.protocol.session.Cheated;
import org.keymoot.protocol.session.Session;
import org.keymoot.protocol.simulation.Adversaries;
import org.keymoot.protocol.simulation.Adversary;
import org.keymoot.protocol.simulation.Invariant;
import org.keymoot.protocol.simulation.Options;
import org.keymoot.protocol.simulation.Outcome.Result;
import org.keymoot.protocol.simulation.Report;
import org.keymoot.protocol.simulation.Runs;
import org.keymoot.protocol.simulation.Scenario;
import org.keymoot.protocol.simulation.Seat;
import org.keymoot.protocol.simulation.Simulation;

class RsaPowerTest {
    /// Safe primes of 512 and of 1024 bits, found by the project's own search; the first test checks them again.
    static final BigInteger P = new BigInteger(
            "c1521c63734e1ac9041a06ce28b07c2210ec87f814e6deda6481978e64bb6944"
                    + "0686848892ad623e729dee037dde0f1c1d55d6722dd0dc8ac54693893253604b",
            16);

    static final BigInteger Q = new BigInteger(
            "c2f1baabcf311f766ac52b5e5dfd9a04e64076a15e76a31653c1c09c9067e6ea"
                    + "00896f669b0b84fc9080843e0b56408bf5facbcc8c5abc7895f3a23fc7f9e173",
            16);
    private static final BigInteger LONG_P = new BigInteger(
            "fadf3f3a20618c57cddeaae6d9107da48970d140b770ccdeee785a849ac1b4efe3bef304cf0fa8259e4cdab17418b87aa13e"
                    + "86414e8654ae92a65b76882bc256d31fe3712a73b81f900a56b5526b26dc09f60f7bb18d4d8f4aff7e8045ff94435cac2fc6"
                    + "28ad3ca7c75c8c53c38a261f837457c339c9b6815c7f5bdcfd05ec77",
            16);
    private static final BigInteger LONG_Q = new BigInteger(
            "f8e9d179c0bf320cf6769ef63a48839766eee27d7a91cce81feefc81277e70b341f9fd1079083c880a17775a8e48b2937562"
                    + "8b30d4518e812635195ff045312277c7d23cf586c9ec1816140330c9503087aa5621a881af2357e0ec7ec3b990b4176ffb07"
                    + "287464bf347749022265bd91ffbe405b6560b9dabbb52433f5efb5ab",
            16);
    private static final BigInteger N = P.multiply(Q);

    private static List<RsaKeyShare> deal(int threshold, int parties) {
        return RsaDealer.deal(
                new byte[] {1}, P, Q, parties, new ReconstructionThreshold(threshold), new SeededRandom(threshold));
    }

    @Test
    void theKeysOfTheseTestsAreOfSafePrimes() {
        for (BigInteger prime : List.of(P, Q, LONG_P, LONG_Q)) {
            assertThat(prime.isProbablePrime(64)).isTrue();
            assertThat(prime.shiftRight(1).isProbablePrime(64)).isTrue();
        }
    }

    @Test
    void everyQuorumTakesTheRootThatTheWholeKeyTakes() {
        BigInteger d =
                RsaPublicShares.EXPONENT.modInverse(P.subtract(BigInteger.ONE).multiply(Q.subtract(BigInteger.ONE)));
        for (int[] size : new int[][] {{2, 2}, {2, 3}, {3, 5}, {5, 13}}) {
            List<RsaKeyShare> shares = deal(size[0], size[1]);
            List<Integer> everyone = IntStream.rangeClosed(1, size[1]).boxed().toList();
            for (List<Integer> quorum :
                    List.of(everyone.subList(0, size[0]), everyone.subList(size[1] - size[0], size[1]))) {
                byte[] input = input(size[0]);
                assertThat(new BigInteger(1, power(shares, quorum, quorum.getLast(), input)))
                        .isEqualTo(new BigInteger(1, input).modPow(d, N));
            }
            shares.forEach(RsaKeyShare::close);
        }
    }

    @Test
    void signaturesAndDecryptionsAreThoseOfTheJdk() throws Exception {
        List<RsaKeyShare> shares =
                RsaDealer.deal(new byte[] {1}, LONG_P, LONG_Q, 3, new ReconstructionThreshold(2), new SeededRandom(1));
        BigInteger n = LONG_P.multiply(LONG_Q);
        PublicKey key = KeyFactory.getInstance("RSA").generatePublic(new RSAPublicKeySpec(n, RsaPublicShares.EXPONENT));
        byte[] message = {1, 2, 3};
        byte[] digest = MessageDigest.getInstance("SHA-256").digest(message);
        Signature verifier = Signature.getInstance("SHA256withRSA");
        verifier.initVerify(key);
        verifier.update(message);
        assertThat(verifier.verify(power(shares, List.of(1, 3), 1, RsaPadding.pkcs1(RsaHash.SHA_256, digest, 256))))
                .isTrue();

        byte[] encoded = RsaPadding.pss(RsaHash.SHA_256, digest, new byte[32], 2048);
        byte[] signature = power(shares, List.of(2, 3), 2, encoded);
        assertThat(new BigInteger(1, signature).modPow(RsaPublicShares.EXPONENT, n))
                .isEqualTo(new BigInteger(1, encoded));

        Cipher cipher = Cipher.getInstance("RSA/ECB/OAEPWithSHA-1AndMGF1Padding");
        cipher.init(Cipher.ENCRYPT_MODE, key);
        assertThat(RsaPadding.oaepMessage(RsaHash.SHA_1, power(shares, List.of(1, 2), 2, cipher.doFinal(message))))
                .contains(message);
    }

    @Test
    void aWrongPartNamesItsParty() {
        List<RsaKeyShare> shares = deal(2, 3);
        for (int at : new int[] {64, 127, 130, 159, 165, 300}) {
            blamed(shares, body -> body[at] ^= 1);
        }
    }

    @Test
    void aPartThatIsZeroOrTheModulusOrOfAnotherInputNamesItsParty() {
        List<RsaKeyShare> shares = deal(2, 3);
        for (byte[] lie : new byte[][] {new byte[128], shares.getFirst().ring().encode(N), input(7)}) {
            blamed(shares, body -> System.arraycopy(lie, 0, body, 0, lie.length));
        }
    }

    /// Changes the body of the one message.
    private interface Lie {
        void in(byte[] body);
    }

    private static void blamed(List<RsaKeyShare> shares, Lie lie) {
        Cheated cheated = Runs.cheated(lying(shares, lie), 1, "rsa");
        assertThat(cheated.step()).isEqualTo("2.1");
        assertThat(cheated.culprits()).containsExactly(2);
    }

    private static Report lying(List<RsaKeyShare> shares, Lie lie) {
        return run(
                3,
                seat -> attempt(seat, shares, List.of(1, 2), 1, input(5)),
                Adversaries.editing("rsa", "1.5", frame -> {
                    byte[] body = frame.body().clone();
                    lie.in(body);
                    return Adversaries.withBody(frame, body);
                }));
    }

    @Test
    void aNegatedPartChangesNothing() {
        List<RsaKeyShare> shares = deal(2, 3);
        Report report = lying(
                shares,
                body -> System.arraycopy(
                        shares.getFirst().ring().encode(N.subtract(new BigInteger(1, Arrays.copyOf(body, 128)))),
                        0,
                        body,
                        0,
                        128));
        assertThat(report.outcomes()).isNotEmpty().allMatch(one -> one.result() instanceof Result.Returned);
    }

    @Test
    void blamesNobodyElseWhenItsOwnPartIsTheWrongOne() throws Exception {
        List<RsaKeyShare> shares = deal(2, 3);
        RsaPublicShares good = shares.getFirst().publicShares();
        // A share of party 1 that fits its own verification value and no polynomial with the others.
        BigInteger secret = BigInteger.valueOf(12345);
        List<BigInteger> values = new ArrayList<>(good.verificationValues());
        values.set(0, good.verificationBase().modPow(secret, good.modulus()));
        RsaPublicShares wrong = new RsaPublicShares(
                good.keyId(), 3, good.reconstructionThreshold(), good.modulus(), good.verificationBase(), values);
        List<RsaKeyShare> mixed = new ArrayList<>();
        for (int party = 1; party <= 3; party++) {
            byte[] number = party == 1
                    ? shares.getFirst().ring().encode(secret)
                    : shares.get(party - 1)
                            .secret(Disclosure.I_TAKE_THE_SECRET_OUT)
                            .toArray(ValueLayout.JAVA_BYTE);
            mixed.add(RsaKeyShare.of(wrong, party, MemorySegment.ofArray(number)));
        }
        Report report = run(3, seat -> attempt(seat, mixed, List.of(1, 2), 1, input(5)), null);
        Cheated cheated = Runs.cheated(report, 1, "rsa");
        assertThat(cheated.step()).isEqualTo("2.3");
        assertThat(cheated.culprits()).isEmpty();
    }

    @Test
    void theLossOfTheMessageAccusesNobody() {
        List<RsaKeyShare> shares = deal(2, 3);
        Report report =
                run(3, seat -> attempt(seat, shares, List.of(1, 2), 1, input(5)), (outgoing, random) -> List.of());
        assertThat(report.outcomes())
                .anyMatch(one -> one.result() instanceof Result.MetSilence)
                .noneMatch(one -> one.result() instanceof Result.FoundCheating);
    }

    @Test
    void inputsWithoutARootWorthComputingAndForeignQuorumsAreRefused() {
        List<RsaKeyShare> shares = deal(2, 3);
        List<byte[]> inputs = new ArrayList<>(List.of(new byte[127], new byte[129]));
        for (BigInteger number : List.of(BigInteger.ZERO, BigInteger.ONE, N.subtract(BigInteger.ONE), N, P, Q)) {
            inputs.add(shares.getFirst().ring().encode(number));
        }
        run(
                3,
                seat -> {
                    if (seat.party() == 1) {
                        for (byte[] input : inputs) {
                            refused(seat, shares, List.of(1, 2), 1, input);
                        }
                        for (List<Integer> quorum : List.of(List.of(1, 2, 3), List.of(1, 4))) {
                            refused(seat, shares, quorum, 1, input(5));
                        }
                        refused(seat, shares, List.of(1, 2), 3, input(5));
                    }
                },
                null);
    }

    private static void refused(Seat seat, List<RsaKeyShare> shares, List<Integer> quorum, int leader, byte[] input) {
        assertThatThrownBy(() -> attempt(seat, shares, quorum, leader, input))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void aRowReadsBackAndADamagedOneIsRefused() throws Exception {
        RsaKeyShare share = deal(2, 3).get(1);
        byte[] row = rowOf(share);
        try (RsaKeyShare again = RsaKeyShare.decode(MemorySegment.ofArray(row))) {
            assertThat(again.publicShares()).isEqualTo(share.publicShares());
            assertThat(again.self()).isEqualTo(2);
            assertThat(again).hasToString("[redacted share of P2, RSA key of 1024 bits, 2 of 3]");
        }
        byte[] otherSecret = row.clone();
        otherSecret[row.length - 1] ^= 1;
        assertThatThrownBy(() -> RsaKeyShare.decode(MemorySegment.ofArray(otherSecret)))
                .isInstanceOf(InvalidKeyShareException.class);
        for (int length : new int[] {0, 1, 7, 8, 40, row.length - 1}) {
            assertThatThrownBy(() -> RsaKeyShare.decode(MemorySegment.ofArray(Arrays.copyOf(row, length))))
                    .isInstanceOf(Malformed.class);
        }
        CodecFuzz.run(
                1,
                60,
                input -> {
                    try (RsaKeyShare read = RsaKeyShare.decode(MemorySegment.ofArray(input))) {
                        return rowOf(read);
                    } catch (InvalidKeyShareException e) {
                        throw new Malformed("it does not fit");
                    }
                },
                row);
    }

    private static byte[] rowOf(RsaKeyShare share) {
        try (SecretScope scope = new SecretScope()) {
            return share.encode(scope).segment(Disclosure.I_TAKE_THE_SECRET_OUT).toArray(ValueLayout.JAVA_BYTE);
        }
    }

    @Test
    void damagedMessagesAreRefusedOrReadExactly() {
        RsaKeyShare share = deal(2, 2).getFirst();
        Codec<RsaPower.Partial> codec = RsaPower.partial(share.ring());
        CodecFuzz.run(
                1,
                300,
                input -> codec.encode(codec.decode(input)),
                codec.encode(new RsaPower.Partial(BigInteger.TEN, new byte[32], BigInteger.TWO.pow(1500))));
    }

    private static byte[] input(int seed) {
        byte[] input = new SeededRandom(seed).bytes(128);
        input[0] = 0;
        return input;
    }

    private static byte[] power(List<RsaKeyShare> shares, List<Integer> quorum, int leader, byte[] input) {
        List<byte[]> results = new ArrayList<>();
        Report report = run(
                shares.size(),
                seat -> attempt(seat, shares, quorum, leader, input)
                        .filter(result -> result.length > 0)
                        .ifPresent(results::add),
                null);
        if (results.size() != 1) {
            throw new AssertionError(report.text());
        }
        return results.getFirst();
    }

    /// One party's part; the result at the leader, nothing at the others.
    private static Optional<byte[]> attempt(
            Seat seat, List<RsaKeyShare> shares, List<Integer> quorum, int leader, byte[] input) {
        if (!quorum.contains(seat.party())) {
            return Optional.empty();
        }
        RsaKeyShare share = shares.get(seat.party() - 1);
        return seat.attempt("rsa", () -> {
            Session session = Session.withFreshMessages(
                    RsaPower.setUp(share.publicShares(), quorum, leader, input, new byte[] {1}),
                    seat.party(),
                    seat.channel("rsa"),
                    seat.environment());
            if (seat.party() == leader) {
                return RsaPower.lead(session, share, input);
            }
            RsaPower.help(session, share, leader, input);
            return new byte[0];
        });
    }

    /// What one party does.
    private interface Part {
        void play(Seat seat);
    }

    private static Report run(int parties, Part part, @Nullable Adversary adversary) {
        Options options = Options.healthy("rsa", GroupId.SECP256K1, parties, 2)
                .with(new Options.Attack(adversary == null ? 1 : 2, "see the test", 0));
        Report report = Simulation.run(1, options, adversary, new Scenario() {
            @Override
            public String name() {
                return "rsa";
            }

            @Override
            public List<GroupId> groups() {
                return List.of(GroupId.SECP256K1);
            }

            @Override
            public void run(Seat seat) {
                part.play(seat);
            }

            @Override
            public List<Invariant> invariants() {
                return List.of();
            }
        });
        assertThat(report.violations()).as(report.text()).isEmpty();
        return report;
    }
}
