package io.mlflowexporter.cost.pricing;

import io.mlflowexporter.mlflow.traces.TraceTokens;
import io.mlflowexporter.settings.value.Glob;
import java.util.ArrayList;
import java.util.Currency;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.Set;
import java.util.function.BiFunction;

/**
 * What an LLM trace costs: the server's own cost, else the first rule of the pricing file that matches, else nothing is known. Never both.
 * Costs are in the pricing file's report currency where it has a rate at the trace's start, else in their own.
 */
public final class LlmPrices {
    /** Without a pricing file: the server's own cost alone. */
    public static final LlmPrices SERVER_ONLY =
            new LlmPrices(List.of(), (from, to) -> StepFunction.NONE, Optional.empty());

    private static final String USD = "USD";
    private static final double MILLION = 1e6;

    /** Who said what it costs. */
    public enum Source {
        /** The server. */
        MLFLOW,
        /** A rule of the pricing file. */
        PRICING_FILE,
        /** Nobody. */
        NONE;

        /** Value of the {@code source} label. */
        public String label() {
            return this == MLFLOW ? "mlflow" : this == PRICING_FILE ? "pricing_file" : "none";
        }
    }

    /**
     * What a trace costs.
     *
     * @param currency ISO 4217; empty where nothing is known
     */
    public record Charge(Source source, String currency, double amount) {
        /** Nothing is known. */
        public static final Charge UNKNOWN = new Charge(Source.NONE, "", 0);
    }

    /**
     * What a price depends on.
     *
     * @param notes tags and metadata by {@code tag:NAME} and {@code metadata:NAME}
     * @param traces false for the sum of many, of which neither names nor notes are known: rules about these do not match
     * @param costUsd the server's own; NaN where it says none
     */
    public record Call(
            String workspace,
            String experiment,
            String name,
            Map<String, String> notes,
            boolean traces,
            double input,
            double output,
            double cacheRead,
            double cacheCreation,
            double costUsd,
            long startMillis) {
        /** One trace. */
        public static Call of(
                String workspace,
                String experiment,
                String name,
                Map<String, String> notes,
                TraceTokens tokens,
                double costUsd,
                long startMillis) {
            return new Call(
                    workspace,
                    experiment,
                    name,
                    notes,
                    true,
                    tokens.input(),
                    tokens.output(),
                    tokens.cacheRead(),
                    tokens.cacheCreation(),
                    costUsd,
                    startMillis);
        }

        /** All tokens, those of the cache as its provider counts them left out. */
        public double tokens() {
            return input + output;
        }
    }

    private record Rule(LlmPriceRule rule, List<Piece> pieces) {}

    private record Piece(long fromMillis, long untilMillis, LlmPriceRule.Price price, String currency) {}

    private final List<Rule> rules;
    private final BiFunction<String, String, StepFunction> rates;
    private final Optional<String> reportCurrency;

    private LlmPrices(
            List<Rule> rules, BiFunction<String, String, StepFunction> rates, Optional<String> reportCurrency) {
        this.rules = rules;
        this.rates = rates;
        this.reportCurrency = reportCurrency;
    }

    /**
     * The prices of a pricing file.
     *
     * @param rates from one currency to another over time
     */
    public static LlmPrices of(PricingFile book, BiFunction<String, String, StepFunction> rates) {
        List<Rule> rules = new ArrayList<>();
        for (LlmPriceRule rule : book.llmPrices()) {
            List<Piece> pieces = new ArrayList<>();
            for (LlmPriceRule.Price price : rule.prices()) {
                pieces.add(new Piece(
                        Tariffs.from(price.validFrom(), book.timeZone()),
                        Tariffs.until(price.validUntil(), book.timeZone()),
                        price,
                        price.currency().or(book::currency).orElseThrow().getCurrencyCode()));
            }
            rules.add(new Rule(rule, pieces));
        }
        return new LlmPrices(rules, rates, book.reportCurrency().map(Currency::getCurrencyCode));
    }

    /** Names of the traces' tags that rules look at. */
    public Set<String> tags() {
        Set<String> tags = new HashSet<>();
        rules.forEach(rule -> tags.addAll(rule.rule.tags().keySet()));
        return tags;
    }

    /** Names of the traces' metadata that rules look at. */
    public Set<String> metadata() {
        Set<String> metadata = new HashSet<>();
        rules.forEach(rule -> metadata.addAll(rule.rule.metadata().keySet()));
        return metadata;
    }

    /** What a trace costs, or many together. */
    public Charge charge(Call call) {
        if (!Double.isNaN(call.costUsd)) {
            return usd(call.costUsd, call.startMillis);
        }
        if (call.tokens() + call.cacheRead + call.cacheCreation == 0) {
            return Charge.UNKNOWN;
        }
        for (Rule rule : rules) {
            if (matches(rule.rule, call)) {
                // A rule whose prices do not hold at that time does not make way for the next one.
                return rule.pieces.stream()
                        .filter(piece -> piece.fromMillis <= call.startMillis && call.startMillis < piece.untilMillis)
                        .findFirst()
                        .map(piece -> reported(
                                Source.PRICING_FILE,
                                piece.currency,
                                amount(piece.price, rule.rule.cachedTokens(), call),
                                call.startMillis))
                        .orElse(Charge.UNKNOWN);
            }
        }
        return Charge.UNKNOWN;
    }

    /** An amount that MLflow gives, which is always in US dollars. */
    public Charge usd(double amount, long atMillis) {
        return reported(Source.MLFLOW, USD, amount, atMillis);
    }

    private Charge reported(Source source, String currency, double amount, long atMillis) {
        String to = reportCurrency.orElse(currency);
        OptionalDouble rate = rates(currency, to).at(atMillis);
        return rate.isPresent()
                ? new Charge(source, to, amount * rate.getAsDouble())
                : new Charge(source, currency, amount);
    }

    private StepFunction rates(String from, String to) {
        return from.equals(to) ? StepFunction.always(1) : rates.apply(from, to);
    }

    /** The cost of so many tokens at prices for a million. */
    static double amount(LlmPriceRule.Price price, LlmPriceRule.CachedTokens cached, Call call) {
        double input = price.input().doubleValue();
        double cacheRead = price.cacheRead().orElse(price.input()).doubleValue();
        double cacheCreation = price.cacheCreation().orElse(price.input()).doubleValue();
        double uncached = cached == LlmPriceRule.CachedTokens.INSIDE
                ? Math.max(0, call.input - call.cacheRead - call.cacheCreation)
                : call.input;
        return (uncached * input
                        + call.cacheRead * cacheRead
                        + call.cacheCreation * cacheCreation
                        + call.output * price.output().doubleValue())
                / MILLION;
    }

    private static boolean matches(LlmPriceRule rule, Call call) {
        boolean ofTraces = !(rule.traceName().isEmpty()
                && rule.tags().isEmpty()
                && rule.metadata().isEmpty());
        return Glob.anyOf(rule.experiment(), call.experiment)
                && Glob.anyOf(rule.workspace(), call.workspace)
                && (call.traces || !ofTraces)
                && Glob.anyOf(rule.traceName(), call.name)
                && all("tag:", rule.tags(), call.notes)
                && all("metadata:", rule.metadata(), call.notes);
    }

    private static boolean all(String prefix, Map<String, Glob> patterns, Map<String, String> notes) {
        return patterns.entrySet().stream().allMatch(pattern -> {
            String value = notes.get(prefix + pattern.getKey());
            return value != null && pattern.getValue().matches(value);
        });
    }
}
