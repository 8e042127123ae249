package io.mlflowexporter.cost.pricing;

import io.mlflowexporter.settings.CheckedElement;
import io.mlflowexporter.settings.Place;
import io.mlflowexporter.settings.Setting;
import io.mlflowexporter.settings.value.DateOrTime;
import io.mlflowexporter.settings.value.Glob;
import java.math.BigDecimal;
import java.util.Currency;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What the tokens of some LLM traces cost; all conditions given must hold. Patterns ignore letter case. */
public record LlmPriceRule(
        @Setting("Its name, for people.") Optional<String> name,

        @Setting("Experiment names, patterns with `*` and `?`.")
        List<Glob> experiment,

        @Setting("Workspaces, patterns.") List<Glob> workspace,

        @Setting("Trace names (the name of the root span), patterns.")
        List<Glob> traceName,

        @Setting("Tag names of the trace and the patterns their values must match.")
        Map<String, Glob> tags,

        @Setting("Metadata names of the trace, such as `mlflow.trace.user`, and the patterns their values must match.")
        Map<String, Glob> metadata,

        @Setting("The prices; their times must not overlap.")
        List<Price> prices,

        @Setting(
                value =
                        "Whether the input tokens that a trace reports include the cached ones (`inside`, as OpenAI counts) or"
                                + " not (`beside`, as Anthropic counts).",
                byDefault = "inside")
        CachedTokens cachedTokens,

        Place place)
        implements CheckedElement {
    @Override
    public void check(Complaints complaints) {
        if (prices.isEmpty()) {
            complaints.error("prices", "are missing; give a price for each million input and output tokens");
        }
    }

    /** Where a trace counts the tokens of the cache. */
    public enum CachedTokens {
        INSIDE,
        BESIDE
    }

    /** Prices for some time. */
    public record Price(
            @Setting(value = "Price of a million input tokens.", min = "0", max = "1000000")
            BigDecimal input,

            @Setting(value = "Price of a million output tokens.", min = "0", max = "1000000")
            BigDecimal output,

            @Setting(
                    value = "Price of a million input tokens read from a cache. Unset: as `input`.",
                    min = "0",
                    max = "1000000")
            Optional<BigDecimal> cacheRead,

            @Setting(
                    value = "Price of a million input tokens written to a cache. Unset: as `input`.",
                    min = "0",
                    max = "1000000")
            Optional<BigDecimal> cacheCreation,

            @Setting("Currency (ISO 4217).") Optional<Currency> currency,

            @Setting("First instant it holds. Unset: since ever.")
            Optional<DateOrTime> validFrom,

            @Setting("First instant it no longer holds. Unset: for ever.")
            Optional<DateOrTime> validUntil,

            Place place) {}
}
