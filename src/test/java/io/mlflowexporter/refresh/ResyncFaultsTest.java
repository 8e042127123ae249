package io.mlflowexporter.refresh;

import static org.assertj.core.api.Assertions.assertThat;

import io.mlflowexporter.catalog.sync.MlflowWriter;
import io.mlflowexporter.demo.SimulatedMlflow;
import io.mlflowexporter.demo.life.SimulationOptions;
import io.mlflowexporter.refresh.ExporterStatus.Outcome;
import io.mlflowexporter.testing.FaultProxy;
import io.mlflowexporter.testing.ScriptedServer;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What becomes of a refresh, and what is said, where MLflow fails only what is asked again. */
final class ResyncFaultsTest {
    private static final String FAILURES = "mlflow_exporter_resync_failures_total";

    private SimulatedMlflow mlflow;
    private FaultProxy proxy;

    @BeforeEach
    void start() throws Exception {
        mlflow = SimulatedMlflow.start(SimulationOptions.defaults().withClock(() -> RefreshBench.START));
        proxy = FaultProxy.before(mlflow.uri());
    }

    @AfterEach
    void stop() {
        proxy.close();
        mlflow.close();
    }

    /** All runs of experiments that were read before, whenever they started. */
    private static boolean isResync(ScriptedServer.Request request) {
        return request.endpoint().equals("runs/search")
                && !request.body().contains("DELETED_ONLY")
                && !request.body().contains("\"filter\"");
    }

    @Test
    void failuresAreSaidOnceAndCountedAndFailNoRefresh() throws Exception {
        try (RefreshBench bench = new RefreshBench(proxy.uri(), Map.of())) {
            assertThat(bench.refresh()).isEqualTo(Outcome.COMPLETE);
            assertThat(bench.refresh()).isEqualTo(Outcome.COMPLETE);
            assertThat(bench.problemsSaid()).isEmpty();
            assertThat(bench.value(FAILURES)).isEqualTo("0.0");

            proxy.fault(
                    FaultProxy.where(ResyncFaultsTest::isResync, FaultProxy.instead(ScriptedServer.status(500, "{}"))));
            for (int i = 0; i < 3; i++) {
                assertThat(bench.refresh()).isEqualTo(Outcome.COMPLETE);
            }
            assertThat(bench.problemsSaid())
                    .singleElement()
                    .asString()
                    .startsWith("WARN rereading of known runs: cannot read runs/search from " + proxy.uri())
                    .contains("HTTP 500")
                    .endsWith("; said once until it changes");
            assertThat(bench.value(FAILURES)).isEqualTo("3.0");

            proxy.fault(FaultProxy.where(ResyncFaultsTest::isResync, FaultProxy.reset()));
            assertThat(bench.refresh()).isEqualTo(Outcome.COMPLETE);
            assertThat(bench.refresh()).isEqualTo(Outcome.COMPLETE);
            assertThat(bench.problemsSaid()).singleElement().asString().startsWith("WARN rereading of known runs: ");
            assertThat(bench.value(FAILURES)).isEqualTo("5.0");

            proxy.fault((request, behind) -> behind.get().answer());
            bench.refresh();
            assertThat(bench.problemsSaid()).containsExactly("INFO rereading of known runs: reads again");
            assertThat(bench.value(FAILURES)).isEqualTo("5.0");
        }
    }

    private static double runs(RefreshBench bench) {
        return bench.scrape()
                .lines()
                .filter(line -> line.startsWith("mlflow_runs{"))
                .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1)))
                .sum();
    }

    @Test
    void aServerThatRefusesToListDeletedRunsIsReadAndAskedAgainLater() throws Exception {
        AtomicInteger asked = new AtomicInteger();
        proxy.fault(FaultProxy.where(request -> request.body().contains("DELETED_ONLY"), (request, behind) -> {
            asked.incrementAndGet();
            return ScriptedServer.status(
                    400, "{\"error_code\": \"INVALID_PARAMETER_VALUE\", \"message\": \"no such view\"}");
        }));
        try (RefreshBench bench = new RefreshBench(proxy.uri(), Map.of())) {
            bench.refresh();
            assertThat(bench.refresh()).isEqualTo(Outcome.COMPLETE);
            assertThat(asked.get()).isPositive();
            double before = runs(bench);
            MlflowWriter writer = new MlflowWriter(mlflow.uri());
            writer.runDeleted(
                    writer.runIds(List.of("1"), "attributes.status = 'FINISHED'")
                            .get(0),
                    true);

            asked.set(0);
            for (int i = 0; i < 15; i++) {
                assertThat(bench.refresh()).isEqualTo(Outcome.COMPLETE);
            }

            assertThat(asked).as("not at each refresh").hasValue(0);
            assertThat(runs(bench)).as("by the resync").isEqualTo(before - 1);
            assertThat(bench.problemsSaid()).isEmpty();
            bench.refresh();
            bench.refresh();
            assertThat(asked.get()).as("now and then").isPositive();
        }
    }

    @Test
    void aServerThatDoesNotAnswerTheResyncLeavesTimeForModels() throws Exception {
        CountDownLatch over = new CountDownLatch(1);
        try (RefreshBench bench =
                new RefreshBench(proxy.uri(), Map.of("refresh.timeout", "12s", "mlflow.read_timeout", "60s"))) {
            bench.refresh();
            bench.problemsSaid();
            proxy.fault(FaultProxy.where(ResyncFaultsTest::isResync, (request, behind) -> out -> {
                try {
                    over.await();
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                }
            }));

            assertThat(bench.refresh()).isEqualTo(Outcome.COMPLETE);

            assertThat(bench.problemsSaid()).singleElement().asString().startsWith("WARN rereading of known runs: ");
            assertThat(bench.refresher.status().registry().problem()).isEmpty();
        } finally {
            over.countDown();
        }
    }
}
