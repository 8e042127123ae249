package io.mlflowexporter.mlflow.rest.transport;

import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * A request to send. An empty body sends a GET.
 *
 * @param refusal HTTP statuses by which the server says that it cannot do this, where that is no error, not counted
 *     as one and not tried again; 504 stands for no answer in time as well
 */
public record Call(String endpoint, String path, Optional<String> body, String workspace, Set<Integer> refusal) {
    /** How servers refuse a question whose form they do not know. */
    public static final Set<Integer> BAD_REQUEST = Set.of(400, 413, 422);

    /** How servers and proxies answer what only newer servers know. */
    public static final Set<Integer> UNKNOWN = Set.of(301, 302, 303, 307, 308, 400, 401, 403, 404, 405, 406, 410);

    /** As some answer besides: for what nothing depends on. */
    public static final Set<Integer> OPTIONAL =
            Stream.concat(UNKNOWN.stream(), IntStream.range(500, 600).boxed()).collect(Collectors.toUnmodifiableSet());

    public Call(String endpoint, String path, Optional<String> body, String workspace) {
        this(endpoint, path, body, workspace, Set.of());
    }

    /** As something that the server may refuse. */
    public Call mayBeRefused(Set<Integer> statuses) {
        return new Call(endpoint, path, body, workspace, statuses);
    }

    /** A text as a part of a path. */
    public static String encoded(String text) {
        // As RFC 3986 has it, which means the same to every server and is what a signed request needs.
        return URLEncoder.encode(text, StandardCharsets.UTF_8)
                .replace("+", "%20")
                .replace("*", "%2A")
                .replace("%7E", "~");
    }
}
