package io.mlflowexporter.cost;

import io.mlflowexporter.cost.pricing.LlmPrices;
import io.mlflowexporter.cost.pricing.LoadedPricingFile;
import io.mlflowexporter.cost.pricing.PriceList;
import io.mlflowexporter.cost.pricing.PricingFile;
import io.mlflowexporter.cost.pricing.StepFunction;
import io.mlflowexporter.cost.pricing.Tariff;
import io.mlflowexporter.cost.pricing.Tariffs;
import java.util.Map;
import java.util.function.BiFunction;

/** A cost book ready to compute with. A new one is made at each reload; no two are equal. */
public final class CostModel {
    private final PricingFile book;
    private final Map<String, Tariff> tariffs;
    private final BiFunction<String, String, StepFunction> rates;
    private final PriceList prices;

    /**
     * Makes a model.
     *
     * @param tariffs by unit name, see {@link Tariff#resource}
     * @param rates from one currency to another over time; 1 at all times between equal ones, nowhere defined where
     *     the book has no rate
     */
    CostModel(PricingFile book, Map<String, Tariff> tariffs, BiFunction<String, String, StepFunction> rates) {
        this(book, tariffs, rates, new PriceList(book, tariffs, rates));
    }

    private CostModel(
            PricingFile book,
            Map<String, Tariff> tariffs,
            BiFunction<String, String, StepFunction> rates,
            PriceList prices) {
        this.book = book;
        this.tariffs = Map.copyOf(tariffs);
        this.rates = rates;
        this.prices = prices;
    }

    /** The model of a book. */
    public static CostModel of(LoadedPricingFile loaded) {
        Tariffs given = Tariffs.of(loaded);
        BiFunction<String, String, StepFunction> rates = given.converter()::rates;
        return new CostModel(
                loaded.book(), given.reported().byUnit(), rates, new PriceList(loaded.book(), given.byUnit(), rates));
    }

    /** Its prices as they were given. */
    public PriceList prices() {
        return prices;
    }

    /** What LLM traces cost. */
    public LlmPrices llmPrices() {
        return LlmPrices.of(book, rates);
    }

    /** The pricing file. */
    public PricingFile book() {
        return book;
    }

    Map<String, Tariff> tariffs() {
        return tariffs;
    }

    BiFunction<String, String, StepFunction> rates() {
        return rates;
    }
}
