package io.mlflowexporter.kpi;

import io.mlflowexporter.cost.WindowCost;
import io.mlflowexporter.metric.ExactSum;
import io.mlflowexporter.metric.Family;
import io.mlflowexporter.metric.FamilyDeclaration;
import io.mlflowexporter.metric.FamilyDeclaration.Fold;
import io.mlflowexporter.metric.FamilyDeclaration.Stability;
import io.mlflowexporter.metric.KeyedHash;
import io.mlflowexporter.metric.Samples;
import io.mlflowexporter.metric.SlidingWindow;
import io.mlflowexporter.mlflow.Experiment;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;

/** What it cost an experiment to become better at something. */
final class CostPerPoint {
    static final FamilyDeclaration FAMILY = new FamilyDeclaration(
            "mlflow_kpi_cost_per_point",
            FamilyDeclaration.Type.GAUGE,
            "Estimated cost of what the experiment ran inside the window, by the points, each 0.01 of a ratio or else 1 of the"
                    + " KPI's unit, by which its best run became better inside it, as of the snapshot.",
            List.of("window", "kpi", "experiment", "currency"),
            Stability.EXPERIMENTAL,
            Fold.drop("experiment"));

    private static final double POINTS_PER_RATIO = 100;

    private record Key(String workspace, String experiment, String window) implements Comparable<Key> {
        private static final Comparator<Key> ORDER =
                Comparator.comparing(Key::experiment).thenComparing(Key::window).thenComparing(Key::workspace);

        @Override
        public int hashCode() {
            return KeyedHash.place(experiment, window);
        }

        @Override
        public int compareTo(Key other) {
            return ORDER.compare(this, other);
        }
    }

    private final Map<Key, Map<String, ExactSum>> costs = new LinkedHashMap<>();
    private final Samples samples = new Samples();

    CostPerPoint(List<WindowCost> windowCosts) {
        for (WindowCost cost : windowCosts) {
            costs.computeIfAbsent(new Key(cost.workspace(), cost.experiment(), cost.window()), key -> new HashMap<>())
                    .computeIfAbsent(cost.currency(), currency -> new ExactSum())
                    .add(cost.amount(), 1);
        }
    }

    void add(Goal goal, Experiment experiment, Gains gains) {
        double points = goal.kpi().unit().filter(Goal.RATIO::equals).isPresent() ? POINTS_PER_RATIO : 1;
        for (SlidingWindow window : Gains.WINDOWS) {
            OptionalDouble gain = gains.in(window, goal.kpi().leastImprovement());
            if (gain.isPresent()) {
                costs.getOrDefault(new Key(experiment.workspace(), experiment.name(), window.label()), Map.of())
                        .forEach((currency, cost) -> samples.max(
                                experiment.workspace(),
                                cost.value() / (gain.getAsDouble() * points),
                                window.label(),
                                goal.kpi().name(),
                                experiment.name(),
                                currency));
            }
        }
    }

    Family family() {
        return samples.family(FAMILY);
    }
}
