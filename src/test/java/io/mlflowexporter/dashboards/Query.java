package io.mlflowexporter.dashboards;

/**
 * A query of a dashboard.
 *
 * @param dashboard the file's name without its ending
 * @param panel the title of the panel; of a variable or an annotation its name
 * @param expression as Grafana sends it, but for its variables
 * @param instant whether one point is asked for, not a range
 * @param emptyBecause why the demo has nothing to show for it; empty where it must
 */
public record Query(String dashboard, String panel, String expression, boolean instant, String emptyBecause) {
    @Override
    public String toString() {
        return dashboard + ", " + panel + ": " + expression;
    }
}
