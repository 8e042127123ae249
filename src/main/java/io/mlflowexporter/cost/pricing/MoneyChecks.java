package io.mlflowexporter.cost.pricing;

import io.mlflowexporter.cost.pricing.PricingFile.Budget;
import io.mlflowexporter.cost.pricing.PricingFile.Conversion;
import io.mlflowexporter.cost.pricing.PricingFile.Overhead;
import io.mlflowexporter.cost.pricing.Resource.Price;
import io.mlflowexporter.settings.Origin;
import io.mlflowexporter.settings.Place;
import io.mlflowexporter.settings.Problems;
import io.mlflowexporter.settings.value.Quoted;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.Currency;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/** What must hold of currencies, conversions, budgets, overheads and carbon intensities. */
final class MoneyChecks {
    static final String NO_CURRENCY = "is missing; give the currency here, or for the whole book at its top";

    private final PricingBinder bound;
    private final PricingFile book;
    private final Problems problems;

    /** Where an amount in some currency stands. */
    private record Amount(Currency currency, String what) {}

    private MoneyChecks(PricingBinder bound, Problems problems) {
        this.bound = bound;
        this.book = bound.book();
        this.problems = problems;
    }

    static void check(PricingBinder bound, Map<String, List<Price>> focusPrices, Problems problems) {
        MoneyChecks checks = new MoneyChecks(bound, problems);
        if (bound.sound("time_zone")) {
            checks.times(bound.book().timeZone());
        }
        checks.names();
        checks.currencies();
        if (bound.sound("conversions") && bound.sound("currency") && bound.sound("report_currency")) {
            checks.conversions(checks.prices(focusPrices));
        }
    }

    private void times(ZoneId zone) {
        Map<List<Currency>, List<Span>> conversions = new LinkedHashMap<>();
        for (Conversion conversion : book.conversions()) {
            conversions
                    .computeIfAbsent(List.of(conversion.from(), conversion.to()), pair -> new ArrayList<>())
                    .add(Span.of(
                            conversion.validFrom(),
                            conversion.validUntil(),
                            zone,
                            bound.path(conversion),
                            conversion.place()));
        }
        conversions.values().forEach(spans -> Span.checkDisjoint(spans, problems));
        Span.checkDisjoint(
                book.carbon().stream()
                        .map(c -> Span.of(c.validFrom(), c.validUntil(), zone, bound.path(c), c.place()))
                        .toList(),
                problems);
        for (LlmPriceRule rule : book.llmPrices()) {
            List<Span> spans = new ArrayList<>();
            for (int i = 0; i < rule.prices().size(); i++) {
                LlmPriceRule.Price price = rule.prices().get(i);
                spans.add(Span.of(price.validFrom(), price.validUntil(), zone, path(rule, i), price.place()));
            }
            Span.checkDisjoint(spans, problems);
        }
        book.overheads()
                .forEach(o -> Span.of(o.validFrom(), o.validUntil(), zone, bound.path(o), o.place())
                        .check(problems));
    }

    private String path(LlmPriceRule rule, int price) {
        return bound.path(rule) + ".prices[" + price + "]";
    }

    private void names() {
        Map<String, Place> names = new HashMap<>();
        for (Budget budget : book.budgets()) {
            Place first = names.putIfAbsent(budget.name(), budget.place());
            if (first != null) {
                problems.error(
                        PricingBinder.origin(budget.place()),
                        bound.path(budget) + ".name",
                        "is " + Quoted.shown(budget.name()) + ", as is that of " + first);
            }
        }
    }

    private void currencies() {
        if (!bound.sound("currency") || book.currency().isPresent()) {
            return;
        }
        for (Budget budget : book.budgets()) {
            if (budget.currency().isEmpty()) {
                problems.error(PricingBinder.origin(budget.place()), bound.path(budget) + ".currency", NO_CURRENCY);
            }
        }
        for (Overhead overhead : book.overheads()) {
            if (overhead.currency().isEmpty()) {
                problems.error(PricingBinder.origin(overhead.place()), bound.path(overhead) + ".currency", NO_CURRENCY);
            }
        }
        for (LlmPriceRule rule : book.llmPrices()) {
            for (int i = 0; i < rule.prices().size(); i++) {
                LlmPriceRule.Price price = rule.prices().get(i);
                if (price.currency().isEmpty()) {
                    problems.error(PricingBinder.origin(price.place()), path(rule, i) + ".currency", NO_CURRENCY);
                }
            }
        }
    }

    private List<Amount> prices(Map<String, List<Price>> focusPrices) {
        return book.resources().stream()
                .flatMap(resource -> Stream.concat(
                        resource.prices().stream(), focusPrices.getOrDefault(resource.name(), List.of()).stream()))
                .flatMap(price -> amount(price.currency(), "the price of " + price.place()).stream())
                .toList();
    }

    private Optional<Amount> amount(Optional<Currency> currency, String what) {
        return currency.or(book::currency).map(c -> new Amount(c, what));
    }

    private Stream<Amount> llmPrices() {
        return book.llmPrices().stream()
                .flatMap(rule -> rule.prices().stream())
                .flatMap(price -> amount(price.currency(), "the price of " + price.place()).stream());
    }

    private Stream<Amount> overhead(Overhead overhead) {
        return amount(overhead.currency(), "the overhead of " + overhead.place()).stream();
    }

    private void conversions(List<Amount> prices) {
        book.reportCurrency().ifPresent(to -> {
            List<Amount> amounts = new ArrayList<>(prices);
            book.overheads().stream().flatMap(this::overhead).forEach(amounts::add);
            llmPrices().forEach(amounts::add);
            missing(amounts, to, bound.origin("report_currency"), "report_currency");
        });
        for (Budget budget : book.budgets()) {
            // A budget converts the prices as they are given: no rates are chained.
            List<Amount> amounts = new ArrayList<>(prices);
            book.overheads().stream()
                    .filter(overhead -> budget.overheads().contains(overhead.category()))
                    .flatMap(this::overhead)
                    .forEach(amounts::add);
            if (budget.includes().contains(Budget.Spending.LLM)) {
                llmPrices().forEach(amounts::add);
                amounts.add(new Amount(Currency.getInstance("USD"), "the cost that MLflow gives LLM traces"));
            }
            budget.currency()
                    .or(book::currency)
                    .ifPresent(to -> missing(
                            amounts, to, PricingBinder.origin(budget.place()), bound.path(budget) + ".currency"));
        }
    }

    /** Currencies are never added, and what is not given is not guessed: no inverse rates, no chains of them. */
    private void missing(List<Amount> amounts, Currency to, Origin origin, String path) {
        Map<Currency, String> needed = new LinkedHashMap<>();
        amounts.stream()
                .filter(amount -> !amount.currency().equals(to))
                .filter(amount -> book.conversions().stream()
                        .noneMatch(c -> c.from().equals(amount.currency()) && c.to().equals(to)))
                .forEach(amount -> needed.putIfAbsent(amount.currency(), amount.what()));
        needed.forEach((from, what) -> problems.error(
                origin, path, "there is no conversion from " + from + " to " + to + ", which " + what + " needs"));
    }
}
