package io.mlflowexporter.cost;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Instant;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What one run is said to have cost. */
final class RunCostTest {
    private static final Instant NOW = Instant.parse("2026-03-10T12:00:00Z");

    @TempDir
    private Path directory;

    private Map<String, Double> cost(Scenario scenario, String run) {
        Costs costs = scenario.costs();
        return costs.ledger().costOf(costs.catalog(), run, NOW.toEpochMilli());
    }

    @Test
    void aRunCostsWhatTheFamiliesAddUpAndANestedOneNothingOfItsOwn() {
        Scenario scenario = new Scenario(directory).book("""
                currency: EUR
                resources:
                  - {name: node, prices: [{per_hour: 2}]}
                rules:
                  - {name: all, experiment: [churn], uses: [{resource: node}]}
                """).runs("""
                        run,experiment,parent,status,start,end
                        ended,churn,,finished,2026-03-10T08:00Z,2026-03-10T11:00Z
                        nested,churn,ended,finished,2026-03-10T08:00Z,2026-03-10T09:00Z
                        running,churn,,running,2026-03-10T11:00Z,
                        unpriced,other,,finished,2026-03-10T08:00Z,2026-03-10T09:00Z
                        """);
        assertThat(cost(scenario, "ended")).as("before the first refresh").isEmpty();

        scenario.at("2026-03-10T12:00Z");

        assertThat(cost(scenario, "ended")).isEqualTo(Map.of("EUR", 6.0));
        assertThat(cost(scenario, "running")).isEqualTo(Map.of("EUR", 2.0));
        assertThat(cost(scenario, "nested")).isEmpty();
        assertThat(cost(scenario, "unpriced")).isEmpty();
        assertThat(cost(scenario, "never seen")).isEmpty();
        assertThat(scenario.costs().sum("mlflow_compute_spend_total")).isEqualTo(8);
    }
}
