package org.keymoot.protocol.key;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.keymoot.crypto.group.Group;
import org.keymoot.crypto.group.GroupId;
import org.keymoot.crypto.group.Point;
import org.keymoot.crypto.random.SeededRandom;
import org.keymoot.crypto.secret.Disclosure;
import org.keymoot.crypto.secret.SecretScope;
import org.keymoot.crypto.sharing.PartyIndex;
import org.keymoot.crypto.sharing.ReconstructionThreshold;
import org.keymoot.crypto.sharing.SharingPolynomial;
import org.keymoot.protocol.message.CodecFuzz;
import org.keymoot.protocol.message.Malformed;
import org.keymoot.protocol.message.MessageReader;
import org.keymoot.protocol.message.MessageWriter;

class KeyShareTest {
    private static KeyTerms terms(GroupId id) {
        return new KeyTerms(id, new byte[] {1, 2, 3}, 7, 3, new ReconstructionThreshold(2));
    }

    private static PublicShares publicShares(GroupId id, SharingPolynomial polynomial) {
        Group group = Group.of(id);
        List<Point> verificationShares = new ArrayList<>();
        for (int party = 1; party <= 3; party++) {
            verificationShares.add(polynomial.commit(group).evaluate(PartyIndex.of(party)));
        }
        return new PublicShares(terms(id), polynomial.commit(group).constantTerm(), new byte[32], verificationShares);
    }

    private static SharingPolynomial polynomial(GroupId id, long seed, SecretScope scope) {
        return SharingPolynomial.random(
                Group.of(id).scalars(), new ReconstructionThreshold(2), new SeededRandom(seed), scope);
    }

    private static KeyShare share(GroupId id, long seed, int party) {
        try (SecretScope scope = new SecretScope()) {
            SharingPolynomial polynomial = polynomial(id, seed, scope);
            return new KeyShare(publicShares(id, polynomial), party, polynomial.evaluate(PartyIndex.of(party), scope));
        }
    }

    private static byte[] row(KeyShare share) {
        try (SecretScope scope = new SecretScope()) {
            return share.encode(scope).segment(Disclosure.I_TAKE_THE_SECRET_OUT).toArray(ValueLayout.JAVA_BYTE);
        }
    }

    @ParameterizedTest
    @EnumSource(GroupId.class)
    void aRowReadsBackAsTheSameShareAndIsSmall(GroupId id) throws Exception {
        try (KeyShare share = share(id, 1, 2)) {
            byte[] row = row(share);
            assertThat(row)
                    .as("2-of-3 with a key id of 16 bytes, before sealing")
                    .hasSizeLessThan(300);
            try (UncheckedKeyShare unchecked = UncheckedKeyShare.decode(MemorySegment.ofArray(row));
                    KeyShare read = unchecked.validate()) {
                assertThat(read.publicShares()).isEqualTo(share.publicShares());
                assertThat(read.self()).isEqualTo(2);
                assertThat(row(read)).isEqualTo(row);
            }
        }
    }

    @Test
    void aShareIsErasedOnCloseAndNeverPrinted() {
        KeyShare share = share(GroupId.P256, 1, 2);
        assertThat(share.toString()).startsWith("[redacted share of P2");
        share.close();
        assertThatThrownBy(() -> row(share)).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void aSecretOfAnotherPartyIsRefused() throws Malformed {
        byte[] row;
        try (KeyShare mine = share(GroupId.SECP256K1, 1, 1);
                KeyShare other = share(GroupId.SECP256K1, 1, 2)) {
            row = row(mine);
            System.arraycopy(row(other), row.length - 32, row, row.length - 32, 32);
        }
        try (UncheckedKeyShare unchecked = UncheckedKeyShare.decode(MemorySegment.ofArray(row))) {
            assertThatThrownBy(unchecked::validate).isInstanceOf(InvalidKeyShareException.class);
        }
    }

    @Test
    void verificationSharesThatDoNotFitThePublicKeyAreRefused() throws Malformed {
        try (SecretScope scope = new SecretScope()) {
            SharingPolynomial polynomial = polynomial(GroupId.ED25519, 1, scope);
            PublicShares good = publicShares(GroupId.ED25519, polynomial);
            Point wrong = good.publicKey().add(Group.of(GroupId.ED25519).generator());
            List<PublicShares> bad = List.of(
                    new PublicShares(good.terms(), wrong, good.chainCode(), good.verificationShares()),
                    new PublicShares(
                            good.terms(),
                            good.publicKey(),
                            good.chainCode(),
                            List.of(good.verificationShare(1), good.verificationShare(2), wrong)),
                    new PublicShares(
                            good.terms(),
                            good.publicKey(),
                            good.chainCode(),
                            List.of(good.verificationShare(1), wrong, good.verificationShare(3))));
            assertThat(good.areConsistent()).isTrue();
            for (PublicShares each : bad) {
                try (KeyShare share = new KeyShare(each, 1, polynomial.evaluate(PartyIndex.of(1), scope));
                        UncheckedKeyShare unchecked = UncheckedKeyShare.decode(MemorySegment.ofArray(row(share)))) {
                    assertThatThrownBy(unchecked::validate).isInstanceOf(InvalidKeyShareException.class);
                }
            }
        }
    }

    @Test
    void damagedRowsAreRefusedOrReadExactly() {
        CodecFuzz.Reencode reencode = input -> {
            try (UncheckedKeyShare unchecked = UncheckedKeyShare.decode(MemorySegment.ofArray(input));
                    KeyShare share = unchecked.validate()) {
                return row(share);
            } catch (InvalidKeyShareException e) {
                throw new Malformed(String.valueOf(e.getMessage()));
            }
        };
        try (KeyShare one = share(GroupId.SECP256K1, 1, 1);
                KeyShare other = share(GroupId.ED25519, 2, 3)) {
            // The key id, the epoch and the chain code of a row are free; sealing protects them.
            CodecFuzz.run(1, 400, reencode, row(one), row(other));
        }
    }

    @Test
    void theUseOfAKeyIsInItsRowAndIsAbsentFromRowsOfSigningKeys() throws Malformed {
        for (KeyUse use : KeyUse.values()) {
            GroupId group = use == KeyUse.EVALUATE ? GroupId.RISTRETTO255 : GroupId.P256;
            KeyTerms terms = new KeyTerms(group, use, new byte[] {1}, 7, 3, new ReconstructionThreshold(2));
            MessageWriter out = new MessageWriter(64);
            terms.write(out);
            byte[] written = out.toByteArray();
            assertThat(KeyTerms.read(new MessageReader(written))).isEqualTo(terms);
            assertThat(written[0] >> 4).isEqualTo(use == KeyUse.SIGN ? 0 : use.code());
            assertThatThrownBy(() -> terms.requireUse(use == KeyUse.SIGN ? KeyUse.AGREE : KeyUse.SIGN))
                    .isInstanceOf(IllegalArgumentException.class);
        }
        byte[] unknown = {0x32, 1, 1, 0, 0, 0, 0, 0, 0, 0, 7, 3, 2};
        assertThatThrownBy(() -> KeyTerms.read(new MessageReader(unknown))).isInstanceOf(Malformed.class);
        byte[] unfit = {0x12, 1, 1, 0, 0, 0, 0, 0, 0, 0, 7, 3, 2};
        assertThatThrownBy(() -> KeyTerms.read(new MessageReader(unfit))).isInstanceOf(Malformed.class);
    }

    @Test
    void termsRefuseThresholdsThatProtectNothingOrCannotBeMet() {
        for (int[] wrong : new int[][] {{1, 3}, {4, 3}, {2, 256}, {2, 1}}) {
            assertThatThrownBy(() -> new KeyTerms(
                            GroupId.P256, new byte[] {1}, 0, wrong[1], new ReconstructionThreshold(wrong[0])))
                    .isInstanceOf(IllegalArgumentException.class);
        }
        assertThatThrownBy(() ->
                        new KeyTerms(GroupId.P256, KeyUse.EVALUATE, new byte[1], 0, 3, new ReconstructionThreshold(2)))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new KeyTerms(GroupId.P256, new byte[0], 0, 3, new ReconstructionThreshold(2)))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void damagedPublicSharesAreRefusedOrReadExactly() {
        try (KeyShare share = share(GroupId.P256, 3, 1)) {
            MessageWriter out = new MessageWriter(512);
            share.publicShares().write(out);
            CodecFuzz.run(
                    2,
                    1500,
                    input -> {
                        var in = new MessageReader(input);
                        PublicShares read = PublicShares.read(in);
                        in.end();
                        MessageWriter again = new MessageWriter(512);
                        read.write(again);
                        return again.toByteArray();
                    },
                    out.toByteArray());
        }
    }
}
