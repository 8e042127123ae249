package io.mlflowexporter.backfill;

import io.mlflowexporter.metric.Family.Sample;
import io.mlflowexporter.metric.FamilyDeclaration;
import io.mlflowexporter.metric.HistogramLayout;
import java.io.IOException;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Writes a family as <a href="https://prometheus.io/docs/specs/om/open_metrics_spec/">OpenMetrics text</a> with
 * timestamps. Names and labels are those a scrape by Prometheus gives its series.
 */
final class FamilyText {
    private static final int MILLIS_PER_SECOND = 1000;

    private final FamilyDeclaration declaration;
    private final Appendable out;

    FamilyText(FamilyDeclaration declaration, Appendable out) {
        this.declaration = declaration;
        this.out = out;
    }

    /**
     * Begins the family.
     *
     * @param baseNameTaken whether another family has the name this one goes by in OpenMetrics
     */
    void head(boolean baseNameTaken) throws IOException {
        boolean unknown = baseNameTaken && declaration.type() == FamilyDeclaration.Type.COUNTER;
        String name = unknown ? declaration.name() : base(declaration.name());
        String type = switch (declaration.type()) {
            case GAUGE -> "gauge";
            case COUNTER -> unknown ? "unknown" : "counter";
            case HISTOGRAM -> "histogram";
            case INFO -> "info";
        };
        out.append("# TYPE ").append(name).append(' ').append(type).append('\n');
        out.append("# HELP ").append(name).append(' ').append(escaped(declaration.help()));
        out.append('\n');
    }

    /** The name in OpenMetrics. */
    static String base(String name) {
        for (String suffix : List.of("_total", "_info")) {
            if (name.endsWith(suffix)) {
                return name.substring(0, name.length() - suffix.length());
            }
        }
        return name;
    }

    /** A sample's labels and those that all series get, by name, as they stand between braces. */
    static String labels(FamilyDeclaration declaration, Sample sample, SortedMap<String, String> everywhere) {
        SortedMap<String, String> all = new TreeMap<>(everywhere);
        // An empty label is an absent one.
        if (!sample.workspace().isEmpty()) {
            all.put("workspace", sample.workspace());
        }
        for (int i = 0; i < declaration.labels().size(); i++) {
            all.put(declaration.labels().get(i), sample.labelValues().get(i));
        }
        StringBuilder text = new StringBuilder();
        all.forEach((name, value) -> {
            text.append(text.isEmpty() ? "" : ",").append(name).append("=\"");
            text.append(escaped(value)).append('"');
        });
        return text.toString();
    }

    private static String escaped(String text) {
        return text.replace("\\", "\\\\").replace("\"", "\\\"").replace("\n", "\\n");
    }

    /** Writes a series. */
    void series(String labels, SeriesHistory series) throws IOException {
        if (declaration.type() == FamilyDeclaration.Type.HISTOGRAM) {
            histogram(labels, series);
            return;
        }
        String name = labels.isEmpty() ? declaration.name() : declaration.name() + '{' + labels + '}';
        for (int i = 0; i < series.size(); i++) {
            line(name, number(series.value(i, 0)), series.millis(i));
        }
    }

    private void histogram(String labels, SeriesHistory series) throws IOException {
        double[] bounds = HistogramLayout.RUNS.upperBounds();
        String[] buckets = new String[bounds.length];
        for (int b = 0; b < bounds.length; b++) {
            buckets[b] = declaration.name() + "_bucket{" + labels + (labels.isEmpty() ? "" : ",") + "le=\""
                    + number(bounds[b]) + "\"}";
        }
        String braces = labels.isEmpty() ? "" : '{' + labels + '}';
        for (int i = 0; i < series.size(); i++) {
            for (int b = 0; b < bounds.length; b++) {
                line(buckets[b], whole(series.value(i, b)), series.millis(i));
            }
            line(declaration.name() + "_count" + braces, whole(series.value(i, bounds.length - 1)), series.millis(i));
            line(declaration.name() + "_sum" + braces, number(series.value(i, bounds.length)), series.millis(i));
        }
    }

    private void line(String name, String value, long millis) throws IOException {
        out.append(name).append(' ').append(value).append(' ');
        out.append(Long.toString(millis / MILLIS_PER_SECOND));
        long fraction = millis % MILLIS_PER_SECOND;
        if (fraction != 0) {
            out.append('.').append(Long.toString(MILLIS_PER_SECOND + fraction).substring(1));
        }
        out.append('\n');
    }

    private static String whole(double count) {
        return Long.toString((long) count);
    }

    private static String number(double value) {
        if (Double.isInfinite(value)) {
            return value > 0 ? "+Inf" : "-Inf";
        }
        return Double.toString(value);
    }
}
