package io.mlflowexporter.cost.pricing;

import io.mlflowexporter.cost.pricing.PricingFile.Conversion;
import io.mlflowexporter.cost.pricing.StepFunction.Step;
import io.mlflowexporter.cost.pricing.Tariff.Piece;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The fixed rates between currencies. Only what the cost book gives is used: a rate from one currency to another says
 * nothing of the way back, and two rates are never chained.
 */
public final class Converter {
    /** From and to. */
    private record Pair(String from, String to) {}

    private final Map<Pair, StepFunction> rates = new HashMap<>();

    private Converter() {}

    /** The conversions of a book, its dates in its time zone. */
    static Converter of(PricingFile book) {
        Map<Pair, List<Step>> steps = new HashMap<>();
        for (Conversion conversion : book.conversions()) {
            Pair pair = new Pair(
                    conversion.from().getCurrencyCode(), conversion.to().getCurrencyCode());
            steps.computeIfAbsent(pair, p -> new ArrayList<>())
                    .add(new Step(
                            Tariffs.from(conversion.validFrom(), book.timeZone()),
                            Tariffs.until(conversion.validUntil(), book.timeZone()),
                            conversion.rate().doubleValue()));
        }
        Converter converter = new Converter();
        steps.forEach((pair, list) -> converter.rates.put(pair, new StepFunction(list)));
        return converter;
    }

    /** How much of one currency another is, over time; with gaps where no rate is given. */
    public StepFunction rates(String from, String to) {
        return from.equals(to) ? StepFunction.always(1) : rates.getOrDefault(new Pair(from, to), StepFunction.NONE);
    }

    /** The same price in another currency; for the times without a rate it stays in its own. */
    Tariff convert(Tariff tariff, String to) {
        List<Piece> pieces = new ArrayList<>();
        for (Piece piece : tariff.pieces()) {
            convert(piece, to, pieces);
        }
        return new Tariff(tariff.resource(), pieces);
    }

    private void convert(Piece piece, String to, List<Piece> pieces) {
        if (piece.currency().equals(to)) {
            pieces.add(piece);
            return;
        }
        long from = piece.fromMillis();
        for (Step step : rates(piece.currency(), to).within(piece.fromMillis(), piece.untilMillis())) {
            if (from < step.fromMillis()) {
                pieces.add(piece.within(from, step.fromMillis()));
            }
            pieces.add(piece.converted(step, to));
            from = step.untilMillis();
        }
        if (from < piece.untilMillis()) {
            pieces.add(piece.within(from, piece.untilMillis()));
        }
    }
}
