package io.mlflowexporter.it;

import static org.assertj.core.api.Assertions.assertThat;

import at.favre.lib.crypto.bcrypt.BCrypt;
import com.fasterxml.jackson.databind.JsonNode;
import io.mlflowexporter.testing.Certificates;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A real Prometheus scrapes the jar over TLS with a client certificate and a password, and without them does not. */
final class SecureServingIT {
    private static final Duration SOON = Duration.ofMinutes(1);

    @TempDir
    private Path directory;

    /** On a busy machine a scrape with a handshake and a password that is not known yet takes more than a second. */
    private static String job(String name, String target, String tls, String password) {
        return """
                  - job_name: %s
                    scrape_interval: 5s
                    scrape_timeout: 5s
                    scheme: https
                    tls_config:
                      ca_file: ca.pem
                %s    basic_auth: {username: prometheus, password: %s}
                    static_configs:
                      - targets: ["%s"]
                """.formatted(name, tls, password, target);
    }

    @Test
    void prometheusShowsWhoItIs() throws Exception {
        Certificates certificates = new Certificates(directory);
        certificates.authority("ca");
        certificates.signed("server", "ca", "EC", "-ext", "san=ip:127.0.0.1");
        certificates.signed("renewed", "ca", "RSA", "-ext", "san=ip:127.0.0.1", "-validity", "20");
        certificates.signed("prometheus", "ca", "EC");
        certificates.keyPem("prometheus");
        install(certificates, "server");
        String hash = BCrypt.with(BCrypt.Version.VERSION_2Y).hashToString(10, "right".toCharArray());
        Path web = Files.writeString(directory.resolve("web.yaml"), """
                tls_server_config:
                  cert_file: cert.pem
                  key_file: key.pem
                  client_auth_type: RequireAndVerifyClientCert
                  client_ca_file: ca.pem
                basic_auth_users: {prometheus: '%s'}
                """.formatted(hash));

        try (ExporterJar jar = ExporterJar.start(
                "secure", "demo", "--web.config.file", web.toString(), "--seed", "7", "--speed", "0.000001")) {
            assertThat(jar.log()).contains(": TLS with client certificates, 1 user");
            String target = jar.metrics("/").getAuthority();
            String certificate = "      cert_file: prometheus.pem\n      key_file: prometheus-key.pem\n";
            String jobs = job("right", target, certificate, "right") + job("uncertified", target, "", "right");
            try (Prometheus prometheus = Prometheus.start(directory, "prometheus-secure", jobs, "exemplar-storage")) {
                holds(prometheus, "up{job=\"right\"} == 1");
                double first = prometheus.value("timestamp(up{job=\"right\"})");
                holds(prometheus, "mlflow_snapshot_complete == 1");
                holds(prometheus, "up{job=\"uncertified\"} == 0");
                // The JDK's server hangs up, mostly without the alert that says why.
                assertThat(error(prometheus, "uncertified")).containsAnyOf("EOF", "tls: ", "connection reset");
                double before = expiry(prometheus);

                install(certificates, "renewed");

                Await.until("the renewed certificate", SOON, () -> expiry(prometheus), after -> after < before);
                // Since the first scrape that succeeded, which is within: from then on none may fail.
                String since = "[" + ((long) (prometheus.value("vector(time())") - first) + 1) + "s]";
                assertThat(prometheus.value("min_over_time(up{job=\"right\"}" + since + ")"))
                        .as(
                                "%s of %s scrapes succeeded, the longest took %s s, the last failure is '%s'",
                                prometheus.value("sum_over_time(up{job=\"right\"}" + since + ")"),
                                prometheus.value("count_over_time(up{job=\"right\"}" + since + ")"),
                                prometheus.value("max_over_time(scrape_duration_seconds{job=\"right\"}" + since + ")"),
                                error(prometheus, "right"))
                        .isEqualTo(1);
            }
            // For itself: all come from one address, and this one has it limited within seconds.
            String onlyWrong = job("wrong", target, certificate, "wrong");
            try (Prometheus prometheus =
                    Prometheus.start(directory, "prometheus-wrong", onlyWrong, "exemplar-storage")) {
                holds(prometheus, "up{job=\"wrong\"} == 0");
                assertThat(error(prometheus, "wrong")).contains("HTTP status 401 Unauthorized");
            }
        }
    }

    private static void holds(Prometheus prometheus, String promql) {
        Await.until(promql, SOON, () -> prometheus.query(promql), found -> found.size() == 1);
    }

    private void install(Certificates certificates, String name) throws Exception {
        Files.writeString(directory.resolve("key.pem"), Files.readString(certificates.keyPem(name)));
        Files.writeString(directory.resolve("cert.pem"), Files.readString(certificates.pem(name)));
    }

    private static double expiry(Prometheus prometheus) throws IOException {
        return prometheus.value("mlflow_exporter_web_certificate_expiry_timestamp_seconds{listener=\"metrics\"}");
    }

    private static String error(Prometheus prometheus, String job) throws IOException {
        for (JsonNode target : prometheus.targets()) {
            if (target.path("labels").path("job").asText().equals(job)) {
                return target.path("lastError").asText();
            }
        }
        throw new AssertionError("no target of job " + job);
    }
}
