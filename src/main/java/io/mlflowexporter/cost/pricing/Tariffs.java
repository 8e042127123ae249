package io.mlflowexporter.cost.pricing;

import io.mlflowexporter.cost.pricing.Resource.Owned;
import io.mlflowexporter.cost.pricing.Resource.Price;
import io.mlflowexporter.cost.pricing.Tariff.Piece;
import io.mlflowexporter.settings.value.DateOrTime;
import java.math.BigDecimal;
import java.math.MathContext;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Currency;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What every unit of every resource of a cost book costs per hour, over time. */
public final class Tariffs {
    private static final MathContext PRECISION = MathContext.DECIMAL128;
    private static final BigDecimal MILLIS_PER_HOUR = new BigDecimal(3_600_000);
    private static final BigDecimal WATTS_PER_KILOWATT = new BigDecimal(1000);

    private final Map<String, Tariff> byUnit;
    private final Converter converter;
    private final Optional<Currency> reportCurrency;

    private Tariffs(Map<String, Tariff> byUnit, Converter converter, Optional<Currency> reportCurrency) {
        this.byUnit = Collections.unmodifiableMap(new LinkedHashMap<>(byUnit));
        this.converter = converter;
        this.reportCurrency = reportCurrency;
    }

    /** The tariffs of a book, each price in the currency it was given in. */
    public static Tariffs of(LoadedPricingFile loaded) {
        PricingFile book = loaded.book();
        Map<String, List<Piece>> pieces = new LinkedHashMap<>();
        for (Resource resource : book.resources()) {
            for (Price price : loaded.prices(resource)) {
                String currency =
                        price.currency().or(book::currency).orElseThrow().getCurrencyCode();
                units(resource.name(), price)
                        .forEach((unit, perHour) -> pieces.computeIfAbsent(unit, u -> new ArrayList<>())
                                .add(new Piece(
                                        from(price.validFrom(), book.timeZone()),
                                        until(price.validUntil(), book.timeZone()),
                                        perHour.doubleValue(),
                                        currency,
                                        price.source())));
            }
        }
        Map<String, Tariff> byUnit = new LinkedHashMap<>();
        pieces.forEach((unit, list) -> byUnit.put(unit, new Tariff(unit, list)));
        return new Tariffs(byUnit, Converter.of(book), book.reportCurrency());
    }

    /** In the order of the book. */
    public Map<String, Tariff> byUnit() {
        return byUnit;
    }

    /** The rates between currencies, for amounts beside prices. */
    public Converter converter() {
        return converter;
    }

    /** In the currency that costs are shown in; these tariffs where the book names none. */
    public Tariffs reported() {
        return reportCurrency.map(this::in).orElse(this);
    }

    /** In one currency; a price stays in its own for the times the book has no conversion for. */
    Tariffs in(Currency currency) {
        Map<String, Tariff> converted = new LinkedHashMap<>();
        byUnit.forEach((unit, tariff) -> converted.put(unit, converter.convert(tariff, currency.getCurrencyCode())));
        return new Tariffs(converted, converter, reportCurrency);
    }

    public static long from(Optional<DateOrTime> from, ZoneId zone) {
        return from.map(when -> when.millis(zone)).orElse(Long.MIN_VALUE);
    }

    public static long until(Optional<DateOrTime> until, ZoneId zone) {
        return until.map(when -> when.millis(zone)).orElse(Long.MAX_VALUE);
    }

    /** Unit to what one costs for an hour, factors included. */
    private static Map<String, BigDecimal> units(String resource, Price price) {
        Map<String, BigDecimal> units = new LinkedHashMap<>();
        price.perHour().ifPresent(perHour -> units.put(resource, perHour));
        price.owned().ifPresent(owned -> units.put(resource, perHour(owned)));
        price.rates().ifPresent(rates -> rates.parts().forEach((part, rate) -> units.put(resource + "/" + part, rate)));
        BigDecimal factor =
                price.factors().values().stream().reduce(BigDecimal.ONE, (a, b) -> a.multiply(b, PRECISION));
        units.replaceAll((unit, perHour) -> perHour.multiply(factor, PRECISION));
        return units;
    }

    private static BigDecimal perHour(Owned owned) {
        BigDecimal lifetimeHours =
                BigDecimal.valueOf(owned.lifetime().toMillis()).divide(MILLIS_PER_HOUR, PRECISION);
        BigDecimal purchase = owned.purchasePrice().divide(lifetimeHours.multiply(owned.shareOfUse()), PRECISION);
        BigDecimal power = owned.watts()
                .divide(WATTS_PER_KILOWATT, PRECISION)
                .multiply(owned.pue())
                .multiply(owned.pricePerKwh());
        return purchase.add(power, PRECISION);
    }
}
