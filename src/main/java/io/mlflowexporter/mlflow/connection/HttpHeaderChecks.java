package io.mlflowexporter.mlflow.connection;

import io.mlflowexporter.settings.FileChecks;
import io.mlflowexporter.settings.Origin;
import io.mlflowexporter.settings.Problems;
import io.mlflowexporter.settings.value.Quoted;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** Whether headers can be sent as they are configured. */
final class HttpHeaderChecks {
    private static final Pattern NAME = Pattern.compile("[!#$%&'*+.^_`|~0-9A-Za-z-]+");
    /** What HTTP allows in a value, beside the characters after US-ASCII, which it discourages. */
    private static final Pattern VALUE = Pattern.compile("[\\x20-\\x7e\\t]*");

    /** Set by the exporter or by the protocol. */
    private static final Set<String> RESERVED = Set.of(
            "accept",
            "accept-encoding",
            "connection",
            "content-encoding",
            "content-length",
            "content-type",
            "expect",
            "host",
            "http2-settings",
            "keep-alive",
            "proxy-authorization",
            "te",
            "trailer",
            "transfer-encoding",
            "upgrade",
            "user-agent",
            "x-mlflow-workspace");

    private HttpHeaderChecks() {}

    /**
     * Adds what is wrong.
     *
     * @param credentials whether other credentials make an Authorization header
     */
    static void check(
            String path,
            Map<String, HttpHeader> headers,
            boolean credentials,
            Function<String, Origin> origins,
            Problems problems) {
        headers.forEach((name, header) -> {
            String at = path + "." + Quoted.key(name);
            Origin origin = origins.apply(path + "." + name);
            String lower = name.toLowerCase(Locale.ROOT);
            if (!NAME.matcher(name).matches()) {
                problems.error(origin, at, "is not the name of a header; allowed: letters, digits and -");
            } else if (RESERVED.contains(lower)) {
                problems.error(origin, at, "cannot be configured; the exporter sets it by itself");
            } else if (lower.equals("authorization") && credentials) {
                problems.error(origin, at, "is set, and other credentials are too; give one of the two");
            }
            List<String> texts = Stream.concat(header.values().stream(), header.secrets().stream())
                    .toList();
            if (texts.stream().anyMatch(text -> !VALUE.matcher(text).matches())) {
                problems.error(origin, at, "has a line end or another character in it that no header can carry");
            }
            if (header.secrets().contains(Quoted.MASK)) {
                problems.warning(origin, at, CredentialChecks.MASKED);
            }
            for (Path file : header.files()) {
                FileChecks.awaited(at + ".files", Optional.of(file), origin, problems);
            }
        });
    }
}
