package io.mlflowexporter.cost;

import io.mlflowexporter.catalog.Catalog;
import io.mlflowexporter.checkpoint.Texts;
import io.mlflowexporter.indicators.Family;
import io.mlflowexporter.indicators.FamilyDeclaration;
import io.mlflowexporter.indicators.FamilyDeclaration.Fold;
import io.mlflowexporter.indicators.FamilyDeclaration.Stability;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.util.List;

/** What was ever spent. */
final class CostCounters implements CostSink {
    static final FamilyDeclaration SECONDS = new FamilyDeclaration(
            "mlflow_compute_seconds_total",
            FamilyDeclaration.Type.COUNTER,
            "Seconds of a resource used by runs and covered by a price, times how many of it, as of the snapshot.",
            List.of("experiment", "phase", "resource"),
            Stability.STABLE,
            Fold.sum("experiment"));
    static final FamilyDeclaration COST = new FamilyDeclaration(
            "mlflow_compute_spend_total",
            FamilyDeclaration.Type.COUNTER,
            "Estimated cost of runs, which accrues while they run, as of the snapshot.",
            List.of("experiment", "phase", "resource", "currency"),
            Stability.STABLE,
            Fold.sum("experiment"));
    static final FamilyDeclaration OUTCOME = new FamilyDeclaration(
            "mlflow_outcome_spend_total",
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

    private final MonotoneSums seconds;
    private final MonotoneSums cost;
    private final MonotoneSums outcome;
    private final MonotoneSums unpriced;

    CostCounters() {
        seconds = new MonotoneSums();
        cost = new MonotoneSums();
        outcome = new MonotoneSums();
        unpriced = new MonotoneSums();
    }

    /** Goes on from what {@link #write} wrote. */
    CostCounters(DataInput in, Texts.Reader texts) throws IOException {
        MonotoneSums.KeyReader keys = () -> new MonotoneSums.Key(texts.read(), texts.list());
        seconds = MonotoneSums.read(in, keys);
        cost = MonotoneSums.read(in, keys);
        outcome = MonotoneSums.read(in, keys);
        unpriced = MonotoneSums.read(in, keys);
    }

    void write(DataOutput out, Texts.Writer texts) throws IOException {
        for (MonotoneSums sums : all()) {
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

    private List<MonotoneSums> all() {
        return List.of(seconds, cost, outcome, unpriced);
    }

    @Override
    public void run(CostRun run) {
        // A run that is wholly priced says 0 unpriced, so that rate() sees the first second.
        unpriced.add(run.times(), 0, run.experiment().id(), run.countedPhase());
    }

    @Override
    public void priced(CostRun run, Part part, Tariff.Piece piece, long fromMillis, long untilMillis) {
        String id = run.experiment().id();
        String phase = run.countedPhase();
        String resource = part.tariff().resource();
        double used = (untilMillis - fromMillis) / 1000.0 * part.quantity();
        double amount = CostSink.cost(part, piece, fromMillis, untilMillis);
        seconds.add(run.times(), used, id, phase, resource);
        cost.add(run.times(), amount, id, phase, resource, piece.currency());
        if (run.span().outcome() != Outcome.RUNNING) {
            outcome.add(run.times(), amount, id, run.span().outcome().label(), piece.currency());
        }
    }

    @Override
    public void unpriced(CostRun run, long fromMillis, long untilMillis) {
        double stretch = (untilMillis - fromMillis) / 1000.0;
        unpriced.add(run.times(), stretch, run.experiment().id(), run.countedPhase());
    }

    List<Family> families(Catalog catalog) {
        return List.of(
                seconds.family(SECONDS, catalog),
                cost.family(COST, catalog),
                outcome.family(OUTCOME, catalog),
                unpriced.family(UNPRICED, catalog));
    }

    /** How many sums are more than what is true. */
    int waiting() {
        return all().stream().mapToInt(MonotoneSums::waiting).sum();
    }
}
