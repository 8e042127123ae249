package io.mlflowexporter.demo.life;

import io.mlflowexporter.demo.store.DemoNames.Estimator;
import io.mlflowexporter.demo.store.ExperimentRow;
import io.mlflowexporter.demo.store.RunRow;
import java.util.Optional;

/**
 * A run to come.
 *
 * @param name empty for a random one
 * @param parent the run it is nested in
 * @param seconds how long it takes if nothing goes wrong, simulated
 */
record RunPlan(
        ExperimentRow experiment,
        String name,
        Kind kind,
        String user,
        String source,
        Optional<RunRow> parent,
        Optional<Estimator> estimator,
        double seconds) {

    /** What kind of work it does; decides what it logs. */
    enum Kind {
        DATA,
        SEARCH,
        TRIAL,
        REGRESSION,
        CLASSIFICATION,
        RECOMMENDATION,
        EVALUATION,
        EXPLANATION,
        PROMOTION,
        BATCH_INFERENCE,
        LIVE_INFERENCE,
        FREE
    }
}
