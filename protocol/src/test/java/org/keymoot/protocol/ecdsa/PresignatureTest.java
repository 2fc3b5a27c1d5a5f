package org.keymoot.protocol.ecdsa;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.keymoot.crypto.group.Group;
import org.keymoot.crypto.group.GroupId;
import org.keymoot.crypto.group.Scalar;
import org.keymoot.crypto.group.SecretScalar;
import org.keymoot.crypto.random.SeededRandom;
import org.keymoot.crypto.secret.Disclosure;
import org.keymoot.crypto.secret.SecretScope;
import org.keymoot.protocol.message.Codec;
import org.keymoot.protocol.message.Malformed;
import org.keymoot.protocol.pairsetup.PairQuarantined;
import org.keymoot.protocol.pairsetup.Pairs;

class PresignatureTest {
    @ParameterizedTest
    @EnumSource(names = {"SECP256K1", "P256"})
    void itsSharesAreThoseOfPlainEcdsaWithTheSameKeyAndNonce(GroupId group) throws Exception {
        for (EcdsaRun run : List.of(EcdsaRun.ofTwo(group), EcdsaRun.ofThree(group))) {
            SlowEcdsa slow = new SlowEcdsa(group);
            BigInteger u = BigInteger.ZERO;
            BigInteger v = BigInteger.ZERO;
            BigInteger phi = BigInteger.ZERO;
            run.play(3, EcdsaRun::presign);
            Map<Integer, Presignature> made = new HashMap<>();
            for (int party : run.quorum) {
                made.put(party, run.presignature(party));
                Presignature.Secrets secrets =
                        EcdsaAdversaryTest.copy(run.presignature(party)).take();
                u = u.add(number(secrets.u()));
                v = v.add(number(secrets.v()));
                phi = phi.add(number(secrets.phi()));
            }
            // u = k·φ and v = d·φ, which gives the nonce k and the key d.
            BigInteger inverse = phi.modInverse(slow.q);
            BigInteger nonce = u.multiply(inverse).mod(slow.q);
            BigInteger key = v.multiply(inverse).mod(slow.q);
            assertThat(key).isEqualTo(run.keys.secret());
            assertThat(run.presignature(run.quorum.getFirst()).nonce().encode()).isEqualTo(slow.publicKey(nonce));

            SlowEcdsa.Signed expected = slow.sign(key, nonce, EcdsaRun.DIGEST);
            run.play(
                    4,
                    (session, share, pairs) -> EcdsaSign.run(
                            session,
                            share,
                            Objects.requireNonNull(made.get(session.self())),
                            EcdsaRun.DIGEST,
                            pairs,
                            (id, digest) -> {}));
            RecoverableSignature signature = run.signature(run.quorum.getFirst());
            assertThat(signature.r().toBigInteger()).isEqualTo(expected.r());
            assertThat(signature.s().toBigInteger()).isEqualTo(expected.s());
            assertThat(signature.recoveryId()).isEqualTo(expected.recoveryId());
        }
    }

    @Test
    void theEquationsOfTheReferenceGiveTheProductsOfKeyNonceAndMask() {
        // The reference is an oracle only if it is right by itself: with any shares of the products its u and v add
        // up to (Σr)(Σφ) and (Σsk)(Σφ).
        SlowEcdsa slow = new SlowEcdsa(GroupId.SECP256K1);
        Random random = new Random(1);
        BigInteger[] r = numbers(random, slow.q);
        BigInteger[] phi = numbers(random, slow.q);
        BigInteger[] sk = numbers(random, slow.q);
        BigInteger[] chi = numbers(random, slow.q);
        BigInteger[] cu = numbers(random, slow.q);
        BigInteger[] cv = numbers(random, slow.q);
        List<SlowEcdsa.Party> parties = new ArrayList<>();
        for (int i = 0; i < 2; i++) {
            int j = 1 - i;
            parties.add(new SlowEcdsa.Party(
                    r[i],
                    phi[i],
                    sk[i],
                    List.of(new SlowEcdsa.Counterparty(
                            phi[j].subtract(chi[j]),
                            cu[i],
                            r[j].multiply(chi[i]).subtract(cu[j]),
                            cv[i],
                            sk[j].multiply(chi[i]).subtract(cv[j])))));
        }
        BigInteger mask = phi[0].add(phi[1]);
        assertThat(slow.u(parties.get(0)).add(slow.u(parties.get(1))).mod(slow.q))
                .isEqualTo(r[0].add(r[1]).multiply(mask).mod(slow.q));
        assertThat(slow.v(parties.get(0)).add(slow.v(parties.get(1))).mod(slow.q))
                .isEqualTo(sk[0].add(sk[1]).multiply(mask).mod(slow.q));
    }

    @Test
    void itIsStoredAndReadBack() throws Exception {
        EcdsaRun run = EcdsaRun.ofTwo(GroupId.P256).play(1, EcdsaRun::presign);
        Presignature made = run.presignature(1);
        byte[] row = row(made);
        assertThat(row.length).isLessThan(512);
        Presignature read = Presignature.decode(MemorySegment.ofArray(row));
        assertThat(row(read)).isEqualTo(row);
        assertThat(read.id()).isEqualTo(made.id());
        assertThat(read.toString()).doesNotContain("Secret");
        for (int length = 0; length < row.length; length++) {
            byte[] cut = Arrays.copyOf(row, length);
            assertThatThrownBy(() -> Presignature.decode(MemorySegment.ofArray(cut)))
                    .isInstanceOf(Malformed.class);
        }
    }

    @Test
    void decodingArbitraryBytesEitherRefusesThemOrGivesBackTheSameBytes() {
        EcdsaRun run = EcdsaRun.ofTwo(GroupId.SECP256K1).play(1, EcdsaRun::presign);
        byte[] row = row(run.presignature(3));
        Random random = new Random(5);
        int refused = 0;
        for (int i = 0; i < 3000; i++) {
            byte[] changed = i % 3 == 0 ? Arrays.copyOf(row, random.nextInt(2 * row.length)) : row.clone();
            for (int flips = 1 + random.nextInt(3); flips > 0 && changed.length > 0; flips--) {
                changed[random.nextInt(changed.length)] ^= (byte) (1 + random.nextInt(255));
            }
            try (Presignature read = Presignature.decode(MemorySegment.ofArray(changed))) {
                assertThat(row(read)).isEqualTo(changed);
            } catch (Malformed e) {
                refused++;
            }
        }
        assertThat(refused).isGreaterThan(1000);
    }

    @Test
    void itsSecretsAreGivenOnceAndErased() throws Exception {
        EcdsaRun run = EcdsaRun.ofTwo(GroupId.SECP256K1).play(1, EcdsaRun::presign);
        Presignature made = run.presignature(1);
        Presignature.Secrets secrets = made.take();
        assertThatThrownBy(made::take).isInstanceOf(PresignatureSpent.class);
        assertThatThrownBy(() -> row(made)).isInstanceOf(IllegalStateException.class);
        made.close();
        assertThatThrownBy(() -> number(secrets.u())).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void nothingLeavesWhenTheStoreSaysThatItIsSpent() {
        EcdsaRun run = EcdsaRun.ofTwo(GroupId.SECP256K1).play(1, EcdsaRun::presign);
        Map<Integer, Presignature> made = Map.of(1, run.presignature(1), 3, run.presignature(3));
        run.playSpoiled(
                2,
                (session, key, pairs) -> EcdsaSign.run(
                        session,
                        key,
                        Objects.requireNonNull(made.get(session.self())),
                        EcdsaRun.DIGEST,
                        pairs,
                        (id, digest) -> {
                            throw new PresignatureSpent(id);
                        }));
        assertThat(run.result(1)).isInstanceOf(PresignatureSpent.class);
        // Only the two frames in which the parties agree on the session's id.
        assertThat(run.report().framesSent()).isEqualTo(2);
    }

    @Test
    void theStoreHearsOfTheDigestBeforeAnythingIsSent() {
        EcdsaRun run = EcdsaRun.ofTwo(GroupId.SECP256K1).play(1, EcdsaRun::presign);
        Map<Integer, Presignature> made = Map.of(1, run.presignature(1), 3, run.presignature(3));
        List<byte[]> spent = new ArrayList<>();
        run.play(
                2,
                (session, key, pairs) -> EcdsaSign.run(
                        session,
                        key,
                        Objects.requireNonNull(made.get(session.self())),
                        EcdsaRun.DIGEST,
                        pairs,
                        (id, digest) -> spent.add(digest)));
        assertThat(spent).hasSize(2).allSatisfy(digest -> assertThat(digest).isEqualTo(EcdsaRun.DIGEST));
    }

    @Test
    void itIsRefusedForAnotherKeyQuorumOrSetUp() {
        EcdsaRun run = EcdsaRun.ofTwo(GroupId.SECP256K1).play(1, EcdsaRun::presign);
        byte[][] rows = {row(run.presignature(1)), row(run.presignature(3))};
        EcdsaRun.Part signing = (session, key, pairs) -> {
            try (Presignature read = Presignature.decode(MemorySegment.ofArray(rows[session.self() / 2]))) {
                return EcdsaSign.run(session, key, read, EcdsaRun.DIGEST, pairs, (id, digest) -> {});
            } catch (IllegalArgumentException | Malformed e) {
                return e;
            }
        };
        EcdsaRun otherKey = new EcdsaRun(DealtKeys.deal(GroupId.SECP256K1, 2, 3, 77), List.of(1, 3));
        otherKey.playSpoiled(2, signing);
        assertThat(otherKey.result(1)).isInstanceOf(IllegalArgumentException.class);

        EcdsaRun otherQuorum = new EcdsaRun(run.keys, List.of(1, 2));
        otherQuorum.playSpoiled(2, signing);
        assertThat(otherQuorum.result(1)).isInstanceOf(IllegalArgumentException.class);

        EcdsaRun otherSetUp = new EcdsaRun(run.keys, List.of(1, 3));
        otherSetUp.of(1).put(Pairs.made(1, 3, 1));
        otherSetUp.of(3).put(Pairs.made(3, 1, 1));
        otherSetUp.playSpoiled(2, signing);
        assertThat(otherSetUp.result(1)).isInstanceOf(PairQuarantined.class);
    }

    @Test
    void twoPartiesWithDifferentDigestsGetNoSignature() {
        EcdsaRun run = EcdsaRun.ofTwo(GroupId.SECP256K1);
        run.playSpoiled(1, (session, key, pairs) -> {
            byte[] digest = EcdsaRun.DIGEST.clone();
            digest[0] = (byte) session.self();
            return EcdsaSign.run(session, key, digest, pairs, pairs);
        });
        assertThat(run.cheated(1).step()).isEqualTo("2.2");
        assertThat(run.cheated(1).culprits()).isEmpty();
    }

    @Test
    void aMessageOfEveryKindDecodesOnlyFromItsOwnBytes() {
        Group group = Group.of(GroupId.SECP256K1);
        List<Codec<? extends EcdsaMessage>> codecs = List.of(
                EcdsaMessage.Commitment.CODEC,
                EcdsaMessage.Extension.CODEC,
                EcdsaMessage.Product.codec(group),
                EcdsaMessage.Confirmation.CODEC,
                EcdsaMessage.SignatureShare.codec(group.scalars()));
        SeededRandom random = new SeededRandom(8);
        for (var codec : codecs) {
            for (int i = 0; i < 60; i++) {
                int length = i % 2 == 0 ? codec.maxBytes() : Math.abs(random.bytes(1)[0]) * codec.maxBytes() / 100;
                roundTrip(codec, random.bytes(length));
            }
        }
    }

    private static <M> void roundTrip(Codec<M> codec, byte[] bytes) {
        try {
            assertThat(codec.encode(codec.decode(bytes.clone()))).isEqualTo(bytes);
        } catch (Malformed e) {
            assertThat(e.getMessage()).isNotBlank();
        }
    }

    private static byte[] row(Presignature presignature) {
        try (SecretScope scope = new SecretScope()) {
            return presignature
                    .encode(scope)
                    .segment(Disclosure.I_TAKE_THE_SECRET_OUT)
                    .toArray(ValueLayout.JAVA_BYTE);
        }
    }

    private static BigInteger number(SecretScalar secret) {
        Scalar revealed = secret.reveal(Disclosure.I_TAKE_THE_SECRET_OUT);
        return revealed.toBigInteger();
    }

    private static BigInteger[] numbers(Random random, BigInteger q) {
        return new BigInteger[] {new BigInteger(256, random).mod(q), new BigInteger(256, random).mod(q)};
    }
}
