package io.mlflowexporter.cost;

import static org.assertj.core.api.Assertions.assertThat;

import io.mlflowexporter.cost.budget.CostOverview;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Given this book and these runs, the families say exactly this: what docs/cost-model.md does not show already, and what
 * is at the edges.
 */
final class LedgerExamplesTest {
    private static final String ONE_AN_HOUR = """
            currency: EUR
            resources:
              - {name: node, prices: [{per_hour: 1}]}
            default_uses: [{resource: node}]
            """;
    private static final String NOW = "2026-03-10T12:00Z";

    @TempDir
    private Path directory;

    private Scenario book(String yaml) {
        return new Scenario(directory).book(yaml);
    }

    @Test
    void allFamiliesOfOneFinishedAndOneRunningRun() {
        book("""
                currency: EUR
                project_tag: project
                resources:
                  - {name: node, watts: 1000, prices: [{per_hour: 2}]}
                default_uses: [{resource: node}]
                budgets: [{name: all, amount: 100}]
                overheads: [{category: software, monthly: 744}]
                carbon: [{grams_per_kwh: 100}]
                """).runs("""
                        run,status,start,end,tag:project
                        r1,finished,2026-03-10T06:00Z,2026-03-10T09:00Z,p
                        r2,running,2026-03-10T11:00Z,,p
                        """).at(NOW).showsAllOf("""
                        mlflow_compute_seconds_total{experiment="churn",phase="training",resource="node"} 14400
                        mlflow_compute_spend_total{experiment="churn",phase="training",resource="node",currency="EUR"} 8
                        mlflow_outcome_spend_total{experiment="churn",outcome="finished",currency="EUR"} 6
                        mlflow_compute_unpriced_seconds_total{experiment="churn",phase="training"} 0
                        mlflow_compute_cost{window="1d",experiment="churn",phase="training",outcome="finished",currency="EUR"} 6
                        mlflow_compute_cost{window="7d",experiment="churn",phase="training",outcome="finished",currency="EUR"} 6
                        mlflow_compute_cost{window="30d",experiment="churn",phase="training",outcome="finished",currency="EUR"} 6
                        mlflow_compute_cost{window="month",experiment="churn",phase="training",outcome="finished",currency="EUR"} 6
                        mlflow_compute_cost{window="1d",experiment="churn",phase="training",outcome="running",currency="EUR"} 2
                        mlflow_compute_cost{window="7d",experiment="churn",phase="training",outcome="running",currency="EUR"} 2
                        mlflow_compute_cost{window="30d",experiment="churn",phase="training",outcome="running",currency="EUR"} 2
                        mlflow_compute_cost{window="month",experiment="churn",phase="training",outcome="running",currency="EUR"} 2
                        mlflow_project_compute_cost{window="1d",project="p",currency="EUR"} 8
                        mlflow_project_compute_cost{window="7d",project="p",currency="EUR"} 8
                        mlflow_project_compute_cost{window="30d",project="p",currency="EUR"} 8
                        mlflow_project_compute_cost{window="month",project="p",currency="EUR"} 8
                        mlflow_compute_cost_per_hour{experiment="churn",resource="node",currency="EUR"} 2
                        mlflow_price_per_hour{resource="node",currency="EUR",source="estimate"} 2
                        mlflow_overhead_cost{window="1d",category="software",currency="EUR"} 24
                        mlflow_overhead_cost{window="7d",category="software",currency="EUR"} 168
                        mlflow_overhead_cost{window="30d",category="software",currency="EUR"} 772.7142857142857
                        mlflow_overhead_cost{window="month",category="software",currency="EUR"} 228
                        mlflow_cost_forecast{experiment="churn",currency="EUR"} 696
                        mlflow_budget{budget="all",currency="EUR"} 100
                        mlflow_budget_spent_ratio{budget="all"} 0.08
                        mlflow_budget_forecast_ratio{budget="all"} 6.96
                        mlflow_energy_joules_total{experiment="churn",phase="training"} 14400000
                        mlflow_carbon_dioxide_grams_total{experiment="churn",phase="training"} 400
                        mlflow_exporter_ledger_clamped_series 0
                        """);
    }

    @Test
    void aStaleRunFreezesAndComesBackToLife() {
        Scenario scenario = book(ONE_AN_HOUR).runs("""
                run,status,start,end,last_metric
                r1,running,2026-03-08T00:00Z,,2026-03-08T06:00Z
                """);

        scenario.at("2026-03-09T06:00Z").shows("""
                mlflow_compute_cost{window="7d",experiment="churn",phase="training",outcome="running",currency="EUR"} 30
                """);
        scenario.at("2026-03-09T06:01Z").showsAllOf("""
                mlflow_compute_cost{window="7d",experiment="churn",phase="training",outcome="stale",currency="EUR"} 6
                mlflow_compute_cost{window="30d",experiment="churn",phase="training",outcome="stale",currency="EUR"} 6
                mlflow_compute_cost{window="month",experiment="churn",phase="training",outcome="stale",currency="EUR"} 6
                mlflow_compute_spend_total{experiment="churn",phase="training",resource="node",currency="EUR"} 30
                mlflow_outcome_spend_total{experiment="churn",outcome="stale",currency="EUR"} 6
                mlflow_exporter_ledger_clamped_series 2
                """);
        scenario.runs("""
                        run,status,start,end,last_metric
                        r1,running,2026-03-08T00:00Z,,2026-03-09T11:00Z
                        """).at("2026-03-09T12:00Z").shows("""
                        mlflow_compute_cost{window="7d",experiment="churn",phase="training",outcome="running",currency="EUR"} 36
                        mlflow_compute_spend_total{experiment="churn",phase="training",resource="node",currency="EUR"} 36
                        mlflow_outcome_spend_total{experiment="churn",outcome="stale",currency="EUR"} 6
                        mlflow_exporter_ledger_clamped_series 1
                        """);
    }

    @Test
    void runsDeletedOrRemovedWhileTheyRanCostUntilTheirLastSign() {
        Scenario scenario =
                book(ONE_AN_HOUR).runs("""
                run,experiment,status,start,end,last_metric,deleted
                r1,a,running,2026-03-10T06:00Z,,2026-03-10T11:00Z,
                r2,b,running,2026-03-10T06:00Z,,2026-03-10T11:00Z,
                """).at("2026-03-10T11:00Z").runs("""
                run,experiment,status,start,end,last_metric,deleted
                r1,a,running,2026-03-10T06:00Z,,2026-03-10T11:00Z,yes
                """).at(NOW);

        scenario.shows("""
                mlflow_compute_cost{window="1d",experiment="a",phase="training",outcome="stale",currency="EUR"} 5
                mlflow_compute_cost{window="1d",experiment="b",phase="training",outcome="stale",currency="EUR"} 5
                mlflow_exporter_ledger_clamped_series 0
                """);
        assertThat(scenario.scrape("mlflow_compute_cost_per_hour")).isEmpty();
    }

    @Test
    void childrenCostWhereTheirParentHasNoClockAndInCircles() {
        book(ONE_AN_HOUR).runs("""
                        run,experiment,parent,status,start,end
                        waiting,of-a-scheduled-parent,,scheduled,2026-03-10T06:00Z,
                        c1,of-a-scheduled-parent,waiting,finished,2026-03-10T08:00Z,2026-03-10T10:00Z
                        c2,of-an-unknown-parent,never-read,finished,2026-03-10T08:00Z,2026-03-10T10:00Z
                        own,its-own-parent,own,finished,2026-03-10T08:00Z,2026-03-10T10:00Z
                        a,circle,b,finished,2026-03-10T08:00Z,2026-03-10T10:00Z
                        b,circle,a,finished,2026-03-10T08:00Z,2026-03-10T10:00Z
                        top,two-deep,,finished,2026-03-10T08:00Z,2026-03-10T11:00Z
                        middle,two-deep,top,scheduled,2026-03-10T08:00Z,
                        leaf,two-deep,middle,finished,2026-03-10T08:00Z,2026-03-10T10:00Z
                        """).at(NOW).showsAllOf("""
                        mlflow_compute_spend_total{experiment="of-a-scheduled-parent",phase="training",resource="node",currency="EUR"} 2
                        mlflow_compute_spend_total{experiment="of-an-unknown-parent",phase="training",resource="node",currency="EUR"} 2
                        mlflow_compute_spend_total{experiment="its-own-parent",phase="training",resource="node",currency="EUR"} 2
                        mlflow_compute_spend_total{experiment="circle",phase="training",resource="node",currency="EUR"} 4
                        mlflow_compute_spend_total{experiment="two-deep",phase="training",resource="node",currency="EUR"} 3
                        """);
    }

    @Test
    void aRunsOwnHintDoesNotTakeMachinesFromItsChildren() {
        book("""
                currency: EUR
                trust_run_hints: true
                resources:
                  - {name: node, prices: [{per_hour: 1}]}
                  - {name: big, prices: [{per_hour: 10}]}
                rules:
                  - {run_name: [sweep], uses: [{resource: node}], distributed_children: true}
                default_uses: [{resource: node}]
                """).runs("""
                        run,name,parent,status,start,end,tag:mlflow-exporter.resource
                        p,sweep,,finished,2026-03-10T08:00Z,2026-03-10T10:00Z,big
                        c,trial,p,finished,2026-03-10T08:00Z,2026-03-10T09:00Z,
                        """).at(NOW).showsAllOf("""
                        mlflow_compute_spend_total{experiment="churn",phase="tuning",resource="big",currency="EUR"} 20
                        mlflow_compute_spend_total{experiment="churn",phase="other",resource="node",currency="EUR"} 1
                        """);
    }

    @Test
    void hintsThatAreNotTrustedChangeNothing() {
        book(ONE_AN_HOUR + "trust_run_hints: false\n").runs("""
                        run,status,start,end,tag:mlflow-exporter.count
                        r,finished,2026-03-10T08:00Z,2026-03-10T10:00Z,100
                        """).at(NOW).shows("""
                        mlflow_compute_spend_total{experiment="churn",phase="training",resource="node",currency="EUR"} 2
                        """);
    }

    @Test
    void quantitiesAndModelsStandOnTheRun() {
        Scenario scenario = book("""
                currency: EUR
                resources:
                  - name: node
                    prices: [{rates: {vcpu: 0.5, gpu: {A100: 2, H100: 4}}}]
                rules:
                  - uses:
                      - {resource: node, count: "param:nodes else 2", vcpus: "tag:cpus else 0", gpus: "tag:gpus else 1", gpu_model: "tag:gpu"}
                    experiment: ["*"]
                """).runs("""
                run,experiment,status,start,end,param:nodes,tag:cpus,tag:gpus,tag:gpu
                r1,full,finished,2026-03-10T08:00Z,2026-03-10T09:00Z,3,4,2,H100
                r2,by-else,finished,2026-03-10T08:00Z,2026-03-10T09:00Z,,,,A100
                r3,no-gpus-no-model,finished,2026-03-10T08:00Z,2026-03-10T09:00Z,1,2,0,
                r4,model-missing,finished,2026-03-10T08:00Z,2026-03-10T09:00Z,1,2,1,
                r5,model-unpriced,finished,2026-03-10T08:00Z,2026-03-10T09:00Z,1,2,1,V100
                r6,unreadable,finished,2026-03-10T08:00Z,2026-03-10T09:00Z,many,2,1,A100
                """).at(NOW);

        scenario.showsAllOf("""
                mlflow_compute_spend_total{experiment="full",phase="training",resource="node/vcpu",currency="EUR"} 6
                mlflow_compute_spend_total{experiment="full",phase="training",resource="node/gpu:H100",currency="EUR"} 24
                mlflow_compute_spend_total{experiment="by-else",phase="training",resource="node/gpu:A100",currency="EUR"} 4
                mlflow_compute_spend_total{experiment="no-gpus-no-model",phase="training",resource="node/vcpu",currency="EUR"} 1
                mlflow_compute_spend_total{experiment="model-unpriced",phase="training",resource="node/vcpu",currency="EUR"} 1
                mlflow_compute_unpriced_seconds_total{experiment="full",phase="training"} 0
                mlflow_compute_unpriced_seconds_total{experiment="by-else",phase="training"} 0
                mlflow_compute_unpriced_seconds_total{experiment="no-gpus-no-model",phase="training"} 0
                mlflow_compute_unpriced_seconds_total{experiment="model-missing",phase="training"} 3600
                mlflow_compute_unpriced_seconds_total{experiment="model-unpriced",phase="training"} 3600
                mlflow_compute_unpriced_seconds_total{experiment="unreadable",phase="training"} 3600
                """);
        assertThat(scenario.report().unreadableQuantities()).isEqualTo(1);
        assertThat(scenario.report().overview().orElseThrow().unpriced())
                .extracting(CostOverview.Unpriced::why)
                .containsExactlyInAnyOrder(
                        "rule (" + directory.resolve("book.yaml")
                                + ":6) asks for a number or model that the run does not tell: add `else NUMBER` to it,"
                                + " or log the number",
                        "node/gpu:V100 has no price then: add one whose valid_from and valid_until cover it",
                        "rule (" + directory.resolve("book.yaml")
                                + ":6) asks for a number or model that the run tells as something else: add `else"
                                + " NUMBER` to it, or log the number");
    }

    @Test
    void whatOfTheBookIsIdleIsToldOnce() {
        Scenario scenario = book("""
                currency: EUR
                resources: [{name: node, prices: [{per_hour: 1}]}]
                rules:
                  - {name: old, experiment: [fraud*], uses: [{resource: node}]}
                  - {experiment: [churn], uses: [{resource: node}]}
                budgets: [{name: none, amount: 1, phase: [tuning]}]
                """).runs("""
                run,status,start,end
                r,finished,2026-03-10T08:00Z,2026-03-10T10:00Z
                """).at(NOW);

        String book = directory.resolve("book.yaml").toString();
        assertThat(scenario.report().newlyIdle())
                .containsExactly(
                        "rule old (" + book + ":4) is the first to match for none of the runs (1 looked at)",
                        "budget none (" + book + ":6) matches none of the runs (1 looked at)");
        assertThat(scenario.at(NOW).report().newlyIdle()).isEmpty();
    }

    @Test
    void experimentsOfOneNameAddUpInAWorkspaceAndStayApartInTwo() {
        book(ONE_AN_HOUR).runs("""
                        run,workspace,experiment,status,start,end
                        r1,red,churn,finished,2026-03-10T08:00Z,2026-03-10T09:00Z
                        r2,blue,churn,finished,2026-03-10T08:00Z,2026-03-10T10:00Z
                        """).at(NOW).showsAllOf("""
                        mlflow_compute_spend_total{workspace="red",experiment="churn",phase="training",resource="node",currency="EUR"} 1
                        mlflow_compute_spend_total{workspace="blue",experiment="churn",phase="training",resource="node",currency="EUR"} 2
                        """);
    }

    @Test
    void aPhaseThatIsEditedMovesTheWindowsAndNotTheCounters() {
        Scenario scenario = book(ONE_AN_HOUR).runs("""
                run,name,status,start,end
                r,training,finished,2026-03-10T08:00Z,2026-03-10T09:00Z
                """).at(NOW).runs("""
                run,name,status,start,end
                r,tuning,finished,2026-03-10T08:00Z,2026-03-10T09:00Z
                """).at(NOW);

        scenario.showsAllOf("""
                mlflow_compute_spend_total{experiment="churn",phase="training",resource="node",currency="EUR"} 1
                """).shows("""
                mlflow_compute_cost{window="1d",experiment="churn",phase="tuning",outcome="finished",currency="EUR"} 1
                mlflow_exporter_ledger_clamped_series 0
                """);
    }

    @Test
    void aBookThatAsksForOtherTagsWaitsUntilTheyAreRead() {
        Scenario scenario = book(ONE_AN_HOUR).runs("""
                run,status,start,end,tag:gpus
                r,finished,2026-03-10T08:00Z,2026-03-10T09:00Z,0
                """).at(NOW);
        scenario.book("""
                currency: EUR
                resources: [{name: node, prices: [{per_hour: 5}]}]
                default_uses: [{resource: node, count: "tag:gpus else 8"}]
                """);

        // The runs were read for the former book: by the new one this run would have eight.
        scenario.withoutReading(NOW).shows("""
                mlflow_compute_spend_total{experiment="churn",phase="training",resource="node",currency="EUR"} 1
                """);
        scenario.at(NOW).shows("""
                mlflow_price_per_hour{resource="node",currency="EUR",source="estimate"} 5
                mlflow_compute_spend_total{experiment="churn",phase="training",resource="node",currency="EUR"} 1
                mlflow_exporter_ledger_clamped_series 3
                """);
    }

    @Test
    void useIsWeightedByCostAndBySecondsWhereNothingHasAPrice() {
        book("""
                currency: EUR
                resources:
                  - {name: cheap, prices: [{per_hour: 1}]}
                  - {name: dear, prices: [{per_hour: 9}]}
                rules:
                  - {tags: {on: dear}, uses: [{resource: dear}]}
                  - {tags: {on: cheap}, uses: [{resource: cheap}]}
                """).runs("""
                        run,experiment,status,start,end,tag:on,metric:system/cpu_utilization_percentage,metric:system/system_memory_usage_percentage
                        r1,priced,finished,2026-03-10T08:00Z,2026-03-10T09:00Z,cheap,100,10
                        r2,priced,finished,2026-03-10T08:00Z,2026-03-10T09:00Z,dear,20,10
                        r3,unpriced,finished,2026-03-10T08:00Z,2026-03-10T09:00Z,,100,
                        r4,unpriced,finished,2026-03-10T08:00Z,2026-03-10T11:00Z,,20,
                        r5,too-old,finished,2026-01-10T08:00Z,2026-01-10T11:00Z,cheap,20,
                        """).at(NOW).showsAllOf("""
                        mlflow_resource_utilization_ratio{experiment="priced",phase="training",resource="cpu"} 0.28
                        mlflow_resource_utilization_ratio{experiment="priced",phase="training",resource="memory"} 0.1
                        mlflow_resource_utilization_ratio{experiment="unpriced",phase="training",resource="cpu"} 0.4
                        """).shows("""
                        mlflow_compute_idle_cost{window="1d",experiment="priced",phase="training",currency="EUR"} 7.2
                        """);
    }

    @Test
    void aBudgetOfAQuarterConvertsByTheRateOfTheTime() {
        book("""
                currency: USD
                conversions:
                  - {from: USD, to: EUR, rate: 0.5, valid_until: 2026-03-10}
                  - {from: USD, to: EUR, rate: 2, valid_from: 2026-03-10}
                resources: [{name: node, prices: [{per_hour: 10}]}]
                default_uses: [{resource: node}]
                budgets: [{name: q, amount: 100, currency: EUR, period: quarter}]
                """).runs("""
                        run,status,start,end
                        last-year,finished,2025-12-31T20:00Z,2026-01-01T01:00Z
                        midnight,finished,2026-03-09T22:00Z,2026-03-10T01:00Z
                        """).at(NOW).shows("""
                        mlflow_budget_spent_ratio{budget="q"} 0.35
                        """);
    }

    @Test
    void aStartBeforeAllTimesIsNoNegativeCost() {
        Scenario scenario = book(ONE_AN_HOUR).runs("""
                        run,experiment,status,start,end
                        r1,ended,finished,-292275055-06-01T00:00Z,2026-03-10T09:00Z
                        r2,silent,running,-292275055-06-01T00:00Z,
                        """).at(NOW).shows("""
                        mlflow_compute_unpriced_seconds_total{experiment="ended",phase="training"} 7776000
                        mlflow_compute_unpriced_seconds_total{experiment="silent",phase="training"} 0
                        """);
        assertThat(scenario.scrape("mlflow_compute_cost_per_hour")).doesNotContain("silent");
        assertThat(scenario.scrape("mlflow_compute_spend_total")).doesNotContain("ended");
    }

    @Test
    void infinityAsMlflowStoresItIsNoPowerAndNoUse() {
        Scenario scenario = book("""
                currency: EUR
                resources:
                  - {name: node, watts: 100, prices: [{per_hour: 1}]}
                default_uses: [{resource: node}]
                """).runs("""
                        run,status,start,end,metric:system/gpu_0_power_usage_watts,metric:system/cpu_utilization_percentage,metric:system/gpu_0_utilization_percentage
                        r1,finished,2026-03-10T08:00Z,2026-03-10T09:00Z,1.7976931348623157e308,1.7976931348623157e308,50
                        """).at(NOW).shows("""
                        mlflow_energy_joules_total{experiment="churn",phase="training"} 360000
                        mlflow_resource_utilization_ratio{experiment="churn",phase="training",resource="gpu"} 0.5
                        """);
        assertThat(scenario.scrape("mlflow_resource_utilization_ratio")).doesNotContain("cpu");
    }
}
