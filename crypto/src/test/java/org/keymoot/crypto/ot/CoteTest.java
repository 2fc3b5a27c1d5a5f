package org.keymoot.crypto.ot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.math.BigInteger;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.HexFormat;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.keymoot.crypto.group.InvalidEncodingException;
import org.keymoot.crypto.random.SeededRandom;
import org.keymoot.crypto.secret.SecretBytes;

final class CoteTest {
    private static final int NOBODY = -1;

    private final Seeds seeds = Seeds.deal(2);
    private final SeededRandom random = new SeededRandom(21);
    private final ExtensionContext context = Seeds.context(0);

    @AfterEach
    void erase() {
        seeds.close();
    }

    @Test
    void receiverGetsThePadOfItsChoiceAndNotTheOther() throws Exception {
        try (CoteReceiver receiver = CoteReceiver.start(context, seeds.receiver(), random);
                CoteSender sender = CoteSender.receive(context, seeds.sender(), receiver.request())) {
            int ones = 0;
            for (int transfer = 0; transfer < OtParameters.TRANSFERS; transfer++) {
                for (int block = 0; block < 6; block++) {
                    byte[] chosen = new byte[32];
                    byte[] zero = new byte[32];
                    byte[] one = new byte[32];
                    receiver.pad(transfer, block, MemorySegment.ofArray(chosen), 0, 4);
                    sender.padOfZero(transfer, block, MemorySegment.ofArray(zero), 0, 4);
                    sender.padOfOne(transfer, block, MemorySegment.ofArray(one), 0, 4);
                    boolean choice = receiver.choiceMask(transfer) != 0;
                    assertThat(chosen).isEqualTo(choice ? one : zero).isNotEqualTo(choice ? zero : one);
                }
                ones -= (int) receiver.choiceMask(transfer);
            }
            // 208 on average; ten standard deviations either side.
            assertThat(ones).isBetween(106, 310);
        }
    }

    @Test
    void messageAndPadsAreThoseOfTheReference() throws Exception {
        byte[] leaves = CoteReference.array(seeds.receiver().encode());
        byte[] choices = new SeededRandom(5).bytes(72);
        CoteReference.Receiver reference = CoteReference.receive(context, leaves, choices, NOBODY, BigInteger.ZERO);
        try (CoteReceiver receiver = CoteReceiver.start(context, seeds.receiver(), new SeededRandom(5))) {
            assertThat(receiver.request()).isEqualTo(reference.request());
            for (int transfer : new int[] {0, 1, 63, 64, 200, 415}) {
                byte[] pad = new byte[32];
                receiver.pad(transfer, 3, MemorySegment.ofArray(pad), 0, 4);
                BigInteger column = CoteReference.column(reference.rows(), transfer);
                assertThat(pad).isEqualTo(CoteReference.pad(context, column, transfer, 3));
                assertThat(receiver.choiceMask(transfer))
                        .isEqualTo(reference.choices().testBit(transfer) ? -1L : 0L);
            }
        }
    }

    @Test
    void eachByteOfTheRequestIsChecked() throws Exception {
        try (CoteReceiver receiver = CoteReceiver.start(context, seeds.receiver(), random)) {
            byte[] encoded = receiver.request().encode();
            for (int tree = 0; tree < 64; tree += 3) {
                assertRefused(encoded, 72 * tree + tree);
            }
            for (int at = 64 * 72; at < encoded.length; at += 5) {
                assertRefused(encoded, at);
            }
            assertRefused(encoded, 64 * 72 + 15);
            assertRefused(encoded, encoded.length - 1);
        }
    }

    @Test
    void choicesThatDifferInOneTreePassOnlyWhereDeltaIsZero() throws Exception {
        byte[] leaves = CoteReference.array(seeds.receiver().encode());
        byte[] delta = CoteReference.array(seeds.sender().encode());
        int passed = 0;
        for (int tree = 0; tree < 64; tree++) {
            int nibble = delta[tree / 2] >> (4 * (tree % 2)) & 15;
            CoteReference.Receiver cheat =
                    CoteReference.receive(context, leaves, random.bytes(72), tree, BigInteger.ONE.shiftLeft(7 * tree));
            if (nibble == 0) {
                CoteSender.receive(context, seeds.sender(), cheat.request()).close();
                passed++;
            } else {
                assertCheckFails(context, cheat.request());
            }
        }
        assertThat(passed).isBetween(1, 20);
    }

    @Test
    void requestOfAnotherContextIsRefused() {
        try (CoteReceiver receiver = CoteReceiver.start(context, seeds.receiver(), random)) {
            SetupContext setup = Seeds.SETUP;
            SetupContext laterEpoch =
                    new SetupContext(setup.sessionId(), setup.epoch() + 1, setup.sender(), setup.receiver());
            SetupContext otherSetup =
                    new SetupContext(new byte[] {1, 2, 4}, setup.epoch(), setup.sender(), setup.receiver());
            SetupContext otherWay =
                    new SetupContext(setup.sessionId(), setup.epoch(), setup.receiver(), setup.sender());
            byte[] key = context.keyId();
            byte[] session = context.sessionId();
            for (ExtensionContext other : new ExtensionContext[] {
                new ExtensionContext(laterEpoch, key, session, 0),
                new ExtensionContext(otherSetup, key, session, 0),
                new ExtensionContext(otherWay, key, session, 0),
                new ExtensionContext(setup, new byte[] {9, 8}, session, 0),
                new ExtensionContext(setup, key, new byte[] {4, 5, 7}, 0),
                new ExtensionContext(setup, key, session, 1)
            }) {
                assertCheckFails(other, receiver.request());
            }
        }
    }

    @Test
    void requestOfAnotherPairIsRefused() {
        try (Seeds others = Seeds.deal(3);
                CoteReceiver receiver = CoteReceiver.start(context, others.receiver(), random)) {
            assertCheckFails(context, receiver.request());
        }
    }

    @Test
    void rowsOfDifferentSessionsShareNothing() {
        try (CoteReceiver one = CoteReceiver.start(Seeds.context(1), seeds.receiver(), new SeededRandom(1));
                CoteReceiver other = CoteReceiver.start(Seeds.context(2), seeds.receiver(), new SeededRandom(1))) {
            for (int tree = 0; tree < 64; tree++) {
                assertThat(Arrays.copyOfRange(one.request().rows(), 72 * tree, 72 * tree + 8))
                        .isNotEqualTo(Arrays.copyOfRange(other.request().rows(), 72 * tree, 72 * tree + 8));
            }
        }
    }

    @Test
    void carryLessProductsAreRight() {
        byte[] bytes = random.bytes(16 * 200);
        MemorySegment words = MemorySegment.ofArray(bytes);
        for (int i = 0; i < 200; i++) {
            long x = i == 0 ? -1L : words.get(ValueLayout.JAVA_LONG_UNALIGNED, 16L * i);
            long y = i == 0 ? -1L : words.get(ValueLayout.JAVA_LONG_UNALIGNED, 16L * i + 8);
            long expected = 0;
            for (int bit = 0; bit < 64; bit++) {
                expected ^= (y >>> bit & 1) == 1 ? x << bit : 0;
            }
            assertThat(RowCombiner.multiplyLow(x, y)).isEqualTo(expected);
        }
    }

    @Test
    void otherLengthsAreRefused() {
        for (int length : new int[] {0, 1, CoteRequest.LENGTH - 1, CoteRequest.LENGTH + 1}) {
            assertThatExceptionOfType(InvalidEncodingException.class)
                    .isThrownBy(() -> CoteRequest.decode(new byte[length]));
        }
    }

    @Test
    void anyBytesOfTheRightLengthAreRefusedByTheCheck() throws Exception {
        for (int i = 0; i < 20; i++) {
            assertCheckFails(context, CoteRequest.decode(random.bytes(CoteRequest.LENGTH)));
        }
    }

    @Test
    void seedsSurviveStorage() throws Exception {
        try (SecretBytes stored = seeds.sender().encode();
                SecretBytes other = seeds.receiver().encode();
                ExtensionSenderSeed sender = ExtensionSenderSeed.decode(stored);
                ExtensionReceiverSeed receiver = ExtensionReceiverSeed.decode(other);
                CoteReceiver run = CoteReceiver.start(context, receiver, random)) {
            CoteSender.receive(context, sender, run.request()).close();
            assertThat(stored.length() + other.length()).isLessThanOrEqualTo(64 * 1024);
            assertThatExceptionOfType(InvalidEncodingException.class)
                    .isThrownBy(() -> ExtensionSenderSeed.decode(other));
            assertThatExceptionOfType(InvalidEncodingException.class)
                    .isThrownBy(() -> ExtensionReceiverSeed.decode(stored));
            assertThat(sender.toString() + receiver).isEqualTo("[redacted][redacted]");
        }
    }

    @Test
    void messageOfASeededRunIsFrozen() throws Exception {
        try (CoteReceiver receiver = CoteReceiver.start(context, seeds.receiver(), new SeededRandom(77))) {
            byte[] hash = MessageDigest.getInstance("SHA-256")
                    .digest(receiver.request().encode());
            assertThat(HexFormat.of().formatHex(hash))
                    .isEqualTo("981b883342c06bc3edb8d0ab7ccfd4368267de46750c01143026572811f481f9");
        }
    }

    private void assertRefused(byte[] encoded, int at) throws InvalidEncodingException {
        byte[] changed = encoded.clone();
        changed[at] ^= (byte) (1 << at % 8);
        assertCheckFails(context, CoteRequest.decode(changed));
    }

    private void assertCheckFails(ExtensionContext with, CoteRequest request) {
        assertThatExceptionOfType(CheckFailedException.class)
                .isThrownBy(() -> CoteSender.receive(with, seeds.sender(), request))
                .matches(e -> e.check() == CheckFailedException.Check.COTE);
    }
}
