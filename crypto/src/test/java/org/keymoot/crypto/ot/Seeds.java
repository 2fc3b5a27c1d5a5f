package org.keymoot.crypto.ot;

import java.lang.foreign.MemorySegment;
import java.math.BigInteger;
import org.keymoot.crypto.random.SeededRandom;
import org.keymoot.crypto.secret.Disclosure;
import org.keymoot.crypto.secret.SecretBytes;
import org.keymoot.crypto.sharing.PartyIndex;

/// The seeds that a set-up of two honest parties would leave, dealt at once, so that tests of the extension
/// need no base transfers.
public record Seeds(ExtensionSenderSeed sender, ExtensionReceiverSeed receiver) implements AutoCloseable {
    public static final SetupContext SETUP =
            new SetupContext(new byte[] {1, 2, 3}, 7, PartyIndex.of(1), PartyIndex.of(2));

    public static Seeds deal(long seed) {
        SeededRandom random = new SeededRandom(seed).child("seeds");
        SecretBytes receiver = SecretBytes.random(ExtensionReceiverSeed.LENGTH, random);
        SecretBytes sender = SecretBytes.allocate(ExtensionSenderSeed.LENGTH);
        MemorySegment all = receiver.segment(Disclosure.I_TAKE_THE_SECRET_OUT);
        MemorySegment some = sender.segment(Disclosure.I_TAKE_THE_SECRET_OUT);
        byte[] delta = random.bytes(32);
        MemorySegment.copy(MemorySegment.ofArray(delta), 0, some, 0, 32);
        for (int tree = 0; tree < 64; tree++) {
            int place = bits(delta).shiftRight(4 * tree).intValue() & 15;
            for (int distance = 1; distance < 16; distance++) {
                MemorySegment.copy(
                        all, 32L * (16 * tree + (place ^ distance)), some, 32 + 32L * (15 * tree + distance - 1), 32);
            }
        }
        return new Seeds(new ExtensionSenderSeed(sender), new ExtensionReceiverSeed(receiver));
    }

    public static ExtensionContext context(int index) {
        return new ExtensionContext(SETUP, new byte[] {9, 9}, new byte[] {4, 5, 6}, index);
    }

    /// Bit `i` of the result is bit `i % 8` of byte `i / 8`.
    public static BigInteger bits(byte[] bytes) {
        byte[] reversed = new byte[bytes.length];
        for (int i = 0; i < bytes.length; i++) {
            reversed[bytes.length - 1 - i] = bytes[i];
        }
        return new BigInteger(1, reversed);
    }

    @Override
    public void close() {
        sender.close();
        receiver.close();
    }
}
