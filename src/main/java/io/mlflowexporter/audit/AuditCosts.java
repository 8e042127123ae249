package io.mlflowexporter.audit;

import io.mlflowexporter.audit.AuditPricing.Price;
import io.mlflowexporter.audit.RunCosts.Busy;
import io.mlflowexporter.audit.RunCosts.Line;
import io.mlflowexporter.audit.expected.AuditWindows;
import io.mlflowexporter.audit.expected.ExpectedSeries;
import io.mlflowexporter.audit.expected.SeriesName;
import io.mlflowexporter.cost.pricing.PricingFile.Overhead;
import java.math.BigDecimal;
import java.time.LocalDate;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** What the runs' costs come to. */
final class AuditCosts {
    static final Set<String> GAUGES =
            Set.of("mlflow_compute_cost_per_hour", "mlflow_price_per_hour", "mlflow_overhead_cost");
    /** Of the past, deleted runs included. */
    static final Set<String> WINDOWS =
            Set.of("mlflow_compute_cost", "mlflow_project_compute_cost", "mlflow_team_compute_cost");

    static final Set<String> COUNTERS = Set.of(
            "mlflow_compute_seconds_total",
            "mlflow_compute_spend_total",
            "mlflow_outcome_spend_total",
            "mlflow_compute_unpriced_seconds_total");

    static final String FORECAST = "mlflow_cost_forecast";

    /** What is forecast by itself. */
    private record Forecasted(String experiment, String currency) {}

    /** What an experiment costs in a window, by its name. */
    record InWindow(String window, String experiment, String currency) {}

    private final Map<InWindow, BigDecimal> byExperiment = new LinkedHashMap<>();
    private final AuditPricing book;
    private final long nowMillis;
    private final ExpectedSeries sums;
    private final LocalDate today;
    private final Map<String, Long> windows;

    AuditCosts(AuditPricing book, long nowMillis, ExpectedSeries sums) {
        this.book = book;
        this.nowMillis = nowMillis;
        this.sums = sums;
        this.today = book.day(nowMillis);
        this.windows = AuditWindows.since(nowMillis);
        windows.put("month", book.start(today.withDayOfMonth(1)));
    }

    void runs(List<Busy> runs) {
        Map<Forecasted, AuditForecast> forecasts = new LinkedHashMap<>();
        LocalDate first = today.withDayOfMonth(1);
        for (Busy busy : runs) {
            String experiment = busy.run().experiment().name();
            sums.add(
                    SeriesName.of(
                            "mlflow_compute_unpriced_seconds_total",
                            "experiment",
                            experiment,
                            "phase",
                            busy.run().phase()),
                    BigDecimal.valueOf(busy.unpricedMillis(), 3));
            for (Line line : busy.lines()) {
                line(line, experiment);
                AuditForecast forecast = forecasts.computeIfAbsent(
                        new Forecasted(experiment, line.price().currency()),
                        key -> new AuditForecast(book, nowMillis, first, first.plusMonths(1)));
                forecast.spent(line.machine(), line.price().from(), line.price().until(), line.perHour());
                if (line.paidNow()) {
                    forecast.running(
                            busy.millis(),
                            line.perHour().multiply(line.machine().partBefore(nowMillis)));
                }
            }
        }
        forecasts.forEach((of, forecast) -> sums.add(
                SeriesName.of(FORECAST, "experiment", of.experiment(), "currency", of.currency()),
                forecast.expected()));
    }

    private void line(Line line, String experiment) {
        String phase = line.run().phase();
        String currency = line.price().currency();
        BigDecimal cost = line.cost(Long.MIN_VALUE, Long.MAX_VALUE);
        SeriesName used = SeriesName.of(
                "mlflow_compute_seconds_total", "experiment", experiment, "phase", phase, "resource", line.unit());
        sums.add(used, line.seconds());
        sums.add(new SeriesName("mlflow_compute_spend_total", used.labels()).with("currency", currency), cost);
        if (!line.outcome().equals("running")) {
            sums.add(
                    SeriesName.of(
                            "mlflow_outcome_spend_total",
                            "experiment",
                            experiment,
                            "outcome",
                            line.outcome(),
                            "currency",
                            currency),
                    cost);
        }
        if (line.paidNow()) {
            sums.add(
                    SeriesName.of(
                            "mlflow_compute_cost_per_hour",
                            "experiment",
                            experiment,
                            "resource",
                            line.unit(),
                            "currency",
                            currency),
                    line.perHour().multiply(line.machine().partBefore(nowMillis)));
        }
        windows.forEach((window, since) -> {
            if (line.price().until() > since) {
                inWindow(line, experiment, window, line.cost(since, nowMillis));
            }
        });
    }

    /** What experiments cost in windows. Once the runs are told. */
    Map<InWindow, BigDecimal> byExperiment() {
        return byExperiment;
    }

    private void inWindow(Line line, String experiment, String window, BigDecimal cost) {
        String currency = line.price().currency();
        byExperiment.merge(new InWindow(window, experiment, currency), cost, BigDecimal::add);
        sums.add(
                SeriesName.of(
                        "mlflow_compute_cost",
                        "window",
                        window,
                        "experiment",
                        experiment,
                        "phase",
                        line.run().phase(),
                        "outcome",
                        line.outcome(),
                        "currency",
                        currency),
                cost);
        group("project", book.config().projectTag(), line, window, cost);
        group("team", book.config().teamTag(), line, window, cost);
    }

    private void group(String group, Optional<String> tag, Line line, String window, BigDecimal cost) {
        tag.ifPresent(name -> {
            String ofRun = line.run().tags().getOrDefault(name, "");
            String ofEither = ofRun.isEmpty() ? line.run().experiment().tags().getOrDefault(name, "") : ofRun;
            sums.add(
                    SeriesName.of(
                            "mlflow_" + group + "_compute_cost",
                            "window",
                            window,
                            group,
                            ofEither.isEmpty() ? "none" : ofEither,
                            "currency",
                            line.price().currency()),
                    cost);
        });
    }

    void prices() {
        for (String unit : book.units()) {
            for (Price price : book.given(unit, nowMillis, nowMillis + 1)) {
                for (Price shown : book.shown(price)) {
                    sums.max(
                            SeriesName.of(
                                    "mlflow_price_per_hour",
                                    "resource",
                                    unit,
                                    "currency",
                                    shown.currency(),
                                    "source",
                                    shown.source()),
                            shown.perHour());
                }
            }
        }
    }

    void overheads() {
        AuditOverheads overheads = new AuditOverheads(book);
        for (Overhead overhead : book.config().overheads()) {
            String own = book.code(overhead.currency());
            String shown = book.config()
                    .reportCurrency()
                    .map(currency -> currency.getCurrencyCode())
                    .orElse(own);
            windows.forEach((window, since) -> {
                SeriesName series = SeriesName.of(
                        "mlflow_overhead_cost",
                        "window",
                        window,
                        "category",
                        overhead.category().name().toLowerCase(Locale.ROOT),
                        "currency",
                        shown);
                AuditOverheads.Spent spent = overheads.spent(overhead, shown, since, nowMillis);
                sums.add(series, spent.converted());
                if (spent.left().compareTo(AuditOverheads.NOTHING) > 0) {
                    sums.add(series.with("currency", own), spent.left());
                }
            });
        }
    }
}
