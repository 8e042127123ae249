package io.mlflowexporter.cli;

import io.mlflowexporter.tls.TrustFile;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.util.Base64;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** How an exporter is scraped. */
final class ScrapeOptions {
    private static final Pattern SNAPSHOT = Pattern.compile("(?m)^mlflow_snapshot_timestamp_seconds (\\S+)$");
    private static final Duration LIMIT = Duration.ofSeconds(30);
    private static final int OK = 200;
    private static final Duration BETWEEN = Duration.ofSeconds(1);

    @Option(names = "--exporter", paramLabel = "URL", description = "The exporter's metrics, with or without /metrics.")
    private @Nullable URI exporter;

    @Option(names = "--exporter-user", paramLabel = "NAME", description = "User name for the exporter's metrics.")
    private @Nullable String user;

    @Option(
            names = "--exporter-password-file",
            paramLabel = "FILE",
            description = "File that holds the password for the exporter's metrics.")
    private @Nullable Path passwordFile;

    @Option(
            names = "--exporter-ca-file",
            paramLabel = "FILE",
            description = "PEM file with the certificates to trust instead of the JDK's own.")
    private @Nullable Path caFile;

    private String lastSnapshot = "";

    /** Where the exporter is, if that was given. */
    Optional<URI> address() {
        return Optional.ofNullable(exporter).map(uri -> uri.getPath().length() > 1 ? uri : uri.resolve("/metrics"));
    }

    /** What the exporter says now. */
    String take() throws IOException {
        String text = scrape();
        lastSnapshot = snapshot(text);
        return text;
    }

    /** What the exporter says of its next snapshot; of the same one where it takes too long to come. */
    String next(Duration patience) throws IOException {
        long deadline = System.nanoTime() + patience.toNanos();
        String text = scrape();
        while (snapshot(text).equals(lastSnapshot) && System.nanoTime() < deadline) {
            try {
                Thread.sleep(BETWEEN.toMillis());
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new IOException("interrupted", e);
            }
            text = scrape();
        }
        lastSnapshot = snapshot(text);
        return text;
    }

    private static String snapshot(String text) {
        Matcher found = SNAPSHOT.matcher(text);
        return found.find() ? found.group(1) : "";
    }

    private String scrape() throws IOException {
        URI uri = address().orElseThrow();
        HttpRequest.Builder request = HttpRequest.newBuilder(uri).timeout(LIMIT).header("Accept", "text/plain");
        if (user != null) {
            String password =
                    passwordFile == null ? "" : Files.readString(passwordFile).strip();
            request.header(
                    "Authorization",
                    "Basic "
                            + Base64.getEncoder()
                                    .encodeToString((user + ":" + password).getBytes(StandardCharsets.UTF_8)));
        }
        HttpClient.Builder client = HttpClient.newBuilder().connectTimeout(LIMIT);
        if (caFile != null) {
            try {
                client.sslContext(TrustFile.context(caFile));
            } catch (GeneralSecurityException e) {
                throw new IOException("cannot use " + caFile + ": " + e.getMessage(), e);
            }
        }
        try {
            HttpResponse<String> answer =
                    client.build().send(request.build(), HttpResponse.BodyHandlers.ofString(StandardCharsets.UTF_8));
            if (answer.statusCode() != OK) {
                throw new IOException(uri + " answered " + answer.statusCode());
            }
            return answer.body();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        } catch (java.net.ConnectException e) {
            throw new IOException("nothing answers at " + uri, e);
        }
    }
}
