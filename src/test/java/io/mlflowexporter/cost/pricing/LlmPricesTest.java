package io.mlflowexporter.cost.pricing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.mlflowexporter.cost.CostModel;
import io.mlflowexporter.cost.pricing.LlmPrices.Call;
import io.mlflowexporter.cost.pricing.LlmPrices.Charge;
import io.mlflowexporter.cost.pricing.LlmPrices.Source;
import io.mlflowexporter.settings.Place;
import io.mlflowexporter.settings.SettingsException;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.BigRange;
import net.jqwik.api.constraints.LongRange;
import net.jqwik.api.constraints.Scale;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What an LLM trace costs: who says it, by which rule, in which currency. */
final class LlmPricesTest {
    private static final double NONE = Double.NaN;
    private static final String BOOK = """
            currency: EUR
            report_currency: EUR
            conversions:
              - {from: USD, to: EUR, rate: 0.5, valid_from: 2026-01-01}
            llm_prices:
              - experiment: ["support*"]
                metadata: {model: "small*"}
                cached_tokens: beside
                prices:
                  - {input: 1, output: 4, cache_read: 0.1, cache_creation: 2, currency: USD, valid_until: 2026-06-01}
                  - {input: 2, output: 8, currency: EUR, valid_from: 2026-06-01}
              - tags: {team: research}
                prices: [{input: 10, output: 10}]
              - trace_name: ["free*"]
                prices: [{input: 0, output: 0}]
            """;

    @TempDir
    Path directory;

    private LlmPrices prices() throws IOException, SettingsException {
        Path file = directory.resolve("pricing.yaml");
        Files.writeString(file, BOOK);
        return CostModel.of(PricingFileLoader.load(file)).llmPrices();
    }

    private static long at(String time) {
        return Instant.parse(time).toEpochMilli();
    }

    private static Call call(String experiment, String name, Map<String, String> notes, double usd, String time) {
        return new Call("", experiment, name, notes, true, 1_000_000, 500_000, 200_000, 100_000, usd, at(time));
    }

    @Test
    void serversOwnCostGoesBeforeEveryRule() throws Exception {
        Charge charge =
                prices().charge(call("support", "a", Map.of("metadata:model", "small-1"), 3, "2026-02-01T00:00:00Z"));

        assertThat(charge).isEqualTo(new Charge(Source.MLFLOW, "EUR", 1.5));
    }

    @Test
    void whereNoRateHoldsTheServersCostStaysInDollars() throws Exception {
        assertThat(prices().charge(call("x", "a", Map.of(), 3, "2025-02-01T00:00:00Z")))
                .isEqualTo(new Charge(Source.MLFLOW, "USD", 3));
    }

    @Test
    void firstRuleThatMatchesIsTheRuleWithThePriceOfItsTime() throws Exception {
        Map<String, String> small = Map.of("metadata:model", "small-1", "tag:team", "research");

        // 1 × 1 + 0.2 × 0.1 + 0.1 × 2 + 0.5 × 4 dollars, at 0.5.
        Charge early = prices().charge(call("Support-2", "a", small, NONE, "2026-02-01T00:00:00Z"));
        assertThat(early.source()).isEqualTo(Source.PRICING_FILE);
        assertThat(early.currency()).isEqualTo("EUR");
        assertThat(early.amount()).isCloseTo(1.61, within(1e-12));
        // 1 × 2 + 0.3 × 2 + 0.5 × 8: without prices of their own, cached tokens cost what input costs.
        assertThat(prices().charge(call("Support-2", "a", small, NONE, "2026-07-01T00:00:00Z"))
                        .amount())
                .isCloseTo(6.6, within(1e-12));
        // Inside the input: 1 × 10 + 0.5 × 10.
        assertThat(prices().charge(call("other", "a", small, NONE, "2026-07-01T00:00:00Z"))
                        .amount())
                .isCloseTo(15, within(1e-12));
    }

    @Test
    void priceOfNothingIsAPriceAndNoRuleIsNone() throws Exception {
        assertThat(prices().charge(call("x", "free-of-charge", Map.of(), NONE, "2026-07-01T00:00:00Z")))
                .isEqualTo(new Charge(Source.PRICING_FILE, "EUR", 0));
        assertThat(prices().charge(call("x", "a", Map.of(), NONE, "2026-07-01T00:00:00Z")))
                .isEqualTo(Charge.UNKNOWN);
    }

    @Test
    void sumsOfManyTracesAreNotPricedByWhatOnlyOneTraceHas() throws Exception {
        Call sum = new Call("", "x", "", Map.of(), false, 1000, 0, 0, 0, NONE, at("2026-07-01T00:00:00Z"));

        assertThat(prices().charge(sum)).isEqualTo(Charge.UNKNOWN);
    }

    @Property(tries = 200)
    void amountsAreThoseOfExactArithmetic(
            @ForAll @LongRange(max = 2_000_000_000) long input,
            @ForAll @LongRange(max = 2_000_000_000) long output,
            @ForAll @LongRange(max = 1_000_000) long cacheRead,
            @ForAll @LongRange(max = 1_000_000) long cacheCreation,
            @ForAll boolean inside,
            @ForAll @BigRange(min = "0", max = "1000") @Scale(4) BigDecimal in,
            @ForAll @BigRange(min = "0", max = "1000") @Scale(4) BigDecimal out,
            @ForAll @BigRange(min = "0", max = "1000") @Scale(4) BigDecimal cached) {
        LlmPriceRule.Price price = new LlmPriceRule.Price(
                in,
                out,
                Optional.of(cached),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                new Place("pricing.yaml", 1));
        LlmPriceRule.CachedTokens where = inside ? LlmPriceRule.CachedTokens.INSIDE : LlmPriceRule.CachedTokens.BESIDE;
        Call call = new Call("", "", "", Map.of(), true, input, output, cacheRead, cacheCreation, NONE, 0);

        long full = inside ? Math.max(0, input - cacheRead - cacheCreation) : input;
        double exact = in.multiply(BigDecimal.valueOf(full + cacheCreation))
                .add(cached.multiply(BigDecimal.valueOf(cacheRead)))
                .add(out.multiply(BigDecimal.valueOf(output)))
                .movePointLeft(6)
                .doubleValue();
        assertThat(LlmPrices.amount(price, where, call)).isCloseTo(exact, within(1e-12 * Math.max(1, exact)));
    }
}
