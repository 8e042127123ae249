package io.mlflowexporter.estimate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.assertj.core.api.Assertions.within;

import io.mlflowexporter.cost.usage.RunUse;
import io.mlflowexporter.estimate.Estimate.PhaseExpectation;
import io.mlflowexporter.estimate.RunHistory.Found;
import io.mlflowexporter.estimate.RunHistory.PhasePast;
import io.mlflowexporter.estimate.RunHistory.RunPast;
import io.mlflowexporter.kpi.Kpis.Achieved;
import io.mlflowexporter.registry.Deployments.Pace;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Questions good and bad, and what is made of a history. */
final class EstimatesTest {
    private static final Instant NOW = Instant.parse("2026-03-20T00:00:00Z");
    private static final String BOOK = """
            currency: EUR
            resources:
              - name: gpu
                prices:
                  - {per_hour: 2, valid_from: 2026-01-01, valid_until: 2026-04-01}
                  - {per_hour: 3, valid_from: 2026-06-01}
              - name: node
                prices: [{rates: {vcpu: 0.1, gib: 0.01}}]
              - name: dollar
                prices: [{per_hour: 5, currency: USD}]
            """;

    private RunHistory past = new RunHistory(NOW, List.of(), Optional.of(List.of()), List.of());

    private Estimate ask(String query) throws Exception {
        Map<String, List<String>> parameters = new LinkedHashMap<>();
        Arrays.stream(query.split("&", -1))
                .map(pair -> pair.split("=", 2))
                .forEach(pair -> parameters
                        .computeIfAbsent(pair[0], name -> new ArrayList<>())
                        .add(pair[1]));
        var prices = EnvelopePropertyTest.prices(BOOK);
        return new Estimates(() -> Optional.of(prices), wanted -> past, InstantSource.fixed(NOW)).answer(parameters);
    }

    private List<String> problems(String query) {
        return catchThrowableOfType(BadQuestionException.class, () -> ask(query))
                .problems();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                    resource=gpu&hours=8&runs=0        | runs: "0" is not a number from 1 to 1000000, written without exponent
                    resource=gpu&hours=-1              | hours: "-1" is not a number from 0 to 1000000, written without exponent
                    resource=gpu&hours=NaN             | hours: "NaN" is not a number from 0 to 1000000, written without exponent
                    resource=gpu&hours=1e9             | hours: "1e9" is not a number from 0 to 1000000, written without exponent
                    resource=gpu&hours=1000001         | hours: "1000001" is not a number from 0 to 1000000, written without exponent
                    resource=gpu&hours=1&runs=1.5      | runs: "1.5" is not whole
                    resource=gpu&hours=1&overhead_share=2 | overhead_share: "2" is not a number from 0 to 1, written without exponent
                    resource=gpu                       | hours: are missing for resource "gpu"
                    hours=3                            | resource: is missing; count and hours are those of a resource
                    resource=gpu&resource=&hours=1&hours=2 | resource: is missing for "2" hours
                    resource=gpu&hours=1&hours=2       | hours: is given 2 times for 1 resources; give it once, or once for each
                    resource=gpu&hours=1&runs=1&runs=2 | runs: is given more than once
                    resource=gpu&hours=1&run=2         | "run" is no parameter; did you mean runs? There are: resource, count, hours, runs, at, overhead_days, overhead_share, workspace, experiment, phase, model
                    resource=gpux&hours=1              | resource: the cost book has no "gpux"; did you mean gpu? There are: gpu, node/vcpu, node/gib, dollar
                    resource=gpu:1e3&hours=1           | resource: the cost book has no "gpu:1e3". There are: gpu, node/vcpu, node/gib, dollar
                    resource=node&hours=1              | resource: node is priced by its parts; ask for these: node/vcpu, node/gib
                    resource=gpu&hours=1&at=2026-05-01 | resource: gpu has no price on 2026-05-01; it has prices from 2026-01-01 until 2026-04-01, from 2026-06-01
                    resource=gpu&hours=1&at=yesterday  | at: "yesterday" is not a time; allowed: a date such as 2026-01-31, or a date and time with an offset such as 2026-01-31T12:00:00Z, from 1970 to 9999
                    resource=gpu&hours=1&at=+999999999-01-01 | at: "+999999999-01-01" is not a time; allowed: a date such as 2026-01-31, or a date and time with an offset such as 2026-01-31T12:00:00Z, from 1970 to 9999
                    runs=3                             | nothing is asked: name a resource and hours, an experiment, or a model
                    phase=training                     | phase: is of an experiment; name one with experiment
                    workspace=red                      | workspace: is of an experiment or a model; name one with experiment or model
                    """)
    void aBadQuestionIsToldWhatThereIs(String query, String problem) {
        assertThat(problems(query)).contains(problem);
    }

    @Test
    void whatIsNotThereIsToldWithEverythingElseThatIsWrong() {
        past = RunHistory.missing(NOW, List.of("experiment: there is no \"bike\"; there is none at all"));

        assertThat(problems("experiment=bike&resource=gpux&hours=1"))
                .containsExactly(
                        "resource: the cost book has no \"gpux\"; did you mean gpu? There are: gpu, node/vcpu, node/gib,"
                                + " dollar",
                        "experiment: there is no \"bike\"; there is none at all");
    }

    @Test
    void tooMuchIsRefused() {
        assertThat(problems("resource=gpu&hours=1" + "&resource=gpu".repeat(20)))
                .contains("resource: is given 21 times; allowed: 20");
        assertThat(problems("experiment=" + "x".repeat(513))).contains("experiment: is longer than 512 characters");
    }

    @Test
    void aCountMayStandBehindTheName() throws Exception {
        Estimate estimate = ask("resource=gpu:2&resource=node/vcpu:16&hours=8&hours=4&runs=3");

        assertThat(estimate.envelope().orElseThrow().lines())
                .extracting(line -> line.cost().amount())
                .containsExactly(8 * 2 * 3 * 2.0, 16 * 4 * 3 * 0.1);
    }

    @Test
    void currenciesWithoutARateAreNotAdded() throws Exception {
        Estimate estimate = ask("resource=gpu&resource=dollar&hours=1");

        assertThat(estimate.envelope().orElseThrow().total())
                .extracting(Estimate.Amount::currency)
                .containsExactly("EUR", "USD");
        assertThat(EstimateText.write(estimate)).contains("Without a rate between them, currencies are not added.");
    }

    private static RunPast run(int hours, boolean nested, String unit, double... kpi) {
        return new RunPast(
                NOW.minus(Duration.ofDays(hours)).toEpochMilli(),
                Duration.ofHours(hours).toMillis(),
                nested,
                Optional.of(new RunUse(!nested, true, Map.of(unit, 2.0))),
                Arrays.stream(kpi)
                        .mapToObj(value -> new Achieved("accuracy", value, "", false, Optional.of(0.9)))
                        .toList());
    }

    private PhaseExpectation expect(List<RunPast> runs) throws Exception {
        past = new RunHistory(
                NOW,
                List.of(new Found("", "churn", List.of(new PhasePast("training", runs)))),
                Optional.of(List.of()),
                List.of());
        return ask("experiment=churn&runs=10")
                .expectation()
                .orElseThrow()
                .phases()
                .get(0);
    }

    @Test
    void theNextRunIsExpectedToTakeWhatTheNewestTook() throws Exception {
        PhaseExpectation phase = expect(IntStream.rangeClosed(1, 11)
                .mapToObj(n -> run(n, false, "gpu", n / 20.0))
                .toList());

        assertThat(phase.durationSeconds().orElseThrow()).isEqualTo(new Estimate.Spread(6 * 3600, 10 * 3600, 6 * 3600));
        assertThat(phase.costs()).singleElement().satisfies(cost -> {
            assertThat(cost.perRun().median()).isCloseTo(24, within(1e-9));
            assertThat(cost.perRun().p90()).isCloseTo(40, within(1e-9));
            assertThat(cost.planned()).isCloseTo(240, within(1e-9));
        });
        assertThat(phase.kpis()).singleElement().satisfies(kpi -> {
            assertThat(kpi.latest()).isEqualTo(0.05);
            assertThat(kpi.values().orElseThrow().median()).isCloseTo(0.3, within(1e-9));
            assertThat(kpi.values().orElseThrow().p10()).isCloseTo(0.1, within(1e-9));
            assertThat(kpi.runs()).isEqualTo(11);
        });
    }

    @Test
    void fewRunsTellNothing() throws Exception {
        PhaseExpectation phase = expect(IntStream.rangeClosed(1, 4)
                .mapToObj(n -> run(n, false, "gpu", 0.5))
                .toList());

        assertThat(phase.basis().enough()).isFalse();
        assertThat(phase.durationSeconds()).isEmpty();
        assertThat(phase.costs()).isEmpty();
        assertThat(phase.kpis().get(0).values()).isEmpty();
    }

    @Test
    void nestedRunsCountOnlyWhereThereIsNoOther() throws Exception {
        List<RunPast> nested =
                IntStream.rangeClosed(1, 6).mapToObj(n -> run(n, true, "gpu")).toList();
        PhaseExpectation alone = expect(nested);
        List<RunPast> both = new ArrayList<>(nested);
        both.add(run(20, false, "gpu"));
        PhaseExpectation mixed = expect(both);

        assertThat(alone.basis().nested()).isTrue();
        assertThat(alone.durationSeconds()).isPresent();
        assertThat(alone.costs()).isEmpty();
        assertThat(mixed.basis().runs()).isEqualTo(1);
        assertThat(mixed.basis().nested()).isFalse();
    }

    @Test
    void runsWithoutAPriceAreLeftOutOfCosts() throws Exception {
        List<RunPast> runs = new ArrayList<>(
                IntStream.rangeClosed(1, 6).mapToObj(n -> run(n, false, "gpu")).toList());
        runs.add(run(9, false, "gone"));
        PhaseExpectation phase = expect(runs);

        assertThat(phase.basis().runs()).isEqualTo(7);
        assertThat(phase.pricedRuns()).isEqualTo(6);
    }

    @Test
    void deploymentsAreToldPerThirtyDaysWhereThereAreEnough() throws Exception {
        past = new RunHistory(
                NOW,
                List.of(),
                Optional.of(List.of(
                        new Pace("", "a", "champion", 6, Duration.ofDays(90)),
                        new Pace("", "b", "champion", 2, Duration.ofDays(90)),
                        new Pace("", "c", "champion", 9, Duration.ofDays(6)))),
                List.of());

        assertThat(ask("model=a").deployments())
                .extracting(Estimate.DeploymentPace::per30Days)
                .containsExactly(Optional.of(2.0), Optional.empty(), Optional.empty());
    }

    @Test
    void theSameNameInTwoWorkspacesIsNotGuessed() {
        past = new RunHistory(
                NOW,
                List.of(new Found("red", "churn", List.of()), new Found("blue", "churn", List.of())),
                Optional.empty(),
                List.of());

        assertThat(problems("experiment=churn"))
                .containsExactly("experiment: \"churn\" is in several workspaces; name one with workspace: red, blue");
    }

    @Test
    void jsonIsReadAsItWasWritten() throws Exception {
        expect(IntStream.rangeClosed(1, 11)
                .mapToObj(n -> run(n, false, "gpu", 0.5))
                .toList());
        Estimate estimate = ask("experiment=churn&resource=gpu&hours=3");

        assertThat(EstimateJson.read(EstimateJson.write(estimate))).isEqualTo(estimate);
    }

    @Test
    void nothingHostileReachesTerminalOrSpreadsheet() throws Exception {
        String name = "=cmd|' /C calc'!A0,\"\u001b[2J\u202e\n";
        past = new RunHistory(
                NOW,
                List.of(new Found(
                        "",
                        name,
                        List.of(new PhasePast(
                                "@p",
                                IntStream.rangeClosed(1, 5)
                                        .mapToObj(n -> run(n, false, "gpu"))
                                        .toList())))),
                Optional.empty(),
                List.of());
        Estimate estimate = ask("experiment=x");

        assertThat(EstimateText.write(estimate)).doesNotContain("\u001b", "\u202e");
        assertThat(EstimateCsv.write(estimate))
                .contains(",\"'=cmd|' /C calc'!A0,\"\"")
                .contains(",'@p,")
                .doesNotContain(",=", ",@");
    }

    @Test
    void withoutACostBookThereAreNoPrices() {
        Estimates none = new Estimates(Optional::empty, wanted -> past, InstantSource.fixed(NOW));

        assertThat(none.resources()).isEmpty();
        assertThatThrownBy(() -> none.answer(Map.of("resource", List.of("gpu"), "hours", List.of("1"))))
                .hasMessage("resource: there are no prices, as no cost book is configured; set cost.file");
    }
}
