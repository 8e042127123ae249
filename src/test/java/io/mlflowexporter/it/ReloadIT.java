package io.mlflowexporter.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.mlflowexporter.testing.Command;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The jar rereads its files when they change or when told to, by a signal or a request, and keeps the old one if the new one is bad. */
final class ReloadIT {
    private static final Duration LIMIT = Duration.ofMinutes(1);

    @TempDir
    private Path directory;

    @Test
    void aSignalAndARequestBothReload() throws IOException {
        Command.require("kill");
        price("1");
        try (ExporterJar jar = ExporterJar.demo("reload", "--runs", "50", "--interval", "1s", "--config", config())) {
            awaitPrice(jar, "1.0");

            price("2");
            hangUp(jar);
            awaitPrice(jar, "2.0");

            price("3");
            HttpGet.Answer good = HttpGet.post(jar.web("/-/reload"));
            assertThat(good.status()).isEqualTo(200);
            assertThat(good.text()).contains("book.yaml: 1 resource, 0 rules, 0 budgets, 0 overheads\n");
            awaitPrice(jar, "3.0");

            price("-4");
            HttpGet.Answer bad = HttpGet.post(jar.web("/-/reload"));
            assertThat(bad.status()).isEqualTo(400);
            assertThat(bad.text()).contains("book.yaml:4: resources[0].prices[0].per_hour: \"-4\" is negative");
            assertThat(HttpGet.get(jar.metrics("/metrics")).text())
                    .contains("\nmlflow_exporter_config_last_reload_successful 0.0\n", priced("3.0"));
            hangUp(jar);
            Await.until(
                    "both refusals in the log",
                    LIMIT,
                    () -> jar.log()
                            .lines()
                            .filter(line -> line.contains("stays in force"))
                            .count(),
                    count -> count >= 2);
            Logs.assertOneLineRecords(jar.log());

            price("5");
            hangUp(jar);
            awaitPrice(jar, "5.0");
            assertThat(HttpGet.get(jar.metrics("/metrics")).text())
                    .contains("\nmlflow_exporter_config_last_reload_successful 1.0\n");
            assertThat(jar.terminate()).isIn(0, 143);
        }
    }

    @Test
    void serveRefusesABadBookWithEveryProblem() throws IOException {
        price("-1}, {per_hour: many");

        Command.Result result = Command.run(LIMIT, "", ExporterJar.commandLine(List.of("serve", "--config", config())));

        assertThat(result.exit()).isEqualTo(2);
        assertThat(result.output())
                .contains(
                        "book.yaml:4: resources[0].prices[0].per_hour: ",
                        "book.yaml:4: resources[0].prices[1].per_hour: ");
    }

    private String config() throws IOException {
        return Files.writeString(directory.resolve("config.yaml"), "cost: {file: book.yaml}\nweb: {reload: true}\n")
                .toString();
    }

    private void price(String perHour) throws IOException {
        Files.writeString(directory.resolve("book.yaml"), """
                currency: EUR
                resources:
                  - name: machine
                    prices: [{per_hour: %s}]
                default_uses: [{resource: machine}]
                """.formatted(perHour));
    }

    private static void hangUp(ExporterJar jar) throws IOException {
        if (ignored()) {
            HttpGet.post(jar.web("/-/reload"));
            return;
        }
        assertThat(Command.run(LIMIT, "", List.of("kill", "-HUP", Long.toString(jar.pid())))
                        .exit())
                .isZero();
    }

    /** Whether this test was started by nohup or the like: what it starts ignores SIGHUP too, and no JVM can change that. */
    private static boolean ignored() throws IOException {
        Path status = Path.of("/proc/self/status");
        return Files.exists(status)
                && Files.readAllLines(status).stream()
                        .filter(line -> line.startsWith("SigIgn:"))
                        .anyMatch(line ->
                                (Long.parseUnsignedLong(line.substring(7).strip(), 16) & 1) == 1);
    }

    private static void awaitPrice(ExporterJar jar, String price) {
        Await.until(
                "a price of " + price,
                LIMIT,
                () -> HttpGet.get(jar.metrics("/metrics")).text(),
                text -> text.contains(priced(price)));
    }

    private static String priced(String price) {
        return "\nmlflow_price_per_hour{currency=\"EUR\",resource=\"machine\",source=\"estimate\"} " + price + "\n";
    }
}
