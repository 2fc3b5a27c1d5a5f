package org.keymoot.crypto.vole;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import java.math.BigInteger;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.keymoot.crypto.group.GroupId;
import org.keymoot.crypto.group.InvalidEncodingException;
import org.keymoot.crypto.group.Scalar;
import org.keymoot.crypto.group.ScalarField;
import org.keymoot.crypto.group.SecretScalar;
import org.keymoot.crypto.ot.CheckFailedException;
import org.keymoot.crypto.ot.CoteSender;
import org.keymoot.crypto.ot.ExtensionContext;
import org.keymoot.crypto.ot.Seeds;
import org.keymoot.crypto.random.SeededRandom;
import org.keymoot.crypto.secret.Disclosure;
import org.keymoot.crypto.secret.SecretScope;

final class RvoleTest {
    private static final Disclosure TAKE = Disclosure.I_TAKE_THE_SECRET_OUT;
    private static final int HONEST = -1;

    private final SecretScope scope = new SecretScope();
    private final SeededRandom random = new SeededRandom(11);
    private final Seeds seeds = Seeds.deal(1);
    private final ExtensionContext context = Seeds.context(0);
    private final ScalarField secp256k1 = ScalarField.of(GroupId.SECP256K1);

    @AfterEach
    void erase() {
        scope.close();
        seeds.close();
    }

    @ParameterizedTest
    @EnumSource
    void sharesAddUpToTheProducts(GroupId group) throws Exception {
        ScalarField field = ScalarField.of(group);
        for (int run = 0; run < 5; run++) {
            List<SecretScalar> inputs = run == 0
                    ? List.of(field.secretZero(scope), field.secretZero(scope))
                    : List.of(field.random(scope, random), field.random(scope, random));
            try (RvoleReceiver receiver = RvoleReceiver.start(Seeds.context(run), seeds.receiver(), field, random)) {
                RvoleRequest request = RvoleRequest.decode(receiver.request().encode());
                RvoleSender.Result result =
                        RvoleSender.respond(Seeds.context(run), seeds.sender(), request, inputs, random, scope);
                RvoleReply reply = RvoleReply.decode(field, result.reply().encode());
                Scalar b = receiver.input(scope).reveal(TAKE);
                List<SecretScalar> shares = receiver.finish(reply, scope);
                for (int i = 0; i < 2; i++) {
                    Scalar product = inputs.get(i).reveal(TAKE).multiply(b);
                    Scalar sum =
                            result.shares().get(i).add(shares.get(i), scope).reveal(TAKE);
                    assertThat(sum.toBigInteger()).isEqualTo(product.toBigInteger());
                }
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void replyAndSharesAreThoseOfTheReference(GroupId group) throws Exception {
        ScalarField field = ScalarField.of(group);
        List<SecretScalar> inputs = List.of(field.random(scope, random), field.random(scope, random));
        BigInteger check = field.random(scope, new SeededRandom(6)).reveal(TAKE).toBigInteger();
        BigInteger[] numbers = {
            inputs.get(0).reveal(TAKE).toBigInteger(),
            inputs.get(1).reveal(TAKE).toBigInteger(),
            check
        };
        try (RvoleReceiver receiver = RvoleReceiver.start(context, seeds.receiver(), field, new SeededRandom(5));
                CoteSender transfers = CoteSender.receive(
                        context, seeds.sender(), receiver.request().extension())) {
            RvoleReference reference = new RvoleReference(context, field);
            RvoleReference.Sent expected = reference.send(transfers, numbers, HONEST);
            RvoleSender.Result result = RvoleSender.respond(
                    context, seeds.sender(), receiver.request(), inputs, new SeededRandom(6), scope);
            assertThat(result.reply()).isEqualTo(expected.reply());
            for (int i = 0; i < 2; i++) {
                assertThat(result.shares().get(i).reveal(TAKE).toBigInteger()).isEqualTo(expected.shares()[i]);
            }
            BigInteger b = BigInteger.ZERO;
            BigInteger choices = Seeds.bits(new SeededRandom(5).bytes(72));
            for (int j = 0; j < 416; j++) {
                if (choices.testBit(j)) {
                    b = b.add(reference.gadget(j)).mod(field.order());
                }
            }
            assertThat(receiver.input(scope).reveal(TAKE).toBigInteger()).isEqualTo(b);
        }
    }

    @Test
    void eachFieldOfTheReplyIsChecked() throws Exception {
        RvoleReply honest = honestReply(context);
        byte[] encoded = honest.encode();
        int etaAt = RvoleReply.LENGTH - 64;
        int muAt = RvoleReply.LENGTH - 32;
        int[] places = {0, 33, 64, 96 * 200 + 1, 96 * 415 + 90, etaAt, etaAt + 20, muAt, muAt + 31};
        for (int at : places) {
            byte[] changed = encoded.clone();
            changed[at] ^= 1;
            assertCheckFails(RvoleReply.decode(secp256k1, changed));
        }
    }

    @Test
    void inputThatDiffersInOneTransferPassesOnlyWhereTheChoiceIsZero() throws Exception {
        BigInteger[] inputs = {BigInteger.TWO, BigInteger.TEN, BigInteger.valueOf(77)};
        BigInteger choices = Seeds.bits(new SeededRandom(5).bytes(72));
        int passed = 0;
        for (int transfer = 0; transfer < 416; transfer += 26) {
            try (RvoleReceiver receiver =
                            RvoleReceiver.start(context, seeds.receiver(), secp256k1, new SeededRandom(5));
                    CoteSender transfers = CoteSender.receive(
                            context, seeds.sender(), receiver.request().extension())) {
                RvoleReply cheat = new RvoleReference(context, secp256k1)
                        .send(transfers, inputs, transfer)
                        .reply();
                if (choices.testBit(transfer)) {
                    assertCheckFails(receiver, cheat);
                } else {
                    receiver.finish(cheat, scope);
                    passed++;
                }
            }
        }
        assertThat(passed).isBetween(1, 15);
    }

    @Test
    void replyOfAnotherContextIsRefused() throws Exception {
        assertCheckFails(honestReply(Seeds.context(1)));
        assertCheckFails(honestReply(new ExtensionContext(Seeds.SETUP, new byte[] {1}, context.sessionId(), 0)));
    }

    @Test
    void requestOfAnotherContextIsRefused() {
        List<SecretScalar> inputs = List.of(secp256k1.random(scope, random), secp256k1.random(scope, random));
        try (RvoleReceiver receiver = RvoleReceiver.start(context, seeds.receiver(), secp256k1, random)) {
            assertThatExceptionOfType(CheckFailedException.class)
                    .isThrownBy(() -> RvoleSender.respond(
                            Seeds.context(1), seeds.sender(), receiver.request(), inputs, random, scope))
                    .matches(e -> e.check() == CheckFailedException.Check.COTE);
        }
    }

    @Test
    void finishesOnce() throws Exception {
        RvoleReply reply = honestReply(context);
        RvoleReceiver receiver = RvoleReceiver.start(context, seeds.receiver(), secp256k1, new SeededRandom(5));
        receiver.finish(reply, scope);
        assertThatIllegalStateException().isThrownBy(() -> receiver.finish(reply, scope));
        receiver.close();
        RvoleReceiver closed = RvoleReceiver.start(context, seeds.receiver(), secp256k1, new SeededRandom(5));
        closed.close();
        assertThatIllegalStateException().isThrownBy(() -> closed.finish(reply, scope));
        assertThatIllegalStateException().isThrownBy(() -> closed.input(scope));
    }

    @Test
    void takesExactlyTwoInputs() {
        try (RvoleReceiver receiver = RvoleReceiver.start(context, seeds.receiver(), secp256k1, random)) {
            SecretScalar one = secp256k1.random(scope, random);
            for (List<SecretScalar> inputs : List.of(List.of(one), List.of(one, one, one))) {
                assertThatIllegalArgumentException()
                        .isThrownBy(() -> RvoleSender.respond(
                                context, seeds.sender(), receiver.request(), inputs, random, scope));
            }
        }
    }

    @Test
    void scalarsNotBelowTheOrderAreRefused() throws Exception {
        byte[] encoded = honestReply(context).encode();
        byte[] order = RvoleReference.bytes(secp256k1.order());
        byte[] last = RvoleReference.bytes(secp256k1.order().subtract(BigInteger.ONE));
        for (int at : new int[] {0, 32 * 700, RvoleReply.LENGTH - 64}) {
            byte[] changed = encoded.clone();
            System.arraycopy(order, 0, changed, at, 32);
            assertThatExceptionOfType(InvalidEncodingException.class)
                    .isThrownBy(() -> RvoleReply.decode(secp256k1, changed));
            System.arraycopy(last, 0, changed, at, 32);
            assertThat(RvoleReply.decode(secp256k1, changed).encode()).isEqualTo(changed);
        }
    }

    @Test
    void otherLengthsAreRefused() {
        for (int length : new int[] {0, 1, RvoleReply.LENGTH - 1, RvoleReply.LENGTH + 1}) {
            assertThatExceptionOfType(InvalidEncodingException.class)
                    .isThrownBy(() -> RvoleReply.decode(secp256k1, new byte[length]));
        }
        for (int length : new int[] {0, RvoleRequest.LENGTH - 1, RvoleRequest.LENGTH + 1}) {
            assertThatExceptionOfType(InvalidEncodingException.class)
                    .isThrownBy(() -> RvoleRequest.decode(new byte[length]));
        }
    }

    @Test
    void randomRepliesNeverPass() throws Exception {
        for (int i = 0; i < 20; i++) {
            byte[] bytes = random.bytes(RvoleReply.LENGTH);
            // Below the order, so that they get as far as the check.
            for (int at = 31; at < bytes.length - 32; at += 32) {
                bytes[at] &= 0x7f;
            }
            assertCheckFails(RvoleReply.decode(secp256k1, bytes));
        }
    }

    @Test
    void messagesOfAPairStayWithinTheBudget() {
        assertThat(2 * (RvoleRequest.LENGTH + RvoleReply.LENGTH)).isEqualTo(89_312);
    }

    @ParameterizedTest
    @CsvSource({
        "SECP256K1, 8ed2d7d6526ff7cdd7cc308ef68350043041f31021ef4d16a1bf753b416706d5",
        "P256, 88748305b492aed6d3325284f1e5d4a605f35d9b592ceceb39b2165ea2d4d292",
    })
    void messagesAndSharesOfASeededRunAreFrozen(GroupId group, String expected) throws Exception {
        ScalarField field = ScalarField.of(group);
        SeededRandom seeded = new SeededRandom(99);
        List<SecretScalar> inputs = List.of(field.random(scope, seeded), field.random(scope, seeded));
        MessageDigest digest = MessageDigest.getInstance("SHA-256");
        try (RvoleReceiver receiver = RvoleReceiver.start(context, seeds.receiver(), field, seeded)) {
            RvoleSender.Result result =
                    RvoleSender.respond(context, seeds.sender(), receiver.request(), inputs, seeded, scope);
            digest.update(receiver.request().encode());
            digest.update(result.reply().encode());
            for (SecretScalar share : receiver.finish(result.reply(), scope)) {
                digest.update(share.reveal(TAKE).encode());
            }
        }
        assertThat(HexFormat.of().formatHex(digest.digest())).isEqualTo(expected);
    }

    private RvoleReply honestReply(ExtensionContext with) throws CheckFailedException {
        List<SecretScalar> inputs = List.of(secp256k1.random(scope, random), secp256k1.random(scope, random));
        try (RvoleReceiver receiver = RvoleReceiver.start(with, seeds.receiver(), secp256k1, new SeededRandom(5))) {
            return RvoleSender.respond(with, seeds.sender(), receiver.request(), inputs, random, scope)
                    .reply();
        }
    }

    private void assertCheckFails(RvoleReply reply) {
        try (RvoleReceiver receiver = RvoleReceiver.start(context, seeds.receiver(), secp256k1, new SeededRandom(5))) {
            assertCheckFails(receiver, reply);
        }
    }

    private void assertCheckFails(RvoleReceiver receiver, RvoleReply reply) {
        assertThatExceptionOfType(CheckFailedException.class)
                .isThrownBy(() -> receiver.finish(reply, scope))
                .matches(e -> e.check() == CheckFailedException.Check.RVOLE);
    }
}
