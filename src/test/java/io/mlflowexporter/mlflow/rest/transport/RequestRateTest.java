package io.mlflowexporter.mlflow.rest.transport;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

/** How many requests go out in a second. */
final class RequestRateTest {
    private static final long SECOND = 1_000_000_000;

    @Test
    void aSecondsWorthGoesAtOnceAndTheRestEvenly() {
        RequestRate rate = new RequestRate(4);
        long now = -5 * SECOND;

        for (int i = 0; i < 4; i++) {
            assertThat(rate.next(now)).isEqualTo(Duration.ZERO);
        }
        assertThat(rate.next(now)).isEqualTo(Duration.ofMillis(250));
        now += SECOND / 4;
        assertThat(rate.next(now)).isEqualTo(Duration.ofMillis(250));
        now += SECOND;
        assertThat(rate.next(now)).isEqualTo(Duration.ZERO);
    }

    @Test
    void aLongPauseSavesUpNoMoreThanASecond() {
        RequestRate rate = new RequestRate(2);
        rate.next(0);

        long later = 3_600 * SECOND;
        assertThat(rate.next(later)).isEqualTo(Duration.ZERO);
        assertThat(rate.next(later)).isEqualTo(Duration.ZERO);
        assertThat(rate.next(later)).isEqualTo(Duration.ofMillis(500));
    }
}
