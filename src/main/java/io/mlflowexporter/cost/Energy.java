package io.mlflowexporter.cost;

import io.mlflowexporter.catalog.RunTable;
import io.mlflowexporter.cost.pricing.PricingFile;
import io.mlflowexporter.cost.pricing.StepFunction;
import io.mlflowexporter.cost.pricing.Tariffs;
import io.mlflowexporter.cost.usage.CostRun;
import io.mlflowexporter.cost.usage.CostSink;
import io.mlflowexporter.cost.usage.UsagePart;
import io.mlflowexporter.metric.FamilyDeclaration;
import io.mlflowexporter.metric.FamilyDeclaration.Fold;
import io.mlflowexporter.metric.FamilyDeclaration.Stability;
import java.util.List;

/**
 * Energy and CO₂ of runs: (watts of the resources, by the book + watts of the GPUs, as logged or else by the book) ×
 * time × PUE; grams by the intensity in force at the time. One kilowatt-hour is 3.6 million joules.
 */
final class Energy implements CostSink {
    static final FamilyDeclaration JOULES = new FamilyDeclaration(
            "mlflow_energy_joules_total",
            FamilyDeclaration.Type.COUNTER,
            "Estimated energy of runs whose power is logged or in the cost book, the site's overhead included, as of"
                    + " the snapshot.",
            List.of("experiment", "phase"),
            Stability.EXPERIMENTAL,
            Fold.sum("experiment"));
    static final FamilyDeclaration GRAMS = new FamilyDeclaration(
            "mlflow_carbon_dioxide_grams_total",
            FamilyDeclaration.Type.COUNTER,
            "Estimated grams of CO₂ emitted for the energy of runs, as of the snapshot.",
            List.of("experiment", "phase"),
            Stability.EXPERIMENTAL,
            Fold.sum("experiment"));

    private static final double JOULES_PER_KWH = 3_600_000;

    /** Takes what a run used. */
    interface Meter {
        void add(CostRun run, double joules, double grams);
    }

    private final RunTable runs;
    private final double pue;
    private final StepFunction intensity;
    private final Meter meter;

    Energy(PricingFile book, RunTable runs, Meter meter) {
        this.runs = runs;
        this.pue = book.pue().doubleValue();
        this.meter = meter;
        this.intensity = new StepFunction(book.carbon().stream()
                .map(step -> new StepFunction.Step(
                        Tariffs.from(step.validFrom(), book.timeZone()),
                        Tariffs.until(step.validUntil(), book.timeZone()),
                        step.gramsPerKwh().doubleValue()))
                .toList());
    }

    @Override
    public void run(CostRun run) {
        double watts = watts(run);
        if (watts > 0 && run.time().plausible()) {
            run.time().stretches().forEach(it -> used(run, watts, it.fromMillis(), it.untilMillis()));
        }
    }

    private void used(CostRun run, double watts, long from, long until) {
        double millis = run.machine().millis(from, until);
        double joules = watts * pue * millis / 1000.0;
        double grams = 0;
        for (StepFunction.Step step : intensity.within(from, until)) {
            double share = run.machine().millis(step.fromMillis(), step.untilMillis()) / millis;
            grams += joules * share / JOULES_PER_KWH * step.value();
        }
        meter.add(run, joules, grams);
    }

    private double watts(CostRun run) {
        double logged = runs.use(run.row()).gpuWatts();
        double sum = Double.isNaN(logged) ? 0 : logged;
        for (UsagePart part : run.usage().parts()) {
            sum += Double.isNaN(part.watts()) ? 0 : part.watts();
            sum += Double.isNaN(logged) && !Double.isNaN(part.gpuWatts()) ? part.gpuWatts() : 0;
        }
        return sum;
    }
}
