package io.mlflowexporter.refresh;

import static org.assertj.core.api.Assertions.assertThat;

import io.mlflowexporter.demo.SimulatedMlflow;
import io.mlflowexporter.demo.life.SimulationOptions;
import io.mlflowexporter.refresh.ExporterStatus.Outcome;
import io.mlflowexporter.testing.Certificates;
import io.mlflowexporter.testing.FaultProxy;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The table of faults before the simulated server; {@link ServerFaultsIT} has it before a real one. At more moments of a
 * refresh with {@code -Dfaults.full=true}.
 */
final class ServerFaultsTest {
    @TempDir
    private Path directory;

    private final List<SimulatedMlflow> started = new ArrayList<>();

    private final FaultyWorld.Servers servers = new FaultyWorld.Servers() {
        @Override
        public URI first() {
            return server(RefreshBench.START.minus(Duration.ofDays(20)));
        }

        @Override
        public int page() {
            return FaultyWorld.PAGE;
        }

        @Override
        public URI other() {
            return server(RefreshBench.START.minus(Duration.ofDays(10)));
        }

        @Override
        public Instant now() {
            return RefreshBench.START;
        }
    };

    private URI server(Instant created) {
        try {
            SimulatedMlflow server = SimulatedMlflow.start(
                    SimulationOptions.defaults().withRuns(0).withClock(() -> created));
            started.add(server);
            return server.uri();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @AfterEach
    void stop() {
        started.forEach(SimulatedMlflow::close);
    }

    /** Each in the middle of a refresh; in full also at once, at every request of the first ones, and late. */
    static Stream<Arguments> faults() {
        List<Integer> moments = Boolean.getBoolean("faults.full") ? List.of(0, 1, 2, 3, 4, 5, 8, 12, 20) : List.of(5);
        return ServerFault.all().stream().flatMap(fault -> moments.stream().map(after -> Arguments.of(fault, after)));
    }

    @ParameterizedTest(name = "{0}, after {1} requests")
    @MethodSource("faults")
    void afterAFaultEverythingIsAsItWouldBeWithout(ServerFault fault, int strikesAfter) throws Exception {
        try (FaultyWorld world = new FaultyWorld(servers, directory, fault.settings(), strikesAfter)) {
            world.endures(fault);
        }
    }

    @Test
    void anotherCertificateIsTakenIfItIsTrusted() throws Exception {
        Certificates certificates = new Certificates(directory);
        Path authority = certificates.authority("authority");
        certificates.authority("stranger");
        certificates.signed("server", "authority", "EC", "-ext", "san=ip:127.0.0.1");
        certificates.signed("renewed", "authority", "EC", "-ext", "san=ip:127.0.0.1");
        certificates.signed("wrong", "stranger", "EC", "-ext", "san=ip:127.0.0.1");
        try (FaultyWorld world = FaultyWorld.overTls(servers, directory, authority, certificates.server("server"))) {
            world.endures(new ServerFault(
                    "a certificate nobody knows",
                    Map.of(),
                    true,
                    ServerFault.What.ALL_EQUAL,
                    w -> w.proxy().certificate(certificates.server("wrong")),
                    w -> w.proxy().certificate(certificates.server("renewed"))));
        }
    }

    @Test
    void oneExperimentThatIsNeverAnsweredForDoesNotHoldUpTheOthers() throws Exception {
        try (FaultyWorld world = new FaultyWorld(servers, directory, Map.of("mlflow.read_timeout", "1500ms"), 0)) {
            RefreshBench bench = world.bench();
            assertThat(bench.refresh()).isEqualTo(Outcome.COMPLETE);
            String slow = world.anExperiment();
            world.proxy()
                    .fault(FaultProxy.where(
                            request -> request.target().endsWith("runs/search")
                                    && request.body().matches("(?s).*\"experiment_ids\":\\[[^]]*\"" + slow + "\".*"),
                            FaultProxy.slow(Duration.ofSeconds(1))));
            Outcome outcome = Outcome.FAILED;
            for (int i = 0; i < 6 && outcome != Outcome.COMPLETE; i++) {
                outcome = bench.refresh();
            }

            assertThat(outcome).isEqualTo(Outcome.COMPLETE);
            assertThat(bench.value("mlflow_up")).isEqualTo("1.0");
            assertThat(bench.value("mlflow_exporter_experiments_set_aside")).isEqualTo("1.0");
            assertThat(bench.value("mlflow_snapshot_complete")).isEqualTo("0.0");
            assertThat(bench.refresher.status().snapshot().orElseThrow().incomplete())
                    .singleElement()
                    .asString()
                    .contains("the runs of experiment " + slow + " are set aside: ", "no whole answer within 1.5 s");

            world.proxy().mend();
            assertThat(bench.refresh(Duration.ofMinutes(11))).isEqualTo(Outcome.COMPLETE);
            assertThat(bench.value("mlflow_snapshot_complete")).isEqualTo("1.0");
            world.compareWithAFreshOne(false);
        }
    }
}
