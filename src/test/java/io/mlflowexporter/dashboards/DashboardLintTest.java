package io.mlflowexporter.dashboards;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.mlflowexporter.dashboards.Lint.Violation;
import io.mlflowexporter.metric.FamilyDeclaration;
import io.mlflowexporter.metrics.MetricCatalogue;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The dashboards' files keep the linter's rules, fit together, and show only what is exported. */
final class DashboardLintTest {
    private static final Map<String, FamilyDeclaration> FAMILIES =
            MetricCatalogue.families().stream().collect(Collectors.toMap(FamilyDeclaration::name, family -> family));
    private static final Pattern BY = Pattern.compile("\\b(?:by|on) \\(([^)]*)\\)");
    private static final Pattern LEGEND_LABEL = Pattern.compile("\\{\\{(\\w+)}}");
    private static final Pattern VARIABLE = Pattern.compile("\\$\\{?([a-z_]+)");
    private static final Pattern BOARD_LINK = Pattern.compile("^/d/([\\w-]+)(?:\\?(?:var-(\\w+)=.*)?)?");
    private static final Set<String> BUILT_IN =
            Set.of("__rate_interval", "__range", "__range_s", "__interval_ms", "__data", "__field", "__url_time_range");

    static Stream<Board> boards() {
        return Dashboards.all().stream();
    }

    private static JsonNode read(Board board) throws IOException {
        return new ObjectMapper().readTree(Files.readString(Dashboards.DIRECTORY.resolve(board.file() + ".json")));
    }

    @ParameterizedTest
    @MethodSource("boards")
    void theLintersRulesAreKept(Board board) throws IOException {
        Set<Violation> unexcused = new HashSet<>(Lint.of(read(board)));
        for (Panel panel : board.panels()) {
            for (Panel.Exempt exempt : panel.exemptions()) {
                assertThat(exempt.reason()).isNotBlank();
                assertThat(unexcused.removeIf(violation -> violation.rule().equals(exempt.rule())
                                && violation.place().equals(panel.title())))
                        .as("%s of %s is needed", exempt, panel.title())
                        .isTrue();
            }
        }
        assertThat(unexcused).isEmpty();
    }

    @ParameterizedTest
    @MethodSource("boards")
    void everyMetricAndLabelIsExported(Board board) {
        for (Query query : board.queries()) {
            for (Selector selector : Selector.of(query.expression())) {
                if (selector.metric().startsWith("mlflow_")) {
                    assertThat(family(selector.metric())).as(query.toString()).isPresent();
                    assertThat(labels(selector.metric()))
                            .as("labels of " + selector.metric() + ", " + query)
                            .containsAll(selector.matchers().keySet());
                } else {
                    assertThat(Path.of("docs/metrics.md"))
                            .content()
                            .contains("`" + selector.metric().replaceFirst("_(sum|count)$", "") + "`");
                }
            }
        }
    }

    private static Optional<FamilyDeclaration> family(String series) {
        return Stream.of(series, series.replaceFirst("_(bucket|sum|count)$", ""))
                .filter(FAMILIES::containsKey)
                .map(FAMILIES::get)
                .findFirst();
    }

    /** Labels that series of the name may have, those of Prometheus and of workspaces included. */
    private static Set<String> labels(String series) {
        Set<String> labels = new HashSet<>(Set.of("job", "instance", "workspace"));
        labels.addAll(family(series).orElseThrow().labels());
        if (series.endsWith("_bucket")) {
            labels.add("le");
        }
        return labels;
    }

    /** A legend or a column that names a label which the query has summed away would stay empty. */
    @ParameterizedTest
    @MethodSource("boards")
    void whatLegendsAndColumnsNameIsThere(Board board) throws IOException {
        for (JsonNode panel : read(board).path("panels")) {
            for (JsonNode target : panel.path("targets")) {
                Set<String> kept = new HashSet<>();
                Matcher by = BY.matcher(target.path("expr").asText());
                while (by.find()) {
                    kept.addAll(List.of(by.group(1).split(",\\s*")));
                }
                Matcher named = LEGEND_LABEL.matcher(target.path("legendFormat").asText());
                while (named.find()) {
                    assertThat(kept).as(panel.path("title").asText()).contains(named.group(1));
                }
                boolean table = target.path("format").asText().equals("table");
                assertThat(target.path("legendFormat").asText().isEmpty())
                        .as("legend of " + panel.path("title").asText())
                        .isEqualTo(table);
                panel.findPath("renameByName").fieldNames().forEachRemaining(field -> {
                    if (!field.startsWith("Value")) {
                        assertThat(kept)
                                .as(panel.path("title").asText() + ": " + target.path("expr"))
                                .contains(field);
                    }
                });
            }
        }
    }

    @ParameterizedTest
    @MethodSource("boards")
    void panelsHaveTheirOwnIdsTitlesAndPlaces(Board board) throws IOException {
        List<Integer> ids = new ArrayList<>();
        List<String> titles = new ArrayList<>();
        Map<String, String> taken = new HashMap<>();
        for (JsonNode panel : read(board).path("panels")) {
            String title = panel.path("title").asText();
            ids.add(panel.path("id").asInt());
            titles.add(title);
            JsonNode at = panel.path("gridPos");
            assertThat(at.path("x").asInt() + at.path("w").asInt()).as(title).isLessThanOrEqualTo(24);
            for (int x = 0; x < at.path("w").asInt(); x++) {
                for (int y = 0; y < at.path("h").asInt(); y++) {
                    String cell =
                            (at.path("x").asInt() + x) + "," + (at.path("y").asInt() + y);
                    assertThat(taken.put(cell, title)).as(title).isNull();
                }
            }
        }
        assertThat(ids).doesNotHaveDuplicates().allMatch(id -> id > 0);
        assertThat(titles).doesNotHaveDuplicates();
    }

    @ParameterizedTest
    @MethodSource("boards")
    void variablesAreDeclaredAndUsed(Board board) throws IOException {
        JsonNode json = read(board);
        Set<String> declared = new TreeSet<>();
        json.at("/templating/list")
                .forEach(variable -> declared.add(variable.path("name").asText()));
        Set<String> used = new TreeSet<>();
        Matcher variable = VARIABLE.matcher(json.toString());
        while (variable.find()) {
            used.add(variable.group(1));
        }
        used.remove("__all");
        assertThat(used).containsAll(declared);
        used.removeAll(BUILT_IN);
        assertThat(declared).containsAll(used);
    }

    @Test
    void linksLeadToDashboardsThatTakeThem() throws IOException {
        Map<String, JsonNode> byUid = new HashMap<>();
        for (Board board : Dashboards.all()) {
            JsonNode json = read(board);
            assertThat(byUid.put(json.path("uid").asText(), json)).isNull();
        }
        for (JsonNode board : byUid.values()) {
            for (String url : board.findValuesAsText("url")) {
                Matcher link = BOARD_LINK.matcher(url);
                if (link.find()) {
                    assertThat(byUid).containsKey(link.group(1));
                    if (link.group(2) != null) {
                        assertThat(byUid.get(link.group(1))
                                        .at("/templating/list")
                                        .findValuesAsText("name"))
                                .as(url)
                                .contains(link.group(2));
                    }
                } else {
                    assertThat(url).matches("|\\$\\{mlflow_url:raw}.*");
                }
            }
        }
    }
}
