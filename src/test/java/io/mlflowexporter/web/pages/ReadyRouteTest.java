package io.mlflowexporter.web.pages;

import static org.assertj.core.api.Assertions.assertThat;

import io.mlflowexporter.estimate.Estimates;
import io.mlflowexporter.estimate.RunHistory;
import io.mlflowexporter.kpi.KpiOverview;
import io.mlflowexporter.refresh.ExporterStatus;
import io.mlflowexporter.refresh.ExporterStatus.Part;
import io.mlflowexporter.refresh.ExporterStatus.Problem;
import io.mlflowexporter.refresh.ExporterStatus.Progress;
import io.mlflowexporter.settings.value.ListenAddress;
import io.mlflowexporter.web.access.AccessGate;
import io.mlflowexporter.web.access.AccessMetrics;
import io.mlflowexporter.web.access.AllowedHosts;
import io.mlflowexporter.web.access.FailureLimit;
import io.mlflowexporter.web.access.Passwords;
import io.mlflowexporter.web.listener.RawHttp;
import io.mlflowexporter.web.metrics.ScrapeCounts;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.io.IOException;
import java.net.URI;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** What {@code /readyz} says, and to whom. */
final class ReadyRouteTest {
    private static final Part UNREADABLE = new Part(
            Optional.empty(), Optional.of(new Problem(Instant.EPOCH, "http://mlflow.internal does not answer")));
    private static final ExporterStatus STATUS = new ExporterStatus(
            "1",
            "abc",
            Instant.EPOCH,
            Optional.empty(),
            UNREADABLE,
            UNREADABLE,
            Progress.IDLE,
            Optional.empty(),
            Optional.empty(),
            Map.of(),
            Map.of(),
            List.of(),
            Optional.empty(),
            List.of(),
            KpiOverview.NOTHING,
            Optional.empty(),
            Optional.empty(),
            List.of());

    private static String ready(boolean localOnly) throws IOException {
        AccessGate gate = new AccessGate(
                "web",
                Optional.empty(),
                new Passwords(System::nanoTime),
                new FailureLimit(System::nanoTime),
                new AccessMetrics(new PrometheusRegistry()),
                AllowedHosts.ANY,
                localOnly,
                System::nanoTime);
        RunHistory nothing = RunHistory.missing(Instant.EPOCH, List.of());
        try (WebServer server = new WebServer(
                ListenAddress.of("127.0.0.1:0"),
                () -> STATUS,
                () -> ScrapeCounts.NONE,
                List.of(),
                Optional.empty(),
                new Estimates(Optional::empty, wanted -> nothing, InstantSource.system()),
                () -> {
                    throw new AssertionError("not asked for");
                },
                InstantSource.system(),
                gate)) {
            URI address = URI.create("http://127.0.0.1:" + server.port());
            return RawHttp.ask(address, "GET /readyz HTTP/1.1", "Host: x", "Connection: close");
        }
    }

    @Test
    void theReasonIsForThoseWhoMaySeeTheStatusPage() throws Exception {
        assertThat(ready(false)).startsWith("HTTP/1.1 503 ").contains("http://mlflow.internal does not answer");
        assertThat(ready(true))
                .startsWith("HTTP/1.1 503 ")
                .contains("not ready; the status page tells why")
                .doesNotContain("mlflow.internal");
    }
}
