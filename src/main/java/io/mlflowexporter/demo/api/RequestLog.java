package io.mlflowexporter.demo.api;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** What the simulated server was asked, for tests. Safe for use by several threads. */
public final class RequestLog {
    private static final int KEPT = 1_000;

    /**
     * A request.
     *
     * @param endpoint as {@link Faults} names it
     * @param query as sent, empty for none
     * @param headers names in lower case, several values joined by a comma; holds the credentials sent
     * @param status what was answered
     * @param responseBytes length of the answer's body as sent
     */
    public record Request(
            String method,
            String endpoint,
            String query,
            Map<String, String> headers,
            String body,
            int status,
            long responseBytes) {}

    private final Deque<Request> last = new ArrayDeque<>();
    private final Map<String, Long> counts = new TreeMap<>();

    synchronized void add(Request request) {
        counts.merge(request.endpoint(), 1L, Long::sum);
        if (last.size() == KEPT) {
            last.removeFirst();
        }
        last.addLast(request);
    }

    /** The last requests, at most 1,000, the oldest first. */
    public synchronized List<Request> last() {
        return List.copyOf(last);
    }

    /** The last requests to one endpoint, the oldest first. */
    public synchronized List<Request> last(String endpoint) {
        return last.stream().filter(r -> r.endpoint().equals(endpoint)).toList();
    }

    /** Requests per endpoint since the start or the last {@link #clear()}. */
    public synchronized Map<String, Long> counts() {
        return Map.copyOf(counts);
    }

    /** Requests to one endpoint. */
    public synchronized long count(String endpoint) {
        return counts.getOrDefault(endpoint, 0L);
    }

    public synchronized void clear() {
        last.clear();
        counts.clear();
    }
}
