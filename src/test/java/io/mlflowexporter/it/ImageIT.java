package io.mlflowexporter.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.mlflowexporter.demo.SimulatedMlflow;
import io.mlflowexporter.demo.life.SimulationOptions;
import io.mlflowexporter.testing.Command;
import io.mlflowexporter.testing.PythonEnvironment;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * The image, without a container engine: the Dockerfile's own steps are carried out in folders that stand for its stages,
 * and its own command is run as its user, with the whole file system read-only.
 */
final class ImageIT {
    private static final Duration LIMIT = Duration.ofMinutes(3);
    private static final Path SCRIPT = Path.of("src", "test", "sh", "image.sh");
    private static final String HOME = "/opt/mlflow-exporter";
    private static final String DATA = "/var/lib/mlflow-exporter";
    private static final Pattern METRICS = Pattern.compile("/metrics is served on port (\\d+)");

    private static Dockerfile dockerfile;

    private Path folder;
    private Path root;

    @BeforeAll
    static void read() throws IOException {
        dockerfile = Dockerfile.read(Path.of("Dockerfile"));
    }

    @Test
    void hadolintHasNothingToSay() {
        Command.Result result = Command.run(
                LIMIT,
                "",
                List.of(PythonEnvironment.DEPLOY.program("hadolint").toString(), "--no-color", "Dockerfile"));

        assertThat(result.output()).isEmpty();
        assertThat(result.exit()).isZero();
    }

    @Test
    void theJarIsBuiltOfWhatTheContextHolds() throws IOException {
        List<String> sent = Files.readAllLines(Path.of(".dockerignore")).stream()
                .filter(line -> line.startsWith("!"))
                .map(line -> line.substring(1))
                .toList();
        for (String stage : List.of("jar", "image")) {
            for (Dockerfile.Instruction copy : dockerfile.stage(stage).all("COPY")) {
                if (!copy.flags().containsKey("from")) {
                    assertThat(Path.of(copy.words().get(0))).exists();
                    assertThat(sent)
                            .anyMatch(path -> path.startsWith(copy.words().get(0)));
                }
            }
        }
        assertThat(dockerfile.stage("jar").only("RUN").text()).contains("mvn -B -ntp package ");
    }

    @Test
    void runsWithoutRightsOnAReadOnlyFileSystem() throws IOException {
        if (!"root".equals(System.getProperty("user.name"))) {
            throw Command.missing("root is needed to mount what stands for the image");
        }
        List.of("unshare", "setpriv", "chroot").forEach(Command::require);
        folder = Files.createDirectories(Running.directory().resolve("image")).toAbsolutePath();
        step("rm", "-rf", folder + "/build", folder + "/root", folder + "/data");
        build();
        assemble();
        assertThat(dockerfile.last().only("USER").text()).isEqualTo("65532:65532");
        assertThat(dockerfile.last().only("EXPOSE").words()).containsExactly("9818", "9819");

        int web = freePort();
        try (SimulatedMlflow mlflow = SimulatedMlflow.start(SimulationOptions.defaults())) {
            Map<String, String> environment =
                    new TreeMap<>(dockerfile.last().only("ENV").pairs());
            environment.put("MLFLOW_TRACKING_URI", mlflow.uri().toString());
            environment.put("MLFLOW_EXPORTER_WEB_METRICS_LISTEN", "127.0.0.1:0");
            environment.put("MLFLOW_EXPORTER_WEB_WEB_LISTEN", "127.0.0.1:" + web);
            List<String> health = dockerfile.last().only("HEALTHCHECK").exec();
            assertThat(Command.run(LIMIT, "", inImage(environment, health)).exit())
                    .as("health of nothing")
                    .isEqualTo(1);
            try (Running exporter = Running.start(
                    "image",
                    inImage(environment, dockerfile.last().only("ENTRYPOINT").exec()))) {
                URI page = URI.create("http://127.0.0.1:" + web);
                String port = exporter.printed(METRICS, LIMIT);
                Await.until(
                        "ready", LIMIT, () -> HttpGet.get(page.resolve("/readyz")), answer -> answer.status() == 200);
                Await.until(
                        "a complete snapshot",
                        LIMIT,
                        () -> HttpGet.get(URI.create("http://127.0.0.1:" + port + "/metrics"))
                                .text(),
                        text -> text.contains("\nmlflow_snapshot_complete 1.0\n")
                                && text.contains("\nmlflow_exporter_checkpoint_write_failures_total 0.0\n"));
                Command.Result healthy = Command.run(LIMIT, "", inImage(environment, health));
                assertThat(healthy.output()).isEqualTo("127.0.0.1:" + web + "/healthz answers\n");
                assertThat(healthy.exit()).isZero();
                assertThat(Command.run(LIMIT, "", inImage("1000710000:0", environment, health))
                                .output())
                        .as("as any user, such as OpenShift's")
                        .isEqualTo(healthy.output());
                assertThat(Files.readString(Path.of("/proc/" + exporter.pid() + "/status")))
                        .contains("\nUid:\t65532\t65532\t65532\t65532\n", "\nCapEff:\t0000000000000000\n");
                assertThat(Files.readString(Path.of("/proc/" + exporter.pid() + "/maps")))
                        .as("the classes come from the archive")
                        .contains("/mlflow-exporter.jsa\n");
                assertThat(exporter.terminate()).isIn(0, 143);
                Logs.assertCalm(exporter.output());
            }
            assertThat(folder.resolve("data/checkpoint")).isNotEmptyFile();
        }
    }

    /** The stage that makes the runtime and the archive, its jar being the one under test. */
    private void build() throws IOException {
        Path stage = Files.createDirectories(folder.resolve("build"));
        String workdir = "/";
        for (Dockerfile.Instruction one : dockerfile.stage("image").instructions()) {
            switch (one.keyword()) {
                case "WORKDIR" -> {
                    workdir = one.text();
                    Files.createDirectories(inside(stage, workdir));
                }
                case "COPY" -> {
                    Path source = one.flags().getOrDefault("from", "").equals("jar")
                            ? Path.of(System.getProperty("exporter.jar", "target/mlflow-exporter.jar"))
                            : Path.of(one.words().get(0));
                    Path target = inside(stage, workdir).resolve(one.words().get(1));
                    Files.createDirectories(target.getParent());
                    step("cp", "-a", source.toString(), target.toString());
                }
                case "RUN" ->
                    step(
                            "env",
                            "JAVA_HOME=" + jdk(),
                            "bash",
                            SCRIPT.toString(),
                            "build",
                            stage + "",
                            workdir,
                            one.text());
                default -> throw new AssertionError("teach this test " + one);
            }
        }
    }

    /** The last stage, on a base that holds no more than the libraries that Java needs. */
    private void assemble() throws IOException {
        root = Files.createDirectories(folder.resolve("root"));
        for (Dockerfile.Instruction copy : dockerfile.last().all("COPY")) {
            assertThat(copy.flags()).containsEntry("from", "image");
            Path source = inside(folder.resolve("build"), copy.words().get(0));
            Path target = inside(root, copy.words().get(1));
            Files.createDirectories(target.getParent());
            step("cp", "-a", source.toString(), target.toString());
            step("chown", "-R", copy.flags().getOrDefault("chown", "0:0"), target.toString());
            if (copy.flags().containsKey("chmod")) {
                step("chmod", copy.flags().get("chmod"), target.toString());
            }
        }
        assertThat(inside(root, HOME).resolve("mlflow-exporter.jsa")).isNotEmptyFile();
        step("bash", SCRIPT.toString(), "base", root.toString());
        // What an engine does for a volume: the image's folder, its owner and all, where it can be written.
        step("cp", "-a", inside(root, DATA).toString(), folder.resolve("data").toString());
        assertThat(dockerfile.last().only("VOLUME").exec()).containsExactly(DATA);
    }

    private List<String> inImage(Map<String, String> environment, List<String> command) {
        return inImage(dockerfile.last().only("USER").text(), environment, command);
    }

    private List<String> inImage(String user, Map<String, String> environment, List<String> command) {
        List<String> all = new ArrayList<>(List.of("env", "-i", "PATH=" + System.getenv("PATH")));
        environment.forEach((name, value) -> all.add(name + "=" + value));
        all.addAll(List.of("bash", SCRIPT.toString(), "run", root.toString()));
        all.addAll(List.of(folder.resolve("data").toString(), user));
        all.addAll(command);
        return all;
    }

    private static Path inside(Path root, String absolute) {
        return root.resolve(absolute.substring(1));
    }

    private static Path jdk() throws IOException {
        return Path.of(System.getProperty("java.home")).toRealPath();
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    private static void step(String... command) {
        Command.Result result = Command.run(LIMIT, "", List.of(command));
        assertThat(result.exit())
                .as(String.join(" ", command) + "\n" + result.output())
                .isZero();
    }
}
