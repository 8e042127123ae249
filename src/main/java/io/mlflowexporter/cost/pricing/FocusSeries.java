package io.mlflowexporter.cost.pricing;

import io.mlflowexporter.cost.pricing.Resource.Focus;
import io.mlflowexporter.cost.pricing.Resource.Price;
import io.mlflowexporter.cost.pricing.Resource.Provenance;
import io.mlflowexporter.settings.Origin;
import io.mlflowexporter.settings.Place;
import io.mlflowexporter.settings.Problems;
import io.mlflowexporter.settings.value.DateOrTime;
import io.mlflowexporter.settings.value.Quoted;
import java.math.BigDecimal;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Currency;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The prices one resource has in a FOCUS file, put together from charges in any order. */
final class FocusSeries {
    private final Resource resource;
    private final Focus focus;
    /** Charge to the line it stood in first; the same one stands in a file again for every machine and day. */
    private final Map<Charge, Integer> charges = new LinkedHashMap<>();

    private boolean skuSeen;
    private boolean failed;

    /** What a row says was charged per hour in a time; the end is exclusive. */
    record Charge(Instant start, Instant end, BigDecimal perHour, Currency currency) {}

    /** A price and the time its charges have covered so far. */
    private record Open(Charge first, int line, Instant coveredUntil) {
        boolean samePrice(Charge charge) {
            return first.perHour().compareTo(charge.perHour()) == 0
                    && first.currency().equals(charge.currency());
        }

        Open extended(Instant end) {
            return end.isAfter(coveredUntil) ? new Open(first, line, end) : this;
        }
    }

    FocusSeries(Resource resource, Focus focus) {
        this.resource = resource;
        this.focus = focus;
    }

    Focus focus() {
        return focus;
    }

    /** A row of the SKU was there, whether or not it has a price. */
    void seen() {
        skuSeen = true;
    }

    /** The file could not be read to its end; whatever is missing, that has been told. */
    void failed() {
        failed = true;
    }

    void add(Charge charge, int line) {
        charges.putIfAbsent(charge, line);
    }

    /**
     * The prices in order of time. A price holds from the start of its first charge until a charge has another price,
     * through times without charges, and the last one for ever: that nothing was bought says nothing of the price.
     */
    List<Price> prices(Problems problems) {
        if (charges.isEmpty()) {
            if (!failed) {
                none(problems);
            }
            return List.of();
        }
        List<Map.Entry<Charge, Integer>> inOrder = charges.entrySet().stream()
                .sorted(Map.Entry.comparingByKey(
                        Comparator.comparing(Charge::start).thenComparing(Charge::end)))
                .toList();
        List<Price> prices = new ArrayList<>();
        Optional<Open> open = Optional.empty();
        for (Map.Entry<Charge, Integer> entry : inOrder) {
            Charge charge = entry.getKey();
            Open next = new Open(charge, entry.getValue(), charge.end());
            if (open.isEmpty()) {
                open = Optional.of(next);
            } else if (open.get().samePrice(charge)) {
                open = Optional.of(open.get().extended(charge.end()));
            } else if (charge.start().isBefore(open.get().coveredUntil())) {
                conflict(open.get(), next, problems);
                return List.of();
            } else {
                prices.add(price(open.get(), Optional.of(DateOrTime.at(charge.start()))));
                open = Optional.of(next);
            }
        }
        open.ifPresent(last -> prices.add(price(last, Optional.empty())));
        return List.copyOf(prices);
    }

    private Price price(Open open, Optional<DateOrTime> until) {
        return new Price(
                Optional.of(open.first().perHour()),
                Optional.empty(),
                Optional.empty(),
                Optional.of(open.first().currency()),
                Optional.of(DateOrTime.at(open.first().start())),
                until,
                focus.column() == Focus.Column.LIST_UNIT_PRICE ? Provenance.LIST : Provenance.CONTRACT,
                Optional.of("FOCUS, SkuId " + focus.skuId()),
                Map.of(),
                new Place(focus.file().toString(), open.line()));
    }

    private void conflict(Open one, Open other, Problems problems) {
        boolean later = other.line() > one.line();
        Open blamed = later ? other : one;
        problems.error(
                Origin.file(focus.file().toString(), blamed.line()),
                "",
                "the price of SkuId " + Quoted.shown(focus.skuId()) + ", " + shown(blamed.first())
                        + ", holds at the same time as " + shown((later ? one : other).first()) + " in line "
                        + (later ? one : other).line() + ": one price must be chosen, with sku_price_id or region_id");
    }

    private static String shown(Charge charge) {
        return charge.perHour().toPlainString() + " " + charge.currency();
    }

    private void none(Problems problems) {
        StringBuilder sku = new StringBuilder("SkuId ").append(Quoted.shown(focus.skuId()));
        focus.skuPriceId().ifPresent(id -> sku.append(", SkuPriceId ").append(Quoted.shown(id)));
        focus.regionId().ifPresent(id -> sku.append(", RegionId ").append(Quoted.shown(id)));
        problems.error(
                PricingBinder.origin(resource.place()),
                resource.name() + ".focus",
                focus.file() + " has no row with " + sku + (skuSeen ? " that is charged by use and has a price" : ""));
    }
}
