package org.keymoot.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;

class LatenciesTest {
    @Test
    void aQuantileIsTheSmallestTimeThatThisShareDoesNotExceed() {
        Latencies latencies = new Latencies();
        for (int i = 2000; i >= 1; i--) {
            latencies.add(i);
        }
        assertThat(latencies.count()).isEqualTo(2000);
        assertThat(latencies.quantile(0.5)).isEqualTo(1000);
        assertThat(latencies.quantile(0.99)).isEqualTo(1980);
        assertThat(latencies.quantile(1)).isEqualTo(2000);
        assertThat(latencies.quantile(0.000_01)).isEqualTo(1);
    }

    @Test
    void timesOfSeveralThreadsAreTakenTogether() {
        Latencies first = new Latencies();
        first.add(1);
        Latencies second = new Latencies();
        second.add(3);
        second.add(2);
        first.addAll(second);
        assertThat(first.count()).isEqualTo(3);
        assertThat(first.quantile(0.5)).isEqualTo(2);
    }

    @Test
    void nothingIsSaidOfNoTimes() {
        assertThatThrownBy(() -> new Latencies().quantile(0.5)).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void theMedianIsTheMiddleOrTheMeanOfTheTwoThere() {
        assertThat(CpuCommand.median(List.of(5.0, 1.0, 2.0))).isEqualTo(2.0);
        assertThat(CpuCommand.median(List.of(4.0, 1.0, 2.0, 9.0))).isEqualTo(3.0);
    }
}
