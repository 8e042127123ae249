package io.mlflowexporter.config;

import io.mlflowexporter.config.Resource.Price;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.yaml.snakeyaml.nodes.Node;

/** Loads the cost book, and the FOCUS files it names. */
public final class CostBookLoader {
    private CostBookLoader() {}

    /**
     * Loads, binds and checks.
     *
     * @throws ConfigException with every problem there is, each with its file and line
     */
    public static LoadedCostBook load(Path file) throws ConfigException {
        Problems problems = new Problems();
        Optional<Node> root = YamlFile.reread(file, problems);
        if (root.isEmpty() && problems.errorCount() == 0) {
            problems.error(Origin.file(file.toString(), 0), "", "is empty; a cost book has at least resources");
        }
        Optional<LoadedCostBook> loaded = root.map(node -> load(file, node, problems));
        List<Problem> errors = problems.errors();
        if (!errors.isEmpty()) {
            throw new ConfigException(errors);
        }
        return loaded.orElseThrow();
    }

    private static LoadedCostBook load(Path file, Node root, Problems problems) {
        Path directory = Optional.ofNullable(file.toAbsolutePath().getParent()).orElse(Path.of(""));
        NodeReader nodes = new NodeReader(file.toString(), directory, CostBook.class, problems);
        BoundBook bound = BoundBook.bind(root, nodes);
        Map<String, List<Price>> focusPrices = FocusPrices.read(bound.book().resources(), problems);
        PriceChecks.check(bound, focusPrices, problems);
        UseChecks.check(bound, problems);
        MoneyChecks.check(bound, focusPrices, problems);
        return new LoadedCostBook(file, bound.book(), focusPrices, problems.warnings());
    }
}
