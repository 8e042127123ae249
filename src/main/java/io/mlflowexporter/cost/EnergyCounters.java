package io.mlflowexporter.cost;

import io.mlflowexporter.catalog.Catalog;
import io.mlflowexporter.checkpoint.fields.FieldReader;
import io.mlflowexporter.checkpoint.fields.FieldWriter;
import io.mlflowexporter.cost.usage.CostRun;
import io.mlflowexporter.metric.Family;
import java.io.IOException;
import java.util.List;

/** Energy and CO₂ ever used. */
final class EnergyCounters implements Energy.Meter {
    private final MonotoneSums joules = new MonotoneSums();
    private final MonotoneSums grams = new MonotoneSums();

    void write(FieldWriter out) throws IOException {
        joules.write(out, "joules");
        grams.write(out, "grams");
    }

    /** Goes on from a field that {@link #write} wrote, if it is one. */
    void read(FieldReader in) throws IOException {
        switch (in.name()) {
            case "joules" -> joules.read(in, Energy.JOULES.labels().size() - 1);
            case "grams" -> grams.read(in, Energy.GRAMS.labels().size() - 1);
            default -> {
                // Of costs, or of another version.
            }
        }
    }

    void begin() {
        joules.begin();
        grams.begin();
    }

    void end() {
        joules.end();
        grams.end();
    }

    @Override
    public void add(CostRun run, double moreJoules, double moreGrams) {
        String id = run.experiment().id();
        joules.add(run.times(), moreJoules, id, run.countedPhase());
        grams.add(run.times(), moreGrams, id, run.countedPhase());
    }

    List<Family> families(Catalog catalog) {
        return List.of(joules.family(Energy.JOULES, catalog), grams.family(Energy.GRAMS, catalog));
    }

    int waiting() {
        return joules.waiting() + grams.waiting();
    }
}
