package io.mlflowexporter.cost.pricing;

import io.mlflowexporter.cost.pricing.Resource.Price;
import io.mlflowexporter.settings.NodeReader;
import io.mlflowexporter.settings.Problems;
import io.mlflowexporter.settings.SettingsException;
import io.mlflowexporter.settings.YamlFile;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.yaml.snakeyaml.nodes.Node;

/** Loads the cost book, and the FOCUS files it names. */
public final class PricingFileLoader {
    private PricingFileLoader() {}

    /**
     * Loads, binds and checks.
     *
     * @throws SettingsException with every problem there is, each with its file and line
     */
    public static LoadedPricingFile load(Path file) throws SettingsException {
        Problems problems = new Problems();
        Optional<LoadedPricingFile> loaded = YamlFile.reread(
                        file, "is empty; a cost book has at least resources", problems)
                .map(node -> load(file, node, problems));
        problems.check();
        return loaded.orElseThrow();
    }

    private static LoadedPricingFile load(Path file, Node root, Problems problems) {
        PricingBinder bound = PricingBinder.bind(root, NodeReader.of(file, PricingFile.class, problems));
        Map<String, List<Price>> focusPrices = FocusPrices.read(bound.book().resources(), problems);
        PriceChecks.check(bound, focusPrices, problems);
        UseChecks.check(bound, problems);
        MoneyChecks.check(bound, focusPrices, problems);
        return new LoadedPricingFile(file, bound.book(), focusPrices, problems.warnings());
    }
}
