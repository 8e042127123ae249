package io.mlflowexporter.kpi;

import io.mlflowexporter.kpi.KpiFile.Kpi;
import io.mlflowexporter.settings.Binder;
import io.mlflowexporter.settings.NodeReader;
import io.mlflowexporter.settings.Origin;
import io.mlflowexporter.settings.Overrides;
import io.mlflowexporter.settings.Problems;
import io.mlflowexporter.settings.SettingsException;
import io.mlflowexporter.settings.YamlFile;
import io.mlflowexporter.settings.value.Quoted;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import org.yaml.snakeyaml.nodes.Node;

/** Loads the file of KPIs. */
public final class KpiFileLoader {
    private KpiFileLoader() {}

    /**
     * Loads, binds and checks.
     *
     * @throws SettingsException with every problem there is, each with its file and line
     */
    public static KpiFile load(Path file) throws SettingsException {
        Problems problems = new Problems();
        KpiFile book = YamlFile.reread(file, "is empty; a file of KPIs has kpis", problems)
                .map(node -> bind(file, node, problems))
                .orElse(KpiFile.EMPTY);
        Set<String> names = new HashSet<>();
        for (Kpi kpi : book.kpis()) {
            if (!names.add(kpi.name())) {
                problems.error(
                        Origin.file(kpi.place().file(), kpi.place().line()),
                        "kpis",
                        Quoted.shown(kpi.name()) + " is there twice; names must differ");
            }
        }
        problems.check();
        return book;
    }

    private static KpiFile bind(Path file, Node root, Problems problems) {
        NodeReader nodes = NodeReader.of(file, KpiFile.class, problems);
        return new Binder(nodes, Overrides.NONE, problems).bind(KpiFile.class, Optional.of(root));
    }
}
