package io.mlflowexporter.audit.expected;

import java.math.BigDecimal;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/** What a scrape must say, series by series, in exact decimals. */
public final class ExpectedSeries {
    /** Where it is not known to the last: from the one up to the other, both included. */
    public record Range(BigDecimal low, BigDecimal high) {}

    /** More than any sample can be. */
    public static final BigDecimal ENDLESS = new BigDecimal("1e400");

    private final Map<SeriesName, BigDecimal> all = new LinkedHashMap<>();
    private final Map<SeriesName, Range> ranges = new LinkedHashMap<>();
    private final ExpectedLabels labels;

    /** @param longestLabel in code points */
    public ExpectedSeries(int longestLabel) {
        this.labels = new ExpectedLabels(longestLabel);
    }

    /** As a scrape names it. */
    public SeriesName clean(SeriesName series) {
        TreeMap<String, String> clean = new TreeMap<>();
        series.labels().forEach((name, value) -> clean.put(name, labels.clean(value)));
        return new SeriesName(series.name(), clean);
    }

    public void add(SeriesName series, BigDecimal value) {
        all.merge(clean(series), value, BigDecimal::add);
    }

    public void add(SeriesName series, long value) {
        add(series, BigDecimal.valueOf(value));
    }

    public void max(SeriesName series, BigDecimal value) {
        all.merge(clean(series), value, BigDecimal::max);
    }

    /** Unix milliseconds as seconds, the greatest told. */
    public void time(SeriesName series, long millis) {
        max(series, BigDecimal.valueOf(millis, 3));
    }

    /** Of several ranges for one series, as for a greatest value. */
    public void between(SeriesName series, BigDecimal low, BigDecimal high) {
        betweenAsServed(clean(series), low, high);
    }

    /** The same for a series as a scrape names it. */
    public void betweenAsServed(SeriesName series, BigDecimal low, BigDecimal high) {
        ranges.merge(
                series,
                new Range(low, high),
                (one, other) -> new Range(one.low().max(other.low()), one.high().max(other.high())));
    }

    /** Says nothing of these. */
    public void forget(Set<String> families) {
        all.keySet().removeIf(series -> families.contains(series.family()));
        ranges.keySet().removeIf(series -> families.contains(series.family()));
    }

    public Map<SeriesName, BigDecimal> all() {
        return all;
    }

    public Map<SeriesName, Range> ranges() {
        return ranges;
    }
}
