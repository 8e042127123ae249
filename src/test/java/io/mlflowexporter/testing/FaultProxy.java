package io.mlflowexporter.testing;

import io.mlflowexporter.testing.ScriptedServer.Answer;
import io.mlflowexporter.testing.ScriptedServer.Request;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.io.UncheckedIOException;
import java.net.BindException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.net.ssl.SSLContext;

/**
 * Stands between a client and a server and hands requests on, until it is told to do something wrong with them. Every
 * request takes a connection of its own, so that whatever is changed holds from the next one on. For tests that change
 * it between two refreshes; what is under way then is not touched.
 */
public final class FaultProxy implements AutoCloseable {
    private static final Pattern MOST = Pattern.compile("(\"max_results\": ?|[?&]max_results=)([0-9]+)");
    private static final Pattern NEXT = Pattern.compile("(\"next_page_token\": ?\")([^\"]*)(\")");

    private final HttpClient client =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private final int port;
    private final String scheme;
    private final AtomicInteger handedOn = new AtomicInteger();
    private ScriptedServer server;
    private volatile URI behind;
    private volatile int page = Integer.MAX_VALUE;
    private volatile Fault fault = (request, asking) -> asking.get().answer();

    /** What the server behind says. */
    public static final class Reply {
        private final int status;
        private final String contentType;
        private final byte[] body;

        Reply(int status, String contentType, byte[] body) {
            this.status = status;
            this.contentType = contentType;
            this.body = body;
        }

        public Answer answer() {
            return ScriptedServer.bytes(status, body, "Content-Type: " + contentType);
        }

        byte[] half() {
            return Arrays.copyOf(body, body.length / 2);
        }
    }

    /** Asks the server behind. */
    public interface Asking {
        Reply get() throws IOException;
    }

    /** What becomes of a request. */
    public interface Fault {
        Answer on(Request request, Asking behind) throws IOException;
    }

    private FaultProxy(ScriptedServer server, String scheme, URI behind) {
        this.server = server;
        this.scheme = scheme;
        this.port = server.port();
        this.behind = behind;
        server.otherwise(this::answer);
    }

    /** Hands everything on to a server. */
    public static FaultProxy before(URI behind) {
        return new FaultProxy(ScriptedServer.start(), "http", behind);
    }

    /** Speaks TLS to the client, and hands everything on in plain text. */
    public static FaultProxy before(URI behind, SSLContext tls) {
        return new FaultProxy(ScriptedServer.start().speaks(tls), "https", behind);
    }

    /** Where it listens. */
    public URI uri() {
        return URI.create(scheme + "://127.0.0.1:" + port);
    }

    /** Requests that came so far. */
    public int requests() {
        return handedOn.get();
    }

    /** From now on another server is behind it. */
    public void behind(URI other) {
        behind = other;
    }

    /** Asks the server for at most so many objects a page, whatever the client asks for. */
    public void pages(int most) {
        page = most;
    }

    /** Whatever comes from now on is dealt with so. */
    public void fault(Fault what) {
        fault = what;
    }

    /** All is well again. */
    public void mend() {
        fault = (request, asking) -> asking.get().answer();
    }

    /** Nothing listens any more. */
    public void down() {
        server.close();
    }

    /** It listens again, at the same address. */
    public void up() {
        // What was closed may take a moment to be gone.
        for (int left = 100; ; left--) {
            try {
                server = ScriptedServer.start(port).otherwise(this::answer);
                return;
            } catch (UncheckedIOException e) {
                if (left == 0 || !(e.getCause() instanceof BindException)) {
                    throw e;
                }
                LockSupport.parkNanos(Duration.ofMillis(20).toNanos());
            }
        }
    }

    /** It shows another certificate. */
    public void certificate(SSLContext tls) {
        server.speaks(tls);
    }

    private Answer answer(Request request) {
        handedOn.incrementAndGet();
        return out -> {
            fault.on(request, () -> ask(request)).write(out);
        };
    }

    private Reply ask(Request request) throws IOException {
        HttpRequest.Builder asked = HttpRequest.newBuilder(behind.resolve(fewer(request.target())))
                .method(request.method(), HttpRequest.BodyPublishers.ofString(fewer(request.body())));
        for (String name : new String[] {"content-type", "authorization", "x-mlflow-workspace"}) {
            Optional.ofNullable(request.headers().get(name)).ifPresent(value -> asked.header(name, value));
        }
        try {
            HttpResponse<byte[]> reply = client.send(asked.build(), HttpResponse.BodyHandlers.ofByteArray());
            return new Reply(
                    reply.statusCode(),
                    reply.headers().firstValue("content-type").orElse("application/octet-stream"),
                    reply.body());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException();
        }
    }

    private String fewer(String text) {
        return MOST.matcher(text)
                .replaceAll(found ->
                        Matcher.quoteReplacement(found.group(1) + Math.min(page, Integer.parseInt(found.group(2)))));
    }

    @Override
    public void close() {
        server.close();
    }

    /** The fault for some requests only. */
    public static Fault where(Predicate<Request> which, Fault fault) {
        return (request, behind) ->
                which.test(request) ? fault.on(request, behind) : behind.get().answer();
    }

    /** The fault for so many requests, after so many that are answered as they should be. */
    public static Fault after(int good, int bad, Fault fault) {
        AtomicInteger number = new AtomicInteger();
        return (request, behind) -> {
            int at = number.getAndIncrement();
            return at >= good && at - good < bad
                    ? fault.on(request, behind)
                    : behind.get().answer();
        };
    }

    /** An answer instead of the true one. */
    public static Fault instead(Answer answer) {
        return (request, behind) -> answer;
    }

    /** The true answer, a byte at a time. */
    public static Fault slow(Duration perByte) {
        return (request, behind) -> {
            Reply reply = behind.get();
            return out -> {
                out.write(ScriptedServer.head(reply.status, reply.body.length, "Content-Type: application/json"));
                for (byte one : reply.body) {
                    out.flush();
                    pause(perByte);
                    out.write(one);
                }
            };
        };
    }

    private static void pause(Duration time) throws IOException {
        try {
            Thread.sleep(time.toMillis());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException();
        }
    }

    /** Half of the true answer, and then the connection is reset. */
    public static Fault reset() {
        return (request, behind) -> {
            Reply reply = behind.get();
            return out -> {
                out.write(ScriptedServer.head(reply.status, reply.body.length, "Content-Type: application/json"));
                out.write(reply.half());
                out.flush();
                throw new ScriptedServer.Reset();
            };
        };
    }

    /** Half of the true answer, where the whole was announced. */
    public static Fault cutOff() {
        return (request, behind) -> {
            Reply reply = behind.get();
            return ScriptedServer.announced(reply.status, reply.half(), reply.body.length);
        };
    }

    /** Half of the true answer, announced as the whole. */
    public static Fault shortened() {
        return (request, behind) -> {
            Reply reply = behind.get();
            return ScriptedServer.bytes(reply.status, reply.half());
        };
    }

    /** The true answer with another text. */
    public static Fault rewritten(UnaryOperator<String> text) {
        return (request, behind) -> {
            Reply reply = behind.get();
            byte[] body =
                    text.apply(new String(reply.body, StandardCharsets.UTF_8)).getBytes(StandardCharsets.UTF_8);
            return new Reply(reply.status, reply.contentType, body).answer();
        };
    }

    /** The true answer with another token of the next page, where there is one. */
    public static Fault nextPage(UnaryOperator<String> token) {
        return rewritten(body -> NEXT.matcher(body)
                .replaceAll(found ->
                        Matcher.quoteReplacement(found.group(1) + token.apply(found.group(2)) + found.group(3))));
    }
}
