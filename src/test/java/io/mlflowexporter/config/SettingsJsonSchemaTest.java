package io.mlflowexporter.config;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.mlflowexporter.cost.pricing.PricingFile;
import io.mlflowexporter.kpi.KpiFile;
import io.mlflowexporter.web.access.WebFile;
import java.io.IOException;
import java.io.StringReader;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.nodes.MappingNode;
import org.yaml.snakeyaml.nodes.Node;
import org.yaml.snakeyaml.nodes.ScalarNode;
import org.yaml.snakeyaml.nodes.SequenceNode;
import org.yaml.snakeyaml.nodes.Tag;

/** Holds the JSON Schemas in {@code docs} to the declarations they are generated from, and to the example files. */
final class SettingsJsonSchemaTest {
    private static final ObjectMapper JSON = new ObjectMapper();
    /** What says nothing of what is valid. */
    private static final Set<String> NOTES = Set.of("$schema", "title", "description", "default", "deprecated");

    enum Schema {
        CONFIG("config", "Configuration of mlflow-exporter", Config.class),
        PRICING("cost-book", "Cost book of mlflow-exporter", PricingFile.class),
        KPIS("kpis", "KPIs of mlflow-exporter", KpiFile.class),
        WEB("web-config", "Web configuration file of mlflow-exporter", WebFile.class);

        private final String name;
        private final String title;
        private final Class<?> root;

        Schema(String name, String title, Class<?> root) {
            this.name = name;
            this.title = title;
            this.root = root;
        }

        private Path file() {
            return Path.of("docs", name + ".schema.json");
        }

        private List<String> errors(String yaml) throws IOException {
            List<String> errors = new ArrayList<>();
            validate(
                    JSON.readTree(Files.readString(file())),
                    json(new Yaml().compose(new StringReader(yaml))),
                    "",
                    errors);
            return errors;
        }
    }

    @ParameterizedTest
    @EnumSource
    void schemaIsFresh(Schema schema) throws IOException {
        String fresh = SettingsJsonSchema.of(schema.title, schema.root);
        if (Boolean.getBoolean("regenerate")) {
            Files.writeString(schema.file(), fresh);
        }
        assertThat(schema.file())
                .as("stale; run: mvn -q test -Dtest=SettingsJsonSchemaTest -Dregenerate=true")
                .usingCharset(StandardCharsets.UTF_8)
                .hasContent(fresh);
    }

    @ParameterizedTest
    @EnumSource
    void exampleIsValidAndNamesItsSchema(Schema schema) throws IOException {
        String example = Files.readString(Path.of("docs", schema.name + ".example.yaml"));

        assertThat(example).contains("# yaml-language-server: $schema=" + schema.name + ".schema.json\n");
        assertThat(schema.errors(example)).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "CONFIG | {refersh: {}} | .refersh: unknown",
                "CONFIG | {refresh: {intervall: 5s}} | .refresh.intervall: unknown",
                "CONFIG | {refresh: {interval: 60}} | .refresh.interval: not string",
                "CONFIG | {refresh: {interval: 5 minutes}} | .refresh.interval: not by pattern",
                "CONFIG | {log: {level: loud}} | .log.level: not one of the enum",
                "CONFIG | {read: {max_runs: 0}} | .read.max_runs: out of range",
                "CONFIG | {runs: {phases: [{run_name: [a]}]}} | .runs.phases[0]: phase is missing",
                "PRICING | {resources: [{name: a, prices: [{per_hour: -1}]}]} | .resources[0].prices[0].per_hour: out of range",
                "KPIS | {kpis: [{name: a}]} | .kpis[0]: value is missing",
                "WEB | {basic_auth_user: {}} | .basic_auth_user: unknown"
            })
    void mistakeIsFound(Schema schema, String yaml, String error) throws IOException {
        assertThat(schema.errors(yaml)).containsExactly(error);
    }

    @Test
    void whatTheExporterTakesIsValid() throws IOException {
        assertThat(Schema.CONFIG.errors("""
                        refresh: {interval: 1h30m, registry_interval: null, sweep_runs: 40}
                        runs: {estimator_tag: 7, phases: [{phase: train, tags: {team: 7}}]}
                        read: {max_runs: 5}
                        exposition:
                        """)).isEmpty();
    }

    /** As YAML 1.2 reads it: no dates, and no booleans but two. */
    private static JsonNode json(Node node) {
        JsonNodeFactory make = JsonNodeFactory.instance;
        if (node instanceof MappingNode mapping) {
            ObjectNode object = make.objectNode();
            mapping.getValue()
                    .forEach(tuple ->
                            object.set(((ScalarNode) tuple.getKeyNode()).getValue(), json(tuple.getValueNode())));
            return object;
        }
        if (node instanceof SequenceNode sequence) {
            ArrayNode array = make.arrayNode();
            sequence.getValue().forEach(element -> array.add(json(element)));
            return array;
        }
        String text = ((ScalarNode) node).getValue();
        if (node.getTag().equals(Tag.NULL)) {
            return make.nullNode();
        }
        if (node.getTag().equals(Tag.INT) || node.getTag().equals(Tag.FLOAT)) {
            return make.numberNode(new BigDecimal(text));
        }
        boolean bool = node.getTag().equals(Tag.BOOL) && (text.equals("true") || text.equals("false"));
        return bool ? make.booleanNode(Boolean.parseBoolean(text)) : make.textNode(text);
    }

    /** The part of JSON Schema that the schemas use; any other keyword is an error of the test. */
    private static void validate(JsonNode schema, JsonNode value, String path, List<String> errors) {
        schema.properties().forEach(keyword -> {
            JsonNode rule = keyword.getValue();
            switch (keyword.getKey()) {
                case "type" -> {
                    if (!isOf(rule, value)) {
                        errors.add(path + ": not " + (rule.isArray() ? rule.toString() : rule.asText()));
                    }
                }
                case "enum" -> {
                    if (!contains(rule, value)) {
                        errors.add(path + ": not one of the enum");
                    }
                }
                case "pattern" -> {
                    if (value.isTextual()
                            && !Pattern.compile(rule.asText())
                                    .matcher(value.asText())
                                    .find()) {
                        errors.add(path + ": not by pattern");
                    }
                }
                case "minimum" ->
                    range(value.isNumber() && value.decimalValue().compareTo(rule.decimalValue()) < 0, path, errors);
                case "maximum" ->
                    range(value.isNumber() && value.decimalValue().compareTo(rule.decimalValue()) > 0, path, errors);
                case "items" -> {
                    for (int i = 0; value.isArray() && i < value.size(); i++) {
                        validate(rule, value.get(i), path + "[" + i + "]", errors);
                    }
                }
                case "required" ->
                    rule.forEach(key -> {
                        if (value.isObject() && !value.has(key.asText())) {
                            errors.add(path + ": " + key.asText() + " is missing");
                        }
                    });
                case "properties", "additionalProperties" -> {
                    // Both below, since one says what the other is about.
                }
                default -> assertThat(NOTES).contains(keyword.getKey());
            }
        });
        if (value.isObject()) {
            value.properties().forEach(entry -> {
                String at = path + "." + entry.getKey();
                JsonNode known = schema.path("properties").path(entry.getKey());
                JsonNode others = schema.path("additionalProperties");
                if (!known.isMissingNode()) {
                    validate(known, entry.getValue(), at, errors);
                } else if (others.isObject()) {
                    validate(others, entry.getValue(), at, errors);
                } else if (others.isBoolean() && !others.booleanValue()) {
                    errors.add(at + ": unknown");
                }
            });
        }
    }

    private static void range(boolean outside, String path, List<String> errors) {
        if (outside) {
            errors.add(path + ": out of range");
        }
    }

    private static boolean contains(JsonNode all, JsonNode value) {
        for (JsonNode one : all) {
            if (one.equals(value)) {
                return true;
            }
        }
        return false;
    }

    private static boolean isOf(JsonNode types, JsonNode value) {
        if (types.isArray()) {
            for (JsonNode type : types) {
                if (isOf(type, value)) {
                    return true;
                }
            }
            return false;
        }
        return switch (types.asText()) {
            case "object" -> value.isObject();
            case "array" -> value.isArray();
            case "string" -> value.isTextual();
            case "integer" ->
                value.isNumber() && value.decimalValue().stripTrailingZeros().scale() <= 0;
            case "number" -> value.isNumber();
            case "boolean" -> value.isBoolean();
            case "null" -> value.isNull();
            default -> throw new AssertionError(types.asText());
        };
    }
}
