package io.mlflowexporter.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;

/** What the Helm chart holds a second time, since Helm reads nothing outside the chart's own folder. */
final class ChartFilesTest {
    private static final Path CHART = Path.of("deploy", "helm", "mlflow-exporter");
    private static final Pattern POM_VERSION =
            Pattern.compile("<artifactId>mlflow-exporter</artifactId>\\s*<version>(.*)</version>");
    private static final Pattern APP_VERSION = Pattern.compile("(?m)^appVersion: (.*)$");

    @ParameterizedTest
    @CsvSource({"deploy/prometheus, files/rules, .yaml", "grafana-dashboards, files/dashboards, .json"})
    void copiesAreUpToDate(Path original, String copy, String ending) throws IOException {
        Path there = CHART.resolve(copy);
        if (Boolean.getBoolean("regenerate")) {
            Files.createDirectories(there);
            for (String stale : files(there, ending).keySet()) {
                Files.delete(there.resolve(stale));
            }
            for (Map.Entry<String, String> file : files(original, ending).entrySet()) {
                Files.writeString(there.resolve(file.getKey()), file.getValue());
            }
        }

        assertThat(files(there, ending))
                .as("stale; run: mvn -q test -Dtest=ChartFilesTest -Dregenerate=true")
                .isEqualTo(files(original, ending));
    }

    private static Map<String, String> files(Path folder, String ending) throws IOException {
        Map<String, String> files = new TreeMap<>();
        if (Files.exists(folder)) {
            try (Stream<Path> paths = Files.list(folder)) {
                for (Path path :
                        paths.filter(path -> path.toString().endsWith(ending)).toList()) {
                    files.put(path.getFileName().toString(), Files.readString(path));
                }
            }
        }
        return files;
    }

    @Test
    void theChartIsOfThisVersion() throws IOException {
        assertThat(only(APP_VERSION, CHART.resolve("Chart.yaml"))).isEqualTo(only(POM_VERSION, Path.of("pom.xml")));
    }

    private static String only(Pattern pattern, Path file) throws IOException {
        Matcher matcher = pattern.matcher(Files.readString(file));
        assertThat(matcher.find()).as(pattern.pattern()).isTrue();
        return matcher.group(1);
    }

    @Test
    void theSchemaKnowsEveryValueAndNoOther() throws IOException {
        JsonMapper json = JsonMapper.builder().build();
        JsonNode values = json.valueToTree(new Yaml(new SafeConstructor(new LoaderOptions()))
                .load(Files.readString(CHART.resolve("values.yaml"))));
        JsonNode schema = json.readTree(Files.readString(CHART.resolve("values.schema.json")));
        List<String> differences = new ArrayList<>();
        compare("", values, schema, differences);

        // Helm puts global into every chart's values.
        assertThat(differences).containsExactly("only in the schema: .global");
    }

    private static void compare(String path, JsonNode values, JsonNode schema, List<String> differences) {
        JsonNode properties = schema.path("properties");
        if (!properties.isObject()) {
            return;
        }
        values.properties().forEach(value -> {
            String here = path + "." + value.getKey();
            if (properties.has(value.getKey())) {
                compare(here, value.getValue(), properties.path(value.getKey()), differences);
            } else {
                differences.add("only in the values: " + here);
            }
        });
        properties.fieldNames().forEachRemaining(name -> {
            if (!values.has(name)) {
                differences.add("only in the schema: " + path + "." + name);
            }
        });
    }
}
