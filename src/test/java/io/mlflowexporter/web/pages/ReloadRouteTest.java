package io.mlflowexporter.web.pages;

import static org.assertj.core.api.Assertions.assertThat;

import io.mlflowexporter.estimate.Estimates;
import io.mlflowexporter.estimate.RunHistory;
import io.mlflowexporter.reload.ReloadAnswer;
import io.mlflowexporter.settings.value.ListenAddress;
import io.mlflowexporter.web.metrics.ScrapeCounts;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;

/** What those see who ask for a reload. */
final class ReloadRouteTest {
    private static final RunHistory NOTHING = RunHistory.missing(Instant.EPOCH, List.of());

    private final AtomicInteger reloads = new AtomicInteger();

    private HttpResponse<String> ask(Optional<Supplier<ReloadAnswer>> reload, String method, String... headers)
            throws IOException, InterruptedException {
        ListenAddress listen = ListenAddress.of("127.0.0.1:0");
        try (WebServer server = new WebServer(
                listen,
                () -> {
                    throw new AssertionError("not asked for");
                },
                () -> ScrapeCounts.NONE,
                List.of(),
                reload,
                new Estimates(Optional::empty, wanted -> NOTHING, InstantSource.system()),
                () -> {
                    throw new AssertionError("not asked for");
                },
                InstantSource.system())) {
            HttpRequest.Builder request = HttpRequest.newBuilder(
                            URI.create("http://127.0.0.1:" + server.port() + "/-/reload"))
                    .method(method, BodyPublishers.noBody());
            if (headers.length > 0) {
                request.headers(headers);
            }
            return HttpClient.newHttpClient().send(request.build(), BodyHandlers.ofString());
        }
    }

    private Optional<Supplier<ReloadAnswer>> answering(boolean done, String text) {
        return Optional.of(() -> {
            reloads.incrementAndGet();
            return new ReloadAnswer(done, text);
        });
    }

    @Test
    void offUnlessSwitchedOn() throws Exception {
        HttpResponse<String> answer = ask(Optional.empty(), "POST");

        assertThat(answer.statusCode()).isEqualTo(403);
        assertThat(answer.body())
                .isEqualTo("reloading by request is off; set web.reload to true, or send the process a SIGHUP\n");
    }

    @Test
    void postReloadsAndTellsWhatCameOfIt() throws Exception {
        HttpResponse<String> good = ask(answering(true, "reloaded"), "POST");
        HttpResponse<String> bad = ask(answering(false, "b.yaml:1: wrong\nb.yaml:2: wrong too"), "POST");

        assertThat(good.statusCode()).isEqualTo(200);
        assertThat(good.body()).isEqualTo("reloaded\n");
        assertThat(bad.statusCode()).isEqualTo(400);
        assertThat(bad.body()).isEqualTo("b.yaml:1: wrong\nb.yaml:2: wrong too\n");
        assertThat(bad.headers().firstValue("Content-Type")).contains("text/plain;charset=utf-8");
        assertThat(reloads).hasValue(2);
    }

    @Test
    void aPageOfAnotherOriginCannotReload() throws Exception {
        for (String origin : List.of("http://evil.example", "null", "http://127.0.0.1:1")) {
            assertThat(ask(answering(true, "reloaded"), "POST", "Origin", origin)
                            .statusCode())
                    .as(origin)
                    .isEqualTo(403);
        }
        assertThat(reloads).hasValue(0);
    }

    @Test
    void nothingElseReloads() throws Exception {
        for (String method : List.of("GET", "PUT", "DELETE")) {
            HttpResponse<String> answer = ask(answering(true, "reloaded"), method);
            assertThat(answer.statusCode()).isEqualTo(405);
            assertThat(answer.headers().firstValue("Allow")).contains("POST");
        }
        ask(answering(true, ""), "HEAD");
        assertThat(ask(answering(true, ""), "POST", "Sec-Fetch-Site", "cross-site")
                        .statusCode())
                .isEqualTo(403);
        assertThat(reloads).hasValue(0);
    }
}
