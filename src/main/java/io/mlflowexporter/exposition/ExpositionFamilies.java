package io.mlflowexporter.exposition;

import io.mlflowexporter.metric.Family;
import io.mlflowexporter.metric.Family.Sample;
import io.mlflowexporter.metric.Family.Value;
import io.mlflowexporter.metric.FamilyDeclaration;
import io.mlflowexporter.metric.FamilyDeclaration.Fold;
import io.mlflowexporter.metric.FamilyDeclaration.Stability;
import java.util.ArrayList;
import java.util.List;

/** The families that tell of the others' size. */
public final class ExpositionFamilies {
    static final FamilyDeclaration SERIES = new FamilyDeclaration(
            "mlflow_exporter_series",
            FamilyDeclaration.Type.GAUGE,
            "Series the family has in this scrape, a histogram's counted as one.",
            List.of("family"),
            Stability.STABLE,
            Fold.NEVER);

    static final FamilyDeclaration DROPPED = new FamilyDeclaration(
            "mlflow_exporter_series_dropped",
            FamilyDeclaration.Type.GAUGE,
            "Series of the family that were folded into _other or left out, because it is over its budget.",
            List.of("family"),
            Stability.STABLE,
            Fold.NEVER);

    private ExpositionFamilies() {}

    /** All that this package adds. */
    public static List<FamilyDeclaration> declarations() {
        return List.of(SERIES, DROPPED);
    }

    /** The two for these families and for themselves. */
    static List<Family> of(List<FamilySeries> counts) {
        List<FamilySeries> all = new ArrayList<>(counts);
        for (FamilyDeclaration declaration : declarations()) {
            all.add(new FamilySeries(
                    declaration.name(), counts.size() + declarations().size(), 0));
        }
        return List.of(
                new Family(
                        SERIES,
                        all.stream().map(c -> sample(c.family(), c.series())).toList()),
                new Family(
                        DROPPED,
                        all.stream().map(c -> sample(c.family(), c.dropped())).toList()));
    }

    private static Sample sample(String family, int series) {
        return new Value("", List.of(family), series);
    }
}
