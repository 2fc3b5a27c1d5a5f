package org.keymoot.crypto.ot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.keymoot.crypto.group.Group;
import org.keymoot.crypto.group.GroupId;
import org.keymoot.crypto.group.InvalidEncodingException;
import org.keymoot.crypto.random.SeededRandom;
import org.keymoot.crypto.transcript.Tag;
import org.keymoot.crypto.transcript.Transcript;

final class SetupTest {
    private static final int POINT = 33;

    private final SeededRandom random = new SeededRandom(5);

    @Test
    void senderEndsWithAllLeavesButThoseAtItsPlaces() throws Exception {
        MessageDigest digest = MessageDigest.getInstance("SHA-256");
        try (ExtensionSenderSetup setup = start(1)) {
            BaseOtRequest request = BaseOtRequest.decode(setup.request().encode());
            ExtensionReceiverSetup.Result answer = respond(request);
            SetupReply reply = SetupReply.decode(answer.reply().encode());
            try (ExtensionReceiverSeed receiver = answer.seed();
                    ExtensionSenderSeed sender = setup.finish(reply)) {
                assertMatch(CoteReference.array(sender.encode()), CoteReference.array(receiver.encode()));
                digest.update(request.encode());
                digest.update(reply.encode());
                digest.update(CoteReference.array(sender.encode()));
            }
            assertThatIllegalStateException().isThrownBy(() -> setup.finish(reply));
        }
        assertThat(HexFormat.of().formatHex(digest.digest()))
                .isEqualTo("63792864c068d5169d09647e27680fd19c41c2e32da05e154741004410ac1399");
    }

    @Test
    void messagesHaveTheirSizes() {
        assertThat(BaseOtRequest.LENGTH).isEqualTo(512 * POINT);
        assertThat(SetupReply.LENGTH).isEqualTo(512 * POINT + 64 * 256);
    }

    @Test
    void changedPointsOfTheReplyAreCaughtWhicheverWasChosen() throws Exception {
        SetupReply reply = honestReply(1);
        byte[] generator = Group.of(GroupId.SECP256K1).generator().encode();
        for (int at : new int[] {0, 1, 510, 511}) {
            byte[] points = reply.points().clone();
            System.arraycopy(generator, 0, points, at * POINT, POINT);
            try (ExtensionSenderSetup setup = start(1)) {
                assertThatExceptionOfType(CheckFailedException.class)
                        .isThrownBy(() -> setup.finish(new SetupReply(points, reply.trees())))
                        .matches(e -> e.check() == CheckFailedException.Check.ALL_BUT_ONE);
                assertThatIllegalStateException().isThrownBy(() -> setup.finish(reply));
            }
        }
    }

    @Test
    void invalidPointsAreRefusedWhicheverWasChosen() throws Exception {
        SetupReply reply = honestReply(1);
        for (int at = 0; at < 4; at++) {
            byte[] points = reply.points().clone();
            points[at * POINT] = 4;
            try (ExtensionSenderSetup setup = start(1)) {
                assertThatExceptionOfType(InvalidEncodingException.class)
                        .isThrownBy(() -> setup.finish(new SetupReply(points, reply.trees())));
            }
        }
        byte[] request = new byte[BaseOtRequest.LENGTH];
        assertThatExceptionOfType(InvalidEncodingException.class)
                .isThrownBy(() -> respond(BaseOtRequest.decode(request)));
    }

    @Test
    void pointThatMakesTheSharedOneTheIdentityIsRefused() {
        Group group = Group.of(GroupId.SECP256K1);
        byte[] points = new byte[BaseOtRequest.LENGTH];
        byte[] generator = group.generator().encode();
        for (int at = 0; at < points.length; at += POINT) {
            System.arraycopy(generator, 0, points, at, POINT);
        }
        byte[] message = Seeds.SETUP
                .enter(Transcript.start(Tag.BASE_OT_POINT))
                .number(3)
                .number(1)
                .bytes(generator)
                .hash();
        byte[] domain = Tag.BASE_OT_POINT.text().getBytes(StandardCharsets.UTF_8);
        byte[] opposite = group.hashToGroup(message, domain).negate().encode();
        System.arraycopy(opposite, 0, points, 7 * POINT, POINT);
        assertThatExceptionOfType(InvalidEncodingException.class)
                .isThrownBy(() -> respond(new BaseOtRequest(points)))
                .withMessageContaining("transfer 3");
    }

    @Test
    void setupsOfDifferentSessionsDoNotMatch() throws Exception {
        try (ExtensionSenderSetup setup = start(1)) {
            SetupContext other = new SetupContext(new byte[] {9}, 7, Seeds.SETUP.sender(), Seeds.SETUP.receiver());
            ExtensionReceiverSetup.Result answer =
                    ExtensionReceiverSetup.respond(other, setup.request(), random.child("receiver"));
            answer.seed().close();
            assertThatExceptionOfType(CheckFailedException.class).isThrownBy(() -> setup.finish(answer.reply()));
        }
    }

    @Test
    void messagesTellNothingOfTheChoices() throws Exception {
        int transfers = 0;
        int ones = 0;
        int[] agreements = new int[4];
        Set<String> points = new HashSet<>();
        for (int run = 0; run < 4; run++) {
            byte[] choices = random.child("run" + run).bytes(32);
            // The set-up draws its choices first, so the same stream tells us what they are.
            try (ExtensionSenderSetup setup = ExtensionSenderSetup.start(Seeds.SETUP, random.child("run" + run))) {
                byte[] request = setup.request().encode();
                for (int i = 0; i < 256; i++) {
                    int choice = choices[i / 8] >> i % 8 & 1;
                    byte[] r0 = Arrays.copyOfRange(request, 2 * i * POINT, (2 * i + 1) * POINT);
                    byte[] r1 = Arrays.copyOfRange(request, (2 * i + 1) * POINT, (2 * i + 2) * POINT);
                    points.add(HexFormat.of().formatHex(r0));
                    points.add(HexFormat.of().formatHex(r1));
                    ones += choice;
                    transfers++;
                    agreements[0] += (r0[0] & 1) == choice ? 1 : 0;
                    agreements[1] += (r1[0] & 1) == choice ? 1 : 0;
                    agreements[2] += (Arrays.compareUnsigned(r0, r1) > 0 ? 1 : 0) == choice ? 1 : 0;
                    agreements[3] += ((r0[32] ^ r1[32]) & 1) == choice ? 1 : 0;
                }
            }
        }
        // 512 of 1024 on average, with a standard deviation of 16; six of them either side.
        assertThat(ones).isBetween(416, 608);
        for (int agreement : agreements) {
            assertThat(agreement).isBetween(416, 608);
        }
        assertThat(points).hasSize(2 * transfers);
    }

    @Test
    void otherLengthsAreRefused() {
        for (int length : new int[] {0, BaseOtRequest.LENGTH - 1, BaseOtRequest.LENGTH + 1}) {
            assertThatExceptionOfType(InvalidEncodingException.class)
                    .isThrownBy(() -> BaseOtRequest.decode(new byte[length]));
        }
        for (int length : new int[] {0, SetupReply.LENGTH - 1, SetupReply.LENGTH + 1}) {
            assertThatExceptionOfType(InvalidEncodingException.class)
                    .isThrownBy(() -> SetupReply.decode(new byte[length]));
        }
    }

    private ExtensionSenderSetup start(int run) {
        return ExtensionSenderSetup.start(Seeds.SETUP, random.child("sender" + run));
    }

    private ExtensionReceiverSetup.Result respond(BaseOtRequest request) throws InvalidEncodingException {
        return ExtensionReceiverSetup.respond(Seeds.SETUP, request, random.child("receiver"));
    }

    private SetupReply honestReply(int run) throws InvalidEncodingException {
        try (ExtensionSenderSetup setup = start(run)) {
            ExtensionReceiverSetup.Result answer = respond(setup.request());
            answer.seed().close();
            return answer.reply();
        }
    }

    /// Asserts that an encoded sender's seed holds the leaves of an encoded receiver's by their distance from
    /// Δ.
    static void assertMatch(byte[] sender, byte[] receiver) {
        MemorySegment all = MemorySegment.ofArray(receiver);
        MemorySegment some = MemorySegment.ofArray(sender);
        int wrong = 0;
        for (int tree = 0; tree < 64; tree++) {
            int place = sender[tree / 2] >>> (4 * (tree % 2)) & 15;
            for (int distance = 1; distance < 16; distance++) {
                MemorySegment expected = all.asSlice(32L * (16 * tree + (place ^ distance)), 32);
                MemorySegment found = some.asSlice(32 + 32L * (15 * tree + distance - 1), 32);
                wrong += expected.mismatch(found) == -1 ? 0 : 1;
            }
        }
        assertThat(wrong).isZero();
    }
}
