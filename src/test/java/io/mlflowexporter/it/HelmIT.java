package io.mlflowexporter.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.mlflowexporter.testing.Command;
import io.mlflowexporter.testing.PythonEnvironment;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;

/** The Helm chart, by Helm itself, the schemas of Kubernetes and of Prometheus Operator, and the exporter's own check. */
final class HelmIT {
    private static final Duration LIMIT = Duration.ofMinutes(2);
    private static final Path CHART = Path.of("deploy", "helm", "mlflow-exporter");
    private static final String NAME = "trial-mlflow-exporter";
    /** The oldest Kubernetes the chart says it runs on, and the newest the schemas are there for. */
    private static final List<String> VERSIONS = List.of("1.28", "1.37");

    private static final Pattern NAMED_FILE =
            Pattern.compile("_file: (/etc/mlflow-exporter/\\S+)|file: (/\\S+/cost-book\\.yaml)");

    @TempDir
    private Path directory;

    static List<Path> valueFiles() throws IOException {
        try (Stream<Path> files = Files.list(CHART.resolve("ci"))) {
            return files.sorted().toList();
        }
    }

    private static Command.Result helm(String... arguments) {
        List<String> command = new ArrayList<>(List.of(Command.require("helm").toString()));
        command.addAll(List.of(arguments));
        return Command.run(LIMIT, "", command);
    }

    private static Command.Result template(String... arguments) {
        List<String> all = new ArrayList<>(List.of("template", "trial", CHART.toString(), "--kube-version", "1.34.0"));
        all.addAll(List.of(arguments));
        return helm(all.toArray(String[]::new));
    }

    /** What a template makes, by kind and name. */
    private static Map<String, Map<String, Object>> objects(String... arguments) {
        Command.Result result = template(arguments);
        assertThat(result.exit()).as(result.output()).isZero();
        Map<String, Map<String, Object>> objects = new TreeMap<>();
        for (Object one : yaml().loadAll(result.output())) {
            if (one != null) {
                Map<String, Object> object = map(one);
                objects.put(
                        object.get("kind") + "/" + map(object.get("metadata")).get("name"), object);
            }
        }
        return objects;
    }

    private static Yaml yaml() {
        return new Yaml(new SafeConstructor(new LoaderOptions()));
    }

    @SuppressWarnings("unchecked") // What YAML's mappings are.
    private static Map<String, Object> map(Object value) {
        return (Map<String, Object>) value;
    }

    private static Object at(Object value, Object... path) {
        Object here = value;
        for (Object step : path) {
            here = step instanceof Integer index
                    ? ((List<?>) here).get(index)
                    : map(here).get(step);
        }
        return here;
    }

    @ParameterizedTest
    @MethodSource("valueFiles")
    void everyObjectIsValid(Path values) throws IOException {
        Command.Result lint = helm("lint", "--strict", CHART.toString(), "--values", values.toString());
        assertThat(lint.exit()).as(lint.output()).isZero();
        Command.Result made = template("--values", values.toString());
        assertThat(made.exit()).as(made.output()).isZero();
        List<String> command = new ArrayList<>(List.of(
                PythonEnvironment.DEPLOY.python().toString(),
                PythonEnvironment.script("validate_manifests.py").toString(),
                definitions().toString()));
        command.addAll(VERSIONS);

        Command.Result result = Command.run(LIMIT, made.output(), command);

        assertThat(result.output()).endsWith(" objects, 0 problems\n");
        assertThat(result.exit()).isZero();
    }

    /** Prometheus Operator's own definitions of its kinds, which .ci/run brings. */
    private static Path definitions() {
        String folder = System.getenv("PROMETHEUS_OPERATOR_CRDS");
        if (folder == null) {
            throw Command.missing("PROMETHEUS_OPERATOR_CRDS names no folder of Prometheus Operator's definitions");
        }
        return Path.of(folder);
    }

    /** The exporter takes the configuration the chart writes; files it names are put where it can find them. */
    @ParameterizedTest
    @MethodSource("valueFiles")
    void theExporterTakesTheConfiguration(Path values) throws IOException {
        Map<String, Object> data = map(
                objects("--values", values.toString()).get("ConfigMap/" + NAME).get("data"));
        Path folder = Files.createDirectories(directory.resolve("config"));
        for (Map.Entry<String, Object> file : data.entrySet()) {
            Files.writeString(folder.resolve(file.getKey()), file.getValue().toString());
        }
        Path config = folder.resolve("config.yaml");
        String text = Files.readString(config);
        Matcher named = NAMED_FILE.matcher(text);
        while (named.find()) {
            String file = named.group(1) == null ? named.group(2) : named.group(1);
            Path there = directory.resolve(file.substring("/etc/mlflow-exporter/".length()));
            Files.createDirectories(there.getParent());
            Files.writeString(there, file.endsWith("cost-book.yaml") ? "currency: EUR\n" : "text");
        }
        Files.writeString(config, withoutUnknown(text.replaceAll("/(etc|var/lib)/mlflow-exporter/", directory + "/")));

        Command.Result result =
                Command.run(LIMIT, "", ExporterJar.commandLine(List.of("check-config", "--config", config.toString())));

        assertThat(result.output()).contains(config + ": OK");
        assertThat(result.exit()).isZero();
    }

    /** Web configuration files are checked for what they hold, and the one of this test holds nothing. */
    private static String withoutUnknown(String config) {
        return config.replaceAll("(?m)^ *(?:metrics_)?config_file: .*\n", "");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "--set=shards=0|shards",
                "--set=size=huge|size",
                "--set=shard=2|shard",
                "--set=mlflow.trackingUri=http://user:secret@mlflow:5000|trackingUri",
                "--set=mlflow.auth.tokenKey=token|auth",
                "--set=image.digest=latest|digest",
                "--set=extraFiles.config\\.yaml=x|config.yaml",
                "--set=shards=2,persistence.existingClaim=disk|each of several shards needs its own",
                "--set=shards=2,demo=true|leave shards at 1",
                "--set=jvmOptions[0]=-Xmx4g|jvmOptions",
            })
    void mistakesAreRefused(String argument, String said) {
        Command.Result result = template(argument);

        assertThat(result.exit()).isNotZero();
        assertThat(result.output()).contains(said);
    }

    @Test
    void withoutAPasswordOtherPodsGetHealthChecksOnly() {
        String open = "local_only: true";

        assertThat(template().output()).contains(open);
        assertThat(template("--set=webConfig.existingSecret=web").output()).doesNotContain(open);
        // The secret is for the other listener.
        assertThat(template("--set=webConfig.existingSecret=web,webConfig.metricsOnly=true")
                        .output())
                .contains(open);
        assertThat(template("--set=config.web.local_only=false").output()).contains("local_only: false");
    }

    @Test
    void eachPodIsAShardWithADiskOfItsOwn() {
        Map<String, Map<String, Object>> objects = objects("--set=shards=3");
        Map<String, Object> pods = objects.get("StatefulSet/" + NAME);

        assertThat(at(pods, "spec", "replicas")).isEqualTo(3);
        assertThat(at(pods, "spec", "volumeClaimTemplates", 0, "metadata", "name"))
                .isEqualTo("checkpoint");
        assertThat(at(pods, "spec", "template", "spec", "containers", 0, "env").toString())
                .contains("{name=MLFLOW_EXPORTER_SHARD_INDEX, valueFrom={fieldRef={fieldPath="
                        + "metadata.labels['apps.kubernetes.io/pod-index']}}}");
        assertThat(at(objects.get("ConfigMap/" + NAME), "data", "config.yaml").toString())
                .contains("shard:\n  total: 3\n");
    }

    @Test
    void podsHaveNoRightsAndSecretsAreFiles() {
        Map<String, Map<String, Object>> objects =
                objects("--set=mlflow.auth.username=exporter,mlflow.auth.existingSecret=credentials");
        Object pod = at(objects.get("StatefulSet/" + NAME), "spec", "template", "spec");

        assertThat(at(pod, "securityContext", "runAsNonRoot")).isEqualTo(true);
        assertThat(at(pod, "automountServiceAccountToken")).isEqualTo(false);
        Object container = at(pod, "containers", 0);
        assertThat(at(container, "securityContext", "readOnlyRootFilesystem")).isEqualTo(true);
        assertThat(at(container, "securityContext", "capabilities", "drop")).isEqualTo(List.of("ALL"));
        assertThat(at(container, "env").toString()).doesNotContain("secretKeyRef");
        assertThat(at(objects.get("ConfigMap/" + NAME), "data", "config.yaml").toString())
                .contains("password_file: /etc/mlflow-exporter/auth/password");
        assertThat(objects).containsKey("NetworkPolicy/" + NAME);
    }

    @Test
    void anotherCostBookRestartsThePods() {
        String[] path = {"spec", "template", "metadata", "annotations", "checksum/config"};

        assertThat(at(objects("--set=costBook.currency=EUR").get("StatefulSet/" + NAME), (Object[]) path))
                .isNotEqualTo(at(objects("--set=costBook.currency=USD").get("StatefulSet/" + NAME), (Object[]) path));
    }

    @Test
    void rulesAndDashboardsAreThoseOfTheProject() throws IOException {
        Map<String, Map<String, Object>> objects =
                objects("--set=shards=2,prometheusRule.enabled=true,dashboards.enabled=true", "--set=kpis.kpis=x");
        for (Path rules : files(Path.of("deploy", "prometheus"), ".yaml")) {
            String name = rules.getFileName().toString().replace(".yaml", "");
            assertThat(objects.get("PrometheusRule/" + NAME + "-" + name).get("spec"))
                    .as(name)
                    .isEqualTo(yaml().load(Files.readString(rules)));
        }
        for (Path dashboard : files(Path.of("grafana-dashboards"), ".json")) {
            String name = dashboard.getFileName().toString();
            Object made =
                    at(objects.get("ConfigMap/" + NAME + "-dashboard-" + name.replace(".json", "")), "data", name);
            assertThat(HttpGet.JSON.readTree(made.toString()))
                    .isEqualTo(HttpGet.JSON.readTree(Files.readString(dashboard)));
        }
        assertThat(at(objects.get("ConfigMap/" + NAME), "data", "config.yaml").toString())
                .contains("kpi:\n  file: kpis.yaml\n");
    }

    @Test
    void alertsLinkToTheRunbooksOfTheReader() {
        String rules = objects(
                        "--set=prometheusRule.enabled=true,prometheusRule.runbookBaseUrl=https://git.example/runbooks/")
                .get("PrometheusRule/" + NAME + "-cost-alerts")
                .toString();

        assertThat(rules).contains("runbook_url=https://git.example/runbooks/").doesNotContain("runbooks.example");
    }

    private static List<Path> files(Path folder, String ending) throws IOException {
        if (!Files.exists(folder)) {
            return List.of();
        }
        try (var files = Files.newDirectoryStream(folder, "*" + ending)) {
            return StreamSupport.stream(files.spliterator(), false).sorted().toList();
        }
    }

    @ParameterizedTest
    @CsvSource({"small, 48, ''", "medium, 100, ''", "large, 280, ' -Xmn24m'"})
    void everySizeHasRoomForItsHeap(String size, int heapMebibytes, String young) {
        Object container = at(
                objects("--set=size=" + size).get("StatefulSet/" + NAME), "spec", "template", "spec", "containers", 0);

        assertThat(String.join(" ", words(container, "command")))
                .contains(" -Xmx" + heapMebibytes + "m" + young + " -jar ");
        // Some 85 MiB beside the heap: docs/benchmarks.md.
        assertThat(mebibytes(at(container, "resources", "limits", "memory"))).isGreaterThan(heapMebibytes + 85);
        assertThat(mebibytes(at(container, "resources", "requests", "memory"))).isGreaterThan(heapMebibytes + 85);
    }

    @SuppressWarnings("unchecked") // Lists of words in the objects.
    private static List<String> words(Object container, String key) {
        return (List<String>) at(container, key);
    }

    private static Object container(String... arguments) {
        return at(objects(arguments).get("StatefulSet/" + NAME), "spec", "template", "spec", "containers", 0);
    }

    @Test
    void theCommandIsTheImagesWithTheHeapAsTheLastOption() throws IOException {
        List<String> entryPoint = new ArrayList<>(
                Dockerfile.read(Path.of("Dockerfile")).last().only("ENTRYPOINT").exec());
        entryPoint.addAll(entryPoint.indexOf("-jar"), List.of("-XX:+UseG1GC", "-Xmx123m"));

        assertThat(words(container("--set=heap=123m", "--set=jvmOptions[0]=-XX:+UseG1GC"), "command"))
                .isEqualTo(entryPoint);
    }

    @Test
    void theLogIsJsonFromItsFirstLineOn() throws IOException {
        List<String> command = new ArrayList<>(words(container(), "command"));
        command.set(0, ExporterJar.commandLine(List.of()).get(0));
        // What the image's file says, but for the archive of its classes, which is made with the image.
        command.remove("@/opt/mlflow-exporter/jvm.options");
        command.addAll(1, jvmOptions());
        command.set(command.size() - 1, ExporterJar.commandLine(List.of()).get(2));
        Path config = Files.writeString(
                directory.resolve("config.yaml"),
                at(objects().get("ConfigMap/" + NAME), "data", "config.yaml")
                        .toString()
                        .replace("/var/lib/mlflow-exporter", directory.toString())
                        .replaceAll("http://mlflow:5000", "http://127.0.0.1:1"));
        command.addAll(List.of("serve", "--config", config.toString()));
        command.addAll(List.of("--metrics-listen", "127.0.0.1:0", "--web-listen", "127.0.0.1:0"));

        try (Running exporter = Running.start("helm-log", command)) {
            exporter.printed(Pattern.compile("(experiments and runs: )"), LIMIT);
            exporter.terminate();
            assertThat(exporter.output().lines()).hasSizeGreaterThan(2).allMatch(line -> line.startsWith("{\""));
        }
    }

    private static List<String> jvmOptions() throws IOException {
        try (Stream<String> lines = Files.lines(Path.of("deploy", "image", "jvm.options"))) {
            return lines.filter(line -> line.startsWith("-") && !line.contains("SharedArchiveFile"))
                    .toList();
        }
    }

    @Test
    void networkPoliciesNameNumbersAndNoAgentIsInjected() {
        Map<String, Map<String, Object>> objects =
                objects("--set=networkPolicy.webFrom[0].podSelector.matchLabels.app=x");

        Object policy = objects.get("NetworkPolicy/" + NAME);
        assertThat(at(policy, "spec", "ingress", 0, "ports", 0, "port")).isEqualTo(9818);
        assertThat(at(policy, "spec", "ingress", 1, "ports", 0, "port")).isEqualTo(9819);
        String annotation = "instrumentation.opentelemetry.io/inject-java";
        String[] path = {"spec", "template", "metadata", "annotations", annotation};
        assertThat(at(objects.get("StatefulSet/" + NAME), (Object[]) path)).isEqualTo("false");
        assertThat(at(objects("--set=podAnnotations.mine=x").get("StatefulSet/" + NAME), (Object[]) path))
                .as("beside annotations of one's own")
                .isEqualTo("false");
    }

    @Test
    void openShiftGivesTheIds() {
        Object pod = at(objects("--set=openshift=true").get("StatefulSet/" + NAME), "spec", "template", "spec");

        assertThat(map(at(pod, "securityContext")))
                .containsEntry("runAsNonRoot", true)
                .doesNotContainKeys("runAsUser", "runAsGroup", "fsGroup");
    }

    private static int mebibytes(Object quantity) {
        return Integer.parseInt(quantity.toString().replace("Mi", ""));
    }
}
