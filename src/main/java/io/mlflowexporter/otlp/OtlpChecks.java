package io.mlflowexporter.otlp;

import io.mlflowexporter.settings.FileChecks;
import io.mlflowexporter.settings.Origin;
import io.mlflowexporter.settings.Problems;
import java.util.function.Function;
import java.util.regex.Pattern;

/** What must hold between the settings for pushing. */
public final class OtlpChecks {
    private static final String ENDPOINT = "otlp.endpoint";
    private static final Pattern HEADER = Pattern.compile("[!#$%&'*+.^_`|~0-9A-Za-z-]+=[\\x20-\\x7e]*");

    private OtlpChecks() {}

    /** Adds what is wrong. */
    public static void check(OtlpConfig otlp, Function<String, Origin> origins, Problems problems) {
        for (String header : otlp.headers()) {
            if (!HEADER.matcher(header).matches()) {
                problems.error(origins.apply("otlp.headers"), "otlp.headers", "has a header that is not NAME=VALUE");
            }
        }
        FileChecks.awaited("otlp.headers_file", otlp.headersFile(), origins.apply("otlp.headers_file"), problems);
        FileChecks.required("otlp.ca_file", otlp.caFile(), origins.apply("otlp.ca_file"), problems);
        otlp.endpoint().ifPresent(endpoint -> {
            if (endpoint.userInfo().isPresent()) {
                problems.error(
                        origins.apply(ENDPOINT), ENDPOINT, "has user and password in it; send them with otlp.headers");
            } else if (secret(otlp) && endpoint.inTheClear()) {
                problems.warning(origins.apply(ENDPOINT), ENDPOINT, "is not https: headers are sent in the clear");
            }
        });
    }

    private static boolean secret(OtlpConfig otlp) {
        return !otlp.headers().isEmpty() || otlp.headersFile().isPresent();
    }
}
