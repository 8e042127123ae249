package io.mlflowexporter.cost;

import io.mlflowexporter.catalog.Catalog;
import io.mlflowexporter.checkpoint.Texts;
import io.mlflowexporter.indicators.Family;
import io.mlflowexporter.indicators.FamilyDeclaration;
import io.mlflowexporter.indicators.FamilyDeclaration.Fold;
import io.mlflowexporter.indicators.FamilyDeclaration.Stability;
import io.mlflowexporter.indicators.Samples;
import io.mlflowexporter.mlflow.Experiment;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.util.List;

/** What was ever spent. Kept by the experiment's id, so that renaming it starts nothing anew. */
final class CostCounters implements CostSink {
    static final FamilyDeclaration SECONDS = new FamilyDeclaration(
            "mlflow_compute_seconds_total",
            FamilyDeclaration.Type.COUNTER,
            "Seconds of a resource used by runs and covered by a price, times how many of it, as of the snapshot.",
            List.of("experiment", "phase", "resource"),
            Stability.STABLE,
            Fold.sum("experiment"));
    static final FamilyDeclaration COST = new FamilyDeclaration(
            "mlflow_compute_cost_total",
            FamilyDeclaration.Type.COUNTER,
            "Estimated cost of runs, which accrues while they run, as of the snapshot.",
            List.of("experiment", "phase", "resource", "currency"),
            Stability.STABLE,
            Fold.sum("experiment"));
    static final FamilyDeclaration OUTCOME = new FamilyDeclaration(
            "mlflow_outcome_cost_total",
            FamilyDeclaration.Type.COUNTER,
            "Estimated cost of runs that no longer run, by what became of them, as of the snapshot.",
            List.of("experiment", "outcome", "currency"),
            Stability.STABLE,
            Fold.sum("experiment"));
    static final FamilyDeclaration UNPRICED = new FamilyDeclaration(
            "mlflow_compute_unpriced_seconds_total",
            FamilyDeclaration.Type.COUNTER,
            "Seconds runs were busy with something that no price covers, as of the snapshot.",
            List.of("experiment", "phase"),
            Stability.STABLE,
            Fold.sum("experiment"));

    private record Key(String experimentId, List<String> labels) {}

    private final MonotoneSums<Key> seconds;
    private final MonotoneSums<Key> cost;
    private final MonotoneSums<Key> outcome;
    private final MonotoneSums<Key> unpriced;

    CostCounters() {
        seconds = new MonotoneSums<>();
        cost = new MonotoneSums<>();
        outcome = new MonotoneSums<>();
        unpriced = new MonotoneSums<>();
    }

    /** Goes on from what {@link #write} wrote. */
    CostCounters(DataInput in, Texts.Reader texts) throws IOException {
        MonotoneSums.KeyReader<Key> keys = () -> new Key(texts.read(), texts.list());
        seconds = MonotoneSums.read(in, keys);
        cost = MonotoneSums.read(in, keys);
        outcome = MonotoneSums.read(in, keys);
        unpriced = MonotoneSums.read(in, keys);
    }

    void write(DataOutput out, Texts.Writer texts) throws IOException {
        for (MonotoneSums<Key> sums : all()) {
            sums.write(out, key -> {
                texts.write(key.experimentId());
                texts.write(key.labels());
            });
        }
    }

    void begin() {
        all().forEach(MonotoneSums::begin);
    }

    void end() {
        all().forEach(MonotoneSums::end);
    }

    private List<MonotoneSums<Key>> all() {
        return List.of(seconds, cost, outcome, unpriced);
    }

    @Override
    public void run(CostRun run) {
        // A run that is wholly priced says 0 unpriced, so that rate() sees the first second.
        unpriced.add(new Key(run.experiment().id(), List.of(run.countedPhase())), 0);
    }

    @Override
    public void priced(CostRun run, Part part, Tariff.Piece piece, long fromMillis, long untilMillis) {
        String id = run.experiment().id();
        String phase = run.countedPhase();
        String resource = part.tariff().resource();
        double amount = CostSink.cost(part, piece, fromMillis, untilMillis);
        seconds.add(new Key(id, List.of(phase, resource)), (untilMillis - fromMillis) / 1000.0 * part.quantity());
        cost.add(new Key(id, List.of(phase, resource, piece.currency())), amount);
        if (run.span().outcome() != Outcome.RUNNING) {
            outcome.add(new Key(id, List.of(run.span().outcome().label(), piece.currency())), amount);
        }
    }

    @Override
    public void unpriced(CostRun run, long fromMillis, long untilMillis) {
        unpriced.add(new Key(run.experiment().id(), List.of(run.countedPhase())), (untilMillis - fromMillis) / 1000.0);
    }

    List<Family> families(Catalog catalog) {
        return List.of(
                family(SECONDS, seconds, catalog),
                family(COST, cost, catalog),
                family(OUTCOME, outcome, catalog),
                family(UNPRICED, unpriced, catalog));
    }

    private static Family family(FamilyDeclaration declaration, MonotoneSums<Key> sums, Catalog catalog) {
        Samples samples = new Samples();
        sums.forEach((key, sum) -> {
            Experiment experiment = catalog.experiment(key.experimentId());
            String[] labels = new String[key.labels().size() + 1];
            labels[0] = experiment.name();
            for (int i = 1; i < labels.length; i++) {
                labels[i] = key.labels().get(i - 1);
            }
            samples.add(experiment.workspace(), sum, labels);
        });
        return samples.family(declaration);
    }

    /** How many sums are more than what is true. */
    int waiting() {
        return all().stream().mapToInt(MonotoneSums::waiting).sum();
    }
}
