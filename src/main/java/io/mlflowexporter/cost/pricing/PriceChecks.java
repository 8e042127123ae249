package io.mlflowexporter.cost.pricing;

import io.mlflowexporter.cost.pricing.Resource.Price;
import io.mlflowexporter.settings.Place;
import io.mlflowexporter.settings.Problems;
import io.mlflowexporter.settings.value.Quoted;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/** What must hold between a resource and its prices, and between resources. */
final class PriceChecks {
    private final PricingBinder bound;
    private final Problems problems;

    private PriceChecks(PricingBinder bound, Problems problems) {
        this.bound = bound;
        this.problems = problems;
    }

    static void check(PricingBinder bound, Map<String, List<Price>> focusPrices, Problems problems) {
        PriceChecks checks = new PriceChecks(bound, problems);
        Map<String, Place> names = new HashMap<>();
        for (Resource resource : bound.book().resources()) {
            Place first = names.putIfAbsent(resource.name(), resource.place());
            if (first != null) {
                checks.error(resource, "", "is named " + Quoted.shown(resource.name()) + ", as is " + first);
            }
            checks.kinds(resource);
            checks.times(resource, focusPrices.getOrDefault(resource.name(), List.of()));
            checks.currencies(resource);
        }
        if (bound.sound("resources") && bound.book().resources().isEmpty()) {
            problems.warning(bound.origin("resources"), "resources", "there are none, so that nothing has a price");
        }
    }

    /** Rates make several units of a resource and other prices one, so a resource has either. */
    private void kinds(Resource resource) {
        long byRates = resource.prices().stream()
                .filter(price -> price.rates().isPresent())
                .count();
        boolean mixed = byRates > 0
                && (byRates < resource.prices().size() || resource.focus().isPresent());
        if (mixed) {
            error(
                    resource,
                    "",
                    "has prices by rates and others; its prices must be all by rates or none: make two resources of it");
        } else if (byRates > 0) {
            parts(resource);
        }
    }

    private void parts(Resource resource) {
        Set<String> all = resource.prices().stream()
                .flatMap(price -> price.rates().stream())
                .flatMap(rates -> rates.parts().keySet().stream())
                .collect(Collectors.toSet());
        for (int i = 0; i < resource.prices().size(); i++) {
            Price price = resource.prices().get(i);
            Set<String> own = price.rates().map(rates -> rates.parts().keySet()).orElse(Set.of());
            String missing =
                    all.stream().filter(part -> !own.contains(part)).sorted().collect(Collectors.joining(", "));
            if (!missing.isEmpty()) {
                problems.warning(
                        PricingBinder.origin(price.place()),
                        bound.path(resource) + ".prices[" + i + "].rates",
                        "has no rate for " + missing + ", as others of the resource have: unpriced while it holds");
            }
        }
    }

    private void times(Resource resource, List<Price> focusPrices) {
        if (!bound.sound("time_zone")) {
            return;
        }
        ZoneId zone = bound.book().timeZone();
        List<Span> spans = new ArrayList<>();
        for (Price price : focusPrices) {
            spans.add(Span.of(price.validFrom(), price.validUntil(), zone, "", price.place()));
        }
        for (int i = 0; i < resource.prices().size(); i++) {
            Price price = resource.prices().get(i);
            String path = bound.path(resource) + ".prices[" + i + "]";
            spans.add(Span.of(price.validFrom(), price.validUntil(), zone, path, price.place()));
        }
        Span.checkDisjoint(spans, problems);
    }

    private void currencies(Resource resource) {
        if (!bound.sound("currency") || bound.book().currency().isPresent()) {
            return;
        }
        for (int i = 0; i < resource.prices().size(); i++) {
            Price price = resource.prices().get(i);
            if (price.currency().isEmpty()) {
                problems.error(
                        PricingBinder.origin(price.place()),
                        bound.path(resource) + ".prices[" + i + "].currency",
                        MoneyChecks.NO_CURRENCY);
            }
        }
    }

    private void error(Resource resource, String key, String message) {
        problems.error(PricingBinder.origin(resource.place()), bound.path(resource) + key, message);
    }
}
