package io.mlflowexporter.catalog.reading;

import static org.assertj.core.api.Assertions.assertThat;

import io.mlflowexporter.checkpoint.fields.SectionBytes;
import io.mlflowexporter.config.ConfigLoader;
import java.io.IOException;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** How fast runs are read again on servers of any speed, and that it never takes more than its share. */
final class ResyncBudgetTest {
    private static final double SHARE =
            ConfigLoader.defaults().refresh().resyncShare().doubleValue();
    private static final Duration INTERVAL = ConfigLoader.defaults().refresh().interval();
    private static final Duration MOST =
            ConfigLoader.defaults().refresh().timeout().dividedBy(4);
    private static final int PAGE = ConfigLoader.defaults().mlflow().pageSize();
    private static final Duration DAY = Duration.ofDays(1);

    private ResyncBudget budget = new ResyncBudget();
    private long nowMillis = 1_700_000_000_000L;
    private Duration spent = Duration.ZERO;

    /** The runs that the steps of one refresh read on a server that takes so long for each run and each request. */
    private long refresh(int present, Duration perRun, Duration perRequest, long most) {
        int step = Math.min(PAGE, present);
        budget.earn(nowMillis, SHARE, INTERVAL, MOST, step);
        long read = 0;
        for (int runs = budget.runs(step); runs > 0 && read < most; runs = budget.runs(step)) {
            long now = Math.min(runs, most - read);
            Duration took = perRun.multipliedBy(now).plus(perRequest.multipliedBy((now + PAGE - 1) / PAGE));
            budget.spend(took.toNanos(), now);
            spent = spent.plus(took);
            read += now;
        }
        nowMillis += INTERVAL.toMillis();
        return read;
    }

    /** How long a round takes on the average of a day. */
    private Duration round(int present, Duration perRun, Duration perRequest) {
        long read = 0;
        long refreshes = DAY.dividedBy(INTERVAL);
        for (int i = 0; i < refreshes; i++) {
            read += refresh(present, perRun, perRequest, present);
        }
        return Duration.ofMillis((long) (DAY.toMillis() * (double) present / read));
    }

    @ParameterizedTest
    @CsvSource({"1, 0", "20, 5", "300, 20", "1300, 0", "1300, 50", "1700, 0"})
    void whereTheServerIsFastEnoughTheAgesHold(long microsPerRun, long millisPerRequest) {
        Duration perRun = Duration.ofNanos(microsPerRun * 1_000);
        Duration perRequest = Duration.ofMillis(millisPerRequest);

        assertThat(round(10_000, perRun, perRequest)).isLessThanOrEqualTo(Duration.ofMinutes(10));
        budget = new ResyncBudget();
        assertThat(round(100_000, perRun, perRequest)).isLessThanOrEqualTo(Duration.ofHours(2));
    }

    @ParameterizedTest
    @CsvSource({"1, 0", "1300, 50", "1340, 1000", "10000, 100", "200000, 0", "1000, 30000"})
    void itNeverTakesMoreThanItsShare(long microsPerRun, long millisPerRequest) {
        round(100_000, Duration.ofNanos(microsPerRun * 1_000), Duration.ofMillis(millisPerRequest));

        assertThat(spent.toMillis() / (double) DAY.toMillis()).isLessThanOrEqualTo(SHARE * 1.02);
    }

    @Test
    void onASlowServerItGoesOnWithShortSteps() {
        Duration perRun = Duration.ofMillis(100);
        round(100_000, perRun, Duration.ZERO);

        assertThat(refreshUntilRead(perRun)).isBetween(10L, 100L);
        assertThat(budget.expected(100_000, SHARE)).isBetween(Duration.ofDays(3), Duration.ofDays(5));
    }

    private long refreshUntilRead(Duration perRun) {
        for (int i = 0; i < 100; i++) {
            long read = refresh(100_000, perRun, Duration.ZERO, 100_000);
            if (read > 0) {
                return read;
            }
        }
        return 0;
    }

    @Test
    void anOutageIsNotCaughtUpWithNorDoesAClockThatLeapsMatter() {
        Duration perRun = Duration.ofMillis(1);
        round(100_000, perRun, Duration.ZERO);
        for (Duration leap : new Duration[] {Duration.ofDays(9), Duration.ofDays(-90), Duration.ofHours(-1)}) {
            nowMillis += leap.toMillis();
            assertThat(refresh(100_000, perRun, Duration.ZERO, 100_000)).isLessThanOrEqualTo(3_700);
        }
    }

    @Test
    void restartsEarnNothing() throws IOException {
        Duration perRun = Duration.ofMillis(1);
        refresh(100_000, perRun, Duration.ZERO, 100_000);
        long read = 0;
        for (int i = 0; i < 50; i++) {
            budget = SectionBytes.again(budget::write, ResyncBudget::read);
            nowMillis -= INTERVAL.toMillis() - 1_000;
            read += refresh(100_000, perRun, Duration.ZERO, 100_000);
        }
        assertThat(read).isLessThanOrEqualTo(50 * 30 + 2_000);
    }
}
