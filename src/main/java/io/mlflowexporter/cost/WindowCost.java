package io.mlflowexporter.cost;

/**
 * What ran inside a window cost, by the ledger's last refresh.
 *
 * @param workspace empty where the server has no workspaces
 * @param window label of the window, such as {@code 30d} or {@code month}
 * @param outcome label of what became of the runs
 */
public record WindowCost(
        String workspace,
        String window,
        String experiment,
        String phase,
        String outcome,
        String currency,
        double amount) {}
