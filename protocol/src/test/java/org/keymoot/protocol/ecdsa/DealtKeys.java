package org.keymoot.protocol.ecdsa;

import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;
import org.keymoot.crypto.group.Group;
import org.keymoot.crypto.group.GroupId;
import org.keymoot.crypto.group.Point;
import org.keymoot.crypto.group.ScalarField;
import org.keymoot.crypto.group.SecretScalar;
import org.keymoot.crypto.random.SeededRandom;
import org.keymoot.crypto.secret.Disclosure;
import org.keymoot.crypto.secret.SecretScope;
import org.keymoot.crypto.sharing.ReconstructionThreshold;
import org.keymoot.protocol.key.KeyShare;
import org.keymoot.protocol.key.KeyTerms;
import org.keymoot.protocol.key.PublicShares;

/// A key whose secret the test knows, shared by a dealer.
record DealtKeys(BigInteger secret, List<KeyShare> shares) {
    KeyShare of(int party) {
        return shares.get(party - 1);
    }

    Point publicKey() {
        return shares.getFirst().publicKey();
    }

    static DealtKeys deal(GroupId id, int threshold, int parties, long seed) {
        Group group = Group.of(id);
        ScalarField field = group.scalars();
        SeededRandom random = new SeededRandom(seed).child("dealer");
        try (SecretScope scope = new SecretScope()) {
            List<SecretScalar> coefficients = new ArrayList<>();
            for (int i = 0; i < threshold; i++) {
                coefficients.add(field.random(scope, random));
            }
            List<SecretScalar> values = new ArrayList<>();
            for (int party = 1; party <= parties; party++) {
                SecretScalar value = field.secretZero(scope);
                for (int i = threshold - 1; i >= 0; i--) {
                    value = value.multiply(field.of(party), scope).add(coefficients.get(i), scope);
                }
                values.add(value);
            }
            KeyTerms terms = new KeyTerms(
                    id, new byte[] {7, 7, (byte) seed}, 3, parties, new ReconstructionThreshold(threshold));
            PublicShares publicShares = new PublicShares(
                    terms,
                    group.multiplyBase(coefficients.getFirst()),
                    random.bytes(32),
                    values.stream().map(group::multiplyBase).toList());
            List<KeyShare> shares = new ArrayList<>();
            for (int party = 1; party <= parties; party++) {
                shares.add(new KeyShare(publicShares, party, values.get(party - 1)));
            }
            BigInteger secret = coefficients
                    .getFirst()
                    .reveal(Disclosure.I_TAKE_THE_SECRET_OUT)
                    .toBigInteger();
            return new DealtKeys(secret, List.copyOf(shares));
        }
    }
}
