package io.mlflowexporter.cost.pricing;

import io.mlflowexporter.cost.pricing.Resource.Provenance;
import java.util.Comparator;
import java.util.List;

/**
 * What one unit of a resource costs per hour, over time.
 *
 * @param resource value of the {@code resource} label: the resource's name, for one priced by rates followed by the
 *     part, such as {@code node/vcpu}
 * @param pieces in order of time, not overlapping; where there is none, nothing is known of the price
 */
public record Tariff(String resource, List<Piece> pieces) {
    /** A price as the cost book has it. */
    public record Given(double perHour, String currency) {}

    /**
     * A price in force for some time.
     *
     * @param fromMillis Unix milliseconds, {@code Long.MIN_VALUE} for since ever
     * @param untilMillis Unix milliseconds, exclusive, {@code Long.MAX_VALUE} for for ever
     * @param perHour not negative
     * @param currency ISO 4217
     * @param given the price before any conversion: budgets convert that, and not what was already converted
     */
    public record Piece(
            long fromMillis, long untilMillis, double perHour, String currency, Provenance source, Given given) {
        /** A price in the currency it was given in. */
        public Piece(long fromMillis, long untilMillis, double perHour, String currency, Provenance source) {
            this(fromMillis, untilMillis, perHour, currency, source, new Given(perHour, currency));
        }

        /** The same price for another time. */
        Piece within(long from, long until) {
            return new Piece(from, until, perHour, currency, source, given);
        }

        /** The same price in another currency for some time. */
        Piece converted(StepFunction.Step rate, String to) {
            return new Piece(rate.fromMillis(), rate.untilMillis(), perHour * rate.value(), to, source, given);
        }
    }

    public Tariff {
        pieces = pieces.stream()
                .sorted(Comparator.comparingLong(Piece::fromMillis))
                .toList();
        for (int i = 1; i < pieces.size(); i++) {
            if (pieces.get(i).fromMillis() < pieces.get(i - 1).untilMillis()) {
                throw new IllegalArgumentException("prices of " + resource + " overlap");
            }
        }
    }
}
