package io.mlflowexporter.refresh;

import static org.assertj.core.api.Assertions.assertThat;

import io.mlflowexporter.catalog.Catalog;
import io.mlflowexporter.catalog.sync.Synchronizer;
import io.mlflowexporter.demo.SimulatedMlflow;
import io.mlflowexporter.demo.api.Faults;
import io.mlflowexporter.demo.api.Faults.Answer;
import io.mlflowexporter.demo.life.SimulationOptions;
import io.mlflowexporter.mlflow.MlflowException;
import io.mlflowexporter.refresh.ExporterStatus.Outcome;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What is logged, counted and served while MLflow, or a part of it, does not answer as it should. */
final class RefreshFaultsTest {
    private static final Duration MINUTE = Duration.ofMinutes(1);

    private SimulatedMlflow mlflow;
    private RefreshBench bench;

    @BeforeEach
    void start() throws Exception {
        mlflow = SimulatedMlflow.start(SimulationOptions.defaults().withClock(() -> RefreshBench.START));
        bench = new RefreshBench(mlflow.uri(), Map.of());
    }

    @AfterEach
    void stop() {
        bench.close();
        mlflow.close();
    }

    static List<Faults.Fault> faults() {
        return List.of(
                Answer.error(401, "UNAUTHENTICATED"),
                Answer.error(403, "PERMISSION_DENIED"),
                Answer.error(404, "ENDPOINT_NOT_FOUND"),
                Answer.error(500, "INTERNAL_ERROR"),
                Answer.html(200),
                Answer.html(502),
                Answer.retryAfter(429, 5),
                new Faults.Truncated(10),
                new Faults.Reset(10));
    }

    @ParameterizedTest
    @MethodSource("faults")
    void eachFaultIsSaidOnceAndItsEndToo(Faults.Fault fault) {
        assertThat(bench.refresh()).isEqualTo(Outcome.COMPLETE);
        assertThat(bench.problemsSaid()).isEmpty();

        mlflow.faults().always("runs/search", fault);
        for (int i = 0; i < 3; i++) {
            assertThat(bench.refresh()).isEqualTo(Outcome.PARTIAL);
        }
        assertThat(bench.problemsSaid())
                .singleElement()
                .asString()
                .startsWith("WARN experiments and runs: cannot read runs/search from " + mlflow.uri())
                .endsWith("; said once until it changes");
        assertThat(bench.value("mlflow_up")).isEqualTo("0.0");
        assertThat(bench.value("mlflow_exporter_refreshes_total{outcome=\"partial\"}"))
                .isEqualTo("3.0");

        mlflow.faults().clear();
        bench.refresh();
        assertThat(bench.problemsSaid()).containsExactly("INFO experiments and runs: reads again");
        assertThat(bench.value("mlflow_up")).isEqualTo("1.0");
    }

    @Test
    void anotherFaultIsSaidAgainAndAServerThatIsGoneOnce() {
        bench.refresh();
        bench.problemsSaid();

        mlflow.faults().always(Answer.error(503, "TEMPORARILY_UNAVAILABLE"));
        bench.refresh();
        bench.refresh();
        mlflow.faults().always(Answer.error(403, "PERMISSION_DENIED"));
        bench.refresh();
        bench.refresh();

        assertThat(bench.problemsSaid())
                .satisfiesExactly(
                        line -> assertThat(line).contains("experiments and runs: ", "HTTP 503"),
                        line -> assertThat(line).contains("experiments and runs: ", "HTTP 403; check mlflow.auth"),
                        line -> assertThat(line).contains("registered models: ", "HTTP 403; check mlflow.auth"));
        assertThat(bench.value("mlflow_exporter_refreshes_total{outcome=\"failed\"}"))
                .isEqualTo("4.0");
        assertThat(bench.refresher.status().registry().problem().orElseThrow().message())
                .contains("HTTP 403");
    }

    @Test
    void theFirstReadIsBegunOnceInTheLogThoughItFailsEachTime() {
        mlflow.faults().always("experiments/search", Answer.html(502));
        for (int i = 0; i < 3; i++) {
            bench.refresh();
        }

        assertThat(bench.said())
                .filteredOn(line -> line.startsWith("INFO"))
                .containsExactly("INFO First read: experiments");
    }

    @Test
    void beforeTheFirstRefreshAllThatIsAlwaysThereIsThere() {
        assertThat(bench.value("mlflow_up")).isEqualTo("0.0");
        for (Outcome outcome : Outcome.values()) {
            String label = outcome.name().toLowerCase(java.util.Locale.ROOT);
            assertThat(bench.value("mlflow_exporter_refreshes_total{outcome=\"" + label + "\"}"))
                    .isEqualTo("0.0");
        }
        assertThat(bench.value("mlflow_snapshot_complete")).isEqualTo("absent");
        assertThat(bench.refresher.status().snapshot()).isEmpty();
    }

    @Test
    void aSnapshotReadWholeStaysWholeUntilItIsWithdrawn() {
        bench.refresh();
        String read = bench.value("mlflow_snapshot_timestamp_seconds");
        mlflow.close();

        assertThat(bench.refresh(Duration.ofMinutes(15))).isEqualTo(Outcome.FAILED);
        assertThat(bench.value("mlflow_up")).isEqualTo("0.0");
        assertThat(bench.value("mlflow_snapshot_complete")).isEqualTo("1.0");
        assertThat(bench.value("mlflow_snapshot_timestamp_seconds")).isEqualTo(read);

        bench.wait(Duration.ofSeconds(1));
        assertThat(bench.scrape().lines().filter(line -> !line.startsWith("#")))
                .noneMatch(line -> line.startsWith("mlflow_snapshot") || line.startsWith("mlflow_runs"))
                .contains("mlflow_up 0.0");
        assertThat(bench.refresh()).isEqualTo(Outcome.FAILED);
        assertThat(bench.value("mlflow_runs")).isEqualTo("absent");
    }

    @Test
    void aHalfThatIsWithdrawnMakesTheRestIncomplete() {
        bench.refresh();
        String first = bench.value("mlflow_snapshot_timestamp_seconds");
        mlflow.faults().registryDown();

        assertThat(bench.refresh(Duration.ofMinutes(10))).isEqualTo(Outcome.PARTIAL);
        assertThat(bench.value("mlflow_up")).isEqualTo("1.0");
        assertThat(bench.value("mlflow_snapshot_complete")).isEqualTo("1.0");
        assertThat(bench.value("mlflow_snapshot_timestamp_seconds")).isEqualTo(first);
        assertThat(bench.value("mlflow_registered_models")).isEqualTo("3.0");
        assertThat(bench.refresher.status().snapshot().orElseThrow().incomplete())
                .isEmpty();

        // Now neither half answers, and only the registry's data is too old.
        mlflow.faults().always(Answer.error(503, "TEMPORARILY_UNAVAILABLE"));
        assertThat(bench.refresh(Duration.ofMinutes(6))).isEqualTo(Outcome.FAILED);
        assertThat(bench.value("mlflow_snapshot_complete")).isEqualTo("0.0");
        assertThat(bench.value("mlflow_registered_models")).isEqualTo("absent");
        assertThat(bench.scrape()).contains("\nmlflow_runs{");
        assertThat(bench.value("mlflow_snapshot_timestamp_seconds")).isNotEqualTo(first);
        ExporterStatus.Snapshot snapshot = bench.refresher.status().snapshot().orElseThrow();
        assertThat(snapshot.incomplete()).singleElement().asString().startsWith("registered models: ");
        assertThat(snapshot.withdrawnAfter()).isAfter(bench.now());

        mlflow.faults().clear();
        assertThat(bench.refresh()).isEqualTo(Outcome.COMPLETE);
        assertThat(bench.value("mlflow_snapshot_complete")).isEqualTo("1.0");
    }

    @Test
    void whatAFailedReadingLeftHalfDoneIsNotShown() throws Exception {
        bench.close();
        bench = new RefreshBench(mlflow.uri(), Map.of("read.max_runs", "10", "mlflow.page_size", "50"));
        bench.refresh();
        ExporterStatus.Snapshot before = bench.refresher.status().snapshot().orElseThrow();

        mlflow.faults().next("runs/search", 1, new Faults.Slow(1 << 20, Duration.ZERO));
        mlflow.faults().next("runs/search", 1, Answer.error(500, "INTERNAL_ERROR"));
        assertThat(bench.refresh()).isEqualTo(Outcome.PARTIAL);

        ExporterStatus.Snapshot after = bench.refresher.status().snapshot().orElseThrow();
        assertThat(after.runs()).isEqualTo(before.runs());
        assertThat(after.experimentsByRuns()).isEqualTo(before.experimentsByRuns());
    }

    @Test
    void leavingOutTheOldestRunsIsSaidOnce() throws Exception {
        bench.close();
        bench = new RefreshBench(mlflow.uri(), Map.of("read.max_runs", "10"));
        bench.refresh();
        bench.refresh();

        assertThat(bench.problemsSaid())
                .containsExactly("WARN The snapshot is not complete: the oldest runs are left out, as read.max_runs is"
                        + " 10 (repeats are suppressed)");
        assertThat(bench.value("mlflow_snapshot_complete")).isEqualTo("0.0");
    }

    @Test
    void aMistakeOfOursDoesNotEndLaterRefreshes() throws Exception {
        AtomicBoolean broken = new AtomicBoolean(true);
        bench.close();
        bench = new RefreshBench(mlflow.uri(), Map.of(), good -> new Synchronizer() {
            @Override
            public List<String> tracking(List<String> workspaces, Catalog catalog, Listener listener)
                    throws MlflowException {
                if (broken.get()) {
                    throw new IllegalStateException("row\n7");
                }
                return good.tracking(workspaces, catalog, listener);
            }

            @Override
            public Map<String, String> registry(List<String> workspaces, Catalog catalog) throws MlflowException {
                return good.registry(workspaces, catalog);
            }
        });

        assertThat(bench.refresh()).isEqualTo(Outcome.PARTIAL);
        assertThat(bench.refresh()).isEqualTo(Outcome.PARTIAL);
        assertThat(bench.problemsSaid())
                .containsExactly("WARN experiments and runs: internal error, please report it: IllegalStateException"
                        + " (row 7); said once until it changes");
        assertThat(bench.refresher.status().tracking().problem()).isPresent();

        broken.set(false);
        assertThat(bench.refresh()).isEqualTo(Outcome.COMPLETE);
    }

    @Test
    void aStopIsNoFault() {
        bench.refresh();
        bench.problemsSaid();

        Thread.currentThread().interrupt();
        bench.refresh(MINUTE);
        assertThat(Thread.interrupted()).isTrue();

        assertThat(bench.said()).isEmpty();
        assertThat(bench.value("mlflow_up")).isEqualTo("1.0");
    }
}
