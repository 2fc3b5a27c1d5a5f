package org.keymoot.crypto.ot;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.MemorySegment;
import org.junit.jupiter.api.Test;
import org.keymoot.crypto.random.SeededRandom;
import org.keymoot.crypto.secret.Disclosure;

final class SetupTest {
    private static final Disclosure TAKE = Disclosure.I_TAKE_THE_SECRET_OUT;

    private final SeededRandom random = new SeededRandom(5);

    @Test
    void senderEndsWithAllLeavesButThoseAtItsPlaces() throws Exception {
        try (ExtensionSenderSetup setup = ExtensionSenderSetup.start(Seeds.SETUP, random.child("sender"))) {
            BaseOtRequest request = BaseOtRequest.decode(setup.request().encode());
            ExtensionReceiverSetup.Result answer =
                    ExtensionReceiverSetup.respond(Seeds.SETUP, request, random.child("receiver"));
            SetupReply reply = SetupReply.decode(answer.reply().encode());
            try (ExtensionReceiverSeed receiver = answer.seed();
                    ExtensionSenderSeed sender = setup.finish(reply)) {
                assertMatch(sender, receiver);
            }
        }
    }

    static void assertMatch(ExtensionSenderSeed sender, ExtensionReceiverSeed receiver) {
        byte[] all = receiver.encode().segment(TAKE).toArray(java.lang.foreign.ValueLayout.JAVA_BYTE);
        byte[] some = sender.encode().segment(TAKE).toArray(java.lang.foreign.ValueLayout.JAVA_BYTE);
        for (int tree = 0; tree < 64; tree++) {
            int place = some[tree / 2] >>> 4 * (tree % 2) & 15;
            for (int distance = 1; distance < 16; distance++) {
                MemorySegment expected = MemorySegment.ofArray(all).asSlice(32L * (16 * tree + (place ^ distance)), 32);
                MemorySegment found = MemorySegment.ofArray(some).asSlice(32 + 32L * (15 * tree + distance - 1), 32);
                assertThat(expected.mismatch(found)).isEqualTo(-1);
            }
        }
    }
}
