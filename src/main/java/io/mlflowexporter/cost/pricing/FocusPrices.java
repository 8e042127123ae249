package io.mlflowexporter.cost.pricing;

import io.mlflowexporter.cost.pricing.Resource.Price;
import io.mlflowexporter.settings.Problems;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Reads the prices of all resources that have them in FOCUS files, each file once. */
final class FocusPrices {
    private FocusPrices() {}

    /** Resource's name to its prices. */
    static Map<String, List<Price>> read(List<Resource> resources, Problems problems) {
        Map<Path, List<FocusSeries>> byFile = new LinkedHashMap<>();
        Map<String, FocusSeries> byResource = new LinkedHashMap<>();
        for (Resource resource : resources) {
            resource.focus().ifPresent(focus -> {
                FocusSeries series = new FocusSeries(resource, focus);
                if (byResource.putIfAbsent(resource.name(), series) == null) {
                    byFile.computeIfAbsent(focus.file(), file -> new ArrayList<>())
                            .add(series);
                }
            });
        }
        byFile.forEach((file, series) -> FocusFile.read(file, series, problems));
        Map<String, List<Price>> prices = new HashMap<>();
        byResource.forEach((name, series) -> prices.put(name, series.prices(problems)));
        return prices;
    }
}
