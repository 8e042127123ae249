package io.mlflowexporter.cost;

import io.mlflowexporter.catalog.BillableTime;
import io.mlflowexporter.indicators.Family;
import io.mlflowexporter.indicators.FamilyDeclaration;
import io.mlflowexporter.indicators.FamilyDeclaration.Fold;
import io.mlflowexporter.indicators.FamilyDeclaration.Stability;
import io.mlflowexporter.indicators.Samples;
import java.util.List;

/** What an hour costs at the rate of now. */
final class BurnRate implements CostSink {
    static final FamilyDeclaration FAMILY = new FamilyDeclaration(
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
    public void at(AsOf now) {
        nowMillis = now.nowMillis;
        samples = new Samples();
    }

    @Override
    public void priced(CostRun run, Part part, Tariff.Piece piece, long fromMillis, long untilMillis) {
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
    static boolean burning(CostRun run, Tariff.Piece piece, long untilMillis, long nowMillis) {
        return run.time().state() == BillableTime.State.RUNNING
                && untilMillis == run.time().untilMillis()
                && piece.fromMillis() <= nowMillis
                && nowMillis < piece.untilMillis();
    }

    Family family() {
        return samples.family(FAMILY);
    }
}
