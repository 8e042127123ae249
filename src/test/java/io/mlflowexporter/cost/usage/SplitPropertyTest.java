package io.mlflowexporter.cost.usage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.mlflowexporter.cost.CostModel;
import io.mlflowexporter.cost.Costs;
import io.mlflowexporter.cost.FakeMlflow;
import io.mlflowexporter.cost.FakeRun;
import io.mlflowexporter.cost.PricingFiles;
import io.mlflowexporter.cost.budget.Forecast;
import io.mlflowexporter.cost.pricing.OverheadSchedule;
import io.mlflowexporter.cost.pricing.PricingFile.Budget;
import io.mlflowexporter.cost.pricing.Resource.Provenance;
import io.mlflowexporter.cost.pricing.Tariff;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneId;
import java.util.List;
import java.util.Map;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.EdgeCasesMode;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.LongRange;
import net.jqwik.api.constraints.Size;

/** However time is cut, the parts are together what the whole is. */
final class SplitPropertyTest {
    private static final long YEAR = 366L * 86_400_000;
    private static final long LONGEST_RUN = 90L * 86_400_000;
    private static final Instant BEGIN = Instant.parse("2026-01-01T00:00:00Z");

    @Provide
    Arbitrary<ZoneId> zone() {
        return Arbitraries.of("UTC", "Europe/Berlin", "America/Havana", "Australia/Lord_Howe", "Asia/Kathmandu")
                .map(ZoneId::of);
    }

    @Provide
    Arbitrary<List<Long>> cuts() {
        return cuts(BEGIN.toEpochMilli(), YEAR);
    }

    /** A run of more than {@code cost.longest_run} is not billed. */
    @Provide
    Arbitrary<List<Long>> cutsOfARun() {
        return Arbitraries.longs()
                .between(0, YEAR - LONGEST_RUN)
                .flatMap(at -> cuts(BEGIN.toEpochMilli() + at, LONGEST_RUN));
    }

    private static Arbitrary<List<Long>> cuts(long fromMillis, long millis) {
        return Arbitraries.longs()
                .between(fromMillis, fromMillis + millis)
                .list()
                .ofMinSize(2)
                .ofMaxSize(20)
                .map(times -> times.stream().sorted().toList());
    }

    @Property(tries = 300, edgeCases = EdgeCasesMode.NONE)
    void anOverheadOfAnyTimeIsThatOfItsParts(@ForAll("cuts") List<Long> cuts, @ForAll("zone") ZoneId zone) {
        OverheadSchedule schedule = new OverheadSchedule(PricingFiles.monthly(1234.56), zone);
        double parts = 0;
        for (int i = 1; i < cuts.size(); i++) {
            parts += schedule.spent(cuts.get(i - 1), cuts.get(i));
        }

        assertThat(parts).isCloseTo(schedule.spent(cuts.get(0), cuts.get(cuts.size() - 1)), within(1e-9));
    }

    @Property(tries = 300, edgeCases = EdgeCasesMode.NONE)
    void anOverheadOfAMonthIsItsMonthlyAmount(@ForAll("cuts") List<Long> cuts, @ForAll("zone") ZoneId zone) {
        OverheadSchedule schedule = new OverheadSchedule(PricingFiles.monthly(1234.56), zone);
        for (int month = 1; month <= 12; month++) {
            LocalDate first = LocalDate.of(2026, month, 1);
            long from = first.atStartOfDay(zone).toInstant().toEpochMilli();
            long until = first.plusMonths(1).atStartOfDay(zone).toInstant().toEpochMilli();
            double sum = 0;
            long at = from;
            for (long cut : cuts) {
                if (cut > at && cut < until) {
                    sum += schedule.spent(at, cut);
                    at = cut;
                }
            }
            sum += schedule.spent(at, until);

            assertThat(sum).isCloseTo(1234.56, within(1e-9));
        }
    }

    @Property(tries = 100, edgeCases = EdgeCasesMode.NONE)
    void aRunCostsWhatTheRunsCostItCouldBeCutInto(@ForAll("cutsOfARun") List<Long> cuts, @ForAll("zone") ZoneId zone) {
        FakeMlflow whole = mlflow();
        whole.put(run("all", cuts.get(0), cuts.get(cuts.size() - 1)));
        FakeMlflow parts = mlflow();
        for (int i = 1; i < cuts.size(); i++) {
            parts.put(run("part" + i, cuts.get(i - 1), cuts.get(i)));
        }
        Instant now = Instant.ofEpochMilli(cuts.get(cuts.size() / 2));
        Costs ofWhole = new Costs(whole, model(zone));
        Costs ofParts = new Costs(parts, model(zone));
        ofWhole.refresh(now);
        ofParts.refresh(now);

        for (String family : List.of(
                "mlflow_compute_cost",
                "mlflow_compute_spend_total",
                "mlflow_compute_seconds_total",
                "mlflow_compute_unpriced_seconds_total",
                "mlflow_cost_forecast",
                "mlflow_budget_forecast_ratio")) {
            double expected = ofWhole.sum(family);
            assertThat(ofParts.sum(family)).as(family).isCloseTo(expected, within(1e-9 * Math.max(1, expected)));
        }
    }

    @Property(tries = 200, edgeCases = EdgeCasesMode.NONE)
    void aForecastOfCutSpendingIsThatOfTheWhole(
            @ForAll("cuts") List<Long> cuts,
            @ForAll("zone") ZoneId zone,
            @ForAll @LongRange(min = 0, max = YEAR) long now,
            @ForAll @Size(min = 1, max = 3) List<@IntRange(min = 1, max = 100) Integer> rates) {
        long nowMillis = BEGIN.toEpochMilli() + now;
        LocalDate first =
                Instant.ofEpochMilli(nowMillis).atZone(zone).toLocalDate().withDayOfMonth(1);
        Forecast whole = new Forecast(new CostClock(nowMillis, zone), zone, first, first.plusMonths(1));
        Forecast parts = new Forecast(new CostClock(nowMillis, zone), zone, first, first.plusMonths(1));
        for (int rate : rates) {
            whole.spent(MachineShare.WHOLE, cuts.get(0), cuts.get(cuts.size() - 1), rate, 1);
            for (int i = 1; i < cuts.size(); i++) {
                parts.spent(MachineShare.WHOLE, cuts.get(i - 1), cuts.get(i), rate, 1);
            }
        }

        assertThat(parts.toDate()).isCloseTo(whole.toDate(), within(1e-6));
        assertThat(parts.expected()).isCloseTo(whole.expected(), within(1e-6));
        assertThat(whole.expected()).isGreaterThanOrEqualTo(whole.toDate());
    }

    @Property(tries = 200, edgeCases = EdgeCasesMode.NONE)
    void aForecastIsWhatWasSpentWhenThePeriodEnds(@ForAll("cuts") List<Long> cuts, @ForAll("zone") ZoneId zone) {
        LocalDate next = LocalDate.of(2027, 1, 1);
        long lastMilli = next.atStartOfDay(zone).toInstant().toEpochMilli() - 1;
        Forecast forecast = new Forecast(new CostClock(lastMilli, zone), zone, LocalDate.of(2026, 12, 1), next);
        forecast.spent(MachineShare.WHOLE, cuts.get(0), cuts.get(cuts.size() - 1), 5, 1);
        forecast.running(cuts.get(0), 5);

        assertThat(forecast.expected()).isCloseTo(forecast.toDate(), within(1e-4));
    }

    private static FakeMlflow mlflow() {
        FakeMlflow mlflow = new FakeMlflow();
        mlflow.experiment("", "1", "churn", Map.of());
        return mlflow;
    }

    private static FakeRun run(String id, long from, long until) {
        return FakeRun.finished(id, Instant.ofEpochMilli(from), Instant.ofEpochMilli(until))
                .tag("kind", "a");
    }

    private static CostModel model(ZoneId zone) {
        long spring = Instant.parse("2026-03-30T12:34:56.789Z").toEpochMilli();
        long summer = Instant.parse("2026-07-01T00:00:00Z").toEpochMilli();
        return PricingFiles.in(zone)
                .resource(
                        "gpu",
                        new Tariff.Piece(Long.MIN_VALUE, spring, 2.5, "EUR", Provenance.LIST),
                        new Tariff.Piece(summer, Long.MAX_VALUE, 3.25, "EUR", Provenance.LIST))
                .rule("a", false, PricingFiles.use("gpu", 2))
                .budget("all", 100, Budget.Period.YEAR, "", "")
                .model();
    }
}
