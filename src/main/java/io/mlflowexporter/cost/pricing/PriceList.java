package io.mlflowexporter.cost.pricing;

import io.mlflowexporter.cost.pricing.PricingFile.Overhead;
import java.time.Instant;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.TreeMap;
import java.util.function.BiFunction;

/** The prices, rates and overheads of a cost book, for whoever computes with what has not happened. Any thread may ask. */
public final class PriceList {
    private final PricingFile book;
    private final Map<String, Tariff> tariffs;
    private final BiFunction<String, String, StepFunction> rates;

    /**
     * A price as the cost book has it.
     *
     * @param resource as in the {@code resource} label: of what is priced by its parts a part, such as {@code node/vcpu}
     * @param perHour factors applied
     * @param source list, contract or estimate
     * @param validFrom empty for since ever
     * @param validUntil exclusive, empty for for ever
     */
    public record Price(
            String resource,
            double perHour,
            String currency,
            String source,
            Optional<Instant> validFrom,
            Optional<Instant> validUntil) {}

    /** An amount as costs are shown, and the rate it was converted by, 1 where it was not. */
    public record Reported(double amount, String currency, double rate) {}

    public PriceList(PricingFile book, Map<String, Tariff> tariffs, BiFunction<String, String, StepFunction> rates) {
        this.book = book;
        this.tariffs = tariffs;
        this.rates = rates;
    }

    /** Where the book's days begin. */
    public ZoneId zone() {
        return book.timeZone();
    }

    /** Everything that can have a price, in the order of the book. */
    public List<String> names() {
        List<String> names = new ArrayList<>();
        book.resources()
                .forEach(resource -> tariffs.keySet().stream()
                        .filter(unit -> unit.equals(resource.name()) || unit.startsWith(resource.name() + "/"))
                        .filter(unit -> !names.contains(unit))
                        .forEach(names::add));
        return names;
    }

    /** All prices of a name, in order of time. */
    public List<Price> prices(String name) {
        Tariff tariff = tariffs.get(name);
        return tariff == null
                ? List.of()
                : tariff.pieces().stream().map(piece -> price(name, piece)).toList();
    }

    /** The price in force. */
    public Optional<Price> at(String name, Instant at) {
        return prices(name).stream()
                .filter(price ->
                        price.validFrom().map(from -> !at.isBefore(from)).orElse(true)
                                && price.validUntil().map(at::isBefore).orElse(true))
                .findFirst();
    }

    private static Price price(String name, Tariff.Piece piece) {
        return new Price(
                name,
                piece.perHour(),
                piece.currency(),
                piece.source().name().toLowerCase(Locale.ROOT),
                piece.fromMillis() == Long.MIN_VALUE
                        ? Optional.empty()
                        : Optional.of(Instant.ofEpochMilli(piece.fromMillis())),
                piece.untilMillis() == Long.MAX_VALUE
                        ? Optional.empty()
                        : Optional.of(Instant.ofEpochMilli(piece.untilMillis())));
    }

    /** In the book's report currency, by the rate of a time; as it is where there is none. */
    public Reported reported(double amount, String currency, Instant at) {
        String shown = book.reportCurrency().map(it -> it.getCurrencyCode()).orElse(currency);
        OptionalDouble rate = rates.apply(currency, shown).at(at.toEpochMilli());
        return rate.isPresent()
                ? new Reported(amount * rate.getAsDouble(), shown, rate.getAsDouble())
                : new Reported(amount, currency, 1);
    }

    /** What is spent beside computing from one instant to another, each in the currency it was given in. */
    public Map<Overhead.Category, Map<String, Double>> overheads(Instant from, Instant until) {
        Map<Overhead.Category, Map<String, Double>> spent = new EnumMap<>(Overhead.Category.class);
        for (Overhead overhead : book.overheads()) {
            String currency =
                    overhead.currency().or(book::currency).orElseThrow().getCurrencyCode();
            double amount =
                    new OverheadSchedule(overhead, book.timeZone()).spent(from.toEpochMilli(), until.toEpochMilli());
            if (amount > 0) {
                spent.computeIfAbsent(overhead.category(), category -> new TreeMap<>())
                        .merge(currency, amount, Double::sum);
            }
        }
        return spent;
    }
}
