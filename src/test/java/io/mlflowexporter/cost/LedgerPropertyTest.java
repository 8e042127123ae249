package io.mlflowexporter.cost;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.mlflowexporter.cost.PlainLedger.Amount;
import io.mlflowexporter.cost.PlainLedger.Book;
import io.mlflowexporter.cost.PlainLedger.Labels;
import io.mlflowexporter.cost.PlainLedger.Price;
import io.mlflowexporter.cost.PlainLedger.Rule;
import io.mlflowexporter.cost.PlainLedger.Seen;
import io.mlflowexporter.cost.pricing.PricingFile.Budget;
import io.mlflowexporter.cost.pricing.Resource.Provenance;
import io.mlflowexporter.cost.pricing.Tariff;
import io.mlflowexporter.cost.pricing.Use;
import io.mlflowexporter.metric.Family.Value;
import io.mlflowexporter.metric.Times;
import io.mlflowexporter.mlflow.RunStatus;
import java.math.BigDecimal;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.EdgeCasesMode;
import net.jqwik.api.ForAll;
import net.jqwik.api.From;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.Size;

/** What holds for any history of runs, edits and cost books. */
final class LedgerPropertyTest {
    /** Before a night of 23 hours in Berlin; Havana's own, three weeks before, begins at one o'clock. */
    private static final Instant BEGIN = Instant.parse("2026-03-05T07:00:00Z");

    private static final List<String> PHASES = List.of("training", "tuning");
    private static final Set<String> COUNTERS = Set.of(
            "mlflow_compute_seconds_total",
            "mlflow_compute_spend_total",
            "mlflow_outcome_spend_total",
            "mlflow_compute_unpriced_seconds_total");

    /** What can happen to a run, to the cost book or to the exporter. */
    enum What {
        START,
        START_NESTED,
        FINISH,
        FAIL,
        LOG_METRIC,
        WAIT,
        TAG,
        RENAME,
        SET_STATUS,
        SET_TIMES,
        DELETE,
        RESTORE,
        PURGE,
        RELOAD,
        RESTART
    }

    private static final Set<What> GROWTH =
            Set.of(What.START, What.START_NESTED, What.FINISH, What.FAIL, What.WAIT, What.RESTART);

    /** Something happens so many minutes after what was before; the numbers choose how. */
    record Event(What what, int minutes, int a, int b) {}

    @Provide
    Arbitrary<Event> event() {
        return Combinators.combine(
                        Arbitraries.of(What.class),
                        Arbitraries.integers().between(0, 3_000),
                        Arbitraries.integers().between(0, 50),
                        Arbitraries.integers().between(0, 50))
                .as(Event::new);
    }

    @Provide
    Arbitrary<Event> growth() {
        // Never long enough for a run to be called stale, which takes back what was spent since its last sign.
        return Combinators.combine(
                        Arbitraries.of(GROWTH),
                        Arbitraries.integers().between(0, 60),
                        Arbitraries.integers().between(0, 50),
                        Arbitraries.integers().between(0, 50))
                .as(Event::new);
    }

    @Provide
    Arbitrary<Book> book() {
        Arbitrary<Price> price = Combinators.combine(
                        Arbitraries.of("cpu", "gpu"),
                        Arbitraries.integers().between(0, 600),
                        Arbitraries.integers().between(1, 600),
                        Arbitraries.bigDecimals()
                                .between(BigDecimal.ZERO, new BigDecimal(100))
                                .ofScale(3),
                        Arbitraries.of("EUR", "USD"))
                .as((resource, from, hours, perHour, currency) ->
                        new Price(resource, hour(from), hour(from + hours), perHour, currency));
        Arbitrary<Rule> rule = Combinators.combine(
                        Arbitraries.of("a", "b", "c"),
                        Arbitraries.of(true, false),
                        Combinators.combine(
                                        Arbitraries.of("cpu", "gpu"),
                                        Arbitraries.integers().between(1, 8))
                                .as(Amount::new)
                                .list()
                                .ofMaxSize(2))
                .as(Rule::new);
        return Combinators.combine(price.list().ofMaxSize(8), rule.list().ofMaxSize(4))
                .as((prices, rules) -> new Book(apart(prices), rules));
    }

    private static long hour(int hours) {
        return BEGIN.plus(Duration.ofHours(hours)).toEpochMilli();
    }

    /** Of prices of one resource that overlap only the first. */
    private static List<Price> apart(List<Price> prices) {
        List<Price> apart = new ArrayList<>();
        for (Price price : prices) {
            if (apart.stream()
                    .noneMatch(other -> other.resource().equals(price.resource())
                            && other.fromMillis() < price.untilMillis()
                            && price.fromMillis() < other.untilMillis())) {
                apart.add(price);
            }
        }
        return apart;
    }

    private static CostModel model(Book book, ZoneId zone) {
        PricingFiles model = PricingFiles.in(zone);
        for (String resource : List.of("cpu", "gpu")) {
            model.resource(
                    resource,
                    book.prices().stream()
                            .filter(price -> price.resource().equals(resource))
                            .map(price -> new Tariff.Piece(
                                    price.fromMillis(),
                                    price.untilMillis(),
                                    price.perHour().doubleValue(),
                                    price.currency(),
                                    Provenance.LIST))
                            .toArray(Tariff.Piece[]::new));
        }
        for (Rule rule : book.rules()) {
            model.rule(
                    rule.kind(),
                    rule.distributedChildren(),
                    rule.uses().stream()
                            .map(amount -> PricingFiles.use(amount.resource(), amount.count()))
                            .toArray(Use[]::new));
        }
        // Of runs that are gone only those tags are known that some book asked for while they were there.
        return model.rule("no run is of this kind", false)
                .budget("all", 1000, Budget.Period.MONTH, "", "")
                .budget("some", 10, Budget.Period.MONTH, "exp-1", "training")
                .model();
    }

    /** MLflow, the exporter beside it and what the exporter has seen. */
    private static final class World {
        private final ZoneId zone;
        private final FakeMlflow mlflow = new FakeMlflow();
        private final Map<String, Seen> seen = new LinkedHashMap<>();
        private final Costs costs;
        private List<Book> books;
        private Instant now = BEGIN;

        World(List<Book> books, ZoneId zone) {
            this.zone = zone;
            this.books = books;
            mlflow.experiment("", "1", "exp-1", Map.of());
            mlflow.experiment("", "2", "exp-2", Map.of());
            costs = new Costs(mlflow, model(books.get(0), zone));
        }

        void happens(Event event) {
            now = now.plus(Duration.ofMinutes(event.minutes()));
            if (event.what() == What.RELOAD) {
                books = new ArrayList<>(books);
                books.add(books.remove(0));
                costs.reload(model(books.get(0), zone));
            } else if (event.what() == What.RESTART) {
                costs.restart();
            } else if (event.what() == What.START || event.what() == What.START_NESTED) {
                String id = "run" + seen.size();
                FakeRun run = FakeRun.running(id, now)
                        .experiment(event.a() % 2 == 0 ? "1" : "2")
                        .name(PHASES.get(event.b() % 2))
                        .tag("kind", kind(event.a() + event.b()));
                put(
                        event.what() == What.START_NESTED && !seen.isEmpty()
                                ? run.parent(chosen(event).id())
                                : run);
            } else if (!seen.isEmpty()) {
                change(chosen(event), event);
            }
            costs.refresh(now);
            seen.replaceAll((id, run) -> run.gone() ? run : run.looked(now.toEpochMilli()));
        }

        private FakeRun chosen(Event event) {
            return new ArrayList<>(seen.values()).get(event.a() % seen.size()).run();
        }

        private static String kind(int number) {
            return List.of("a", "b", "c", "unknown").get(number % 4);
        }

        private void change(FakeRun run, Event event) {
            if (seen.get(run.id()).gone()) {
                return;
            }
            boolean running = run.status() == RunStatus.RUNNING;
            switch (event.what()) {
                case FINISH -> put(running ? run.ended(RunStatus.FINISHED, now) : run);
                case FAIL -> put(running ? run.ended(RunStatus.FAILED, now) : run);
                case LOG_METRIC -> put(run.lastMetric(now));
                case TAG -> put(run.tag("kind", kind(event.b())));
                case RENAME -> put(run.name(PHASES.get(event.b() % 2)));
                case SET_STATUS ->
                    put(run.status(List.of(RunStatus.RUNNING, RunStatus.SCHEDULED, RunStatus.KILLED, RunStatus.UNKNOWN)
                            .get(event.b() % 4)));
                case SET_TIMES ->
                    put(run.times(hour(event.b() * 3), event.b() % 7 == 0 ? Times.ABSENT : hour(event.minutes() / 4)));
                case DELETE -> put(run.deleted(true));
                case RESTORE -> put(run.deleted(false));
                case PURGE -> {
                    mlflow.purge(run.id());
                    seen.put(
                            run.id(),
                            new Seen(
                                    run,
                                    seen.get(run.id()).firstPhase(),
                                    true,
                                    seen.get(run.id()).looks()));
                }
                default -> {}
            }
        }

        private void put(FakeRun run) {
            mlflow.put(run);
            Seen before = seen.get(run.id());
            seen.put(
                    run.id(),
                    new Seen(
                            run,
                            before == null ? run.name() : before.firstPhase(),
                            false,
                            before == null ? List.of() : before.looks()));
        }

        PlainLedger truth() {
            return new PlainLedger(books.get(0), seen, now.toEpochMilli(), Costs.STALE_AFTER.toMillis());
        }

        Map<String, Long> windows() {
            LocalDate first = now.atZone(zone).toLocalDate().withDayOfMonth(1);
            return Map.of(
                    "1d", now.minus(Duration.ofHours(24)).toEpochMilli(),
                    "7d", now.minus(Duration.ofHours(168)).toEpochMilli(),
                    "30d", now.minus(Duration.ofHours(720)).toEpochMilli(),
                    "month", first.atStartOfDay(zone).toInstant().toEpochMilli());
        }

        double clamped() {
            return costs.sum("mlflow_exporter_ledger_clamped_series");
        }
    }

    @Provide
    Arbitrary<ZoneId> zone() {
        return Arbitraries.of("UTC", "Europe/Berlin", "America/Havana").map(ZoneId::of);
    }

    private static void near(double actual, BigDecimal expected, String of) {
        assertThat(actual).as(of).isCloseTo(expected.doubleValue(), within(1e-9 * Math.max(1, expected.doubleValue())));
    }

    private static BigDecimal sum(Map<Labels, BigDecimal> sums) {
        return sums.values().stream().reduce(BigDecimal.ZERO, BigDecimal::add);
    }

    private static Map<List<String>, Double> byName(Costs costs, String family) {
        Map<List<String>, Double> values = new HashMap<>();
        for (Value value : costs.samples(family)) {
            values.put(value.labelValues(), value.value());
        }
        return values;
    }

    @Property(tries = 1000, edgeCases = EdgeCasesMode.NONE)
    void windowsAreWhatRunsCostAddedUpRunByRun(
            @ForAll @Size(min = 1, max = 40) List<@From("event") Event> events,
            @ForAll @Size(min = 1, max = 2) List<@From("book") Book> books,
            @ForAll("zone") ZoneId zone) {
        World world = new World(books, zone);
        for (Event event : events) {
            world.happens(event);
            Map<List<String>, Double> shown = byName(world.costs, "mlflow_compute_cost");
            int expectedSeries = 0;
            for (Map.Entry<String, Long> window : world.windows().entrySet()) {
                Map<Labels, BigDecimal> truth = world.truth().window(window.getValue());
                near(world.costs.sum("mlflow_compute_cost", window.getKey()), sum(truth), window.getKey());
                for (Map.Entry<Labels, BigDecimal> line : truth.entrySet()) {
                    List<String> labels = new ArrayList<>(List.of(window.getKey()));
                    labels.addAll(line.getKey().values());
                    labels.set(1, "exp-" + labels.get(1));
                    assertThat(shown).containsKey(labels);
                    near(shown.get(labels), line.getValue(), labels.toString());
                    expectedSeries++;
                }
            }
            assertThat(shown).hasSize(expectedSeries);
        }
    }

    @Property(tries = 1000, edgeCases = EdgeCasesMode.NONE)
    void countersNeverFallAndSayWhenTheyWait(
            @ForAll @Size(min = 1, max = 40) List<@From("event") Event> events,
            @ForAll @Size(min = 2, max = 3) List<@From("book") Book> books) {
        World world = new World(books, ZoneId.of("Europe/Berlin"));
        Map<String, Map<List<String>, Double>> before = new HashMap<>();
        for (Event event : events) {
            world.happens(event);
            for (String family : COUNTERS) {
                Map<List<String>, Double> now = byName(world.costs, family);
                before.getOrDefault(family, Map.of())
                        .forEach((labels, value) -> assertThat(now.getOrDefault(labels, -1.0))
                                .as("%s%s after %s", family, labels, event)
                                .isGreaterThanOrEqualTo(value));
                before.put(family, now);
            }
            BigDecimal truth = sum(world.truth().total());
            assertThat(world.costs.sum("mlflow_compute_spend_total"))
                    .isGreaterThanOrEqualTo(truth.doubleValue() * (1 - 1e-12));
            if (world.clamped() == 0) {
                countersAreTrue(world);
            }
        }
    }

    @Property(tries = 1000, edgeCases = EdgeCasesMode.NONE)
    void countersAreTrueWhenNothingIsTakenBack(
            @ForAll @Size(min = 1, max = 24) List<@From("growth") Event> events, @ForAll("book") Book book) {
        World world = new World(List.of(book), ZoneId.of("Europe/Berlin"));
        for (Event event : events) {
            world.happens(event);
            assertThat(world.clamped()).isZero();
            countersAreTrue(world);
        }
    }

    private static void countersAreTrue(World world) {
        Map<List<String>, Double> shown = byName(world.costs, "mlflow_compute_spend_total");
        world.truth().total().forEach((line, truth) -> {
            List<String> labels = new ArrayList<>(line.values());
            labels.set(0, "exp-" + labels.get(0));
            near(shown.getOrDefault(labels, -1.0), truth, labels.toString());
        });
        near(world.costs.sum("mlflow_compute_seconds_total"), world.truth().pricedSeconds(), "priced seconds");
        near(
                world.costs.sum("mlflow_compute_unpriced_seconds_total"),
                world.truth().unpricedSeconds(),
                "unpriced seconds");
        // What ended and what runs together are all.
        BigDecimal running = world.truth().window(Long.MIN_VALUE).entrySet().stream()
                .filter(line -> line.getKey().values().contains("running"))
                .map(Map.Entry::getValue)
                .reduce(BigDecimal.ZERO, BigDecimal::add);
        near(
                world.costs.sum("mlflow_compute_spend_total"),
                running.add(BigDecimal.valueOf(world.costs.sum("mlflow_outcome_spend_total"))),
                "outcomes and running");
    }

    @Property(tries = 1000, edgeCases = EdgeCasesMode.NONE)
    void everySecondIsPricedOrUnpriced(
            @ForAll @Size(min = 1, max = 30) List<@From("event") Event> events, @ForAll("book") Book book) {
        // One resource per run: a run with two can be priced in one and not in the other.
        Book single = new Book(
                book.prices(),
                List.of(
                        new Rule("a", true, List.of(new Amount("cpu", 1))),
                        new Rule("b", true, List.of(new Amount("gpu", 1))),
                        new Rule("c", true, List.of(new Amount("cpu", 1)))));
        World world = new World(List.of(single), ZoneId.of("UTC"));
        // Without prices at all, every second is unpriced.
        World unpriced = new World(List.of(new Book(List.of(), single.rules())), ZoneId.of("UTC"));
        for (Event event : events) {
            world.happens(event);
            unpriced.happens(event);
            if (world.clamped() == 0 && unpriced.clamped() == 0) {
                assertThat(world.costs.sum("mlflow_compute_seconds_total")
                                + world.costs.sum("mlflow_compute_unpriced_seconds_total"))
                        .isCloseTo(unpriced.costs.sum("mlflow_compute_unpriced_seconds_total"), within(1e-6));
            }
        }
    }

    @Property(tries = 1000, edgeCases = EdgeCasesMode.NONE)
    void budgetsAreSpentByTheirMonthAndForecastsAreNoLess(
            @ForAll @Size(min = 1, max = 30) List<@From("event") Event> events,
            @ForAll("book") Book book,
            @ForAll("zone") ZoneId zone) {
        World world = new World(List.of(book), zone);
        for (Event event : events) {
            world.happens(event);
            Map<List<String>, Double> spent = byName(world.costs, "mlflow_budget_spent_ratio");
            double all = world.costs.sum("mlflow_compute_cost", "month", "EUR");
            double some = world.costs.sum("mlflow_compute_cost", "month", "EUR", "exp-1", "training");
            assertThat(spent.get(List.of("all"))).isCloseTo(all / 1000, within(1e-9 * Math.max(1, all)));
            assertThat(spent.get(List.of("some"))).isCloseTo(some / 10, within(1e-9 * Math.max(1, some)));
            byName(world.costs, "mlflow_budget_forecast_ratio")
                    .forEach((budget, ratio) -> assertThat(ratio).isGreaterThanOrEqualTo(spent.get(budget)));
            for (Value forecast : world.costs.samples("mlflow_cost_forecast")) {
                double toDate = world.costs.sum(
                        "mlflow_compute_cost",
                        "month",
                        forecast.labelValues().get(0),
                        forecast.labelValues().get(1));
                assertThat(forecast.value()).isGreaterThanOrEqualTo(toDate * (1 - 1e-12));
            }
        }
    }

    @Property(tries = 1000, edgeCases = EdgeCasesMode.NONE)
    void whatRunsCostDoesNotDependOnTheOrderTheyAreReadIn(
            @ForAll @Size(min = 1, max = 30) List<@From("event") Event> events, @ForAll("book") Book book) {
        World world = new World(List.of(book), ZoneId.of("Europe/Berlin"));
        // What was only seen, a run that waited or was resumed, nobody sees who comes later.
        Set<What> seen = Set.of(What.PURGE, What.SET_STATUS, What.SET_TIMES);
        events.stream().filter(event -> !seen.contains(event.what())).forEach(world::happens);
        World reread = new World(List.of(book), ZoneId.of("Europe/Berlin"));
        List<Seen> backwards = new ArrayList<>(world.seen.values());
        java.util.Collections.reverse(backwards);
        for (Seen run : backwards) {
            reread.mlflow.put(run.run());
            reread.costs.read(world.now);
        }
        reread.costs.refresh(world.now);
        world.costs.refresh(world.now);

        for (String family : List.of(
                "mlflow_compute_cost",
                "mlflow_compute_cost_per_hour",
                "mlflow_cost_forecast",
                "mlflow_budget_spent_ratio",
                "mlflow_budget_forecast_ratio")) {
            Map<List<String>, Double> again = byName(reread.costs, family);
            Map<List<String>, Double> first = byName(world.costs, family);
            assertThat(again.keySet()).isEqualTo(first.keySet());
            first.forEach((labels, value) -> near(again.get(labels), BigDecimal.valueOf(value), family + labels));
        }
    }
}
