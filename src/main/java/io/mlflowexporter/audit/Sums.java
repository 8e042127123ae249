package io.mlflowexporter.audit;

import java.math.BigDecimal;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/** What a scrape must say, series by series, in exact decimals. */
final class Sums {
    /** Where it is not known to the last: from the one up to the other, both included. */
    record Range(BigDecimal low, BigDecimal high) {}

    /** More than any sample can be. */
    static final BigDecimal ENDLESS = new BigDecimal("1e400");

    private final Map<Series, BigDecimal> all = new LinkedHashMap<>();
    private final Map<Series, Range> ranges = new LinkedHashMap<>();
    private final Labels labels;

    /** @param longestLabel in code points */
    Sums(int longestLabel) {
        this.labels = new Labels(longestLabel);
    }

    /** As a scrape names it. */
    Series clean(Series series) {
        TreeMap<String, String> clean = new TreeMap<>();
        series.labels().forEach((name, value) -> clean.put(name, labels.clean(value)));
        return new Series(series.name(), clean);
    }

    void add(Series series, BigDecimal value) {
        all.merge(clean(series), value, BigDecimal::add);
    }

    void add(Series series, long value) {
        add(series, BigDecimal.valueOf(value));
    }

    void max(Series series, BigDecimal value) {
        all.merge(clean(series), value, BigDecimal::max);
    }

    /** Unix milliseconds as seconds, the greatest told. */
    void time(Series series, long millis) {
        max(series, BigDecimal.valueOf(millis, 3));
    }

    /** Of several ranges for one series, as for a greatest value. */
    void between(Series series, BigDecimal low, BigDecimal high) {
        betweenAsServed(clean(series), low, high);
    }

    /** The same for a series as a scrape names it. */
    void betweenAsServed(Series series, BigDecimal low, BigDecimal high) {
        ranges.merge(
                series,
                new Range(low, high),
                (one, other) -> new Range(one.low().max(other.low()), one.high().max(other.high())));
    }

    /** Says nothing of these. */
    void forget(Set<String> families) {
        all.keySet().removeIf(series -> families.contains(series.family()));
        ranges.keySet().removeIf(series -> families.contains(series.family()));
    }

    Map<Series, BigDecimal> all() {
        return all;
    }

    Map<Series, Range> ranges() {
        return ranges;
    }
}
