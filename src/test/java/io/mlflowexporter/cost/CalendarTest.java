package io.mlflowexporter.cost;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.mlflowexporter.cost.budget.Forecast;
import io.mlflowexporter.cost.pricing.CalendarDays;
import io.mlflowexporter.cost.pricing.OverheadSchedule;
import io.mlflowexporter.cost.usage.CostClock;
import io.mlflowexporter.cost.usage.CostWindow;
import io.mlflowexporter.cost.usage.MachineShare;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneId;
import org.junit.jupiter.api.Test;

/** Days and months where clocks are set forward and back, against instants looked up by hand. */
final class CalendarTest {
    private static final ZoneId BERLIN = ZoneId.of("Europe/Berlin");
    /** Its day of 8 March 2026 begins at one o'clock: at midnight clocks go forward. */
    private static final ZoneId HAVANA = ZoneId.of("America/Havana");

    private static final double HOUR = 3_600_000;

    private static long millis(String instant) {
        return Instant.parse(instant).toEpochMilli();
    }

    private static double hours(LocalDate day, ZoneId zone) {
        return (CalendarDays.start(day.plusDays(1), zone) - CalendarDays.start(day, zone)) / HOUR;
    }

    @Test
    void aDayHasTwentyThreeToTwentyFiveHours() {
        assertThat(hours(LocalDate.of(2026, 3, 28), BERLIN)).isEqualTo(24);
        assertThat(hours(LocalDate.of(2026, 3, 29), BERLIN)).isEqualTo(23);
        assertThat(hours(LocalDate.of(2026, 10, 25), BERLIN)).isEqualTo(25);
        assertThat(hours(LocalDate.of(2026, 3, 8), HAVANA)).isEqualTo(23);
        assertThat(Instant.ofEpochMilli(CalendarDays.start(LocalDate.of(2026, 3, 8), HAVANA)))
                .isEqualTo("2026-03-08T05:00:00Z");
    }

    @Test
    void theMonthBeginsWhereItsFirstDayDoes() {
        assertThat(new CostClock(millis("2026-04-15T12:00:00Z"), BERLIN).windows)
                .contains(new CostWindow("month", millis("2026-03-31T22:00:00Z")))
                .contains(new CostWindow("1d", millis("2026-04-14T12:00:00Z")));
        // Half past eleven in the evening of 31 March by UTC is April in Berlin and March in Havana.
        long night = millis("2026-03-31T23:30:00Z");
        assertThat(new CostClock(night, BERLIN).windows)
                .contains(new CostWindow("month", millis("2026-03-31T22:00:00Z")));
        assertThat(new CostClock(night, HAVANA).windows)
                .contains(new CostWindow("month", millis("2026-03-01T05:00:00Z")));
    }

    @Test
    void anHourOfAMonthWithAShortDayCostsMore() {
        OverheadSchedule schedule = new OverheadSchedule(PricingFiles.monthly(743), BERLIN);

        // March 2026 has 31 × 24 − 1 = 743 hours in Berlin.
        assertThat(schedule.spent(millis("2026-03-10T00:00:00Z"), millis("2026-03-10T01:00:00Z")))
                .isCloseTo(1, within(1e-12));
        assertThat(schedule.spent(millis("2026-03-28T23:00:00Z"), millis("2026-03-29T22:00:00Z")))
                .isCloseTo(23, within(1e-12));
    }

    @Test
    void aShortDayIsForecastLikeAnyOther() {
        // One euro an hour since long ago; today is Saturday 28 March, tomorrow has 23 hours.
        long now = millis("2026-03-28T23:00:00Z") - 1;
        Forecast forecast =
                new Forecast(new CostClock(now, BERLIN), BERLIN, LocalDate.of(2026, 3, 1), LocalDate.of(2026, 4, 1));
        forecast.spent(MachineShare.WHOLE, millis("2026-01-01T00:00:00Z"), now, 1, 1);

        assertThat(forecast.toDate()).isCloseTo(28 * 24, within(1e-3));
        // A usual Sunday's 24 euros stand for the short one, too.
        assertThat(forecast.expected()).isCloseTo(31 * 24, within(1e-3));
    }

    @Test
    void theMeanOfADayKnowsHowLongItWas() {
        // On Sunday 5 April the Sundays of the last four weeks are 8, 15, 22 and 29 March; the last had 23 hours.
        long now = millis("2026-04-04T22:00:00Z");
        Forecast forecast =
                new Forecast(new CostClock(now, BERLIN), BERLIN, LocalDate.of(2026, 4, 1), LocalDate.of(2026, 4, 6));
        forecast.spent(MachineShare.WHOLE, millis("2026-01-01T00:00:00Z"), now, 1, 1);

        assertThat(forecast.expected() - forecast.toDate()).isCloseTo((24 + 24 + 24 + 23) / 4.0, within(1e-9));
    }

    @Test
    void aDayThatAZoneSkipsCostsNothing() {
        // Samoa crossed the date line and had no 30 December 2011.
        ZoneId apia = ZoneId.of("Pacific/Apia");
        long now = millis("2011-12-29T20:00:00Z");
        Forecast forecast =
                new Forecast(new CostClock(now, apia), apia, LocalDate.of(2011, 12, 1), LocalDate.of(2012, 1, 1));
        forecast.spent(MachineShare.WHOLE, millis("2011-01-01T00:00:00Z"), now, 1, 1);

        assertThat(forecast.expected()).isCloseTo(30 * 24, within(1e-9));
    }
}
