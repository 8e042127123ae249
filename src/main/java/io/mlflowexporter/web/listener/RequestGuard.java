package io.mlflowexporter.web.listener;

import io.mlflowexporter.web.access.AccessGate;
import io.mlflowexporter.web.access.ClientNetwork;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.http.HttpMethod;
import org.eclipse.jetty.io.EndPoint;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.BufferUtil;
import org.eclipse.jetty.util.Callback;
import org.eclipse.jetty.util.thread.Scheduler;

/**
 * Stands before everything else of a listener: puts the headers on every answer, asks the gate, lets no address have
 * all of the threads, and closes connections whose answers take too long.
 */
public final class RequestGuard extends Handler.Wrapper {
    /** Fewer than {@link Listener#THREADS}, so that some are left for health checks and for Jetty itself. */
    private static final int MOST_REQUESTS = 28;

    private static final int MOST_REQUESTS_OF_ADDRESS = 20;
    /** Of an answer: far more than a scrape takes, for which Prometheus waits 10 s unless told otherwise. */
    public static final Duration LONGEST = Duration.ofMinutes(1);

    private static final int FORBIDDEN = 403;
    private static final int UNAVAILABLE = 503;
    private static final String TEXT = "text/plain; charset=utf-8";

    private final AccessGate gate;
    private final Set<String> open;
    private final ConnectionTable connections;
    private final boolean threadsWait;
    private final Duration longest;
    /** By {@link ClientNetwork}. */
    private final Map<String, Integer> underWay = new HashMap<>();

    private int requests;

    /**
     * Makes one.
     *
     * @param open paths for everyone, whose answers come at once and tell nobody anything
     * @param threadsWait whether what is behind it may hold a thread while a client is slow or something is computed
     * @param longest from a request's head to the end of its answer. Else a client that reads a byte now and then would keep
     *     the connection, a thread that waits for it, and an exposition that has long been replaced
     */
    public RequestGuard(
            AccessGate gate, Set<String> open, ConnectionTable connections, boolean threadsWait, Duration longest) {
        this.threadsWait = threadsWait;
        this.longest = longest;
        this.gate = gate;
        this.open = open;
        this.connections = connections;
    }

    @Override
    public boolean handle(Request request, Response response, Callback callback) throws Exception {
        gate.headers().forEach(response.getHeaders()::put);
        EndPoint endPoint = request.getConnectionMetaData().getConnection().getEndPoint();
        connections.begin(endPoint);
        Scheduler.Task cut = request.getComponents()
                .getScheduler()
                .schedule(
                        () -> endPoint.close(new TimeoutException("an answer took longer than " + longest)),
                        longest.toMillis(),
                        TimeUnit.MILLISECONDS);
        Request.addCompletionListener(request, failure -> {
            cut.cancel();
            connections.end(endPoint);
        });
        InetAddress from = address(request);
        // As it was sent and as it is routed by: no two ways of reading a path.
        String path = String.valueOf(request.getHttpURI().getPath());
        if (threadsWait && !open.contains(path)) {
            String client = ClientNetwork.of(from);
            if (!enter(client)) {
                response.getHeaders().put(HttpHeader.RETRY_AFTER, "1");
                answer(request, response, callback, UNAVAILABLE, "too many requests at once");
                return true;
            }
            try {
                return let(request, response, callback, from, path);
            } finally {
                leave(client);
            }
        }
        return let(request, response, callback, from, path);
    }

    private boolean let(Request request, Response response, Callback callback, InetAddress from, String path)
            throws Exception {
        if (!open.contains(path) && !gate.answers(from)) {
            answer(request, response, callback, FORBIDDEN, "only for requests from this machine; see web.local_only");
            return true;
        }
        if (!open.contains(path) && !gate.hosts().answer(request.getHeaders().get(HttpHeader.HOST))) {
            answer(request, response, callback, FORBIDDEN, "this name is none of the exporter's; see web.hosts");
            return true;
        }
        AccessGate.Verdict verdict =
                gate.decide(from, path, open, request.getHeaders().get(HttpHeader.AUTHORIZATION));
        if (!verdict.in()) {
            verdict.headers().forEach(response.getHeaders()::put);
            answer(request, response, callback, verdict.status(), verdict.text());
            return true;
        }
        return super.handle(request, response, callback);
    }

    private synchronized boolean enter(String client) {
        int own = underWay.getOrDefault(client, 0);
        if (requests >= MOST_REQUESTS || own >= MOST_REQUESTS_OF_ADDRESS) {
            return false;
        }
        requests++;
        underWay.put(client, own + 1);
        return true;
    }

    private synchronized void leave(String client) {
        requests--;
        underWay.computeIfPresent(client, (key, count) -> count == 1 ? null : count - 1);
    }

    private static InetAddress address(Request request) {
        return request.getConnectionMetaData().getRemoteSocketAddress() instanceof InetSocketAddress from
                ? from.getAddress()
                : InetAddress.getLoopbackAddress();
    }

    /** A line of text. */
    public static void answer(Request request, Response response, Callback callback, int status, String text) {
        answer(request, response, callback, status, TEXT, text + "\n");
    }

    public static void answer(
            Request request, Response response, Callback callback, int status, String contentType, String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        response.setStatus(status);
        response.getHeaders().put(HttpHeader.CONTENT_TYPE, contentType);
        response.getHeaders().put(HttpHeader.CONTENT_LENGTH, bytes.length);
        response.write(
                true,
                HttpMethod.HEAD.is(request.getMethod()) ? BufferUtil.EMPTY_BUFFER : BufferUtil.toBuffer(bytes),
                callback);
    }
}
