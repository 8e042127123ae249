package io.mlflowexporter.audit;

import io.mlflowexporter.audit.AuditResult.Difference;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Holds what a scrape says against what it must say. */
final class Comparison {
    private static final String OTHER = "_other";

    /** The exporter adds up in binary fractions, here it is decimal ones. */
    private static final double RELATIVE = 1e-6;

    private static final double ABSOLUTE = 1e-9;

    private final Map<Series, Double> scraped;
    private final Set<String> equal;
    private final Set<String> atLeast;

    /**
     * Takes a scrape.
     *
     * @param equal families that must say the same
     * @param atLeast families that may say more
     */
    Comparison(Map<Series, Double> scraped, Set<String> equal, Set<String> atLeast) {
        this.scraped = scraped;
        this.equal = equal;
        this.atLeast = atLeast;
    }

    /** Every difference. */
    List<Difference> differences(Map<Series, BigDecimal> expected) {
        List<Difference> differences = new ArrayList<>();
        Map<Series, BigDecimal> due = folded(expected);
        due.forEach((series, value) -> {
            Double said = scraped.get(series);
            if (said == null) {
                differences.add(new Difference(series.toString(), "nothing", text(value), "missing"));
            } else if (differs(series, said, value.doubleValue())) {
                differences.add(new Difference(series.toString(), text(said), text(value), "value"));
            }
        });
        scraped.forEach((series, said) -> {
            if (!due.containsKey(series) && equal.contains(series.family())) {
                differences.add(new Difference(series.toString(), text(said), "nothing", "unexpected"));
            }
        });
        return differences;
    }

    private boolean differs(Series series, double said, double value) {
        double tolerance = ABSOLUTE + RELATIVE * Math.abs(value);
        return !(Math.abs(said - value) <= tolerance) && !(atLeast.contains(series.family()) && said > value);
    }

    /**
     * What is due, with series that are not served moved to the one that the series budget put them into. Of families
     * whose smallest are left out, those that are not served are due no more.
     */
    private Map<Series, BigDecimal> folded(Map<Series, BigDecimal> expected) {
        Map<Series, BigDecimal> due = new HashMap<>();
        expected.forEach((series, value) -> {
            Series home = scraped.containsKey(series) ? series : home(series);
            boolean leftOut = home.equals(series) && !scraped.containsKey(series) && leavesOut(series);
            if (!leftOut) {
                due.merge(home, value, series.name().contains("oldest") ? BigDecimal::max : BigDecimal::add);
            }
        });
        return due;
    }

    private boolean leavesOut(Series series) {
        return dropped(series) > 0
                && (series.name().endsWith("_timestamp_seconds")
                        || series.name().endsWith("_info"));
    }

    private double dropped(Series series) {
        return scraped.getOrDefault(Series.of("mlflow_exporter_series_dropped", "family", series.family()), 0.0);
    }

    private Series home(Series series) {
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
