package io.mlflowexporter.cost;

import io.mlflowexporter.catalog.Catalog;
import io.mlflowexporter.checkpoint.Texts;
import io.mlflowexporter.indicators.Family;
import io.mlflowexporter.indicators.FamilyDeclaration;
import io.mlflowexporter.indicators.Samples;
import io.mlflowexporter.mlflow.Experiment;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.util.List;

/** Energy and CO₂ ever used. */
final class EnergyCounters implements Energy.Meter {
    private record Key(String experimentId, String phase) {}

    private final MonotoneSums<Key> joules;
    private final MonotoneSums<Key> grams;

    EnergyCounters() {
        joules = new MonotoneSums<>();
        grams = new MonotoneSums<>();
    }

    /** Goes on from what {@link #write} wrote. */
    EnergyCounters(DataInput in, Texts.Reader texts) throws IOException {
        MonotoneSums.KeyReader<Key> keys = () -> new Key(texts.read(), texts.read());
        joules = MonotoneSums.read(in, keys);
        grams = MonotoneSums.read(in, keys);
    }

    void write(DataOutput out, Texts.Writer texts) throws IOException {
        for (MonotoneSums<Key> sums : List.of(joules, grams)) {
            sums.write(out, key -> {
                texts.write(key.experimentId());
                texts.write(key.phase());
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
        Key key = new Key(run.experiment().id(), run.countedPhase());
        joules.add(key, moreJoules);
        grams.add(key, moreGrams);
    }

    List<Family> families(Catalog catalog) {
        return List.of(family(Energy.JOULES, joules, catalog), family(Energy.GRAMS, grams, catalog));
    }

    private static Family family(FamilyDeclaration declaration, MonotoneSums<Key> sums, Catalog catalog) {
        Samples samples = new Samples();
        sums.forEach((key, sum) -> {
            Experiment experiment = catalog.experiment(key.experimentId());
            samples.add(experiment.workspace(), sum, experiment.name(), key.phase());
        });
        return samples.family(declaration);
    }

    int waiting() {
        return joules.waiting() + grams.waiting();
    }
}
