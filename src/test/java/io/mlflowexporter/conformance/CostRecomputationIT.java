package io.mlflowexporter.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.mlflowexporter.audit.Audit;
import io.mlflowexporter.audit.AuditResult;
import io.mlflowexporter.catalog.PhaseRules;
import io.mlflowexporter.config.ConfigLoader;
import io.mlflowexporter.config.LoadedConfig;
import io.mlflowexporter.conformance.ScrapeText.Series;
import io.mlflowexporter.cost.Ledger;
import io.mlflowexporter.metric.FamilyDeclaration;
import io.mlflowexporter.mlflow.rest.MlflowRequests;
import io.mlflowexporter.refresh.RefreshBench;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * What the exporter says runs cost is what Python makes of MLflow's client and the documented formulas, in exact
 * fractions: the whole set of series, both ways, for three cost books.
 */
final class CostRecomputationIT {
    private static final List<String> BOOKS = List.of("cost-simple.yaml", "cost-dated.yaml", "cost-currencies.yaml");
    private static final double RELATIVE = 1e-6;
    private static final Duration LIMIT = Duration.ofMinutes(5);

    /** Four days after summer time begins in Berlin and in the third hour of a month, so that windows hold both. */
    private static final Instant IN_SPRING = Instant.parse("2026-04-02T07:17:23.456Z");

    /** It tells of the counters' past, which a first reading has none of. */
    private static final String CLAMPED = "mlflow_exporter_ledger_clamped_series";

    private static final Set<String> FAMILIES = Stream.of(Ledger.declarations(), Ledger.bookDeclarations())
            .flatMap(List::stream)
            .map(FamilyDeclaration::name)
            .filter(name -> !name.equals(CLAMPED))
            .collect(Collectors.toSet());

    @TempDir
    Path folder;

    /** A book at one time, and what was served by it. */
    private record Case(Path book, String scrape, Map<Series, Double> served) {
        static Case of(Path book, String scrape) {
            Map<Series, Double> all = ScrapeText.read(scrape);
            assertThat(all).containsEntry(new Series(CLAMPED, Map.of()), 0.0);
            return new Case(book, scrape, all);
        }

        long nowMillis() {
            return Math.round(served.get(new Series("mlflow_snapshot_timestamp_seconds", Map.of())) * 1000);
        }

        String argument() {
            return book + "@" + nowMillis();
        }

        Map<Series, Double> costs() {
            Map<Series, Double> costs = new HashMap<>(served);
            costs.keySet().removeIf(series -> !FAMILIES.contains(series.name()));
            return costs;
        }
    }

    @ParameterizedTest
    @EnumSource(
            value = ConformanceTarget.class,
            names = {"SIMULATED_3", "REAL_3", "REAL_3_WORKSPACES", "REAL_2"})
    void everyCostIsRecomputed(ConformanceTarget target) throws Exception {
        URI uri = target.uri();
        Instant base = Instant.now().truncatedTo(ChronoUnit.MINUTES);
        load(target, uri, base);
        List<Case> cases = new ArrayList<>();
        for (String name : BOOKS) {
            Path book = book(name, base);
            cases.add(Case.of(book, served(target, uri, book)));
            cases.add(Case.of(book, servedInSpring(target, uri, book)));
        }

        List<Map<Series, Double>> expected = recomputed(target, uri, cases);

        for (int i = 0; i < cases.size(); i++) {
            same(cases.get(i), expected.get(i));
            if (!target.withWorkspaces()) {
                audited(cases.get(i), uri);
            }
        }
        assertThat(expected)
                .as("every family is in some case")
                .flatExtracting(Map::keySet)
                .extracting(Series::name)
                // There are no LLM traces in these cases.
                .containsAll(FAMILIES.stream()
                        .filter(name -> !name.equals("mlflow_llm_cost_forecast"))
                        .toList());
    }

    private static void same(Case one, Map<Series, Double> expected) {
        String what = one.book().getFileName() + " at " + Instant.ofEpochMilli(one.nowMillis());
        Map<Series, Double> served = one.costs();
        assertThat(served.keySet()).as(what).containsExactlyInAnyOrderElementsOf(expected.keySet());
        Map<Series, String> wrong = new HashMap<>();
        expected.forEach((series, value) -> {
            double actual = served.get(series);
            if (Math.abs(actual - value) > RELATIVE * Math.abs(value)) {
                wrong.put(series, actual + " instead of " + value);
            }
        });
        assertThat(wrong).as(what).isEmpty();
    }

    /** A third route, which goes the same way for users: everything it looks at is as it says, counts included. */
    private static void audited(Case one, URI uri) throws Exception {
        Map<String, String> settings = Map.of(
                "mlflow.tracking_uri",
                uri.toString(),
                "cost.file",
                one.book().toString(),
                "refresh.stale_after",
                "24h");
        InstantSource then = InstantSource.fixed(Instant.ofEpochMilli(one.nowMillis()));
        LoadedConfig loaded = ConfigLoader.load(Optional.empty(), Map.of(), settings);
        MlflowRequests mlflow = MlflowRequests.open(loaded.config().mlflow(), then);
        AuditResult result =
                new Audit(loaded, mlflow::tracking, mlflow::registry, PhaseRules.defaults(), then).check(one.scrape());
        assertThat(result.differences()).as("%s", one.book()).isEmpty();
        assertThat(result.countersEqual()).isTrue();
    }

    private static List<String> workspaces(ConformanceTarget target, List<String> names) {
        return target.withWorkspaces() ? List.of("--workspaces", String.join(",", names)) : List.of();
    }

    private static void load(ConformanceTarget target, URI uri, Instant base) {
        List<String> arguments = new ArrayList<>(List.of(uri.toString(), Long.toString(base.toEpochMilli())));
        List<String> all = target.workspaces();
        arguments.addAll(workspaces(target, all.subList(1, all.size())));
        target.python().orElseThrow().run(LIMIT, "load_cost.py", Map.of(), arguments.toArray(String[]::new));
    }

    private static List<Map<Series, Double>> recomputed(ConformanceTarget target, URI uri, List<Case> cases)
            throws Exception {
        List<String> arguments = new ArrayList<>(List.of(uri.toString()));
        arguments.addAll(workspaces(target, target.workspaces()));
        cases.forEach(one -> arguments.add(one.argument()));
        String output = target.python()
                .orElseThrow()
                .run(LIMIT, "recompute_cost.py", Map.of(), arguments.toArray(String[]::new));
        List<Map<Series, Double>> all = new ArrayList<>();
        // What libraries say while they are imported comes before.
        for (JsonNode answer : new ObjectMapper().readTree(output.substring(output.lastIndexOf("\n[") + 1))) {
            Map<Series, Double> series = new HashMap<>();
            answer.forEach(node -> {
                Map<String, String> labels = new TreeMap<>();
                node.path("labels")
                        .properties()
                        .forEach(label ->
                                labels.put(label.getKey(), label.getValue().asText()));
                assertThat(series.put(
                                new Series(node.path("name").asText(), labels),
                                node.path("value").asDouble()))
                        .isNull();
            });
            all.add(series);
        }
        assertThat(all).hasSameSizeAs(cases);
        return all;
    }

    /** The book with what it names, its times put in. */
    private Path book(String name, Instant base) throws IOException {
        for (String file : List.of(name, "cost-focus.csv")) {
            try (InputStream in = CostRecomputationIT.class.getResourceAsStream(file)) {
                String text = new String(in.readAllBytes(), StandardCharsets.UTF_8);
                String dated = Pattern.compile("@([+-]\\d+)h@")
                        .matcher(text)
                        .replaceAll(hours -> base.plus(Duration.ofHours(Long.parseLong(hours.group(1))))
                                .toString());
                Files.writeString(folder.resolve(file), dated);
            }
        }
        return folder.resolve(name);
    }

    private String served(ConformanceTarget target, URI uri, Path book) throws Exception {
        Path config = folder.resolve("exporter.yaml");
        Files.writeString(
                config,
                "mlflow:\n  tracking_uri: " + uri + "\n"
                        + (target.withWorkspaces() ? "  workspaces: ['*']\n" : "")
                        + "refresh: {stale_after: 24h}\ncost:\n  file: " + book + "\n  histories: 10000\n");
        try (ExporterProcess exporter = new ExporterProcess(config)) {
            return exporter.scrape();
        }
    }

    /** The same by a clock that stands still in spring, when much of what was loaded is still to come. */
    private static String servedInSpring(ConformanceTarget target, URI uri, Path book) throws Exception {
        Map<String, String> settings = new HashMap<>(Map.of("cost.file", book.toString(), "cost.histories", "10000"));
        settings.put("refresh.stale_after", "24h");
        if (target.withWorkspaces()) {
            settings.put("mlflow.workspaces", "*");
        }
        try (RefreshBench bench = new RefreshBench(uri, settings)) {
            bench.refresh(Duration.between(RefreshBench.START, IN_SPRING));
            return bench.scrape();
        }
    }
}
