package io.mlflowexporter.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.mlflowexporter.cost.CostModel;
import io.mlflowexporter.cost.pricing.PriceList;
import io.mlflowexporter.cost.pricing.PricingFileLoader;
import io.mlflowexporter.estimate.Estimates;
import io.mlflowexporter.estimate.NotNowException;
import io.mlflowexporter.settings.SettingsException;
import io.mlflowexporter.settings.value.ListenAddress;
import io.mlflowexporter.web.metrics.ScrapeCounts;
import io.mlflowexporter.web.pages.WebServer;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** What a user sees of {@code estimate}, and the exit codes scripts rely on. */
final class EstimateCommandTest {
    private static final InstantSource CLOCK = InstantSource.fixed(Instant.parse("2026-03-20T00:00:00Z"));

    @TempDir
    private Path directory;

    private Path config = Path.of("");
    private Path book = Path.of("");

    private record Seen(int exit, String out, String err) {}

    @BeforeEach
    void write() throws IOException {
        book = Files.writeString(directory.resolve("book.yaml"), """
                currency: USD
                resources:
                  - name: g5.xlarge
                    prices: [{per_hour: 1.006, source: list, valid_from: 2026-01-01}]
                overheads:
                  - {category: software, monthly: 310}
                """);
        config = Files.writeString(directory.resolve("c.yaml"), "cost: {file: " + book + "}\n");
    }

    private static Seen run(String... arguments) {
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        CommandLine command = new CommandLine(new EstimateCommand(Map.of(), CLOCK))
                .setOut(new PrintWriter(out))
                .setErr(new PrintWriter(err))
                .setExecutionExceptionHandler((failure, line, parsed) -> {
                    line.getErr().println(failure.getMessage());
                    return failure instanceof SettingsException ? 2 : 1;
                });
        int exit = command.execute(arguments);
        return new Seen(exit, out.toString(), err.toString());
    }

    private Seen own(String... arguments) {
        List<String> all = new ArrayList<>(List.of("--config", config.toString()));
        all.addAll(List.of(arguments));
        return run(all.toArray(String[]::new));
    }

    @Test
    void anEnvelopeNeedsNothingButTheCostBook() {
        Seen seen = own("--resource", "g5.xlarge:2", "--hours", "8", "--runs", "40", "--overhead-share", "0.5");

        assertThat(seen).isEqualTo(new Seen(0, """
                Compute
                  Resource   Count  Hours  Hours in all   Per hour        Cost  Source  Price in force
                  g5.xlarge      2      8           640  1.006 USD  643.84 USD  list    from 2026-01-01
                  Prices of 2026-03-20, UTC; hours in all: hours × count × 40 runs.

                Overheads
                  Category       Cost
                  software  66.89 USD
                  50 % of what the cost book spends in 13.33 days from 2026-03-20 on.

                Total
                                   Cost
                  Compute    643.84 USD
                  Overheads   66.89 USD
                  Total      710.73 USD
                """, ""));
    }

    @Test
    void badQuestionsExitWithTwo() {
        assertThat(own("--resource", "g5.xlrge", "--hours", "8"))
                .isEqualTo(new Seen(
                        2,
                        "",
                        "resource: the cost book has no \"g5.xlrge\"; did you mean g5.xlarge? There are: g5.xlarge\n"));
        assertThat(own("--resource", "g5.xlarge", "--hours", "many").exit()).isEqualTo(2);
        assertThat(own().exit()).isEqualTo(2);
        assertThat(own("--output", "xml").exit()).isEqualTo(2);
        assertThat(own("--model", "m").err()).startsWith("model: deployments are known to a running exporter only");
        assertThat(run("--config", directory.resolve("none.yaml").toString(), "--runs", "1")
                        .exit())
                .isEqualTo(2);
    }

    @Test
    void csvIsOneValueALine() {
        Seen seen = own("--resource", "g5.xlarge", "--hours", "10", "--output", "csv", "--overhead-days", "0");

        assertThat(seen.exit()).isZero();
        assertThat(seen.out().lines())
                .startsWith("part,workspace,subject,phase,measure,value,unit,rests_on")
                .contains(
                        "compute,,g5.xlarge,,price_per_hour,1.006,USD,",
                        "compute,,g5.xlarge,,price_source,list,,",
                        "compute,,g5.xlarge,,cost,10.06,USD,",
                        "total,,all,,cost,10.06,USD,");
    }

    @Test
    void anMlflowThatDoesNotAnswerExitsWithOne() throws IOException {
        String nobody = "http://127.0.0.1:" + closedPort();
        Seen seen = own("--experiment", "churn", "--mlflow.tracking-uri", nobody);

        assertThat(seen.exit()).isEqualTo(1);
        assertThat(seen.err()).contains(nobody).hasLineCount(1);
    }

    /** A port nobody listens on: bound and closed again. */
    private static int closedPort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    @Test
    void aRunningExporterSaysTheSame() throws Exception {
        PriceList prices = CostModel.of(PricingFileLoader.load(book)).prices();
        Estimates estimates = new Estimates(
                () -> Optional.of(prices),
                wanted -> {
                    throw new NotNowException("MLflow is being read; ask again in a minute");
                },
                CLOCK);
        try (WebServer web = new WebServer(
                ListenAddress.of("127.0.0.1:0"),
                () -> {
                    throw new AssertionError("not asked for");
                },
                () -> ScrapeCounts.NONE,
                List.of(),
                Optional.empty(),
                estimates,
                () -> {
                    throw new AssertionError("not asked for");
                },
                CLOCK)) {
            String address = "http://127.0.0.1:" + web.port() + "/";
            for (String output : List.of("table", "json", "csv")) {
                String[] asked = {"--resource", "g5.xlarge:2", "--hours", "8", "--output", output};
                List<String> remote = new ArrayList<>(List.of("--exporter", address));
                remote.addAll(List.of(asked));
                assertThat(run(remote.toArray(String[]::new))).isEqualTo(own(asked));
            }
            assertThat(run("--exporter", address, "--resource", "x", "--hours", "1"))
                    .isEqualTo(own("--resource", "x", "--hours", "1"));
            assertThat(run("--exporter", address, "--experiment", "churn"))
                    .isEqualTo(new Seen(1, "", "MLflow is being read; ask again in a minute\n"));
            assertThat(run("--exporter", address + "nowhere", "--experiment", "churn")
                            .err())
                    .contains("answered with HTTP status 404");
        }
        Seen gone = run("--exporter", "http://127.0.0.1:1", "--experiment", "churn");
        assertThat(gone.exit()).isEqualTo(1);
        assertThat(gone.err()).startsWith("http://127.0.0.1:1 cannot be asked: ");
        assertThat(run("--exporter", "ftp://u:secret@x", "--experiment", "churn")
                        .exit())
                .isEqualTo(2);
        assertThat(run("--exporter", "ftp://u:secret@x", "--experiment", "churn")
                        .err())
                .doesNotContain("secret");
    }
}
