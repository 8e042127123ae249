package io.mlflowexporter.dashboards;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.util.DefaultIndenter;
import com.fasterxml.jackson.core.util.DefaultPrettyPrinter;
import com.fasterxml.jackson.core.util.Separators;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.file.Path;
import java.util.List;

/** All dashboards, as code; {@code grafana-dashboards} holds what they are written as. */
public final class Dashboards {
    /** Where the files are. */
    static final Path DIRECTORY = Path.of("grafana-dashboards");

    private static final DefaultPrettyPrinter PRINTER = new DefaultPrettyPrinter(
                    Separators.createDefaultInstance().withObjectFieldValueSpacing(Separators.Spacing.AFTER))
            .withObjectIndenter(new DefaultIndenter("  ", "\n"))
            .withArrayIndenter(new DefaultIndenter("  ", "\n"));

    private Dashboards() {}

    static List<Board> all() {
        return List.of(
                OverviewBoard.board(),
                CostBoard.board(),
                RunsBoard.board(),
                DeliveryBoard.board(),
                KpiBoard.board(),
                EfficiencyBoard.board(),
                ExporterBoard.board());
    }

    /** Everything that any of them asks Prometheus. */
    public static List<Query> queries() {
        return all().stream().flatMap(board -> board.queries().stream()).toList();
    }

    /** What the variables' values are asked by: a selector each, of which the label of the variable's name is shown. */
    public static List<Query> variableQueries() {
        return all().stream()
                .flatMap(board -> board.variables().stream()
                        .filter(variable -> !variable.series().isEmpty())
                        .map(variable -> new Query(board.file(), variable.name(), variable.series(), true, "")))
                .toList();
    }

    /** A dashboard's file. */
    static String text(Board board) {
        try {
            return new ObjectMapper().writer(PRINTER).writeValueAsString(board.json()) + "\n";
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(e);
        }
    }
}
