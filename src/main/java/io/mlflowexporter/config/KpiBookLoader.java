package io.mlflowexporter.config;

import io.mlflowexporter.config.KpiBook.Kpi;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.yaml.snakeyaml.nodes.Node;

/** Loads the file of KPIs. */
public final class KpiBookLoader {
    private KpiBookLoader() {}

    /**
     * Loads, binds and checks.
     *
     * @throws ConfigException with every problem there is, each with its file and line
     */
    public static KpiBook load(Path file) throws ConfigException {
        Problems problems = new Problems();
        Optional<Node> root = YamlFile.reread(file, problems);
        if (root.isEmpty() && problems.errorCount() == 0) {
            problems.error(Origin.file(file.toString(), 0), "", "is empty; a file of KPIs has kpis");
        }
        KpiBook book = root.map(node -> bind(file, node, problems)).orElse(KpiBook.EMPTY);
        Set<String> names = new HashSet<>();
        for (Kpi kpi : book.kpis()) {
            if (!names.add(kpi.name())) {
                problems.error(
                        Origin.file(kpi.place().file(), kpi.place().line()),
                        "kpis",
                        Quoted.shown(kpi.name()) + " is there twice; names must differ");
            }
        }
        List<Problem> errors = problems.errors();
        if (!errors.isEmpty()) {
            throw new ConfigException(errors);
        }
        return book;
    }

    private static KpiBook bind(Path file, Node root, Problems problems) {
        Path directory = Optional.ofNullable(file.toAbsolutePath().getParent()).orElse(Path.of(""));
        NodeReader nodes = new NodeReader(file.toString(), directory, KpiBook.class, problems);
        Map<String, Node> children = nodes.children(root, KpiBook.class, "").orElse(Map.of());
        Object[] values = java.util.Arrays.stream(KpiBook.class.getRecordComponents())
                .map(component -> Optional.ofNullable(children.get(Schema.key(component)))
                        .flatMap(node -> nodes.value(
                                node, component.getGenericType(), Schema.setting(component), Schema.key(component)))
                        .or(() -> nodes.defaultOf(component.getGenericType(), Schema.setting(component)))
                        .orElseThrow())
                .toArray();
        return (KpiBook) Binder.construct(KpiBook.class, values);
    }
}
