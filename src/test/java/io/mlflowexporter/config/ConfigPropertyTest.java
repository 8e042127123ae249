package io.mlflowexporter.config;

import static org.assertj.core.api.Assertions.assertThat;

import io.mlflowexporter.mlflow.connection.ServerAddress;
import io.mlflowexporter.settings.SettingsException;
import io.mlflowexporter.settings.value.BadValueException;
import io.mlflowexporter.settings.value.ByteSize;
import io.mlflowexporter.settings.value.Durations;
import io.mlflowexporter.settings.value.ListenAddress;
import io.mlflowexporter.settings.value.Quoted;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.LongRange;

/** What holds for every value and every file. */
final class ConfigPropertyTest {
    private static final String SECRET = "5eCr3t-5eCr3t";

    @Property
    void durationsComeBackAsWritten(@ForAll @LongRange(min = 0, max = 10_000_000_000_000L) long millis) {
        Duration duration = Duration.ofMillis(millis);
        assertThat(Durations.parse(Durations.print(duration))).isEqualTo(duration);
    }

    @Property
    void sizesComeBackAsWritten(@ForAll @LongRange(min = 0) long bytes, @ForAll @IntRange(max = 40) int zeros) {
        ByteSize size = new ByteSize(bytes >> zeros << zeros);
        if (size.bytes() < 1_000_000_000_000_000_000L) {
            assertThat(ByteSize.of(size.toString())).isEqualTo(size);
        }
    }

    @Property
    void listenersComeBackAsWritten(@ForAll("hosts") String host, @ForAll @IntRange(max = 65_535) int port) {
        ListenAddress listen = new ListenAddress(host, port);
        assertThat(ListenAddress.of(listen.toString())).isEqualTo(listen);
    }

    @Provide
    Arbitrary<String> hosts() {
        Arbitrary<Integer> part = Arbitraries.integers().between(0, 255);
        Arbitrary<Integer> group = Arbitraries.integers().between(0, 0xffff);
        return Arbitraries.oneOf(
                Combinators.combine(part, part, part, part).as((a, b, c, d) -> a + "." + b + "." + c + "." + d),
                Combinators.combine(group, group).as((a, b) -> String.format("fe80::%x:%x", a, b)),
                Arbitraries.of("::", "::1", "::ffff:10.0.0.1", "fe80::1%eth0", "localhost", "a-b.c_d.example"),
                Arbitraries.strings().alpha().ofMinLength(1).ofMaxLength(60));
    }

    /** Whatever is given, the three only ever refuse it in one way. */
    @Property
    void otherTextsAreRefusedInWords(@ForAll String text) {
        for (Runnable parse : new Runnable[] {
            () -> Durations.parse(text),
            () -> ByteSize.of(text),
            () -> ListenAddress.of(text),
            () -> ServerAddress.of(text)
        }) {
            try {
                parse.run();
            } catch (BadValueException e) {
                assertThat(e.getMessage()).doesNotContainPattern("[\\p{Cntrl}\\u2028\\u202e]");
            }
        }
    }

    @Property(tries = 300)
    void textsComeBackFromYaml(@ForAll String text) throws IOException {
        if (text.isEmpty() || text.codePoints().anyMatch(c -> c >= 0xd800 && c <= 0xdfff)) {
            return;
        }
        Optional<LoadedConfig> loaded = load("runs: {estimator_tag: " + Quoted.yaml(text) + "}", Map.of());
        assertThat(loaded.orElseThrow().config().runs().estimatorTag()).contains(text);
    }

    @Property(tries = 500)
    void randomBytesAreRefusedOrLoaded(@ForAll byte[] bytes) throws IOException {
        loadBytes(bytes, Map.of());
    }

    /** Pieces that mean something to YAML reach further than bytes that mean nothing. */
    @Property(tries = 3000)
    void randomYamlIsRefusedOrLoaded(@ForAll("scraps") String yaml) throws IOException {
        load(yaml, Map.of());
    }

    @Provide
    Arbitrary<String> scraps() {
        return Arbitraries.of(
                        "mlflow:",
                        "auth:",
                        "tls:",
                        "refresh:",
                        "interval:",
                        "runs:",
                        "phases:",
                        "phase:",
                        "tags:",
                        "read:",
                        "experiments:",
                        "include:",
                        "log:",
                        "level:",
                        " ",
                        "  ",
                        "\n",
                        "\n  ",
                        "\n    ",
                        "\n- ",
                        "- ",
                        "[",
                        "]",
                        "{",
                        "}",
                        ",",
                        ": ",
                        "&a ",
                        "*a",
                        "*b",
                        "!!binary ",
                        "!x ",
                        "!!map ",
                        "!!null ",
                        "? ",
                        "| \n",
                        ">-\n",
                        "'",
                        "\"",
                        "\\",
                        "#",
                        "---\n",
                        "...\n",
                        "%YAML 1.2\n",
                        "%TAG ! x\n",
                        "<<: ",
                        "null",
                        "~",
                        "60",
                        "60s",
                        "info",
                        "x",
                        "\t",
                        "\r",
                        "\u0085",
                        "\u2028",
                        "\uFEFF",
                        "😀",
                        "@",
                        "`",
                        "=",
                        "-")
                .list()
                .ofMaxSize(40)
                .map(list -> String.join("", list));
    }

    /** A secret may be mistyped, misplaced or badly quoted, and still must not be repeated. */
    @Property(tries = 2000)
    void secretsAreNeverRepeated(
            @ForAll("secretLines") String line, @ForAll("scraps") String after, @ForAll boolean scraps)
            throws IOException {
        load("mlflow:\n  auth:\n    username: bob\n" + line + "\n" + (scraps ? after : ""), Map.of());
        load(line.stripLeading() + "\n", Map.of());
    }

    @Provide
    Arbitrary<String> secretLines() {
        Arbitrary<String> key = Arbitraries.of("password", "token", "pasword", "password_file", "PASSWORD", "tokens");
        Arbitrary<String> colon = Arbitraries.of(": ", ":", " : ", "= ", ":\t", ": |\n      ", ":\n      - ");
        Arbitrary<String> form = Arbitraries.of(
                "%s",
                "\"%s\"",
                "'%s'",
                "\"%s",
                "[%s]",
                "{%s: x}",
                "{x: %s}",
                "*%s",
                "&%s",
                "!%s",
                "!!%s x",
                "@%s",
                "`%s",
                "%%%s",
                "> %s",
                "|%s",
                "- %s",
                "%s: x",
                "x %s # y",
                "\\%s",
                "? %s",
                "%s\n---\nx");
        return Combinators.combine(key, colon, form)
                .as((k, c, f) -> "    " + k + c + String.format(f, SECRET))
                // A file's name is no secret; one that is put there by mistake cannot be told from a name.
                .filter(line -> !line.contains("password_file"));
    }

    @Property(tries = 300)
    void secretsInVariablesAreNeverRepeated(
            @ForAll("scraps") String yaml,
            @ForAll("addresses") String address,
            @ForAll("secretVariables") Map<String, String> secrets)
            throws IOException {
        var environment = new java.util.HashMap<>(secrets);
        environment.put("MLFLOW_TRACKING_URI", address);
        load(yaml, environment);
        load("", environment);
    }

    @Provide
    Arbitrary<String> addresses() {
        return Arbitraries.of(
                "http://h",
                "http://u:" + SECRET + "@h",
                "http://" + SECRET + "@h",
                "https://u:" + SECRET + " @h/x",
                "u:" + SECRET + "@h",
                "http://u:" + SECRET + "/x@h_",
                "mysql://u:" + SECRET + "@h/db",
                "http://h?token=" + SECRET);
    }

    @Provide
    Arbitrary<Map<String, String>> secretVariables() {
        return Arbitraries.maps(
                        Arbitraries.of(
                                "MLFLOW_TRACKING_PASSWORD",
                                "MLFLOW_TRACKING_TOKEN",
                                "MLFLOW_EXPORTER_MLFLOW_AUTH_TOKEN",
                                "MLFLOW_EXPORTER_MLFLOW_REGISTRY_AUTH_PASSWORD",
                                "MLFLOW_EXPORTER_MLFLOW_AUTH_TOKENN"),
                        Arbitraries.of(SECRET, SECRET + "\n", " " + SECRET, "@" + SECRET))
                .ofMaxSize(4)
                .map(map -> {
                    map.putIfAbsent("MLFLOW_TRACKING_USERNAME", "bob");
                    return map;
                });
    }

    private static Optional<LoadedConfig> load(String yaml, Map<String, String> environment) throws IOException {
        return loadBytes(yaml.getBytes(StandardCharsets.UTF_8), environment);
    }

    /** Loads, and holds everything that could be shown against the secret. */
    private static Optional<LoadedConfig> loadBytes(byte[] yaml, Map<String, String> environment) throws IOException {
        Path file = Scratch.FILE;
        Files.write(file, yaml);
        try {
            LoadedConfig loaded = ConfigLoader.load(Optional.of(file), environment, Map.of());
            assertThat(loaded.toString()).doesNotContain(SECRET);
            assertThat(loaded.warnings().toString()).doesNotContain(SECRET);
            assertThat(ConfigYaml.write(loaded)).doesNotContain(SECRET);
            return Optional.of(loaded);
        } catch (SettingsException e) {
            assertThat(e.problems())
                    .isNotEmpty()
                    .allSatisfy(problem -> assertThat(problem.toString())
                            .doesNotContain(SECRET)
                            .doesNotContainPattern("[\\p{Cntrl}]"));
            return Optional.empty();
        }
    }

    /** One file for all tries, made when first needed. */
    private static final class Scratch {
        static final Path FILE = make();

        private static Path make() {
            try {
                Path file = Files.createTempFile("config", ".yaml");
                file.toFile().deleteOnExit();
                return file;
            } catch (IOException e) {
                throw new UncheckedIOException("no scratch file", e);
            }
        }
    }
}
