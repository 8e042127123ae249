package io.mlflowexporter.cost;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.mlflowexporter.cost.pricing.PricingFileLoader;
import io.mlflowexporter.metric.Times;
import io.mlflowexporter.mlflow.RunStatus;
import io.mlflowexporter.settings.SettingsException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A cost book in YAML, runs as a table and what a scrape then says: how the documentation and the tests of examples tell
 * their stories. Steps after one another are those of one exporter that keeps running.
 */
final class Scenario {
    private static final Pattern NAME = Pattern.compile("[a-z0-9_]+");
    private static final Pattern LABEL = Pattern.compile("(\\w+)=\"((?:[^\"\\\\]|\\\\.)*)\"");

    /** Relative: a scrape shows doubles, and what is expected is written as people would. */
    private static final double EXACT = 1e-9;

    private final Path directory;
    private final FakeMlflow mlflow = new FakeMlflow();
    private final Map<String, Map<String, String>> experimentTags = new LinkedHashMap<>();
    private Costs costs;
    private Ledger.Report report = Ledger.Report.NOTHING;

    Scenario(Path directory) {
        this.directory = directory;
    }

    /** Puts a cost book in force. */
    Scenario book(String yaml) {
        CostModel model;
        try {
            model = CostModel.of(PricingFileLoader.load(Files.writeString(directory.resolve("book.yaml"), yaml)));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (SettingsException e) {
            throw new AssertionError(e.getMessage(), e);
        }
        if (costs == null) {
            costs = new Costs(mlflow, model);
        } else {
            costs.reload(model);
        }
        return this;
    }

    /**
     * Puts runs into MLflow, and takes out those that the table no longer holds. The first line names the columns: run,
     * experiment, workspace, name, user, parent, status, deleted, start, end, last_metric, and any tag:NAME, param:NAME,
     * metric:NAME and experiment_tag:NAME. A column that is missing or empty is not set.
     */
    Scenario runs(String table) {
        mlflow.purgeAll();
        List<String> lines = table.lines().filter(line -> !line.isBlank()).toList();
        String[] columns = lines.get(0).split(",", -1);
        for (String line : lines.subList(1, lines.size())) {
            String[] cells = line.split(",", -1);
            assertThat(cells).as(line).hasSameSizeAs(columns);
            Map<String, String> row = new LinkedHashMap<>();
            for (int i = 0; i < columns.length; i++) {
                if (!cells[i].isBlank()) {
                    row.put(columns[i].strip(), cells[i].strip());
                }
            }
            put(row);
        }
        return this;
    }

    private void put(Map<String, String> row) {
        String workspace = row.getOrDefault("workspace", "");
        String name = row.getOrDefault("experiment", "churn");
        String experiment = workspace + "/" + name;
        Map<String, String> tags = experimentTags.computeIfAbsent(experiment, key -> new HashMap<>());
        FakeRun run = new FakeRun(
                row.get("run"),
                experiment,
                row.getOrDefault("name", "training"),
                row.getOrDefault("user", ""),
                RunStatus.valueOf(row.get("status").toUpperCase(java.util.Locale.ROOT)),
                row.getOrDefault("deleted", "").equals("yes"),
                time(row, "start"),
                time(row, "end"),
                time(row, "last_metric"),
                Map.of(),
                Map.of(),
                Map.of());
        for (Map.Entry<String, String> cell : row.entrySet()) {
            String key = cell.getKey().substring(cell.getKey().indexOf(':') + 1);
            String value = cell.getValue();
            if (cell.getKey().startsWith("tag:")) {
                run = run.tag(key, value);
            } else if (cell.getKey().startsWith("param:")) {
                run = run.param(key, value);
            } else if (cell.getKey().startsWith("metric:")) {
                run = run.metric(key, Double.parseDouble(value));
            } else if (cell.getKey().startsWith("experiment_tag:")) {
                tags.put(key, value);
            } else if (cell.getKey().equals("parent")) {
                run = run.parent(value);
            }
        }
        mlflow.experiment(workspace, experiment, name, tags);
        mlflow.put(run);
    }

    private static long time(Map<String, String> row, String column) {
        return row.containsKey(column) ? instant(row.get(column)).toEpochMilli() : Times.ABSENT;
    }

    static Instant instant(String text) {
        return OffsetDateTime.parse(text).toInstant();
    }

    /** Refreshes as of a time. */
    Scenario at(String time) {
        report = costs.refresh(instant(time));
        return this;
    }

    /** Computes from what was read before. */
    Scenario withoutReading(String time) {
        report = costs.compute(instant(time));
        return this;
    }

    Costs costs() {
        return costs;
    }

    Ledger.Report report() {
        return report;
    }

    /** The lines of some families as a scrape shows them. */
    String scrape(String... families) {
        return costs.scrape(families);
    }

    /** Demands that a scrape shows these lines; in which order labels stand does not matter. */
    Scenario shows(String lines) {
        Map<String, Double> shown = series(scrape());
        series(lines).forEach((series, value) -> {
            assertThat(shown).as("what a scrape shows").containsKey(series);
            assertThat(shown.get(series)).as(series).isCloseTo(value, within(EXACT * Math.max(1, Math.abs(value))));
        });
        return this;
    }

    /** Demands that a scrape shows these lines and no other of their families. */
    Scenario showsAllOf(String lines) {
        Set<String> families = new TreeSet<>();
        lines.lines().filter(line -> !line.isBlank()).forEach(line -> families.add(name(line)));
        assertThat(series(scrape(families.toArray(String[]::new))).keySet())
                .isEqualTo(series(lines).keySet());
        return shows(lines);
    }

    private static String name(String line) {
        Matcher name = NAME.matcher(line);
        if (!name.lookingAt()) {
            throw new IllegalArgumentException(line);
        }
        return name.group();
    }

    private static Map<String, Double> series(String lines) {
        Map<String, Double> series = new TreeMap<>();
        for (String line : lines.lines().toList()) {
            if (line.isBlank() || line.startsWith("#")) {
                continue;
            }
            int value = line.lastIndexOf(' ');
            Map<String, String> labels = new TreeMap<>();
            Matcher label = LABEL.matcher(line.substring(0, value));
            while (label.find()) {
                labels.put(label.group(1), label.group(2));
            }
            series.put(name(line) + labels, Double.parseDouble(line.substring(value + 1)));
        }
        return series;
    }
}
