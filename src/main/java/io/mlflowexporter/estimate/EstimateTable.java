package io.mlflowexporter.estimate;

import java.util.List;

/**
 * A part of an answer as people read it.
 *
 * @param columns their headings
 * @param numeric how many columns, from the second on, hold numbers
 * @param rows cells as texts, as many as there are columns
 * @param notes below it, a line each
 */
public record EstimateTable(
        String title, List<String> columns, int numeric, List<List<String>> rows, List<String> notes) {
    public EstimateTable {
        columns = List.copyOf(columns);
        rows = rows.stream().map(List::copyOf).toList();
        notes = List.copyOf(notes);
    }
}
