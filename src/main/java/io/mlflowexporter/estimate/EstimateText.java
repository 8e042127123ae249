package io.mlflowexporter.estimate;

import io.mlflowexporter.text.OneLine;
import java.util.ArrayList;
import java.util.List;

/** An answer for a terminal. Nothing of what others named reaches it but letters. */
public final class EstimateText {
    private static final String GAP = "  ";

    private EstimateText() {}

    /** The whole answer. */
    public static String write(Estimate estimate) {
        StringBuilder out = new StringBuilder();
        for (EstimateTable table : EstimateTables.of(estimate)) {
            out.append(out.isEmpty() ? "" : "\n").append(line(table.title())).append('\n');
            write(table, out);
        }
        if (out.isEmpty()) {
            out.append("Nothing is known of that.\n");
        }
        if (!estimate.notes().isEmpty()) {
            out.append('\n');
            estimate.notes().forEach(note -> out.append(line(note)).append('\n'));
        }
        return out.toString();
    }

    private static void write(EstimateTable table, StringBuilder out) {
        List<List<String>> rows = new ArrayList<>();
        if (table.columns().stream().anyMatch(column -> !column.isEmpty())
                && !table.rows().isEmpty()) {
            rows.add(table.columns());
        }
        rows.addAll(table.rows());
        int[] widths = new int[table.columns().size()];
        for (List<String> row : rows) {
            for (int i = 0; i < row.size(); i++) {
                widths[i] = Math.max(widths[i], width(row.get(i)));
            }
        }
        for (List<String> row : rows) {
            StringBuilder text = new StringBuilder();
            for (int i = 0; i < row.size(); i++) {
                String padding = " ".repeat(widths[i] - width(row.get(i)));
                boolean numeric = i > 0 && i <= table.numeric();
                text.append(GAP).append(numeric ? padding + line(row.get(i)) : line(row.get(i)) + padding);
            }
            out.append(text.toString().stripTrailing()).append('\n');
        }
        table.notes().forEach(note -> out.append(GAP).append(line(note)).append('\n'));
    }

    private static int width(String text) {
        return text.codePointCount(0, text.length());
    }

    /** On one line, without what could steer a terminal or turn the text around it. */
    public static String line(String text) {
        return OneLine.of(text, OneLine.LONGEST);
    }
}
