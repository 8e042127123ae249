package io.mlflowexporter.cost;

import io.mlflowexporter.catalog.Catalog;
import io.mlflowexporter.indicators.Family;
import io.mlflowexporter.indicators.FamilyDeclaration;
import io.mlflowexporter.indicators.Samples;
import io.mlflowexporter.mlflow.Experiment;
import java.util.List;

/** Energy and CO₂ ever used. */
final class EnergyCounters implements Energy.Meter {
    private record Key(String experimentId, String phase) {}

    private final MonotoneSums<Key> joules = new MonotoneSums<>();
    private final MonotoneSums<Key> grams = new MonotoneSums<>();

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
