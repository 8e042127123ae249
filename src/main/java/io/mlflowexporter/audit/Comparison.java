package io.mlflowexporter.audit;

import io.mlflowexporter.audit.AuditResult.Difference;
import io.mlflowexporter.audit.expected.ExpectedSeries;
import io.mlflowexporter.audit.expected.SeriesName;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Holds what a scrape says against what it must say. */
final class Comparison {
    private static final String OTHER = "_other";

    /** Past its budget, such a family leaves its smallest series out. */
    private static final Set<String> LEFT_OUT = Set.of(
            "mlflow_experiment_created_timestamp_seconds",
            "mlflow_registered_model_created_timestamp_seconds",
            "mlflow_model_version_created_timestamp_seconds",
            "mlflow_model_alias_info",
            "mlflow_price_per_hour",
            "mlflow_run_error_ratio",
            "mlflow_model_version_cost",
            "mlflow_kpi",
            "mlflow_kpi_target_met",
            "mlflow_kpi_observed_timestamp_seconds",
            "mlflow_kpi_cost_per_point");
    /** Past its budget, such a family tells the greatest of the rest; all others their sum. */
    private static final Set<String> GREATEST = Set.of(
            "mlflow_oldest_active_run_age_seconds",
            "mlflow_oldest_scheduled_run_age_seconds",
            "mlflow_retry_storm_runs",
            "mlflow_last_success_timestamp_seconds");

    /** The exporter adds up in binary fractions, here it is decimal ones. */
    private static final double RELATIVE = 1e-6;

    private static final double ABSOLUTE = 1e-9;
    /** Nothing is added up to a point of time. */
    private static final double MILLISECOND = 0.0005;

    private final Map<SeriesName, Double> scraped;
    private final Set<String> equal;
    private final Set<String> atLeast;
    private final Set<String> atMost;
    private final Waiting waiting;

    /**
     * Counters some of which may say more, as they wait until what is true catches up.
     *
     * @param most how many series do
     */
    record Waiting(Set<String> families, double most) {}

    /**
     * Takes a scrape.
     *
     * @param equal families that must say the same
     * @param atLeast families that may say more
     * @param atMost families that may say less, or nothing
     */
    Comparison(
            Map<SeriesName, Double> scraped,
            Set<String> equal,
            Set<String> atLeast,
            Set<String> atMost,
            Waiting waiting) {
        this.scraped = scraped;
        this.equal = equal;
        this.atLeast = atLeast;
        this.atMost = atMost;
        this.waiting = waiting;
    }

    /** Every difference. */
    List<Difference> differences(ExpectedSeries sums) {
        List<Difference> differences = new ArrayList<>();
        List<Difference> more = new ArrayList<>();
        Map<SeriesName, BigDecimal> due = folded(sums.all());
        due.forEach((series, value) -> {
            Double said = scraped.get(series);
            if (said == null && atMost.contains(series.family())) {
                return;
            }
            if (said == null) {
                differences.add(new Difference(series.toString(), "nothing", text(value), "missing"));
            } else if (differs(series, said, value.doubleValue())) {
                differences.add(new Difference(series.toString(), text(said), text(value), "value"));
            } else if (waiting.families().contains(series.family())
                    && said > value.doubleValue() + tolerance(series, value.doubleValue())) {
                more.add(new Difference(series.toString(), text(said), text(value), "value"));
            }
        });
        sums.ranges().forEach((series, range) -> outside(series, range).ifPresent(differences::add));
        scraped.forEach((series, said) -> {
            if (!due.containsKey(series) && !sums.ranges().containsKey(series)) {
                Difference unexpected = new Difference(series.toString(), text(said), "nothing", "unexpected");
                if (equal.contains(series.family())) {
                    differences.add(unexpected);
                } else if (waiting.families().contains(series.family()) && !(said <= ABSOLUTE)) {
                    more.add(unexpected);
                }
            }
        });
        if (more.size() > waiting.most()) {
            // Which of them wait is not told.
            differences.addAll(more);
        }
        return differences;
    }

    private Optional<Difference> outside(SeriesName series, ExpectedSeries.Range range) {
        Double said = scraped.get(series);
        double low = range.low().doubleValue();
        double high = range.high().doubleValue();
        if (said == null
                ? dropped(series) > 0
                : Double.isFinite(said)
                        && said >= low - tolerance(series, low)
                        && said <= high + tolerance(series, high)) {
            return Optional.empty();
        }
        String due = range.low().compareTo(range.high()) == 0
                ? text(low)
                : text(low) + (Double.isInfinite(high) ? " or more" : " to " + text(high));
        return Optional.of(
                said == null
                        ? new Difference(series.toString(), "nothing", due, "missing")
                        : new Difference(series.toString(), text(said), due, "value"));
    }

    private static double tolerance(SeriesName series, double value) {
        return series.name().endsWith("_timestamp_seconds") ? MILLISECOND : ABSOLUTE + RELATIVE * Math.abs(value);
    }

    private boolean differs(SeriesName series, double said, double value) {
        return !(Math.abs(said - value) <= tolerance(series, value))
                && !(atLeast.contains(series.family()) && said > value)
                && !(atMost.contains(series.family()) && said >= 0 && said < value);
    }

    /**
     * What is due, with series that are not served moved to the one that the series budget put them into. Of families
     * whose smallest are left out, those that are not served are due no more.
     */
    private Map<SeriesName, BigDecimal> folded(Map<SeriesName, BigDecimal> expected) {
        Map<SeriesName, BigDecimal> due = new HashMap<>();
        expected.forEach((series, value) -> {
            SeriesName home = scraped.containsKey(series) ? series : home(series);
            boolean leftOut = home.equals(series) && !scraped.containsKey(series) && leavesOut(series);
            if (!leftOut) {
                due.merge(home, value, GREATEST.contains(series.family()) ? BigDecimal::max : BigDecimal::add);
            }
        });
        return due;
    }

    private boolean leavesOut(SeriesName series) {
        return LEFT_OUT.contains(series.family()) && dropped(series) > 0;
    }

    private double dropped(SeriesName series) {
        return scraped.getOrDefault(SeriesName.of("mlflow_exporter_series_dropped", "family", series.family()), 0.0);
    }

    private SeriesName home(SeriesName series) {
        if (dropped(series) == 0) {
            return series;
        }
        return series.labels().keySet().stream()
                .map(label -> series.with(label, OTHER))
                .filter(scraped::containsKey)
                .findFirst()
                .orElse(series);
    }

    private static String text(Number value) {
        double number = value.doubleValue();
        return number == Math.rint(number) && Math.abs(number) < 1e15
                ? Long.toString((long) number)
                : Double.toString(number);
    }
}
