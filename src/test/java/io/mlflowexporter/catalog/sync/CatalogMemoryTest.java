package io.mlflowexporter.catalog.sync;

import static org.assertj.core.api.Assertions.assertThat;

import io.mlflowexporter.catalog.Catalog;
import io.mlflowexporter.catalog.CatalogMemory;
import io.mlflowexporter.catalog.Gaps;
import io.mlflowexporter.catalog.RunNotes;
import io.mlflowexporter.catalog.RunTable;
import io.mlflowexporter.catalog.TimeRules;
import io.mlflowexporter.catalog.reading.RunNeeds;
import io.mlflowexporter.checkpoint.fields.SectionBytes;
import io.mlflowexporter.config.Config;
import io.mlflowexporter.config.ConfigLoader;
import io.mlflowexporter.demo.SimulatedMlflow;
import io.mlflowexporter.demo.life.SimulationOptions;
import io.mlflowexporter.mlflow.Experiment;
import io.mlflowexporter.mlflow.LifecycleStage;
import io.mlflowexporter.mlflow.MlflowSource;
import io.mlflowexporter.mlflow.Run;
import io.mlflowexporter.mlflow.RunStatus;
import io.mlflowexporter.mlflow.rest.RestMlflowSource;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What is held stays within bounds, whatever is made and changed on the server. */
final class CatalogMemoryTest {
    private volatile Instant now = Instant.parse("2026-03-01T12:00:00Z");
    private final Catalog catalog = new Catalog();
    private SimulatedMlflow server;
    private MlflowWriter writer;

    @BeforeEach
    void start() throws Exception {
        server = SimulatedMlflow.start(SimulationOptions.defaults().withRuns(0).withClock(() -> now));
        writer = new MlflowWriter(server.uri());
    }

    @AfterEach
    void stop() {
        server.close();
    }

    private RunNeeds needs = RunNeeds.NOTHING;

    private List<String> refresh(long room) throws Exception {
        now = now.plusSeconds(60);
        Config config = ConfigLoader.load(
                        Optional.empty(),
                        Map.of(),
                        Map.of(
                                "mlflow.tracking_uri",
                                server.uri().toString(),
                                "mlflow.max_requests_per_second",
                                "10000"))
                .config();
        try (MlflowSource source = RestMlflowSource.open(config.mlflow(), new PrometheusRegistry(), () -> now)) {
            return new IncrementalSynchronizer(source, config.sync(), () -> needs, () -> now, new CatalogMemory(room))
                    .tracking(List.of(""), catalog, (step, done, total, runs) -> {});
        }
    }

    private String run(String experiment) {
        return writer.run(experiment, "Training", now.toEpochMilli() - 1_000);
    }

    @Test
    void anExperimentWithMoreRunsThanThereIsRoomForIsSetAsideAndTheOthersAreRead() throws Exception {
        String small = writer.experiment("small");
        String large = writer.experiment("large");
        String before = run(small);
        for (int i = 0; i < 300; i++) {
            run(large);
        }
        String after = run(small);
        long room = 33_000 + catalog.runsWeight();

        assertThat(refresh(room))
                .singleElement()
                .asString()
                .isEqualTo(
                        "the runs of experiment " + large + " are set aside: it has more runs than memory has room for;"
                                + " give more with java -Xmx, or leave experiments out with read.experiments");
        assertThat(catalog.runs().size()).isEqualTo(2);
        assertThat(catalog.runs().row(before)).isPresent();
        assertThat(catalog.runs().row(after)).isPresent();
        assertThat(catalog.runs().id(1)).isEqualTo(after);

        now = now.plusSeconds(601);
        assertThat(refresh(1 << 20)).isEmpty();
        assertThat(catalog.runs().size()).isEqualTo(302);
        assertThat(catalog.runs().presence().present()).isEqualTo(302);
    }

    @Test
    void experimentsThatThereIsNoRoomForAreLeftOutAndSaid() throws Exception {
        for (int i = 0; i < 50; i++) {
            writer.experiment("experiment " + i);
        }

        assertThat(refresh(catalog.runsWeight() + 20_000))
                .containsExactly(
                        "there are more experiments than memory has room for, so that some are left out; give more"
                                + " with java -Xmx, or read fewer with read.experiments");
        assertThat(catalog.experiments()).hasSizeBetween(5, 20);
        assertThat(refresh(1 << 20)).isEmpty();
        assertThat(catalog.experiments()).hasSize(51);
    }

    @Test
    void newRunsThatThereIsNoRoomForLeaveTheKnownOnesUpToDate() throws Exception {
        String experiment = writer.experiment("busy");
        String known = run(experiment);
        assertThat(refresh(1 << 20)).isEmpty();
        long room = catalog.runsWeight() + catalog.experimentsWeight() - 1;
        for (int i = 0; i < 20; i++) {
            run(experiment);
        }
        writer.status(known, "FINISHED", now.toEpochMilli());

        assertThat(refresh(room))
                .containsExactly("20 new runs are left out: more than memory has room for; give more with java -Xmx,"
                        + " or leave experiments out with read.experiments");
        assertThat(catalog.runs().size()).isEqualTo(1);
        assertThat(catalog.runs().status(0)).isEqualTo(RunStatus.FINISHED);
        assertThat(refresh(1 << 20)).isEmpty();
        assertThat(catalog.runs().size())
                .as("within the overlap, or by the resync")
                .isEqualTo(21);
    }

    @Test
    void whatIsKeptOfFewRunsCounts() throws Exception {
        String experiment = writer.experiment("hosts");
        String waits = "";
        for (int i = 0; i < 20; i++) {
            String run = run(experiment);
            if (i % 2 == 0) {
                writer.tag(run, "host", "h1");
            }
            if (i % 5 == 0) {
                writer.status(run, "SCHEDULED", 0);
                waits = run;
            }
        }
        needs = new RunNeeds(Set.of("host"), Set.of(), Set.of(), false);
        assertThat(refresh(1 << 20)).isEmpty();
        long alone = catalog.runsWeight();
        needs = new RunNeeds(Set.of("host"), Set.of(), Set.of(), false, Set.of("tag:host"));
        assertThat(refresh(1 << 20)).isEmpty();
        assertThat(catalog.runsWeight()).as("ten share a machine").isEqualTo(alone + 10 * 400);

        writer.status(waits, "RUNNING", 0);
        assertThat(refresh(1 << 20)).isEmpty();
        assertThat(catalog.runsWeight()).as("it waited").isEqualTo(alone + 10 * 400 + 16);
        writer.status(waits, "FINISHED", now.toEpochMilli());
        assertThat(refresh(1 << 20)).isEmpty();
        assertThat(catalog.runsWeight())
                .as("what it took is not what its times say")
                .isEqualTo(alone + 10 * 400 + 16 + 80);

        Catalog again = SectionBytes.again(catalog::write, Catalog::read);
        again.runs().machines(needs.machines());
        catalog.forgetUnused();
        assertThat(again.runsWeight()).as("after a restart").isEqualTo(catalog.runsWeight());
        catalog.truncateRuns(10);
        assertThat(catalog.runsWeight()).isBetween(0L, again.runsWeight() - 1_000);
    }

    @Test
    void runsThatShareAMachineAreLeftOutEarlier() throws Exception {
        needs = new RunNeeds(Set.of("host"), Set.of(), Set.of(), false, Set.of("tag:host"));
        String experiment = writer.experiment("hosts");
        run(experiment);
        assertThat(refresh(1 << 20)).isEmpty();
        long room = catalog.runsWeight() + catalog.experimentsWeight() + 2_500;
        for (int i = 0; i < 20; i++) {
            writer.tag(run(experiment), "host", "h1");
        }
        assertThat(refresh(room)).singleElement().asString().matches("1[4-7] new runs are left out: .*");
    }

    @Test
    void newExperimentsPushNoKnownOnesOut() throws Exception {
        String known = "";
        for (int i = 0; i < 30; i++) {
            known = writer.experiment("experiment " + i);
        }
        String run = run(known);
        assertThat(refresh(1 << 20)).isEmpty();
        List<String> before = catalog.experiments().stream().map(Experiment::id).toList();
        long room = catalog.runsWeight() + catalog.experimentsWeight() + 500;
        for (int i = 0; i < 50; i++) {
            writer.experiment("a new one " + i);
        }

        assertThat(refresh(room)).singleElement().asString().startsWith("there are more");
        assertThat(catalog.experiments()).extracting(Experiment::id).containsExactlyInAnyOrderElementsOf(before);
        assertThat(catalog.runs().isGone(catalog.runs().row(run).orElseThrow())).isFalse();
        writer.deleted(known, true);
        refresh(room);
        String deleted = known;
        assertThat(catalog.experiments())
                .filteredOn(experiment -> experiment.id().equals(deleted))
                .extracting(Experiment::lifecycleStage)
                .containsExactly(LifecycleStage.DELETED);
    }

    @Test
    void aListThatIsNotReadToItsEndTellsNothingOfKnownElementsThatDoNotCome() {
        Comparator<String> identity = Comparator.comparing(text -> text.charAt(0));
        List<String> taken = new ArrayList<>();
        CatalogMemory.Bounded<String> list = new CatalogMemory.Bounded<>(
                new CatalogMemory.Left(10), String::length, identity, List.of("aaa", "bbb", "c"), taken::add);

        list.accept("dd");
        list.accept("ee");
        list.accept("aaaa");
        list.accept("c");

        assertThat(taken).containsExactly("dd", "aaaa", "c");
        assertThat(list.cut()).isTrue();
        assertThat(list.full()).as("b may come").isFalse();
        assertThat(list.kept()).as("b is gone if the list ends here").isEmpty();

        for (int i = 0; i <= 10_000; i++) {
            list.accept("zz");
        }
        assertThat(list.full()).as("endless").isTrue();
        assertThat(list.kept()).containsExactly("bbb");
    }

    @Test
    void whatChangesAllTheTimeTakesNoMore() throws Exception {
        RunTable runs = catalog.runs();
        catalog.know(List.of(new Experiment("", "0", "churn", LifecycleStage.ACTIVE, 0, 0, Map.of())));
        long least = 0;
        for (int turn = 0; turn < 200; turn++) {
            runs.marks().begin(0);
            for (int i = 0; i < 20; i++) {
                Run run = changing(i, turn + "-" + i + "x".repeat(900));
                RunNotes notes = new RunNotes(Map.of("tag", run.name()), Map.of());
                runs.put(
                        run,
                        "training",
                        run.name(),
                        notes,
                        new Gaps.Look(0, 0, new TimeRules(1, Long.MAX_VALUE, false)));
                runs.logged(catalog.logged(), run);
            }
            runs.presence().endRefresh(Integer.MAX_VALUE);
            catalog.forgetUnused();
            least = turn == 20 ? catalog.runsWeight() : least;
        }

        assertThat(catalog.runsWeight()).isLessThan(3_000_000).isLessThan(4 * least);
        assertThat(runs.size()).isEqualTo(20);
        assertThat(runs.name(7)).startsWith("199-7x");
        assertThat(runs.source(7)).isEqualTo(runs.name(7));
        byte[] written = SectionBytes.of(catalog::write);
        assertThat(written.length).isLessThan(3_000_000);
        RunTable read = SectionBytes.read(written, Catalog::read).runs();
        assertThat(read.source(19)).isEqualTo(runs.source(19));
    }

    private static Run changing(int number, String text) {
        return new Run(
                "",
                "%032x".formatted(number),
                "0",
                text,
                text,
                RunStatus.RUNNING,
                LifecycleStage.ACTIVE,
                1_700_000_000_000L,
                1_700_000_000_000L,
                1_700_000_000_000L,
                Map.of(RunTable.SOURCE_TAG, text),
                Map.of(),
                Map.of(text, new Run.Metric(1, 1, 1)),
                0,
                0);
    }
}
