package io.mlflowexporter.cost;

import io.mlflowexporter.cost.pricing.Tariff;
import io.mlflowexporter.metric.Family;
import io.mlflowexporter.metric.FamilyDeclaration;
import io.mlflowexporter.metric.FamilyDeclaration.Fold;
import io.mlflowexporter.metric.FamilyDeclaration.Stability;
import io.mlflowexporter.metric.Samples;
import java.util.Collection;
import java.util.List;
import java.util.Locale;

/** The prices in force. */
final class Prices {
    static final FamilyDeclaration FAMILY = new FamilyDeclaration(
            "mlflow_price_per_hour",
            FamilyDeclaration.Type.GAUGE,
            "Price of one of the resource for an hour, factors applied, in force as of the snapshot.",
            List.of("resource", "currency", "source"),
            Stability.STABLE,
            Fold.drop("resource"));

    private Prices() {}

    static Family family(Collection<Tariff> tariffs, long nowMillis) {
        Samples samples = new Samples();
        for (Tariff tariff : tariffs) {
            for (Tariff.Piece piece : tariff.pieces()) {
                if (piece.fromMillis() <= nowMillis && nowMillis < piece.untilMillis()) {
                    samples.max(
                            "",
                            piece.perHour(),
                            tariff.resource(),
                            piece.currency(),
                            piece.source().name().toLowerCase(Locale.ROOT));
                }
            }
        }
        return samples.family(FAMILY);
    }
}
