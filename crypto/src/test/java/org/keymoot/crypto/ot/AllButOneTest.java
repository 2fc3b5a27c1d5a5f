package org.keymoot.crypto.ot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.lang.foreign.MemorySegment;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;
import org.keymoot.crypto.random.SeededRandom;
import org.keymoot.crypto.secret.Disclosure;
import org.keymoot.crypto.secret.SecretBytes;
import org.keymoot.crypto.sharing.PartyIndex;

final class AllButOneTest {
    private static final int SUM = 6 * 32;
    private static final int HASH = 7 * 32;

    private final SeededRandom random = new SeededRandom(31);
    private final AllButOne transfer = new AllButOne(Seeds.SETUP);
    private final byte[] both = random.bytes(AllButOne.BOTH_PADS_BYTES);
    private final byte[] choices = random.bytes(32);
    private final byte[] chosen = choose(both, choices);
    private final byte[] leaves = new byte[ExtensionReceiverSeed.LENGTH];
    private final byte[] message = transfer.build(MemorySegment.ofArray(both), MemorySegment.ofArray(leaves));

    @Test
    void puncturedSideGetsEveryLeafButOne() throws Exception {
        byte[] seed = puncture(transfer, message);
        SetupTest.assertMatch(seed, leaves);
        for (int i = 0; i < 32; i++) {
            assertThat(seed[i]).isEqualTo((byte) ~choices[i]);
        }
        for (int tree = 0; tree < 64; tree++) {
            int place = seed[tree / 2] >> (4 * (tree % 2)) & 15;
            byte[] missing = Arrays.copyOfRange(leaves, 32 * (16 * tree + place), 32 * (16 * tree + place + 1));
            for (int at = 0; at < seed.length; at += 32) {
                assertThat(Arrays.equals(seed, at, at + 32, missing, 0, 32)).isFalse();
            }
        }
    }

    @Test
    void changedCorrectionIsCaughtOrOfNoEffect() throws Exception {
        int caught = 0;
        for (int tree = 0; tree < 64; tree++) {
            for (int correction = 0; correction < 6; correction++) {
                byte[] changed = message.clone();
                changed[SetupReply.TREE_BYTES * tree + 32 * correction + tree % 32] ^= 4;
                try {
                    SetupTest.assertMatch(puncture(transfer, changed), leaves);
                } catch (CheckFailedException e) {
                    assertThat(e.check()).isEqualTo(CheckFailedException.Check.ALL_BUT_ONE);
                    caught++;
                }
            }
        }
        // Of the two corrections of a level exactly one is used.
        assertThat(caught).isEqualTo(64 * 3);
    }

    @Test
    void changedSumOrHashOfChecksIsCaught() {
        for (int tree = 0; tree < 64; tree += 7) {
            for (int at : new int[] {SUM, SUM + 31, HASH, HASH + 31}) {
                byte[] changed = message.clone();
                changed[SetupReply.TREE_BYTES * tree + at] ^= 1;
                assertCaught(transfer, changed);
            }
        }
    }

    @Test
    void treesOfAnotherSetupAreCaught() {
        SetupContext setup = Seeds.SETUP;
        assertCaught(
                new AllButOne(new SetupContext(new byte[] {8}, setup.epoch(), setup.sender(), setup.receiver())),
                message);
        assertCaught(new AllButOne(new SetupContext(setup.sessionId(), 8, setup.sender(), setup.receiver())), message);
        assertCaught(
                new AllButOne(new SetupContext(setup.sessionId(), setup.epoch(), setup.sender(), PartyIndex.of(3))),
                message);
        assertCaught(transfer, random.bytes(message.length));
    }

    @Test
    void treesExchangedAmongThemselvesAreCaught() {
        byte[] exchanged = message.clone();
        System.arraycopy(message, 0, exchanged, SetupReply.TREE_BYTES, SetupReply.TREE_BYTES);
        System.arraycopy(message, SetupReply.TREE_BYTES, exchanged, 0, SetupReply.TREE_BYTES);
        assertCaught(transfer, exchanged);
    }

    @Test
    void messageOfASeededRunIsFrozen() throws Exception {
        MessageDigest digest = MessageDigest.getInstance("SHA-256");
        digest.update(message);
        digest.update(leaves);
        assertThat(HexFormat.of().formatHex(digest.digest()))
                .isEqualTo("c665265269f110cc357fab893289505a8d76ba45588c318a75a23a099c5705fa");
    }

    private void assertCaught(AllButOne with, byte[] changed) {
        assertThatExceptionOfType(CheckFailedException.class)
                .isThrownBy(() -> puncture(with, changed))
                .matches(e -> e.check() == CheckFailedException.Check.ALL_BUT_ONE);
    }

    private byte[] puncture(AllButOne with, byte[] trees) throws CheckFailedException {
        try (SecretBytes seed = SecretBytes.allocate(ExtensionSenderSeed.LENGTH)) {
            with.puncture(
                    MemorySegment.ofArray(choices),
                    MemorySegment.ofArray(chosen),
                    trees,
                    seed.segment(Disclosure.I_TAKE_THE_SECRET_OUT));
            return CoteReference.array(seed);
        }
    }

    private static byte[] choose(byte[] both, byte[] choices) {
        byte[] chosen = new byte[AllButOne.CHOSEN_PADS_BYTES];
        for (int i = 0; i < 256; i++) {
            int choice = choices[i / 8] >> i % 8 & 1;
            System.arraycopy(both, 32 * (2 * i + choice), chosen, 32 * i, 32);
        }
        return chosen;
    }
}
