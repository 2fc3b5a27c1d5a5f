package org.keymoot.crypto.commit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import org.junit.jupiter.api.Test;
import org.keymoot.crypto.group.InvalidEncodingException;
import org.keymoot.crypto.random.SeededRandom;
import org.keymoot.crypto.sharing.PartyIndex;

final class HashCommitmentTest {
    private static final byte[] VALUE = {1, 2, 3};

    private final SeededRandom random = new SeededRandom(8);
    private final CommitmentContext context = context(5, 1, "nonce");
    private final Opening opening = HashCommitment.commit(VALUE, random);
    private final HashCommitment commitment = opening.commitment(context);

    @Test
    void opensAfterBothHaveTravelled() throws Exception {
        HashCommitment received = HashCommitment.decode(commitment.encode());
        Opening shown = Opening.decode(opening.encode(), VALUE.length);
        assertThat(received.isOpenedBy(context, shown)).isTrue();
        assertThat(shown.value()).isEqualTo(VALUE);
    }

    @Test
    void doesNotOpenInAnotherSessionOrForAnotherPartyOrPurpose() {
        assertThat(commitment.isOpenedBy(context(6, 1, "nonce"), opening)).isFalse();
        assertThat(commitment.isOpenedBy(context(5, 2, "nonce"), opening)).isFalse();
        assertThat(commitment.isOpenedBy(context(5, 1, "noncf"), opening)).isFalse();
    }

    @Test
    void doesNotOpenWhenAnyByteOfTheOpeningDiffers() throws Exception {
        byte[] encoded = opening.encode();
        for (int i = 0; i < encoded.length; i++) {
            byte[] changed = encoded.clone();
            changed[i] ^= 1;
            assertThat(commitment.isOpenedBy(context, Opening.decode(changed, VALUE.length)))
                    .isFalse();
        }
    }

    @Test
    void sameValueTwiceGivesCommitmentsThatDiffer() {
        assertThat(HashCommitment.commit(VALUE, random).commitment(context)).isNotEqualTo(commitment);
    }

    @Test
    void otherLengthsAreRefused() {
        for (int length : new int[] {0, 31, 33}) {
            assertThatExceptionOfType(InvalidEncodingException.class)
                    .isThrownBy(() -> HashCommitment.decode(new byte[length]));
        }
        for (int length : new int[] {0, 34, 36}) {
            assertThatExceptionOfType(InvalidEncodingException.class)
                    .isThrownBy(() -> Opening.decode(new byte[length], VALUE.length));
        }
    }

    @Test
    void openingIsNotPrinted() {
        assertThat(opening.toString()).isEqualTo("Opening[redacted]");
    }

    private static CommitmentContext context(int session, int party, String purpose) {
        return new CommitmentContext(new byte[] {(byte) session}, PartyIndex.of(party), purpose);
    }
}
