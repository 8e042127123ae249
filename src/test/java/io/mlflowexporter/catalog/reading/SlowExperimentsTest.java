package io.mlflowexporter.catalog.reading;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.mlflowexporter.catalog.Catalog;
import io.mlflowexporter.catalog.RunState;
import io.mlflowexporter.catalog.RunTable;
import io.mlflowexporter.catalog.sync.IncrementalSynchronizer;
import io.mlflowexporter.catalog.sync.MlflowWriter;
import io.mlflowexporter.config.Config;
import io.mlflowexporter.config.ConfigLoader;
import io.mlflowexporter.demo.SimulatedMlflow;
import io.mlflowexporter.demo.life.SimulationOptions;
import io.mlflowexporter.metric.Times;
import io.mlflowexporter.mlflow.ForwardingSource;
import io.mlflowexporter.mlflow.MlflowException;
import io.mlflowexporter.mlflow.MlflowException.Kind;
import io.mlflowexporter.mlflow.MlflowSource;
import io.mlflowexporter.mlflow.Run;
import io.mlflowexporter.mlflow.RunProjection;
import io.mlflowexporter.mlflow.RunQuery;
import io.mlflowexporter.mlflow.RunStatus;
import io.mlflowexporter.mlflow.rest.RestMlflowSource;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Experiments whose runs do not come in time, among others whose runs do. */
final class SlowExperimentsTest {
    private volatile Instant now = Instant.parse("2026-03-01T12:00:00Z");
    private final Set<String> slow = new HashSet<>();
    private boolean allUnfinishedTogetherAreSlow;
    private final List<List<String>> late = new ArrayList<>();
    private final Catalog catalog = new Catalog();
    private SimulatedMlflow server;
    private MlflowWriter writer;
    private IncrementalSynchronizer synchronizer;

    @BeforeEach
    void start() throws Exception {
        server = SimulatedMlflow.start(SimulationOptions.defaults().withRuns(0).withClock(() -> now));
        writer = new MlflowWriter(server.uri());
        Config config = ConfigLoader.load(
                        Optional.empty(),
                        Map.of(),
                        Map.of(
                                "mlflow.tracking_uri",
                                server.uri().toString(),
                                "mlflow.max_requests_per_second",
                                "10000"))
                .config();
        MlflowSource source = RestMlflowSource.open(config.mlflow(), new PrometheusRegistry(), () -> now);
        synchronizer =
                new IncrementalSynchronizer(new SlowSource(source), config.sync(), () -> RunNeeds.NOTHING, () -> now);
    }

    @AfterEach
    void stop() {
        server.close();
    }

    private List<String> experiments(int number) {
        return IntStream.range(0, number)
                .mapToObj(i -> writer.experiment("e" + i))
                .toList();
    }

    private String run(String experiment) {
        return writer.run(experiment, "Training", now.toEpochMilli() - 1_000);
    }

    private boolean knows(String run) {
        return catalog.runs().row(run).isPresent();
    }

    private List<String> refresh() throws MlflowException {
        late.clear();
        now = now.plusSeconds(60);
        return synchronizer.tracking(List.of(""), catalog, (step, done, total, runs) -> {});
    }

    /** Refreshes that fail, until one does not. */
    private int failuresUntilItReads() {
        for (int failures = 0; failures < 20; failures++) {
            try {
                refresh();
                return failures;
            } catch (MlflowException e) {
                assertThat(e.kind()).isEqualTo(Kind.TIMEOUT);
                assertThat(late).hasSizeLessThanOrEqualTo(3);
            }
        }
        throw new AssertionError("fails for ever");
    }

    @Test
    void amongThousandsItIsFoundInSomeRefreshesAndSetAside() throws Exception {
        List<String> all = experiments(1_500);
        refresh();
        String bad = all.get(700);
        slow.add(bad);
        String unseen = run(bad);
        String good = run(all.get(701));

        assertThat(failuresUntilItReads()).isEqualTo(5);

        assertThat(knows(good)).isTrue();
        assertThat(knows(unseen)).isFalse();
        assertThat(catalog.setAside()).containsExactly(bad);
        assertThat(refresh())
                .singleElement()
                .asString()
                .contains("the runs of experiment " + bad + " are set aside: too slow");
        assertThat(late).isEmpty();

        now = now.plus(Duration.ofMinutes(10));
        refresh();
        assertThat(late).as("tried again, alone").containsExactly(List.of(bad));
        now = now.plus(Duration.ofMinutes(10));
        refresh();
        assertThat(late).as("the pause doubles").isEmpty();
        slow.clear();
        now = now.plus(Duration.ofMinutes(10));
        assertThat(refresh()).isEmpty();
        assertThat(knows(unseen)).isTrue();
    }

    @Test
    void severalAreFoundWhereverTheyAre() throws Exception {
        List<String> all = experiments(300);
        refresh();
        Set<String> bad = Set.of(all.get(0), all.get(1), all.get(100), all.get(200), all.get(201), all.get(299));
        slow.addAll(bad);
        String good = run(all.get(150));

        failuresUntilItReads();

        assertThat(catalog.setAside()).isEqualTo(bad);
        assertThat(knows(good)).isTrue();
    }

    @Test
    void atTheFirstReadingToo() throws Exception {
        List<String> all = experiments(250);
        slow.add(all.get(3));
        List<String> runs = all.stream().map(this::run).toList();

        assertThat(failuresUntilItReads()).isLessThanOrEqualTo(5);

        assertThat(runs.stream().filter(this::knows)).hasSize(249);
        assertThat(catalog.setAside()).containsExactly(all.get(3));
    }

    @Test
    void aServerThatIsSlowAsAWholeIsNotSetAside() throws Exception {
        List<String> all = experiments(30);
        String known = run(all.get(5));
        refresh();
        slow.addAll(all);
        slow.add("0");
        for (int i = 0; i < 30; i++) {
            assertThatThrownBy(this::refresh).isInstanceOf(MlflowException.class);
            assertThat(late).hasSizeLessThanOrEqualTo(3);
        }
        assertThat(catalog.setAside()).isEmpty();
        String meanwhile = run(all.get(6));

        slow.clear();
        server.requests().clear();
        assertThat(refresh()).isEmpty();

        assertThat(knows(meanwhile)).isTrue();
        RunTable runs = catalog.runs();
        assertThat(runs.state(runs.row(known).orElseThrow())).isEqualTo(RunState.ACTIVE);
        assertThat(server.requests().count("runs/search")).isLessThan(60);
        refresh();
        server.requests().clear();
        refresh();
        assertThat(server.requests().count("runs/search"))
                .as("as few questions as before")
                .isEqualTo(5);
    }

    @Test
    void whatIsAskedForByTurnsIsAskedForAgainWhereItWasLate() throws Exception {
        List<String> all = experiments(3);
        long start = now.toEpochMilli() - Duration.ofDays(9).toMillis();
        for (int i = 0; i < 1_600; i++) {
            writer.run(all.get(i % 3), "Training", start + i);
        }
        String resumed = writer.run(all.get(0), "Training", start);
        writer.status(resumed, "FINISHED", start + 1);
        refresh();
        refresh();
        allUnfinishedTogetherAreSlow = true;
        writer.status(resumed, "RUNNING", 0);

        int failures = 0;
        for (int i = 0; i < 20; i++) {
            try {
                refresh();
            } catch (MlflowException e) {
                failures++;
            }
        }
        assertThat(failures).isLessThanOrEqualTo(5);
        int row = catalog.runs().row(resumed).orElseThrow();
        assertThat(catalog.runs().status(row)).isEqualTo(RunStatus.RUNNING);
    }

    @Test
    void aHiccupIsForgotten() throws Exception {
        List<String> all = experiments(20);
        refresh();
        for (int i = 0; i < 10; i++) {
            slow.add(all.get(0));
            assertThatThrownBy(this::refresh).isInstanceOf(MlflowException.class);
            slow.clear();
            assertThat(refresh()).isEmpty();
        }
        assertThat(catalog.setAside()).isEmpty();
    }

    /** Does not answer in time where it is asked for runs of the slow ones. */
    private final class SlowSource extends ForwardingSource {
        SlowSource(MlflowSource good) {
            super(good);
        }

        private void check(RunQuery query) throws MlflowException {
            boolean allUnfinished = query.filter().contains("attributes.status !=")
                    && query.fromStartMillis() == Times.ABSENT
                    && query.experimentIds().size() > 1;
            if ((allUnfinished && allUnfinishedTogetherAreSlow)
                    || query.experimentIds().stream().anyMatch(slow::contains)) {
                late.add(query.experimentIds());
                throw new MlflowException(Kind.TIMEOUT, "too slow");
            }
        }

        @Override
        public void runs(RunQuery query, RunProjection projection, Consumer<Run> sink) throws MlflowException {
            check(query);
            super.runs(query, projection, sink);
        }

        @Override
        public long someRuns(RunQuery query, RunProjection projection, int atLeast, Consumer<Run> sink)
                throws MlflowException {
            check(query);
            return super.someRuns(query, projection, atLeast, sink);
        }
    }
}
