package io.mlflowexporter.catalog;

import io.mlflowexporter.catalog.sync.Synchronizer;
import io.mlflowexporter.mlflow.MlflowException;
import java.util.List;
import java.util.Map;

/** As if there were room for one version only. */
public final class CutRegistry implements Synchronizer {
    public static final String LEFT_OUT = "there are more model versions than memory has room for";

    private final Synchronizer whole;

    public CutRegistry(Synchronizer whole) {
        this.whole = whole;
    }

    @Override
    public List<String> tracking(List<String> workspaces, Catalog catalog, Listener listener) throws MlflowException {
        return whole.tracking(workspaces, catalog, listener);
    }

    @Override
    public Map<String, String> registry(List<String> workspaces, Catalog catalog) throws MlflowException {
        Map<String, String> closed = whole.registry(workspaces, catalog);
        catalog.replaceRegistry(catalog.models(), catalog.versions().subList(0, 1), List.of(LEFT_OUT));
        return closed;
    }
}
