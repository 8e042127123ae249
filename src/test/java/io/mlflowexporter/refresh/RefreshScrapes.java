package io.mlflowexporter.refresh;

import static org.assertj.core.api.Assertions.assertThat;

import io.mlflowexporter.testing.Exposed;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.regex.Pattern;

/** What an exporter says of MLflow, as numbers by series, without what is of its process. */
final class RefreshScrapes {
    private static final Pattern COUNTER = Pattern.compile("[a-z_]+_(total|count|sum|bucket)\\b.*", Pattern.DOTALL);
    private static final double ROUNDING = 1e-9;

    private RefreshScrapes() {}

    static Map<String, Double> aboutMlflow(RefreshBench bench) {
        return samples(bench, series -> true);
    }

    static Map<String, Double> counters(RefreshBench bench) {
        return samples(bench, RefreshScrapes::isCounter);
    }

    static boolean isCounter(String series) {
        return COUNTER.matcher(series).matches();
    }

    private static Map<String, Double> samples(RefreshBench bench, Predicate<String> which) {
        Map<String, Double> samples = new TreeMap<>();
        for (Exposed sample : Exposed.parse(bench.scrape())) {
            String series = sample.name() + " " + sample.labels();
            if (!sample.name().startsWith("mlflow_exporter_")
                    && !sample.name().equals("mlflow_up")
                    && which.test(series)) {
                samples.put(series, number(sample.value()));
            }
        }
        return samples;
    }

    private static double number(String text) {
        return switch (text) {
            case "+Inf" -> Double.POSITIVE_INFINITY;
            case "-Inf" -> Double.NEGATIVE_INFINITY;
            default -> Double.parseDouble(text);
        };
    }

    /** The counters of now, of which none is less than it was. */
    static Map<String, Double> noneIsLower(Map<String, Double> now, Map<String, Double> before) {
        Map<String, List<Double>> lower = new TreeMap<>();
        before.forEach((series, value) -> {
            double is = now.getOrDefault(series, -1.0);
            if (is < value * (1 - ROUNDING)) {
                lower.put(series, List.of(is, value));
            }
        });
        assertThat(lower).as("counters that fell, with what they are and were").isEmpty();
        return now;
    }

    /** Series to what the two say of it; sums made in another order may be rounded otherwise. */
    static Map<String, List<Double>> differences(Map<String, Double> one, Map<String, Double> other) {
        Map<String, List<Double>> differences = new TreeMap<>();
        TreeSet<String> all = new TreeSet<>(one.keySet());
        all.addAll(other.keySet());
        for (String series : all) {
            double a = one.getOrDefault(series, Double.NaN);
            double b = other.getOrDefault(series, Double.NaN);
            if (a != b && !(Math.abs(a - b) <= ROUNDING * Math.abs(b))) {
                differences.put(series, List.of(a, b));
            }
        }
        return differences;
    }
}
