package org.keymoot.party.operations;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;

class StrangerRefusalsTest {
    private long now = Long.MAX_VALUE - 5;
    private final StrangerRefusals refusals = new StrangerRefusals(() -> now);

    @Test
    void aBurstIsRecordedAndThenSoManyASecond() {
        assertThat(recorded(1000)).isEqualTo(StrangerRefusals.AT_ONCE);
        pass(Duration.ofSeconds(2));
        assertThat(recorded(1000)).isEqualTo(2 * StrangerRefusals.PER_SECOND);
        pass(Duration.ofHours(1));
        assertThat(recorded(1000)).isEqualTo(StrangerRefusals.AT_ONCE);
    }

    @Test
    void whatIsNotRecordedIsCountedByItsErrorAndToldOnceInTenSeconds() {
        recorded(StrangerRefusals.AT_ONCE);
        assertThat(refusals.due()).isNull();
        refusals.getsRecord("InvalidSignatureException");
        refusals.getsRecord("UnrecognizedClientException");
        refusals.getsRecord("UnrecognizedClientException");
        assertThat(refusals.due()).isNull();
        pass(Duration.ofSeconds(10));
        assertThat(refusals.due())
                .containsExactlyInAnyOrderEntriesOf(
                        Map.of("InvalidSignatureException", 1L, "UnrecognizedClientException", 2L));
        assertThat(refusals.due()).isNull();
        assertThat(refusals.rest()).isNull();
    }

    @Test
    void theRestIsToldWithoutWaiting() {
        recorded(StrangerRefusals.AT_ONCE + 3);
        assertThat(refusals.rest()).isEqualTo(Map.of("InvalidSignatureException", 3L));
        assertThat(refusals.rest()).isNull();
    }

    private int recorded(int requests) {
        int recorded = 0;
        for (int i = 0; i < requests; i++) {
            recorded += refusals.getsRecord("InvalidSignatureException") ? 1 : 0;
        }
        return recorded;
    }

    private void pass(Duration time) {
        now += time.toNanos();
    }
}
