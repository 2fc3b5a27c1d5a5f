package org.keymoot.crypto.vole;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.keymoot.crypto.group.GroupId;
import org.keymoot.crypto.group.Scalar;
import org.keymoot.crypto.group.ScalarField;
import org.keymoot.crypto.group.SecretScalar;
import org.keymoot.crypto.ot.Seeds;
import org.keymoot.crypto.random.SeededRandom;
import org.keymoot.crypto.secret.Disclosure;
import org.keymoot.crypto.secret.SecretScope;

final class RvoleTest {
    private static final Disclosure TAKE = Disclosure.I_TAKE_THE_SECRET_OUT;

    private final SecretScope scope = new SecretScope();
    private final SeededRandom random = new SeededRandom(11);

    @AfterEach
    void erase() {
        scope.close();
    }

    @ParameterizedTest
    @EnumSource
    void sharesAddUpToTheProducts(GroupId group) throws Exception {
        ScalarField field = ScalarField.of(group);
        List<SecretScalar> inputs = List.of(field.random(scope, random), field.random(scope, random));
        try (Seeds seeds = Seeds.deal(1);
                RvoleReceiver receiver = RvoleReceiver.start(Seeds.context(0), seeds.receiver(), field, random)) {
            RvoleRequest request = RvoleRequest.decode(receiver.request().encode());
            RvoleSender.Result result =
                    RvoleSender.respond(Seeds.context(0), seeds.sender(), request, inputs, random, scope);
            RvoleReply reply = RvoleReply.decode(field, result.reply().encode());
            Scalar b = receiver.input(scope).reveal(TAKE);
            List<SecretScalar> shares = receiver.finish(reply, scope);
            for (int i = 0; i < 2; i++) {
                Scalar product = inputs.get(i).reveal(TAKE).multiply(b);
                Scalar sum = result.shares().get(i).add(shares.get(i), scope).reveal(TAKE);
                assertThat(sum.toBigInteger()).isEqualTo(product.toBigInteger());
            }
        }
    }
}
