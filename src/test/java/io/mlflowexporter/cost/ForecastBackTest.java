package io.mlflowexporter.cost;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.mlflowexporter.cost.budget.Forecast;
import io.mlflowexporter.cost.usage.CostClock;
import io.mlflowexporter.cost.usage.MachineShare;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.DayOfWeek;
import java.time.Instant;
import java.time.LocalDate;
import java.time.YearMonth;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.function.ToDoubleFunction;
import org.junit.jupiter.api.Test;

/** How far forecasts were off on synthetic histories, beside two naive ones. */
final class ForecastBackTest {
    private static final ZoneId ZONE = ZoneId.of("Europe/Berlin");
    private static final LocalDate FIRST = LocalDate.of(2025, 10, 1);
    private static final LocalDate LAST = LocalDate.of(2026, 4, 30);
    private static final List<YearMonth> JUDGED =
            List.of(YearMonth.of(2026, 2), YearMonth.of(2026, 3), YearMonth.of(2026, 4));
    private static final List<Integer> DAYS = List.of(5, 10, 15, 20, 25);
    private static final double HOUR = 3_600_000;

    /** A run at a rate of one per hour. */
    private record Stretch(long fromMillis, long untilMillis) {
        double hours(long from, long until) {
            return Math.max(0, Math.min(until, untilMillis) - Math.max(from, fromMillis)) / HOUR;
        }
    }

    /** Absolute errors relative to what the month cost. */
    private record Errors(List<Double> forecast, List<Double> linear, List<Double> lastMonth) {
        Errors() {
            this(new ArrayList<>(), new ArrayList<>(), new ArrayList<>());
        }
    }

    private static final Map<String, List<Stretch>> HISTORIES = new LinkedHashMap<>();

    static {
        HISTORIES.put("constant", history(day -> 5, false));
        HISTORIES.put("weekdays only", history(day -> weekend(day) ? 0 : 12, false));
        HISTORIES.put("weekdays, noisy", history(day -> weekend(day) ? 1 : 12, true));
        HISTORIES.put("growing 15 % a month", history(day -> 5 * Math.pow(1.15, months(day)), true));
        HISTORIES.put("a burst of a week", history(day -> 5 + (dayOf(day) >= 9 && dayOf(day) < 16 ? 40 : 0), true));
        HISTORIES.put("new on 20 January", history(day -> day.isBefore(LocalDate.of(2026, 1, 20)) ? 0 : 8, true));
        HISTORIES.put("sparse, one day in five", history(day -> day.toEpochDay() % 5 == 0 ? 30 : 0, true));
    }

    private static boolean weekend(LocalDate day) {
        return day.getDayOfWeek() == DayOfWeek.SATURDAY || day.getDayOfWeek() == DayOfWeek.SUNDAY;
    }

    private static double months(LocalDate day) {
        return (day.toEpochDay() - FIRST.toEpochDay()) / 30.4;
    }

    /** Day of March, elsewhere 0: the burst is one. */
    private static int dayOf(LocalDate day) {
        return day.getMonthValue() == 3 ? day.getDayOfMonth() : 0;
    }

    /** Runs of up to three hours that begin at eight and follow one another on machines side by side. */
    private static List<Stretch> history(ToDoubleFunction<LocalDate> hoursOfDay, boolean noisy) {
        Random random = new Random(4);
        List<Stretch> runs = new ArrayList<>();
        for (LocalDate day = FIRST; !day.isAfter(LAST); day = day.plusDays(1)) {
            double hours = hoursOfDay.applyAsDouble(day) * (noisy ? 0.6 + 0.8 * random.nextDouble() : 1);
            long start = day.atTime(8, 0).atZone(ZONE).toInstant().toEpochMilli();
            for (int machine = 0; hours > 0; machine++) {
                double used = Math.min(hours, 3);
                long from = start + (machine % 4) * 3L * 3_600_000;
                runs.add(new Stretch(from, from + Math.round(used * HOUR)));
                hours -= used;
            }
        }
        return runs;
    }

    private static Errors judge(List<Stretch> runs) {
        Errors errors = new Errors();
        for (YearMonth month : JUDGED) {
            double actual = cost(runs, month);
            for (int day : DAYS) {
                Instant now = month.atDay(day).atTime(12, 0).atZone(ZONE).toInstant();
                Forecast forecast = forecast(runs, now.toEpochMilli(), month);
                long from = start(month.atDay(1));
                double share = (double) (now.toEpochMilli() - from)
                        / (start(month.plusMonths(1).atDay(1)) - from);
                errors.forecast.add(Math.abs(forecast.expected() - actual) / actual);
                errors.linear.add(Math.abs(forecast.toDate() / share - actual) / actual);
                errors.lastMonth.add(Math.abs(cost(runs, month.minusMonths(1)) - actual) / actual);
            }
        }
        return errors;
    }

    private static Forecast forecast(List<Stretch> runs, long now, YearMonth month) {
        Forecast forecast = new Forecast(
                new CostClock(now, ZONE),
                ZONE,
                month.atDay(1),
                month.plusMonths(1).atDay(1));
        for (Stretch run : runs) {
            if (run.fromMillis() < now) {
                forecast.spent(MachineShare.WHOLE, run.fromMillis(), Math.min(run.untilMillis(), now), 1, 1);
                if (run.untilMillis() > now) {
                    forecast.running(now - run.fromMillis(), 1);
                }
            }
        }
        return forecast;
    }

    private static double cost(List<Stretch> runs, YearMonth month) {
        long from = start(month.atDay(1));
        long until = start(month.plusMonths(1).atDay(1));
        return runs.stream().mapToDouble(run -> run.hours(from, until)).sum();
    }

    private static long start(LocalDate day) {
        return day.atStartOfDay(ZONE).toInstant().toEpochMilli();
    }

    private static double median(List<Double> values) {
        return values.stream().sorted().toList().get(values.size() / 2);
    }

    private static double worst(List<Double> values) {
        return values.stream().mapToDouble(Double::doubleValue).max().orElseThrow();
    }

    private static String cell(List<Double> values) {
        return String.format(Locale.ROOT, "%.1f %% / %.1f %%", 100 * median(values), 100 * worst(values));
    }

    private static String table() {
        StringBuilder table = new StringBuilder(
                "| history | forecast: median / worst | month to date, stretched | last month |\n|---|---|---|---|\n");
        HISTORIES.forEach((name, runs) -> {
            Errors errors = judge(runs);
            table.append("| %s | %s | %s | %s |\n"
                    .formatted(name, cell(errors.forecast), cell(errors.linear), cell(errors.lastMonth)));
        });
        return table.toString();
    }

    @Test
    void theDocumentShowsTheTable() throws IOException {
        String table = table();

        assertThat(Files.readString(Path.of("docs/cost-model.md")).contains(table))
                .as("docs/cost-model.md holds this table:%n%s", table)
                .isTrue();
    }

    @Test
    void constantSpendIsForecastExactly() {
        // The day on which clocks change has as many busy hours as any: the runs begin at eight.
        assertThat(worst(judge(HISTORIES.get("constant")).forecast)).isLessThan(1e-9);
    }

    @Test
    void aWeeklyPatternIsForecastBetterThanByStretchingTheMonth() {
        Errors exact = judge(HISTORIES.get("weekdays only"));
        Errors noisy = judge(HISTORIES.get("weekdays, noisy"));

        assertThat(worst(exact.forecast)).isLessThan(1e-9);
        assertThat(median(exact.linear)).isGreaterThan(0.01);
        assertThat(worst(noisy.forecast)).isLessThan(worst(noisy.linear));
    }

    @Test
    void spendAtAnEvenRateIsForecastAsByStretchingTheMonth() {
        List<Stretch> even = List.of(new Stretch(start(FIRST), start(LAST.plusDays(1))));
        for (int day : DAYS) {
            YearMonth april = YearMonth.of(2026, 4);
            long now = april.atDay(day).atTime(12, 0).atZone(ZONE).toInstant().toEpochMilli();
            Forecast forecast = new Forecast(
                    new CostClock(now, ZONE),
                    ZONE,
                    april.atDay(1),
                    april.plusMonths(1).atDay(1));
            forecast.spent(MachineShare.WHOLE, even.get(0).fromMillis(), now, 1, 1);

            // The Sunday of 29 March had 23 hours; it is one of the four last Sundays until 26 April.
            assertThat(forecast.expected()).isCloseTo(cost(even, april), within(1.0));
        }
    }
}
