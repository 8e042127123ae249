package io.mlflowexporter.exposition;

import io.mlflowexporter.metric.Family;
import io.prometheus.metrics.model.snapshots.MetricSnapshots;
import java.util.List;

/** The families as client_java's own values, for its own server to write. */
public final class StockSnapshots {
    private StockSnapshots() {}

    public static MetricSnapshots of(List<Family> families) {
        return new MetricSnapshots(families.stream().map(Snapshots::of).toList());
    }
}
