package io.mlflowexporter.audit;

import java.math.BigDecimal;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;

/** What a scrape must say, series by series, in exact decimals. */
final class Sums {
    private final Map<Series, BigDecimal> all = new LinkedHashMap<>();
    private final Labels labels;

    /** @param longestLabel in code points */
    Sums(int longestLabel) {
        this.labels = new Labels(longestLabel);
    }

    private Series clean(Series series) {
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

    Map<Series, BigDecimal> all() {
        return all;
    }
}
