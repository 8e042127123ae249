package io.mlflowexporter.testing;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/**
 * A unit test for {@code promtool test rules} made of scrapes a minute apart, some of which failed: what Prometheus would
 * have made of them.
 */
public final class RuleTest {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String MISSING = "_";

    private final Predicate<String> families;
    private final Map<String, String> target;
    private final Map<String, List<String>> series = new TreeMap<>();
    private final ArrayNode alerts = JSON.createArrayNode();
    private final ArrayNode expressions = JSON.createArrayNode();
    private int minutes;

    /**
     * Begins at minute 0.
     *
     * @param families names of the samples that rules may read
     * @param target labels that Prometheus adds
     */
    public RuleTest(Predicate<String> families, Map<String, String> target) {
        this.families = families;
        this.target = target;
    }

    /** This minute's scrape. */
    public void scraped(String text) {
        for (Exposed sample : Exposed.parse(text)) {
            if (families.test(sample.name())) {
                series.computeIfAbsent(name(sample), s -> new ArrayList<>(Collections.nCopies(minutes, MISSING)))
                        .add(sample.value());
            }
        }
        missed();
    }

    /** This minute's scrape failed: Prometheus says of each series that it is stale. */
    public void missed() {
        minutes++;
        for (List<String> values : series.values()) {
            if (values.size() < minutes) {
                values.add(Set.of("stale", MISSING).contains(values.get(values.size() - 1)) ? MISSING : "stale");
            }
        }
    }

    private String name(Exposed sample) {
        Map<String, String> labels = new TreeMap<>(sample.labels());
        labels.putAll(target);
        return sample.name()
                + labels.entrySet().stream()
                        .map(label -> label.getKey() + "=" + JSON.valueToTree(label.getValue()))
                        .collect(Collectors.joining(",", "{", "}"));
    }

    /** An alert that must fire then, and no other of its name. */
    public void fires(String alert, int minute, Map<String, String> labels, Map<String, String> annotations) {
        ObjectNode fired = quiet(alert, minute).withArray("exp_alerts").addObject();
        fired.set("exp_labels", JSON.valueToTree(labels));
        fired.set("exp_annotations", JSON.valueToTree(annotations));
    }

    /** An alert that must not fire then. */
    public ObjectNode quiet(String alert, int minute) {
        ObjectNode asked = alerts.addObject().put("eval_time", minute + "m").put("alertname", alert);
        asked.putArray("exp_alerts");
        return asked;
    }

    /** An expression that must be true, 1, then. */
    public void isTrue(String expression, int minute) {
        ObjectNode asked = expressions.addObject().put("expr", expression).put("eval_time", minute + "m");
        asked.putArray("exp_samples").addObject().put("labels", "{}").put("value", 1);
    }

    /** The only alerts that may fire then, and must. */
    public void only(int minute, String... alerts) {
        ObjectNode asked = expressions
                .addObject()
                .put("expr", "sum by (alertname) (ALERTS{alertstate=\"firing\"})")
                .put("eval_time", minute + "m");
        ArrayNode samples = asked.putArray("exp_samples");
        for (String alert : alerts) {
            samples.addObject().put("labels", "{alertname=\"" + alert + "\"}").put("value", 1);
        }
    }

    /** What {@code promtool test rules} says of it. */
    public Command.Result run(Path... rules) throws IOException {
        ObjectNode test = JSON.createObjectNode().put("interval", "1m");
        ArrayNode input = test.putArray("input_series");
        series.forEach((name, values) -> input.addObject().put("series", name).put("values", String.join(" ", values)));
        test.set("alert_rule_test", alerts);
        test.set("promql_expr_test", expressions);
        ObjectNode file = JSON.createObjectNode().put("evaluation_interval", "1m");
        ArrayNode files = file.putArray("rule_files");
        for (Path one : rules) {
            files.add(one.toAbsolutePath().toString());
        }
        file.putArray("tests").add(test);
        // JSON is YAML.
        Path written = Files.createTempFile("rules", ".test.yaml");
        try {
            Files.writeString(written, file.toPrettyString());
            return test(written);
        } finally {
            Files.delete(written);
        }
    }

    /** Runs the unit tests of a file. */
    public static Command.Result test(Path file) {
        return promtool("test", "rules", file.toString());
    }

    /** Runs promtool. */
    public static Command.Result promtool(String... arguments) {
        List<String> command =
                new ArrayList<>(List.of(Command.require("promtool").toString()));
        command.addAll(List.of(arguments));
        return Command.run(Duration.ofMinutes(1), "", command);
    }
}
