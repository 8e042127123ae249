package io.mlflowexporter.web.access;

import io.mlflowexporter.settings.Binder;
import io.mlflowexporter.settings.Origin;
import io.mlflowexporter.settings.Problems;
import io.mlflowexporter.settings.value.Quoted;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/** What must hold in a web configuration file beside its TLS. */
final class WebFileChecks {
    private static final String HEADERS = "http_server_config.headers";
    private static final String USERS = "basic_auth_users";
    /** Below that a stolen hash is guessed fast. */
    private static final int GOOD_COST = 10;

    /** exporter-toolkit's, so that one file suits all exporters: the headers there may be, and their values. */
    private static final Map<String, List<String>> ALLOWED = Map.of(
            "Strict-Transport-Security", List.of(),
            "X-Content-Type-Options", List.of("nosniff"),
            "X-Frame-Options", List.of("deny", "sameorigin"),
            "X-XSS-Protection", List.of(),
            "Content-Security-Policy", List.of());

    private static final Pattern VALUE = Pattern.compile("[\\x20-\\x7e]*");

    private WebFileChecks() {}

    /** Adds what is wrong. */
    static void check(WebFile file, Binder binder, Problems problems) {
        headers(file, binder, problems);
        file.basicAuthUsers().forEach((name, hash) -> {
            Origin origin = binder.stand(USERS, name);
            if (name.isEmpty() || name.indexOf(':') >= 0) {
                problems.error(origin, USERS, "has a name that is empty or has a colon, which no client can send");
            }
            if (hash.cost() < GOOD_COST) {
                problems.warning(
                        origin,
                        USERS + "." + Quoted.key(name),
                        "has a bcrypt hash of cost " + hash.cost() + ", which is fast to guess; 10 suits most");
            }
        });
        if (!file.basicAuthUsers().isEmpty() && !file.tlsServerConfig().enabled()) {
            problems.warning(
                    binder.stand(USERS), USERS, "is set without tls_server_config: passwords are sent in the clear");
        }
        WebFile.RateLimit limit = file.rateLimit();
        if (!limit.interval().isZero() && limit.burst() == 0) {
            problems.error(
                    binder.stand("rate_limit.interval"),
                    "rate_limit.burst",
                    "is 0 or missing, and so every request would be refused; give 1 or more");
        }
    }

    private static void headers(WebFile file, Binder binder, Problems problems) {
        file.httpServerConfig().headers().forEach((name, value) -> {
            String path = HEADERS + "." + Quoted.key(name);
            Origin origin = binder.stand(HEADERS, name);
            List<String> values = ALLOWED.get(name);
            if (values == null) {
                problems.error(
                        origin,
                        path,
                        "cannot be configured; allowed: "
                                + String.join(
                                        ", ", ALLOWED.keySet().stream().sorted().toList()));
            } else if (!values.isEmpty() && !values.contains(value)) {
                problems.error(
                        origin, path, Quoted.shown(value) + " is unknown; allowed: " + String.join(", ", values));
            } else if (!VALUE.matcher(value).matches()) {
                problems.error(origin, path, "has characters no header can have");
            }
            if (name.equals("Strict-Transport-Security")
                    && !file.tlsServerConfig().enabled()) {
                problems.warning(origin, path, "is set without tls_server_config, and so browsers ignore it");
            }
        });
    }
}
