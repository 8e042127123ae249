package io.mlflowexporter.cost.pricing;

import io.mlflowexporter.cost.pricing.Resource.Price;
import io.mlflowexporter.settings.Problem;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * A cost book that passed every check.
 *
 * @param file where it was read
 * @param focusPrices resource's name to the prices read from its FOCUS file; each knows its place there
 * @param warnings what is allowed but doubtful
 */
public record LoadedPricingFile(
        Path file, PricingFile book, Map<String, List<Price>> focusPrices, List<Problem> warnings) {
    public LoadedPricingFile {
        focusPrices = Map.copyOf(focusPrices);
        warnings = List.copyOf(warnings);
    }

    /** All prices of a resource, the book's own and those of its FOCUS file; their times do not overlap. */
    public List<Price> prices(Resource resource) {
        List<Price> prices = new ArrayList<>(resource.prices());
        prices.addAll(focusPrices.getOrDefault(resource.name(), List.of()));
        return List.copyOf(prices);
    }

    /** What is in it, for people: {@code 3 resources, 2 rules, …}. */
    public String summary() {
        return count(book.resources().size(), "resource") + ", "
                + count(book.rules().size(), "rule") + ", "
                + count(book.budgets().size(), "budget") + ", "
                + count(book.overheads().size(), "overhead");
    }

    private static String count(int number, String noun) {
        return number + " " + noun + (number == 1 ? "" : "s");
    }
}
