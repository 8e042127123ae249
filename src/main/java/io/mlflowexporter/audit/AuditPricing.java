package io.mlflowexporter.audit;

import io.mlflowexporter.audit.expected.AuditPhases;
import io.mlflowexporter.audit.server.MlflowContent.Run;
import io.mlflowexporter.cost.pricing.LoadedPricingFile;
import io.mlflowexporter.cost.pricing.PricingFile;
import io.mlflowexporter.cost.pricing.Quantity;
import io.mlflowexporter.cost.pricing.Resource;
import io.mlflowexporter.cost.pricing.UsageRule;
import io.mlflowexporter.cost.pricing.Use;
import io.mlflowexporter.settings.value.DateOrTime;
import java.math.BigDecimal;
import java.math.MathContext;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Currency;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/** The cost book's prices and rules, as {@code docs/cost-model.md} says they are meant, in exact decimals. */
final class AuditPricing {
    static final MathContext EXACT = MathContext.DECIMAL128;
    static final BigDecimal MILLIS_PER_HOUR = new BigDecimal(3_600_000);

    /** A price of one unit for an hour, and when it holds. */
    record Price(long from, long until, BigDecimal perHour, String currency, String source) {
        Price within(long begin, long end) {
            return new Price(Math.max(from, begin), Math.min(until, end), perHour, currency, source);
        }

        /** The same at another time. */
        Price at(long begin, long end) {
            return new Price(begin, end, perHour, currency, source);
        }
    }

    /** What is spent evenly at so much an hour. */
    static BigDecimal cost(BigDecimal perHour, long from, long until) {
        return cost(perHour, new BigDecimal(Math.max(0, until - from)));
    }

    /** What so many milliseconds cost. */
    static BigDecimal cost(BigDecimal perHour, BigDecimal millis) {
        return millis.multiply(perHour).divide(MILLIS_PER_HOUR, EXACT);
    }

    /** The day of a time, by the book's time zone. */
    LocalDate day(long millis) {
        return Instant.ofEpochMilli(millis).atZone(zone).toLocalDate();
    }

    /** When a day begins, which is not always at midnight. */
    long start(LocalDate day) {
        return day.atStartOfDay(zone).toInstant().toEpochMilli();
    }

    /** So many of a unit. */
    record Part(String unit, BigDecimal quantity) {}

    private final LoadedPricingFile loaded;
    private final PricingFile book;
    private final ZoneId zone;
    private final Map<String, List<Price>> given = new LinkedHashMap<>();
    private final Map<String, Resource> resources = new HashMap<>();

    AuditPricing(LoadedPricingFile loaded) {
        this.loaded = loaded;
        this.book = loaded.book();
        this.zone = book.timeZone();
        for (Resource resource : book.resources()) {
            resources.put(resource.name(), resource);
            for (Resource.Price price : loaded.prices(resource)) {
                units(resource.name(), price)
                        .forEach((unit, perHour) -> given.computeIfAbsent(unit, u -> new ArrayList<>())
                                .add(new Price(
                                        from(price.validFrom()),
                                        until(price.validUntil()),
                                        perHour,
                                        code(price.currency()),
                                        price.source().name().toLowerCase(Locale.ROOT))));
            }
        }
        given.values().forEach(prices -> prices.sort(Comparator.comparingLong(Price::from)));
    }

    PricingFile config() {
        return book;
    }

    String code(Optional<Currency> currency) {
        return currency.or(book::currency).orElseThrow().getCurrencyCode();
    }

    long from(Optional<DateOrTime> when) {
        return when.map(it -> it.millis(zone)).orElse(Long.MIN_VALUE);
    }

    long until(Optional<DateOrTime> when) {
        return when.map(it -> it.millis(zone)).orElse(Long.MAX_VALUE);
    }

    private static Map<String, BigDecimal> units(String resource, Resource.Price price) {
        Map<String, BigDecimal> units = new LinkedHashMap<>();
        price.perHour().ifPresent(it -> units.put(resource, it));
        price.rates().ifPresent(rates -> {
            rates.vcpu().ifPresent(it -> units.put(resource + "/vcpu", it));
            rates.gib().ifPresent(it -> units.put(resource + "/gib", it));
            rates.gpu().forEach((model, it) -> units.put(resource + "/gpu:" + model, it));
        });
        price.owned().ifPresent(owned -> {
            BigDecimal hours = new BigDecimal(owned.lifetime().toMillis())
                    .multiply(owned.shareOfUse())
                    .divide(MILLIS_PER_HOUR, EXACT);
            BigDecimal power = owned.watts()
                    .multiply(owned.pue())
                    .multiply(owned.pricePerKwh())
                    .movePointLeft(3);
            units.put(resource, owned.purchasePrice().divide(hours, EXACT).add(power));
        });
        for (BigDecimal factor : price.factors().values()) {
            units.replaceAll((unit, perHour) -> perHour.multiply(factor, EXACT));
        }
        return units;
    }

    /** The units that have any price. */
    Iterable<String> units() {
        return given.keySet();
    }

    /** Prices of a unit in a time, as the book gives them, in order. */
    List<Price> given(String unit, long begin, long end) {
        return given.getOrDefault(unit, List.of()).stream()
                .map(price -> price.within(begin, end))
                .filter(price -> price.from() < price.until())
                .toList();
    }

    /** The same in the currency that costs are shown in, as far as there are rates. */
    List<Price> shown(Price price) {
        return book.reportCurrency()
                .map(to -> converted(price, to.getCurrencyCode(), true))
                .orElse(List.of(price));
    }

    /**
     * A price in another currency.
     *
     * @param keep whether times without a rate stay in the price's own; else they are left out
     */
    List<Price> converted(Price price, String to, boolean keep) {
        if (price.currency().equals(to)) {
            return List.of(price);
        }
        List<Price> all = new ArrayList<>();
        long at = price.from();
        List<PricingFile.Conversion> rates = book.conversions().stream()
                .filter(rate -> rate.from().getCurrencyCode().equals(price.currency())
                        && rate.to().getCurrencyCode().equals(to))
                .sorted(Comparator.comparingLong(rate -> from(rate.validFrom())))
                .toList();
        for (PricingFile.Conversion rate : rates) {
            Price inside = price.within(from(rate.validFrom()), until(rate.validUntil()));
            if (inside.from() < inside.until()) {
                if (keep && at < inside.from()) {
                    all.add(price.within(at, inside.from()));
                }
                all.add(new Price(
                        inside.from(),
                        inside.until(),
                        price.perHour().multiply(rate.rate(), EXACT),
                        to,
                        price.source()));
                at = inside.until();
            }
        }
        if (keep && at < price.until()) {
            all.add(price.within(at, price.until()));
        }
        return all;
    }

    /** The first rule that matches a run. */
    Optional<UsageRule> rule(Run run) {
        return book.rules().stream()
                .filter(rule ->
                        AuditPhases.any(rule.experiment(), run.experiment().name())
                                && AuditPhases.any(rule.workspace(), "")
                                && AuditPhases.any(rule.phase(), run.phase())
                                && AuditPhases.any(rule.user(), run.user())
                                && AuditPhases.any(rule.source(), run.tags().getOrDefault("mlflow.source.name", ""))
                                && AuditPhases.any(rule.runName(), run.name())
                                && AuditPhases.all(rule.tags(), run.tags())
                                && AuditPhases.all(rule.params(), run.params()))
                .findFirst();
    }

    /** What a run has in common with the others that use its machine; empty where the machine is its own. */
    Optional<String> machine(Run run) {
        Optional<String> shared = rule(run).flatMap(UsageRule::sharedBy);
        return shared.flatMap(by -> text(by, run))
                .filter(value -> !value.isEmpty())
                .map(value -> shared.get() + "=" + value);
    }

    /** What a run used; empty where that is not known. */
    Optional<List<Part>> uses(Run run) {
        Resource hinted =
                book.trustRunHints() ? resources.get(run.tags().getOrDefault("mlflow-exporter.resource", "")) : null;
        if (hinted != null && !byRates(hinted)) {
            String told = run.tags().getOrDefault("mlflow-exporter.count", "1");
            return Quantity.number(told).map(count -> List.of(new Part(hinted.name(), count)));
        }
        Optional<UsageRule> rule = rule(run);
        List<Use> uses = rule.map(it -> it.uses().orElse(List.of())).orElse(book.defaultUses());
        if (rule.isEmpty() && uses.isEmpty()) {
            return Optional.empty();
        }
        List<Part> parts = new ArrayList<>();
        for (Use use : uses) {
            Optional<List<Part>> some = parts(use, run);
            if (some.isEmpty()) {
                return Optional.empty();
            }
            parts.addAll(some.get());
        }
        return Optional.of(parts);
    }

    private boolean byRates(Resource resource) {
        return resource.prices().stream().anyMatch(price -> price.rates().isPresent());
    }

    private Optional<List<Part>> parts(Use use, Run run) {
        Resource resource = resources.get(use.resource());
        Optional<BigDecimal> count = number(use.count(), run);
        if (resource == null || count.isEmpty()) {
            return Optional.empty();
        }
        if (!byRates(resource)) {
            return Optional.of(List.of(new Part(resource.name(), count.get())));
        }
        List<Part> parts = new ArrayList<>();
        Map<String, Optional<Quantity>> each = new LinkedHashMap<>();
        each.put("vcpu", use.vcpus());
        each.put("gib", use.memoryGib());
        each.put("gpu:", use.gpus());
        for (Map.Entry<String, Optional<Quantity>> entry : each.entrySet()) {
            if (entry.getValue().isEmpty()) {
                continue;
            }
            Optional<BigDecimal> number = number(entry.getValue().get(), run);
            if (number.isEmpty()) {
                return Optional.empty();
            }
            BigDecimal quantity = number.get().multiply(count.get());
            String unit = resource.name() + "/" + entry.getKey();
            if (entry.getKey().equals("gpu:") && quantity.signum() > 0) {
                Optional<String> model = text(use.gpuModel().orElse(""), run);
                if (model.isEmpty()) {
                    return Optional.empty();
                }
                unit += model.get();
            }
            parts.add(new Part(unit, quantity));
        }
        return Optional.of(parts);
    }

    private static Optional<BigDecimal> number(Quantity quantity, Run run) {
        Map<String, String> values = quantity.source() == Quantity.Source.PARAM ? run.params() : run.tags();
        return !quantity.name().isEmpty() && values.containsKey(quantity.name())
                ? Quantity.number(values.getOrDefault(quantity.name(), ""))
                : quantity.number();
    }

    private static Optional<String> text(String text, Run run) {
        if (text.startsWith("tag:")) {
            return Optional.ofNullable(run.tags().get(text.substring("tag:".length())));
        }
        if (text.startsWith("param:")) {
            return Optional.ofNullable(run.params().get(text.substring("param:".length())));
        }
        return Optional.of(text);
    }

    @Override
    public String toString() {
        return loaded.file().toString();
    }
}
