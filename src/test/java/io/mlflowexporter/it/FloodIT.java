package io.mlflowexporter.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.mlflowexporter.demo.SimulatedMlflow;
import io.mlflowexporter.demo.life.SimulationOptions;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.mlflow.tracking.MlflowClient;

/**
 * What anyone can send before saying who they are, to the jar in the smallest heap that is recommended: it stays alive, and
 * every scrape in the meantime succeeds. Each flood is bounded in number and goes over loopback, of which Linux has many
 * addresses.
 */
@Timeout(300)
@EnabledOnOs(OS.LINUX)
final class FloodIT {
    private static final Duration READY = Duration.ofMinutes(3);
    private static final int SCRAPES = 20;
    private static final int EXPERIMENTS = 800;

    private static SimulatedMlflow mlflow;
    private static ExporterJar jar;

    private final List<Socket> held = new ArrayList<>();

    @BeforeAll
    static void start() throws Exception {
        mlflow = SimulatedMlflow.start(SimulationOptions.defaults());
        try (MlflowClient client = new MlflowClient(mlflow.uri().toString())) {
            for (int i = 0; i < EXPERIMENTS; i++) {
                String run =
                        client.createRun(client.createExperiment("flood-" + i)).getRunId();
                client.setTerminated(run);
            }
        }
        jar = ExporterJar.inHeap(
                "flood", "48m", "--mlflow.tracking-uri", mlflow.uri().toString());
        Await.until("ready", READY, () -> HttpGet.get(jar.web("/readyz")).status(), status -> status == 200);
    }

    @AfterAll
    static void stop() {
        if (jar != null) {
            jar.close();
        }
        mlflow.close();
    }

    @AfterEach
    void release() throws IOException {
        for (Socket socket : held) {
            socket.close();
        }
    }

    /** One connection of one of 20 addresses, on which a head begins and does not end. */
    private void hold(URI listener, int number, byte[] head) throws IOException {
        Socket socket = new Socket();
        held.add(socket);
        socket.bind(new InetSocketAddress(InetAddress.getByName("127.0.0." + (2 + number % 20)), 0));
        socket.connect(new InetSocketAddress(listener.getHost(), listener.getPort()), 10_000);
        try {
            socket.getOutputStream().write(head);
        } catch (IOException e) {
            // Refused, or closed for a newer one.
        }
    }

    private static byte[] head(int bytes) {
        String lines = ("X-Filler: " + "x".repeat(990) + "\r\n").repeat(bytes / 1000);
        return ("GET /metrics HTTP/1.1\r\nHost: x\r\n" + lines).getBytes(StandardCharsets.US_ASCII);
    }

    private static void everyScrapeSucceeds() throws IOException {
        for (int i = 0; i < SCRAPES; i++) {
            assertThat(HttpGet.get(jar.metrics("/metrics")).text())
                    .as("scrape %s", i)
                    .contains("\nmlflow_snapshot_complete 1.0\n");
            assertThat(HttpGet.get(jar.web("/healthz")).status())
                    .as("health %s", i)
                    .isEqualTo(200);
        }
    }

    @Test
    void longHeadsOnTheMetricsListener() throws Exception {
        byte[] long370 = head(370_000);
        for (int i = 0; i < 256; i++) {
            hold(jar.metrics("/"), i, long370);
        }
        everyScrapeSucceeds();
    }

    @Test
    void threeThousandConnectionsToTheListenerForPeople() throws Exception {
        byte[] head = head(7_000);
        for (int i = 0; i < 3_000; i++) {
            hold(jar.web("/"), i, head);
        }
        everyScrapeSucceeds();
    }

    @Test
    void everyFormOfTheMetricsAtOnce() throws IOException {
        List<CompletableFuture<Integer>> answers = new ArrayList<>();
        HttpClient client = HttpClient.newHttpClient();
        for (String format : List.of(
                "text/plain;version=0.0.4",
                "application/openmetrics-text;version=1.0.0",
                "application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited")) {
            for (String escaping : List.of("allow-utf-8", "underscores", "dots", "values")) {
                for (String encoding : List.of("identity", "gzip")) {
                    HttpRequest request = HttpRequest.newBuilder(jar.metrics("/metrics"))
                            .timeout(Duration.ofMinutes(2))
                            .header("Accept", format + ";escaping=" + escaping)
                            .header("Accept-Encoding", encoding)
                            .build();
                    answers.add(client.sendAsync(request, BodyHandlers.ofByteArray())
                            .thenApply(answer -> answer.statusCode()));
                }
            }
        }
        everyScrapeSucceeds();
        // Of one address, so that some may be told to come again.
        assertThat(answers).extracting(CompletableFuture::join).allMatch(status -> status == 200 || status == 503);
    }
}
