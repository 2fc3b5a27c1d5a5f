package org.keymoot.protocol.ecdsa;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.List;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.keymoot.crypto.commit.HashCommitment;
import org.keymoot.crypto.commit.Opening;
import org.keymoot.crypto.group.Group;
import org.keymoot.crypto.group.GroupId;
import org.keymoot.crypto.group.InvalidEncodingException;
import org.keymoot.crypto.group.Point;
import org.keymoot.crypto.group.Scalar;
import org.keymoot.crypto.secret.Disclosure;
import org.keymoot.crypto.secret.SecretScope;
import org.keymoot.crypto.vole.RvoleRequest;
import org.keymoot.protocol.message.Malformed;
import org.keymoot.protocol.pairsetup.PairQuarantined;
import org.keymoot.protocol.pairsetup.PairSetup;
import org.keymoot.protocol.pairsetup.Pairs;
import org.keymoot.protocol.session.Cheated;
import org.keymoot.protocol.simulation.Adversaries;
import org.keymoot.protocol.simulation.Adversary;

/// One adversary for each assert of `docs/protocols/ecdsa-presign.md` and `ecdsa-sign.md`.
///
/// Each assert is the only line that stands between its adversary and another ending, so that removing it fails the
/// test that names its step: without 2.1, 3.2, 3.3 or 3.4 nothing is burned; without 1.5 the honest burn each other;
/// without 3.1 the run ends at 3.3 with a burn; without 3.5 or 4.2 presigning returns; without 2.2 of signing it ends
/// at 2.5, without 2.3 in an arithmetic exception, without 2.5 it returns a wrong signature. Step 3.6 cannot be
/// reached by a run, since no one can choose the sum of committed points; its predicate is tested by itself.
class EcdsaAdversaryTest {
    private static final Group GROUP = Group.of(GroupId.SECP256K1);
    private static final int POINT = GROUP.pointLength();
    private static final int KEY_AT = Opening.NONCE_LENGTH + POINT;
    private static final int GAMMA_U_AT = KEY_AT + POINT;
    private static final int GAMMA_V_AT = GAMMA_U_AT + POINT;
    private static final int PSI_AT = GAMMA_V_AT + POINT;
    private static final int REPLY_AT = PSI_AT + 32;

    @ParameterizedTest
    @ValueSource(ints = {2, 3})
    void burnsThePairWhoseExtensionIsInconsistent(int needed) {
        int choices = EcdsaMessage.BINDING_BYTES + RvoleRequest.LENGTH - 40;
        int combined = EcdsaMessage.BINDING_BYTES + RvoleRequest.LENGTH - 1;
        for (int at : new int[] {choices, combined}) {
            EcdsaRun run = presigning(needed, rewriteExtensions(body -> flipped(body, at)));
            assertBurned(run, "2.1");
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {2, 3})
    void burnsThePairWhoseMultiplicationIsInconsistent(int needed) {
        for (int at : new int[] {REPLY_AT, REPLY_AT + 96 * 300 + 32, REPLY_AT + 96 * 416, REPLY_AT + 96 * 416 + 40}) {
            assertBurned(presigning(needed, rewrite("2.4", body -> flipped(body, at))), "3.2");
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {2, 3})
    void burnsThePairWhoseNonceIsNotTheMultiplied(int needed) {
        assertBurned(presigning(needed, rewrite("2.4", body -> shifted(body, GAMMA_U_AT, 1))), "3.3");
        assertBurned(presigning(needed, rewrite("2.4", body -> shifted(body, GAMMA_U_AT, -1))), "3.3");
    }

    @ParameterizedTest
    @ValueSource(ints = {2, 3})
    void burnsThePairWhoseKeyPartIsNotTheMultiplied(int needed) {
        assertBurned(presigning(needed, rewrite("2.4", body -> shifted(body, GAMMA_V_AT, 1))), "3.4");
        assertBurned(presigning(needed, rewrite("2.4", body -> shifted(body, KEY_AT, -1))), "3.4");
    }

    @ParameterizedTest
    @ValueSource(ints = {2, 3})
    void namesThePartyThatOpensAnotherNonceAndBurnsNothing(int needed) {
        for (UnaryOperator<byte[]> change : List.<UnaryOperator<byte[]>>of(
                body -> flipped(body, 0), body -> shifted(body, Opening.NONCE_LENGTH, 1))) {
            EcdsaRun run = presigning(needed, rewrite("2.4", change));
            assertCheated(run, "3.1", List.of(corrupt(run)));
            assertNothingBurned(run);
        }
    }

    @Test
    void refusesMessagesOfAnotherFormNamingTheSender() {
        byte[] order = GROUP.scalars().order().toByteArray();
        byte[] q = Arrays.copyOfRange(order, order.length - 32, order.length);
        List<UnaryOperator<byte[]>> changes = List.of(
                body -> Arrays.copyOf(body, body.length - 1),
                body -> Arrays.copyOf(body, body.length + 1),
                body -> new byte[0],
                body -> written(body, KEY_AT, new byte[POINT]),
                body -> written(body, GAMMA_U_AT, new byte[] {5}),
                body -> written(body, GAMMA_V_AT, filled(POINT)),
                body -> written(body, PSI_AT, q),
                body -> written(body, REPLY_AT, filled(32)));
        for (UnaryOperator<byte[]> change : changes) {
            EcdsaRun run = presigning(2, rewrite("2.4", change));
            assertCheated(run, "0.8", List.of(corrupt(run)));
            assertNothingBurned(run);
        }
    }

    @Test
    void namesNobodyAndBurnsNothingWhenTheNonceCommitmentsWereEquivocated() {
        EcdsaRun run = EcdsaRun.ofThree(GroupId.SECP256K1);
        run.play(
                1,
                EcdsaRun::presign,
                4,
                Adversaries.editing(
                        "s",
                        "1.3",
                        frame -> frame.receiver() == 1 && frame.body().length == HashCommitment.LENGTH
                                ? Adversaries.withBody(frame, flipped(frame.body(), 3))
                                : frame));
        assertThat(run.cheated(1).step()).isEqualTo("0.7");
        assertThat(run.cheated(1).culprits()).isEmpty();
        assertNothingBurned(run);
    }

    @Test
    void honestPartiesWithDifferentSetUpsAccuseNoOneAndBurnNothing() {
        EcdsaRun run = EcdsaRun.ofTwo(GroupId.SECP256K1);
        run.of(1).put(Pairs.made(1, 3, 1));
        run.playSpoiled(1, EcdsaRun::presign);
        assertThat(run.cheated(1).step()).isEqualTo("1.5");
        assertThat(run.cheated(1).culprits()).isEmpty();
        assertThat(run.cheated(3).step()).isEqualTo("1.5");
        assertNothingBurned(run);
    }

    @Test
    void keyPartsThatDoNotAddUpAreThePeersFaultAmongTwo() {
        EcdsaRun two = EcdsaRun.ofTwo(GroupId.SECP256K1);
        two.of(1).put(withAnotherZeroSeed(1, 3));
        two.play(
                1,
                (session, key, pairs) -> {
                    try {
                        return EcdsaRun.presign(session, key, pairs);
                    } catch (Cheated e) {
                        if (session.self() == 1) {
                            return "the corrupt party's own view does not count";
                        }
                        throw e;
                    }
                },
                1,
                (outgoing, random) -> List.of(outgoing.frame(), outgoing.frame()));
        assertThat(two.cheated(3).step()).isEqualTo("3.5");
        assertThat(two.cheated(3).culprits()).containsExactly(1);
        assertNothingBurned(two);
    }

    @Test
    void keyPartsThatDoNotAddUpNameNobodyAmongThree() {
        EcdsaRun three = EcdsaRun.ofThree(GroupId.SECP256K1);
        three.of(4).put(withAnotherZeroSeed(4, 1));
        three.playSpoiled(1, EcdsaRun::presign);
        assertThat(three.cheated(1).step()).isEqualTo("3.5");
        assertThat(three.cheated(1).culprits()).isEmpty();
        assertNothingBurned(three);
    }

    @Test
    void aDegenerateNonceIsUnusable() {
        assertThat(Presigning.isUsable(GROUP.identity())).isFalse();
        assertThat(Presigning.isUsable(GROUP.generator())).isTrue();
    }

    @Test
    void presigningDoesNotReturnWhenThePartiesHoldDifferentPresignatures() {
        EcdsaRun run = presigning(2, rewrite("4.1", body -> flipped(body, 31)));
        assertCheated(run, "4.2", List.of());
        assertNothingBurned(run);
    }

    @ParameterizedTest
    @ValueSource(ints = {2, 3})
    void aWrongMaskIsFoundByVerifyingAndBurnsNothing(int needed) {
        EcdsaRun run = signing(needed, rewrite("2.4", body -> flipped(body, PSI_AT + 31)));
        assertCheated(run, "2.5", needed == 2 ? List.of(corrupt(run)) : List.of());
        assertNothingBurned(run);
    }

    @ParameterizedTest
    @ValueSource(ints = {2, 3})
    void aWrongShareYieldsNoSignature(int needed) {
        for (int at : new int[] {EcdsaMessage.BINDING_BYTES + 31, EcdsaMessage.BINDING_BYTES + 63}) {
            EcdsaRun run = signing(needed, rewrite("1.2", body -> flipped(body, at)));
            assertCheated(run, "2.5", needed == 2 ? List.of(corrupt(run)) : List.of());
            assertNothingBurned(run);
        }
    }

    @Test
    void aShareForAnotherPresignatureOrDigestIsRefusedWithoutBlame() {
        EcdsaRun run = signing(2, rewrite("1.2", body -> flipped(body, 0)));
        assertCheated(run, "2.2", List.of());
    }

    @ParameterizedTest
    @ValueSource(ints = {2, 3})
    void sharesThatCancelTheOthersAreRefused(int needed) {
        EcdsaRun presigned = run(needed).play(1, EcdsaRun::presign);
        EcdsaRun run = run(needed);
        int corrupt = corrupt(run);
        Scalar others = GROUP.scalars().zero();
        for (int party : run.quorum) {
            if (party != corrupt) {
                others = others.add(peek(presigned.presignature(party)));
            }
        }
        Scalar cancelling = others.negate();
        EcdsaRun signed = run.play(
                1,
                (session, key, pairs) -> EcdsaSign.run(
                        session,
                        key,
                        copy(presigned.presignature(session.self())),
                        EcdsaRun.DIGEST,
                        pairs,
                        (id, d) -> {}),
                corrupt,
                rewrite("1.2", body -> written(body, EcdsaMessage.BINDING_BYTES + 32, cancelling.encode())));
        assertCheated(signed, "2.3", needed == 2 ? List.of(corrupt) : List.of());
    }

    @Test
    void afterABurnEverySessionOfThePairIsRefusedAndOtherPairsGoOn() throws Exception {
        EcdsaRun run = EcdsaRun.ofThree(GroupId.SECP256K1);
        run.play(1, EcdsaRun::presign, 4, rewriteExtensions(body -> flipped(body, body.length - 1)));
        assertThat(run.result(1)).isInstanceOf(Cheated.class);
        run.playSpoiled(2, EcdsaRun::sign);
        assertThat(run.result(1)).isInstanceOf(PairQuarantined.class);
        assertThat(((PairQuarantined) run.result(1)).peer()).isEqualTo(4);
        assertThat(run.of(1).get(2).peer()).isEqualTo(2);
    }

    @Test
    void aSessionUnderWayIsStoppedByABurnElsewhere() {
        EcdsaRun run = EcdsaRun.ofTwo(GroupId.SECP256K1);
        run.play(1, (session, key, pairs) -> {
            if (session.self() == 1) {
                assertThat(pairs.get(3).passes(pairs, "elsewhere", () -> false)).isFalse();
            }
            return "burned";
        });
        run.playSpoiled(2, EcdsaRun::presign);
        assertThat(run.result(1)).isInstanceOf(PairQuarantined.class);
        assertThat(run.burned(1)).containsExactly("P3 elsewhere");
    }

    private static EcdsaRun run(int needed) {
        return needed == 2 ? EcdsaRun.ofTwo(GroupId.SECP256K1) : EcdsaRun.ofThree(GroupId.SECP256K1);
    }

    private static int corrupt(EcdsaRun run) {
        return run.quorum.getLast();
    }

    private static EcdsaRun presigning(int needed, Adversary adversary) {
        EcdsaRun run = run(needed);
        return run.play(1, EcdsaRun::presign, corrupt(run), adversary);
    }

    private static EcdsaRun signing(int needed, Adversary adversary) {
        EcdsaRun run = run(needed);
        return run.play(1, EcdsaRun::sign, corrupt(run), adversary);
    }

    private static Adversary rewrite(String step, UnaryOperator<byte[]> change) {
        return Adversaries.editing("s", step, frame -> Adversaries.withBody(frame, change.apply(frame.body())));
    }

    /// The two messages of step 1.3 differ in length.
    private static Adversary rewriteExtensions(UnaryOperator<byte[]> change) {
        return rewrite("1.3", body -> body.length == HashCommitment.LENGTH ? body : change.apply(body));
    }

    /// Every honest party either found the corrupt one at this step or met silence; at least one found it.
    private static void assertCheated(EcdsaRun run, String step, List<Integer> culprits) {
        List<Cheated> found = run.quorum.stream()
                .filter(party -> party != corrupt(run) && run.result(party) instanceof Cheated)
                .map(run::cheated)
                .toList();
        assertThat(found).isNotEmpty().allSatisfy(cheated -> {
            assertThat(cheated.step()).isEqualTo(step);
            assertThat(cheated.culprits()).isEqualTo(culprits);
        });
        assertThat(run.quorum)
                .noneMatch(party -> party != corrupt(run) && run.result(party) instanceof RecoverableSignature);
    }

    private static void assertBurned(EcdsaRun run, String step) {
        int corrupt = corrupt(run);
        assertCheated(run, step, List.of(corrupt));
        for (int party : run.quorum) {
            if (party == corrupt) {
                assertThat(run.burned(party)).isEmpty();
            } else if (run.result(party) instanceof Cheated) {
                assertThat(run.burned(party)).containsExactly("P" + corrupt + " ecdsa-presign " + step);
            }
        }
    }

    private static void assertNothingBurned(EcdsaRun run) {
        assertThat(run.quorum).allSatisfy(party -> assertThat(run.burned(party)).isEmpty());
    }

    private static PairSetup withAnotherZeroSeed(int self, int peer) {
        byte[] row = Pairs.row(self, peer, 0);
        row[Pairs.zeroSeedAt(row)] ^= 1;
        return Pairs.decode(row);
    }

    private static Scalar peek(Presignature presignature) {
        try {
            return copy(presignature).take().u().reveal(Disclosure.I_TAKE_THE_SECRET_OUT);
        } catch (PresignatureSpent e) {
            throw new AssertionError(e);
        }
    }

    static Presignature copy(Presignature presignature) {
        try (SecretScope scope = new SecretScope()) {
            return Presignature.decode(presignature.encode(scope).segment(Disclosure.I_TAKE_THE_SECRET_OUT));
        } catch (Malformed e) {
            throw new AssertionError(e);
        }
    }

    private static byte[] flipped(byte[] body, int at) {
        byte[] changed = body.clone();
        changed[at] ^= 1;
        return changed;
    }

    private static byte[] shifted(byte[] body, int at, int byGenerators) {
        try {
            Point point = GROUP.decode(Arrays.copyOfRange(body, at, at + POINT));
            Point changed = byGenerators > 0 ? point.add(GROUP.generator()) : point.subtract(GROUP.generator());
            return written(body, at, changed.encode());
        } catch (InvalidEncodingException e) {
            throw new AssertionError(e);
        }
    }

    private static byte[] written(byte[] body, int at, byte[] what) {
        byte[] changed = body.clone();
        System.arraycopy(what, 0, changed, at, what.length);
        return changed;
    }

    private static byte[] filled(int length) {
        byte[] bytes = new byte[length];
        Arrays.fill(bytes, (byte) 0xff);
        return bytes;
    }
}
