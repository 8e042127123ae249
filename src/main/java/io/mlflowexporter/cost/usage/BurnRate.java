package io.mlflowexporter.cost.usage;

import io.mlflowexporter.catalog.BillableTime;
import io.mlflowexporter.cost.pricing.Tariff;
import io.mlflowexporter.metric.Family;
import io.mlflowexporter.metric.FamilyDeclaration;
import io.mlflowexporter.metric.FamilyDeclaration.Fold;
import io.mlflowexporter.metric.FamilyDeclaration.Stability;
import io.mlflowexporter.metric.Samples;
import java.util.List;

/** What an hour costs at the rate of now. */
public final class BurnRate implements CostSink {
    public static final FamilyDeclaration FAMILY = new FamilyDeclaration(
            "mlflow_compute_cost_per_hour",
            FamilyDeclaration.Type.GAUGE,
            "What an hour of all that runs now costs, stale runs left out, as of the snapshot.",
            List.of("experiment", "resource", "currency"),
            Stability.STABLE,
            Fold.sum("experiment"));

    private long nowMillis;
    /** Only of runs that run, all of which are told anew at each refresh. */
    private Samples samples = new Samples();

    @Override
    public void at(CostClock now) {
        nowMillis = now.nowMillis;
        samples = new Samples();
    }

    @Override
    public void priced(CostRun run, UsagePart part, Tariff.Piece piece, long fromMillis, long untilMillis) {
        if (run.times() > 0 && burning(run, piece, untilMillis, nowMillis)) {
            samples.add(
                    run.experiment().workspace(),
                    piece.perHour() * part.quantity() * run.machine().before(nowMillis),
                    run.experiment().name(),
                    part.tariff().resource(),
                    piece.currency());
        }
    }

    /** Whether the run, which spent at this price until then, spends at it now. */
    public static boolean burning(CostRun run, Tariff.Piece piece, long untilMillis, long nowMillis) {
        return run.time().state() == BillableTime.State.RUNNING
                && untilMillis == run.time().untilMillis()
                && piece.fromMillis() <= nowMillis
                && nowMillis < piece.untilMillis();
    }

    public Family family() {
        return samples.family(FAMILY);
    }
}
