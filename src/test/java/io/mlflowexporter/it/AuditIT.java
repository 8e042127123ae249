package io.mlflowexporter.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.mlflowexporter.testing.Certificates;
import io.mlflowexporter.testing.Command;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The jar audits another one over HTTP. */
final class AuditIT {
    private static final Duration LIMIT = Duration.ofMinutes(2);

    @TempDir
    private Path directory;

    @Test
    void theDemoIsRightAndAnotherBookIsNot() throws IOException {
        Path config = config("right", 60);
        try (ExporterJar jar = ExporterJar.demo(
                "demo-for-audit", "--speed", "0.000001", "--interval", "1s", "--config", config.toString())) {
            Path runs = directory.resolve("runs.csv");
            Command.Result right = audit(
                    jar,
                    config,
                    "--runs-csv",
                    runs.toString(),
                    "--exporter-status",
                    jar.web("/").toString());
            assertThat(right.output()).contains("0 differences in ");
            assertThat(right.exit()).isZero();
            assertThat(Files.readAllLines(runs)).hasSizeGreaterThan(300);

            Command.Result wrong = audit(jar, config("wrong", 61), "--output", "json");
            assertThat(wrong.output())
                    .contains(
                            "\"counters\" : ",
                            "mlflow_price_per_hour{",
                            "mlflow_compute_spend_total{",
                            "mlflow_kpi_target{")
                    .doesNotContain("mlflow_runs{");
            assertThat(wrong.exit()).isEqualTo(1);
        }
        assertThat(run("audit").exit()).isEqualTo(2);
        assertThat(run("audit", "--exporter", "http://127.0.0.1:1/metrics", "--total-shards", "2", "--shard", "0"))
                .satisfies(refused -> assertThat(refused.output()).contains("cannot audit of several shards"))
                .extracting(Command.Result::exit)
                .isEqualTo(2);
    }

    @Test
    void mlflowBehindTlsIsTrustedByTheConfiguredFileAlone() throws Exception {
        Certificates certificates = new Certificates(directory);
        certificates.authority("ca");
        certificates.authority("stranger");
        certificates.signed("server", "ca", "EC", "-ext", "san=ip:127.0.0.1");
        Path config = config("tls", 60);
        try (ExporterJar jar = ExporterJar.demo(
                        "demo-for-audit", "--speed", "0.000001", "--interval", "1s", "--config", config.toString());
                TlsFront front = new TlsFront(certificates.server("server"), jar.mlflow())) {
            Command.Result trusted = audit(jar, front.uri(), config, certificates.pem("ca"));
            assertThat(trusted.output()).contains("0 differences in ");
            assertThat(trusted.exit()).isZero();
            Command.Result refused = audit(jar, front.uri(), config, certificates.pem("stranger"));
            assertThat(refused.output()).contains("cannot read MLflow: ");
            assertThat(refused.exit()).isEqualTo(1);
        }
    }

    private Command.Result audit(ExporterJar jar, URI mlflow, Path config, Path authorities) throws IOException {
        Path behindTls = Files.writeString(
                directory.resolve("behind-tls.yaml"),
                Files.readString(config) + "mlflow: {tls: {ca_file: " + authorities + "}}\n");
        return run(
                "audit",
                "--config",
                behindTls.toString(),
                "--mlflow.tracking-uri",
                mlflow.toString(),
                "--exporter",
                jar.metrics("/").toString());
    }

    private Path config(String name, int price) throws IOException {
        Path book = directory.resolve(name + "-book.yaml");
        Files.writeString(book, """
                currency: EUR
                resources: [{name: node, prices: [{per_hour: %d}]}]
                rules: [{phase: [data], uses: []}]
                default_uses: [{resource: node}]
                budgets: [{name: all, amount: 1000}]
                """.formatted(price));
        Path kpis = directory.resolve(name + "-kpis.yaml");
        Files.writeString(kpis, """
                kpis: [{name: demand_error, value: rmse, direction: lower, target: %d}]
                """.formatted(price));
        Path config = directory.resolve(name + ".yaml");
        Files.writeString(config, "cost:\n  file: " + book + "\nkpi:\n  file: " + kpis + "\n");
        return config;
    }

    private static Command.Result audit(ExporterJar jar, Path config, String... more) {
        List<String> all = new ArrayList<>(List.of(
                "audit",
                "--config",
                config.toString(),
                "--mlflow.tracking-uri",
                jar.mlflow().toString(),
                "--exporter",
                jar.metrics("/").toString()));
        all.addAll(List.of(more));
        return run(all.toArray(String[]::new));
    }

    private static Command.Result run(String... arguments) {
        return Command.run(LIMIT, "", ExporterJar.commandLine(List.of(arguments)));
    }
}
