package io.mlflowexporter.cost;

import static org.assertj.core.api.Assertions.assertThat;

import io.mlflowexporter.catalog.KeptRows;
import io.mlflowexporter.checkpoint.fields.SectionBytes;
import io.mlflowexporter.config.Config;
import io.mlflowexporter.config.ConfigLoader;
import io.mlflowexporter.cost.pricing.PricingFileLoader;
import io.mlflowexporter.kpi.KpiFile;
import io.mlflowexporter.kpi.KpiFileLoader;
import io.mlflowexporter.kpi.KpiOverview;
import io.mlflowexporter.kpi.Kpis;
import io.mlflowexporter.kpi.StepDurations;
import io.mlflowexporter.kpi.StepsConfig;
import io.mlflowexporter.metric.Family;
import io.mlflowexporter.metric.Times;
import io.mlflowexporter.mlflow.RunStatus;
import io.mlflowexporter.pipeline.AnomalyFamilies;
import io.mlflowexporter.pipeline.TrackingFamilies;
import io.mlflowexporter.runs.RunSums;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.EdgeCasesMode;
import net.jqwik.api.ForAll;
import net.jqwik.api.From;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.Tuple;
import net.jqwik.api.constraints.Size;

/** Whatever happens, sums kept from one refresh to the next are to the last bit those of all runs added up anew. */
final class KeptSumsPropertyTest {
    /** Before a night of 23 hours in Berlin. */
    private static final Instant BEGIN = Instant.parse("2026-03-27T07:13:00Z");

    private static final String CHEAP = "0.1";
    private static final String DEAR = "0.7";
    /** At @PRICE@ the one thing in which books differ. */
    private static final String BOOK = """
            time_zone: Europe/Berlin
            currency: EUR
            resources:
              - name: cpu
                prices:
                  - {per_hour: @PRICE@, valid_until: 2026-03-20}
                  - {per_hour: 0.3, valid_from: 2026-03-22}
                watts: 70
              - name: gpu
                prices:
                  - {per_hour: 2.9, currency: USD, source: list}
                gpu_watts: 280
            rules:
              - tags: {kind: a}
                uses: [{resource: cpu, count: "tag:count else 3"}]
                shared_by: tag:host
              - tags: {kind: b}
                uses: [{resource: gpu}, {resource: cpu, count: 0.1}]
                distributed_children: true
                shared_by: tag:host
              - experiment: [two]
                uses: [{resource: cpu, count: "tag:count"}]
            project_tag: project
            team_tag: team
            conversions:
              - {from: USD, to: EUR, rate: 0.9}
            budgets:
              - {name: all, amount: 1000}
              - {name: some, amount: 10, period: quarter, phase: [training]}
            carbon:
              - {grams_per_kwh: 350, valid_from: 2026-03-15}
            pue: 1.3
            """;

    private enum What {
        START,
        START_LONG_AGO,
        START_NESTED,
        END,
        HEARTBEAT,
        LOG,
        NOTHING,
        TAG,
        RENAME,
        SET_STATUS,
        SET_TIMES,
        NEST,
        DELETE,
        RESTORE,
        PURGE,
        RENAME_EXPERIMENT,
        TAG_EXPERIMENT,
        RELOAD,
        RESTART,
        BREAK_OFF,
        SET_CLOCK_BACK
    }

    /** Something happens so many minutes after what was before; the numbers choose how. */
    record Event(What what, int minutes, int a, int b) {}

    @Provide
    Arbitrary<Event> event() {
        return Combinators.combine(
                        Arbitraries.of(What.class),
                        Arbitraries.frequencyOf(
                                Tuple.of(4, Arbitraries.integers().between(0, 5)),
                                Tuple.of(3, Arbitraries.integers().between(0, 600)),
                                Tuple.of(1, Arbitraries.integers().between(0, 20_000))),
                        Arbitraries.integers().between(0, 60),
                        Arbitraries.integers().between(0, 60))
                .as(Event::new);
    }

    @Property(tries = 400, edgeCases = EdgeCasesMode.NONE)
    void theyAreThoseOfAllRunsAddedUpAnew(
            @ForAll @Size(min = 5, max = 60) List<@From("event") Event> events, @ForAll boolean limited) {
        World world = new World(limited ? Map.of("read.max_runs", "5") : Map.of());
        for (Event event : events) {
            world.happens(event);
            if (event.what() != What.BREAK_OFF) {
                assertThat(world.kept()).as("after %s", event).isEqualTo(world.anew());
            }
        }
    }

    private interface Loader<T> {
        T load(Path file) throws Exception;
    }

    private static <T> T load(String text, Loader<T> loader) {
        try {
            Path file = Files.createTempFile("book", ".yaml");
            Files.writeString(file, text);
            T loaded = loader.load(file);
            Files.delete(file);
            return loaded;
        } catch (Exception e) {
            throw new IllegalArgumentException(e);
        }
    }

    private static CostModel model(String price) {
        return load(BOOK.replace("@PRICE@", price), file -> CostModel.of(PricingFileLoader.load(file)));
    }

    private static final KpiFile KPIS = load("""
            kpis:
              - {name: followed, subject: business, value: clicks / shown, window: 3d, experiment: [one, two]}
              - {name: error, subject: accuracy, value: 1 - accuracy, direction: lower, phase: [training]}
            """, KpiFileLoader::load);

    private static final CostModel ONE = model(CHEAP);
    private static final CostModel OTHER = model(DEAR);

    /** MLflow, and two exporters' sums over one catalog of it. */
    private static final class World {
        private final FakeMlflow mlflow = new FakeMlflow();
        private final Map<String, FakeRun> runs = new TreeMap<>();
        private final Costs costs;
        private final Config config;
        private CostModel model = ONE;
        private final Ledger anew = new Ledger(() -> Optional.of(model));
        private final KeptRows<RunSums> runSums = new KeptRows<>();
        private final Kpis kpis = Kpis.of(KPIS, true);
        private final StepDurations steps = new StepDurations(new StepsConfig(List.of()));
        private Instant now = BEGIN;

        World(Map<String, String> settings) {
            experiment(1, 0);
            experiment(2, 0);
            costs = new Costs(mlflow, model, settings, kpis.needs().and(steps.needs()));
            try {
                config = ConfigLoader.load(Optional.empty(), Map.of(), Map.of()).config();
            } catch (Exception e) {
                throw new IllegalArgumentException(e);
            }
        }

        private void experiment(int id, int how) {
            mlflow.experiment(
                    "",
                    Integer.toString(id),
                    List.of("one", "two", "three").get((id + how) % 3),
                    how % 2 == 0 ? Map.of() : Map.of("project", "p" + how % 4));
        }

        void happens(Event event) {
            now = now.plus(Duration.ofMinutes(event.minutes())).plusMillis(event.a() * 977L);
            switch (event.what()) {
                case START, START_NESTED, START_LONG_AGO -> start(event);
                case RENAME_EXPERIMENT, TAG_EXPERIMENT -> experiment(1 + event.a() % 2, event.b());
                case RELOAD -> {
                    model = model == ONE ? OTHER : ONE;
                    costs.reload(model);
                }
                case RESTART -> costs.restart();
                case SET_CLOCK_BACK -> now = now.minus(Duration.ofMinutes(event.b() * 60L));
                default -> change(event);
            }
            mlflow.breakOffAfter(event.what() == What.BREAK_OFF ? event.b() % 5 : Integer.MAX_VALUE);
            try {
                costs.read(now);
            } catch (IllegalStateException e) {
                assertThat(event.what()).isEqualTo(What.BREAK_OFF);
            }
        }

        private void start(Event event) {
            long back = event.what() == What.START_LONG_AGO ? event.b() * 14L * 60 : 0;
            FakeRun run = FakeRun.running("run" + runs.size(), now.minus(Duration.ofMinutes(back)))
                    .experiment(event.a() % 2 == 0 ? "1" : "2")
                    .name(List.of("training", "tuning").get(event.b() % 2))
                    .tag("kind", kind(event.a() + event.b()))
                    .tag("count", Integer.toString(event.a() % 4))
                    .tag("host", List.of("h1", "h2", "h1", "").get((event.a() + event.b()) % 4));
            if (event.what() == What.START_NESTED) {
                // Of some the parent comes later, or never.
                run = run.parent("run" + event.b() % (runs.size() + 3));
            }
            if (event.what() == What.START_LONG_AGO) {
                run = run.ended(RunStatus.FINISHED, now.minus(Duration.ofMinutes(back / (1 + event.a() % 9))));
            }
            if (event.a() % 3 == 0) {
                run = run.metric("system/cpu_utilization_percentage", event.b());
            }
            if (event.b() % 3 != 0) {
                run = run.metric("accuracy", event.a() / 100.0);
            }
            put(run);
        }

        private static String kind(int number) {
            return List.of("a", "b", "unknown", "b").get(number % 4);
        }

        private void change(Event event) {
            if (runs.isEmpty()) {
                return;
            }
            FakeRun run = List.copyOf(runs.values()).get(event.a() % runs.size());
            switch (event.what()) {
                case END -> put(run.ended(event.b() % 3 == 0 ? RunStatus.FAILED : RunStatus.FINISHED, now));
                case HEARTBEAT -> put(run.lastMetric(now));
                case LOG ->
                    put(run.metric(
                            List.of("system/cpu_utilization_percentage", "accuracy", "clicks", "shown", "fit_seconds")
                                    .get(event.b() % 5),
                            event.b() % 5 == 4 ? event.a() % 7 - 3 : event.a() % 7));
                case TAG -> put(run.tag(List.of("kind", "count", "team", "host").get(event.b() % 4), kind(event.b())));
                case RENAME -> put(run.name(List.of("training", "tuning").get(event.b() % 2)));
                case SET_STATUS ->
                    put(run.status(List.of(RunStatus.RUNNING, RunStatus.SCHEDULED, RunStatus.KILLED, RunStatus.UNKNOWN)
                            .get(event.b() % 4)));
                case SET_TIMES -> {
                    long start =
                            now.minus(Duration.ofHours(event.b() * 13L - 20)).toEpochMilli();
                    put(run.times(
                            event.a() % 5 == 0 ? Times.ABSENT : start,
                            event.b() % 7 == 0 ? Times.ABSENT : start + event.minutes() * 61_000L));
                }
                case NEST -> put(run.parent("run" + event.b() % (runs.size() + 1)));
                case DELETE -> put(run.deleted(true));
                case RESTORE -> put(run.deleted(false));
                case PURGE -> mlflow.purge(run.id());
                default -> {}
            }
        }

        private void put(FakeRun run) {
            runs.put(run.id(), run);
            mlflow.put(run);
        }

        /** What the sums say that are kept. */
        List<String> kept() {
            return told(costs.ledger(), runSums, kpis);
        }

        /** What sums say of which nothing is kept but what a restart goes on from. */
        List<String> anew() {
            try {
                anew.restore(SectionBytes.again(anew::write, Ledger::read));
            } catch (IOException e) {
                throw new IllegalStateException(e);
            }
            return told(anew, new KeptRows<>(), Kpis.of(KPIS, true));
        }

        private List<String> told(Ledger ledger, KeptRows<RunSums> rows, Kpis goals) {
            long millis = now.toEpochMilli();
            Ledger.Report report = ledger.refresh(costs.catalog(), millis, Costs.RULES);
            RunSums sums = rows.refresh(
                    costs.catalog(),
                    millis,
                    () -> new RunSums(costs.catalog(), Costs.RULES, row -> steps.unreadable(costs.catalog(), row)));
            Map<String, Long> anomalies = sums.anomalies(report.unreadableQuantities());
            List<Family> families = new ArrayList<>(report.families());
            families.addAll(TrackingFamilies.of(costs.catalog(), List.of(""), sums, config, millis));
            families.add(AnomalyFamilies.family(anomalies));
            Kpis.Report achieved = goals.refresh(costs.catalog(), millis, ledger.windowCosts());
            families.addAll(achieved.families());
            List<String> lines = new ArrayList<>(
                    Costs.scrape(families, false).lines().sorted().toList());
            lines.add(report.overview().toString());
            achieved.overview().values().stream()
                    .map(KpiOverview.KpiValue::toString)
                    .sorted()
                    .forEach(lines::add);
            lines.add(achieved.overview().idle().toString());
            Map<String, RunSums.ExperimentRuns> experiments = new HashMap<>(sums.experiments());
            experiments.values().removeIf(some -> some.runs() == 0);
            lines.add(new TreeMap<>(experiments).toString());
            return lines;
        }
    }
}
