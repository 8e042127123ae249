package io.mlflowexporter.cost;

import io.mlflowexporter.catalog.Catalog;
import io.mlflowexporter.checkpoint.Texts;
import io.mlflowexporter.indicators.Family;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.util.List;

/** Energy and CO₂ ever used. */
final class EnergyCounters implements Energy.Meter {
    private final MonotoneSums joules;
    private final MonotoneSums grams;

    EnergyCounters() {
        joules = new MonotoneSums();
        grams = new MonotoneSums();
    }

    /** Goes on from what {@link #write} wrote. */
    EnergyCounters(DataInput in, Texts.Reader texts) throws IOException {
        MonotoneSums.KeyReader keys = () -> new MonotoneSums.Key(texts.read(), List.of(texts.read()));
        joules = MonotoneSums.read(in, keys);
        grams = MonotoneSums.read(in, keys);
    }

    void write(DataOutput out, Texts.Writer texts) throws IOException {
        for (MonotoneSums sums : List.of(joules, grams)) {
            sums.write(out, key -> {
                texts.write(key.experimentId());
                texts.write(key.labels().get(0));
            });
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
