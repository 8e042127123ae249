package io.mlflowexporter.metrics;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;

/** The rules for Prometheus that are shipped, and their tests. */
final class RuleFiles {
    static final Path DIRECTORY = Path.of("deploy", "prometheus");

    /**
     * A rule of a file.
     *
     * @param name an alert's name, or what is recorded
     */
    record Rule(
            Path file,
            boolean alert,
            String name,
            String expression,
            Map<String, String> labels,
            Map<String, String> annotations) {
        @Override
        public String toString() {
            return name;
        }
    }

    /**
     * What a file of tests expects of an alert at a time.
     *
     * @param fires whether it fires, with a summary and a description
     */
    record Case(String alert, boolean fires) {}

    private RuleFiles() {}

    /** All files, those of the tests left out. */
    static List<Path> files() {
        return yaml(DIRECTORY);
    }

    static List<Path> tests() {
        return yaml(DIRECTORY.resolve("tests"));
    }

    private static List<Path> yaml(Path directory) {
        try (Stream<Path> files = Files.list(directory)) {
            return files.filter(file -> file.toString().endsWith(".yaml"))
                    .sorted()
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static List<Rule> rules() {
        List<Rule> rules = new ArrayList<>();
        for (Path file : files()) {
            for (Map<String, Object> group : list(load(file), "groups")) {
                for (Map<String, Object> rule : list(group, "rules")) {
                    boolean alert = rule.containsKey("alert");
                    rules.add(new Rule(
                            file,
                            alert,
                            String.valueOf(rule.get(alert ? "alert" : "record")),
                            String.valueOf(rule.get("expr")),
                            texts(rule, "labels"),
                            texts(rule, "annotations")));
                }
            }
        }
        return rules;
    }

    static List<Rule> alerts() {
        return rules().stream().filter(Rule::alert).toList();
    }

    static List<Case> cases() {
        List<Case> cases = new ArrayList<>();
        for (Path file : tests()) {
            for (Map<String, Object> test : list(load(file), "tests")) {
                for (Map<String, Object> asked : list(test, "alert_rule_test")) {
                    List<Map<String, Object>> expected = list(asked, "exp_alerts");
                    cases.add(new Case(
                            String.valueOf(asked.get("alertname")),
                            expected.stream()
                                    .anyMatch(fired -> texts(fired, "exp_annotations")
                                            .keySet()
                                            .containsAll(List.of("summary", "description")))));
                }
            }
        }
        return cases;
    }

    static Map<String, Object> load(Path file) {
        try {
            LoaderOptions options = new LoaderOptions();
            options.setMaxAliasesForCollections(500);
            return new Yaml(new SafeConstructor(options)).load(Files.readString(file));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @SuppressWarnings("unchecked") // The files are the project's own, and of this shape.
    static List<Map<String, Object>> list(Map<String, Object> of, String key) {
        return (List<Map<String, Object>>) of.getOrDefault(key, List.of());
    }

    @SuppressWarnings("unchecked") // As above.
    private static Map<String, String> texts(Map<String, Object> of, String key) {
        return (Map<String, String>) of.getOrDefault(key, Map.of());
    }
}
