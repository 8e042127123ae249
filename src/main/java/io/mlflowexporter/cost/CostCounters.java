package io.mlflowexporter.cost;

import io.mlflowexporter.catalog.Catalog;
import io.mlflowexporter.checkpoint.fields.FieldReader;
import io.mlflowexporter.checkpoint.fields.FieldWriter;
import io.mlflowexporter.cost.pricing.Tariff;
import io.mlflowexporter.cost.usage.CostRun;
import io.mlflowexporter.cost.usage.CostSink;
import io.mlflowexporter.cost.usage.Outcome;
import io.mlflowexporter.cost.usage.UsagePart;
import io.mlflowexporter.metric.Family;
import io.mlflowexporter.metric.FamilyDeclaration;
import io.mlflowexporter.metric.FamilyDeclaration.Fold;
import io.mlflowexporter.metric.FamilyDeclaration.Stability;
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

    private final MonotoneSums seconds = new MonotoneSums();
    private final MonotoneSums cost = new MonotoneSums();
    private final MonotoneSums outcome = new MonotoneSums();
    private final MonotoneSums unpriced = new MonotoneSums();

    void write(FieldWriter out) throws IOException {
        seconds.write(out, "seconds");
        cost.write(out, "cost");
        outcome.write(out, "outcome");
        unpriced.write(out, "unpriced");
    }

    /** Goes on from a field that {@link #write} wrote, if it is one. */
    void read(FieldReader in) throws IOException {
        switch (in.name()) {
            case "seconds" -> seconds.read(in, SECONDS.labels().size() - 1);
            case "cost" -> cost.read(in, COST.labels().size() - 1);
            case "outcome" -> outcome.read(in, OUTCOME.labels().size() - 1);
            case "unpriced" -> unpriced.read(in, UNPRICED.labels().size() - 1);
            default -> {
                // Of energy, or of another version.
            }
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
    public void priced(CostRun run, UsagePart part, Tariff.Piece piece, long fromMillis, long untilMillis) {
        String id = run.experiment().id();
        String phase = run.countedPhase();
        String resource = part.tariff().resource();
        double used = run.machine().millis(fromMillis, untilMillis) / 1000.0 * part.quantity();
        double amount = CostSink.cost(run, part, piece, fromMillis, untilMillis);
        seconds.add(run.times(), used, id, phase, resource);
        cost.add(run.times(), amount, id, phase, resource, piece.currency());
        if (run.outcome() != Outcome.RUNNING) {
            outcome.add(run.times(), amount, id, run.outcome().label(), piece.currency());
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
