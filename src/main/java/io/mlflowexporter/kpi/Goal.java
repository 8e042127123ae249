package io.mlflowexporter.kpi;

import io.mlflowexporter.catalog.LoggedMetrics.Logged;
import io.mlflowexporter.kpi.KpiFile.Direction;
import io.mlflowexporter.kpi.KpiFile.Kpi;
import io.mlflowexporter.settings.value.Glob;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** A KPI and how to compute it from what a run logged. */
final class Goal {
    /** The unit of what lies between 0 and 1. */
    static final String RATIO = "ratio";

    /** Lists of names that no run refers to any more would be kept: past so many all are planned anew. */
    private static final int MOST_LISTS = 10_000;

    private final Kpi kpi;
    private final List<Expression> alternatives;
    private final boolean own;
    /** By the list of a run's metric names, of which there are few. */
    private final IdentityHashMap<List<String>, Optional<Plan>> plans = new IdentityHashMap<>();

    /** Where the metrics of an expression stand among a run's. */
    private record Plan(Expression expression, Map<Glob, Integer> indexes) {}

    /**
     * Makes a goal.
     *
     * @param alternatives the first whose metrics a run logged counts
     * @param own whether somebody asked for it
     */
    Goal(Kpi kpi, List<Expression> alternatives, boolean own) {
        this.kpi = kpi;
        this.alternatives = List.copyOf(alternatives);
        this.own = own;
    }

    Kpi kpi() {
        return kpi;
    }

    boolean own() {
        return own;
    }

    /** The metrics it may look at. */
    List<Glob> names() {
        return alternatives.stream().flatMap(it -> it.names().stream()).toList();
    }

    /** Its value for a run; empty where the run did not log its metrics. */
    Optional<Expression.Result> value(Logged logged) {
        if (plans.size() >= MOST_LISTS) {
            plans.clear();
        }
        Optional<Plan> plan = plans.computeIfAbsent(logged.names(), this::plan);
        return plan.map(it ->
                it.expression().evaluate(glob -> logged.values()[it.indexes().getOrDefault(glob, 0)]));
    }

    private Optional<Plan> plan(List<String> names) {
        return alternatives.stream().flatMap(it -> plan(it, names).stream()).findFirst();
    }

    private static Optional<Plan> plan(Expression expression, List<String> names) {
        Map<Glob, Integer> indexes = new HashMap<>();
        for (Glob glob : expression.names()) {
            int index = names.indexOf(glob.toString());
            for (int i = 0; i < names.size() && index < 0; i++) {
                index = glob.matches(names.get(i)) ? i : -1;
            }
            if (index < 0) {
                return Optional.empty();
            }
            indexes.put(glob, index);
        }
        return Optional.of(new Plan(expression, indexes));
    }

    boolean covers(String experiment, String phase) {
        return matches(kpi.experiment(), experiment) && matches(kpi.phase(), phase);
    }

    boolean coversModel(String model) {
        return matches(kpi.model(), model);
    }

    boolean followsAlias(String alias) {
        return kpi.aliases().stream().anyMatch(glob -> glob.matches(alias));
    }

    private static boolean matches(List<Glob> globs, String name) {
        return globs.isEmpty() || globs.stream().anyMatch(glob -> glob.matches(name));
    }

    boolean better(double value, double than) {
        return kpi.direction() == Direction.HIGHER ? value > than : value < than;
    }

    /** Whether the target is met; empty where there is none. */
    Optional<Boolean> met(double value) {
        return kpi.target()
                .map(target -> kpi.direction() == Direction.HIGHER
                        ? value >= target.doubleValue()
                        : value <= target.doubleValue());
    }
}
