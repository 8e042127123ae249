package io.mlflowexporter.audit;

import io.mlflowexporter.audit.Book.Price;
import io.mlflowexporter.audit.RunCosts.Busy;
import io.mlflowexporter.audit.RunCosts.Line;
import io.mlflowexporter.config.CostBook.Budget;
import io.mlflowexporter.config.CostBook.Overhead;
import java.math.BigDecimal;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneId;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** What the runs' costs come to. */
final class Costs {
    static final Set<String> GAUGES =
            Set.of("mlflow_compute_cost_per_hour", "mlflow_price_per_hour", "mlflow_overhead_cost", "mlflow_budget");
    /** Of the past, deleted runs included. */
    static final Set<String> WINDOWS = Set.of(
            "mlflow_compute_cost",
            "mlflow_project_compute_cost",
            "mlflow_team_compute_cost",
            "mlflow_budget_spent_ratio");

    static final Set<String> COUNTERS = Set.of(
            "mlflow_compute_seconds_total",
            "mlflow_compute_cost_total",
            "mlflow_outcome_cost_total",
            "mlflow_compute_unpriced_seconds_total");

    private static final long DAY = 86_400_000;

    /** What an experiment costs in a window, by its name. */
    record InWindow(String window, String experiment, String currency) {}

    private final Map<InWindow, BigDecimal> byExperiment = new LinkedHashMap<>();
    private final Book book;
    private final long nowMillis;
    private final Sums sums;
    private final ZoneId zone;
    private final LocalDate today;
    private final Map<String, Long> windows = new LinkedHashMap<>();

    Costs(Book book, long nowMillis, Sums sums) {
        this.book = book;
        this.nowMillis = nowMillis;
        this.sums = sums;
        this.zone = book.config().timeZone();
        this.today = Instant.ofEpochMilli(nowMillis).atZone(zone).toLocalDate();
        windows.put("1d", nowMillis - DAY);
        windows.put("7d", nowMillis - 7 * DAY);
        windows.put("30d", nowMillis - 30 * DAY);
        windows.put("month", start(today.withDayOfMonth(1)));
    }

    private long start(LocalDate day) {
        return day.atStartOfDay(zone).toInstant().toEpochMilli();
    }

    void runs(List<Busy> runs) {
        for (Busy busy : runs) {
            String experiment = busy.run().experiment().name();
            sums.add(
                    Series.of(
                            "mlflow_compute_unpriced_seconds_total",
                            "experiment",
                            experiment,
                            "phase",
                            busy.run().phase()),
                    BigDecimal.valueOf(busy.unpricedMillis(), 3));
            busy.lines().forEach(line -> line(line, experiment));
        }
    }

    private void line(Line line, String experiment) {
        String phase = line.run().phase();
        String currency = line.price().currency();
        BigDecimal cost = line.cost(Long.MIN_VALUE, Long.MAX_VALUE);
        Series used = Series.of(
                "mlflow_compute_seconds_total", "experiment", experiment, "phase", phase, "resource", line.unit());
        sums.add(used, line.seconds());
        sums.add(new Series("mlflow_compute_cost_total", used.labels()).with("currency", currency), cost);
        if (!line.outcome().equals("running")) {
            sums.add(
                    Series.of(
                            "mlflow_outcome_cost_total",
                            "experiment",
                            experiment,
                            "outcome",
                            line.outcome(),
                            "currency",
                            currency),
                    cost);
        } else if (burns(line)) {
            sums.add(
                    Series.of(
                            "mlflow_compute_cost_per_hour",
                            "experiment",
                            experiment,
                            "resource",
                            line.unit(),
                            "currency",
                            currency),
                    line.price().perHour().multiply(line.quantity()));
        }
        windows.forEach((window, since) -> {
            if (line.price().until() > since) {
                inWindow(line, experiment, window, line.cost(since, nowMillis));
            }
        });
    }

    /** Whether it is paid now: the line goes up to now, and its price is not over by now. */
    private boolean burns(Line line) {
        if (line.price().until() < nowMillis) {
            return false;
        }
        return book.given(line.unit(), nowMillis, nowMillis + 1).stream()
                .flatMap(price -> book.shown(price).stream())
                .anyMatch(price -> price.currency().equals(line.price().currency())
                        && price.perHour().compareTo(line.price().perHour()) == 0);
    }

    /** What experiments cost in windows. Once the runs are told. */
    Map<InWindow, BigDecimal> byExperiment() {
        return byExperiment;
    }

    private void inWindow(Line line, String experiment, String window, BigDecimal cost) {
        String currency = line.price().currency();
        byExperiment.merge(new InWindow(window, experiment, currency), cost, BigDecimal::add);
        sums.add(
                Series.of(
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
                    Series.of(
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
                            Series.of(
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
        Overheads overheads = new Overheads(book);
        for (Overhead overhead : book.config().overheads()) {
            String own = book.code(overhead.currency());
            String shown = book.config()
                    .reportCurrency()
                    .map(currency -> currency.getCurrencyCode())
                    .orElse(own);
            windows.forEach((window, since) -> {
                Series series = Series.of(
                        "mlflow_overhead_cost",
                        "window",
                        window,
                        "category",
                        overhead.category().name().toLowerCase(Locale.ROOT),
                        "currency",
                        shown);
                Overheads.Spent spent = overheads.spent(overhead, shown, since, nowMillis);
                sums.add(series, spent.converted());
                if (spent.left().compareTo(Overheads.NOTHING) > 0) {
                    sums.add(series.with("currency", own), spent.left());
                }
            });
        }
    }

    void budgets(List<Busy> runs) {
        Overheads overheads = new Overheads(book);
        for (Budget budget : book.config().budgets()) {
            String currency = book.code(budget.currency());
            int month = today.getMonthValue() - 1;
            LocalDate first = today.withDayOfMonth(1)
                    .minusMonths(
                            switch (budget.period()) {
                                case MONTH -> 0;
                                case QUARTER -> month % 3;
                                case YEAR -> month;
                            });
            BigDecimal spent = BigDecimal.ZERO;
            for (Busy busy : runs) {
                if (isFor(budget, busy)) {
                    spent = spent.add(spent(busy, currency, start(first)));
                }
            }
            for (Overhead overhead : book.config().overheads()) {
                if (budget.overheads().contains(overhead.category())) {
                    spent = spent.add(overheads
                            .spent(overhead, currency, start(first), nowMillis)
                            .converted());
                }
            }
            sums.add(Series.of("mlflow_budget", "budget", budget.name(), "currency", currency), budget.amount());
            sums.add(
                    Series.of("mlflow_budget_spent_ratio", "budget", budget.name()),
                    spent.divide(budget.amount(), Book.EXACT));
        }
    }

    private static boolean isFor(Budget budget, Busy busy) {
        return Phases.any(budget.experiment(), busy.run().experiment().name())
                && Phases.any(budget.workspace(), "")
                && Phases.any(budget.phase(), busy.run().phase())
                && Phases.all(budget.tags(), busy.run().tags());
    }

    /** Of what the run was charged in the prices' own currencies. */
    private BigDecimal spent(Busy busy, String currency, long since) {
        BigDecimal sum = BigDecimal.ZERO;
        Line last = null;
        for (Line line : busy.lines()) {
            // A price that was shown in several pieces was paid once.
            boolean same = last != null
                    && last.original().equals(line.original())
                    && last.unit().equals(line.unit())
                    && last.price().until() == line.price().from();
            if (!same) {
                for (Price price : book.converted(line.original().within(since, nowMillis), currency, false)) {
                    sum = sum.add(RunCosts.cost(price, line.quantity()));
                }
            }
            last = line;
        }
        return sum;
    }
}
