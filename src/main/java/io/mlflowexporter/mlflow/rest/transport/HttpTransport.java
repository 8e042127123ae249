package io.mlflowexporter.mlflow.rest.transport;

import io.mlflowexporter.mlflow.MlflowException;
import io.mlflowexporter.mlflow.MlflowException.Kind;
import io.mlflowexporter.mlflow.OneLine;
import io.mlflowexporter.mlflow.connection.MlflowConfig;
import io.mlflowexporter.mlflow.rest.auth.Proxies;
import io.mlflowexporter.mlflow.rest.auth.RequestAuth;
import io.mlflowexporter.mlflow.rest.auth.ServerRoute;
import io.mlflowexporter.mlflow.rest.hosts.Capabilities;
import io.mlflowexporter.mlflow.rest.transport.BoundedBody.TooLongException;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpConnectTimeoutException;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.zip.GZIPInputStream;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/**
 * Sends requests to one server and gives back whole bodies. A body is complete before anything of it is parsed, so
 * that a retry never delivers anything twice. Requests may be sent by several threads.
 */
public final class HttpTransport {
    /** Waits between tries; tests replace it. */
    public interface Pause {
        void of(Duration time) throws InterruptedException;
    }

    /**
     * A request to send. An empty body sends a GET.
     *
     * @param refusal HTTP statuses by which the server says that it cannot do this, where that is no error, not counted
     *     as one and not tried again; 504 stands for no answer in time as well
     */
    public record Call(String endpoint, String path, Optional<String> body, String workspace, Set<Integer> refusal) {
        /** How servers refuse a question whose form they do not know. */
        public static final Set<Integer> BAD_REQUEST = Set.of(400, 413, 422);

        public Call(String endpoint, String path, Optional<String> body, String workspace) {
            this(endpoint, path, body, workspace, Set.of());
        }

        /** As something that the server may refuse. */
        public Call mayBeRefused(Set<Integer> statuses) {
            return new Call(endpoint, path, body, workspace, statuses);
        }
    }

    private static final String REFRESH_OVER =
            "the time for this refresh is over; is the server overloaded? Else raise refresh.timeout";

    private static final int GATEWAY_TIMEOUT = 504;
    /** A server that ends a request later than this worked on it: for the same again it would take as long. */
    private static final Duration LONG = Duration.ofSeconds(5);

    private static final String WORKSPACE_HEADER = "X-MLFLOW-WORKSPACE";

    private final HttpClient client;
    private final URI base;
    private final ServerRoute.Kind kind;
    private final RequestAuth auth;
    private final Proxies proxies;
    private final RetryPolicy retries;
    private final Duration readTimeout;
    private final AnswerMemory room;
    private final RequestMetrics metrics;
    private final InstantSource clock;
    private final Pause pause;
    private final RequestRate rate;
    private final AtomicLong answerNanos = new AtomicLong();
    private volatile long deadlineNanos =
            System.nanoTime() + Duration.ofDays(365).toNanos();
    /** One request that had so much time and was not answered is slow, however late in the refresh it was sent. */
    private volatile Duration enough;
    /** Whether the server was gone the last time it was asked. */
    private volatile boolean gone;
    /** Whether it answered after it was gone. */
    private volatile boolean back;

    public HttpTransport(
            HttpClient client,
            ServerRoute way,
            Proxies proxies,
            MlflowConfig config,
            AnswerMemory room,
            RequestMetrics metrics,
            InstantSource clock,
            Pause pause) {
        this.client = client;
        this.base = way.base();
        this.kind = way.kind();
        this.auth = way.auth();
        this.proxies = proxies;
        this.retries = new RetryPolicy(config.retries(), config.retryBackoff(), Math::random);
        this.readTimeout = config.readTimeout();
        this.enough = readTimeout.dividedBy(2);
        this.room = room;
        this.metrics = metrics;
        this.clock = clock;
        this.pause = pause;
        this.rate = new RequestRate(Math.min(config.maxRequestsPerSecond(), Capabilities.requestsPerSecond(knownBy())));
    }

    /** The address without credentials, for people. */
    public String address() {
        return base.toString();
    }

    /** The address that tells what the server can do: one of Databricks may have any host name. */
    public URI knownBy() {
        boolean databricks = kind == ServerRoute.Kind.DATABRICKS || kind == ServerRoute.Kind.UNITY_CATALOG;
        return databricks ? URI.create("databricks://" + base.getRawAuthority()) : base;
    }

    /** What the configured address says of the server. */
    public ServerRoute.Kind kind() {
        return kind;
    }

    /** What an answer may come to. */
    public AnswerMemory room() {
        return room;
    }

    /** Whether the server was gone and is back since the last call of this: it may be another one now. */
    public boolean isBack() {
        boolean was = back;
        back = false;
        return was;
    }

    /** Whether a request that takes so long has a chance before the refresh is over. */
    public boolean hasTimeFor(Duration time) {
        return left().compareTo(time) > 0;
    }

    /** As {@link io.mlflowexporter.mlflow.MlflowSource#answerNanos} says. */
    public long answerNanos() {
        return answerNanos.get();
    }

    public void deadline(Duration fromNow) {
        deadlineNanos = System.nanoTime() + fromNow.toNanos();
        enough = (fromNow.compareTo(readTimeout) < 0 ? fromNow : readTimeout).dividedBy(2);
    }

    /** Unix milliseconds. */
    public long nowMillis() {
        return clock.millis();
    }

    /** Sends, retries, and gives back the body of a 200, unpacked as it is read. */
    public BoundedInput send(Call call) throws MlflowException {
        return send(call, room.limit());
    }

    /**
     * As {@link #send(Call)}.
     *
     * @param most the largest answer accepted, bytes
     */
    public BoundedInput send(Call call, long most) throws MlflowException {
        Sent sent = new Sent();
        try {
            return sendAndRetry(call, most, sent);
        } catch (MlflowException e) {
            // A token may end before its time, which is no reason to leave anything out. Some proxies do not refuse
            // it but redirect to a login page.
            boolean refused = switch (e.kind()) {
                case UNAUTHORIZED, FORBIDDEN, BAD_ANSWER -> true;
                default -> false;
            };
            if (!refused || sent.authorization.isEmpty() || !renewed(sent.authorization)) {
                throw e;
            }
            return sendAndRetry(call, most, sent);
        }
    }

    /** What a request was last sent with. */
    private static final class Sent {
        private String authorization = "";
    }

    private boolean renewed(String refused) {
        synchronized (auth) {
            return auth.renew(refused);
        }
    }

    private BoundedInput sendAndRetry(Call call, long most, Sent sent) throws MlflowException {
        for (int retry = 0; ; retry++) {
            Failure failure;
            try {
                BoundedInput answer = attempt(call, most, sent);
                back |= gone;
                gone = false;
                return answer;
            } catch (Failure e) {
                failure = e;
            }
            gone |= failure.reason.kind() == Kind.UNREACHABLE
                    || (failure.reason.kind() == Kind.UNAVAILABLE && failure.again);
            if (!failure.again || retry >= retries.retries()) {
                throw failure.reason;
            }
            Duration wait = retries.pause(retry, failure.retryAfter);
            if (wait.compareTo(left()) >= 0) {
                // Waiting on would only end in a message about time instead of the reason.
                throw failure.reason;
            }
            try {
                pause.of(wait);
            } catch (InterruptedException e) {
                throw interrupted(e);
            }
        }
    }

    /**
     * As {@link #send}, once and without holding the answer, which is read from the network as the caller reads: for one
     * that is too large to be held and of which little is kept.
     *
     * @param most the largest answer accepted, bytes
     */
    public BoundedInput stream(Call call, long most) throws MlflowException {
        Duration left = left();
        Duration limit = left.compareTo(readTimeout) < 0 ? left : readTimeout;
        if (limit.isNegative() || limit.isZero()) {
            throw problem(Kind.REFRESH_OVER, call, REFRESH_OVER, "", null);
        }
        HttpRequest request;
        try {
            request = request(call, limit);
            pauseUnlessZero(rate.next(System.nanoTime()));
        } catch (Failure e) {
            throw e.reason;
        } catch (InterruptedException e) {
            throw interrupted(e);
        }
        long started = System.nanoTime();
        String code = "unreachable";
        CompletableFuture<HttpResponse<InputStream>> answer =
                client.sendAsync(request, HttpResponse.BodyHandlers.ofInputStream());
        try {
            HttpResponse<InputStream> response = answer.get(limit.toNanos(), TimeUnit.NANOSECONDS);
            code = Integer.toString(response.statusCode());
            InputStream body = new TimedInput(response.body(), limit);
            if (response.statusCode() != 200) {
                body.close();
                throw problem(Kind.UNAVAILABLE, call, "HTTP " + code, "", null);
            }
            return unpacked(response, body, most);
        } catch (TimeoutException e) {
            code = "timeout";
            answer.cancel(true);
            throw problem(Kind.TIMEOUT, call, "no answer within " + seconds(limit) + " s", "", e);
        } catch (InterruptedException e) {
            code = "interrupted";
            answer.cancel(true);
            throw interrupted(e);
        } catch (ExecutionException e) {
            throw transportFailure(call, ConnectionFailure.cause(e), System.nanoTime() - started).reason;
        } catch (IOException e) {
            throw problem(Kind.BAD_ANSWER, call, "the answer says it is gzip but is not", "", e);
        } finally {
            metrics.ended(call.endpoint(), code, System.nanoTime() - started);
        }
    }

    /** As {@link io.mlflowexporter.mlflow.MlflowSource#timeLeft} says. */
    public Duration left() {
        return Duration.ofNanos(deadlineNanos - System.nanoTime());
    }

    private BoundedInput attempt(Call call, long most, Sent sent) throws Failure, MlflowException {
        Duration left = left();
        boolean lastMoments = left.compareTo(readTimeout) < 0;
        Duration limit = lastMoments ? left : readTimeout;
        if (limit.isNegative() || limit.isZero()) {
            throw problem(Kind.REFRESH_OVER, call, REFRESH_OVER, "", null);
        }
        sent.authorization = "";
        HttpRequest request = request(call, limit);
        sent.authorization = request.headers().firstValue("Authorization").orElse("");
        try {
            pauseUnlessZero(rate.next(System.nanoTime()));
        } catch (InterruptedException e) {
            throw interrupted(e);
        }
        long started = System.nanoTime();
        String code = "unreachable";
        int status = 0;
        CompletableFuture<HttpResponse<ResponseBody>> answer = client.sendAsync(request, info -> new BoundedBody(most));
        try {
            HttpResponse<ResponseBody> response = answer.get(limit.toNanos(), TimeUnit.NANOSECONDS);
            status = response.statusCode();
            code = Integer.toString(status);
            if (status == 407) {
                // The proxy's, and without a body where a tunnel was asked for.
                throw problem(Kind.UNREACHABLE, call, Proxies.WANTS_CREDENTIALS, "", null);
            }
            metrics.received(call.endpoint(), response.body().length());
            return accepted(call, response, most, System.nanoTime() - started);
        } catch (TimeoutException e) {
            code = "timeout";
            status = GATEWAY_TIMEOUT;
            // Ends the exchange and closes its connection: a server that drips bytes is not waited for.
            answer.cancel(true);
            throw problem(
                    limit.compareTo(enough) < 0 ? Kind.REFRESH_OVER : Kind.TIMEOUT,
                    call,
                    lastMoments
                            ? REFRESH_OVER
                            : "no whole answer within " + seconds(limit) + " s; is the server overloaded? Else raise"
                                    + " mlflow.read_timeout",
                    "",
                    e);
        } catch (InterruptedException e) {
            code = "interrupted";
            answer.cancel(true);
            throw interrupted(e);
        } catch (ExecutionException e) {
            Throwable cause = ConnectionFailure.cause(e);
            code = cause instanceof TooLongException
                    ? "too_large"
                    : cause instanceof HttpConnectTimeoutException ? "timeout" : "unreachable";
            throw transportFailure(call, cause, System.nanoTime() - started);
        } finally {
            long took = System.nanoTime() - started;
            answerNanos.addAndGet(took);
            if (!call.refusal().contains(status)) {
                metrics.ended(call.endpoint(), code, took);
            }
        }
    }

    /** Whether a request that ended so worked too long on the server, which for the same again it would too. */
    private boolean tookLong(long nanos) {
        return Duration.ofNanos(nanos).compareTo(LONG.compareTo(enough) < 0 ? LONG : enough) >= 0;
    }

    private void pauseUnlessZero(Duration time) throws InterruptedException {
        if (!time.isZero()) {
            pause.of(time);
        }
    }

    private HttpRequest request(Call call, Duration limit) throws Failure, MlflowException {
        URI uri = URI.create(base + call.path());
        Map<String, String> headers = new LinkedHashMap<>();
        headers.put("Accept", "application/json");
        headers.put("Accept-Encoding", "gzip");
        headers.put("User-Agent", "mlflow-exporter");
        if (!call.workspace().isEmpty()) {
            headers.put(WORKSPACE_HEADER, call.workspace());
        }
        call.body().ifPresent(body -> headers.put("Content-Type", "application/json"));
        HttpRequest.Builder request = HttpRequest.newBuilder(uri);
        for (Map.Entry<String, String> header : headers.entrySet()) {
            header(request, header.getKey(), header.getValue(), call, "the workspace's name holds");
        }
        String method = call.body().isPresent() ? "POST" : "GET";
        for (RequestAuth.Header header :
                shown(new RequestAuth.Outgoing(method, uri, call.body().orElse(""), headers), limit)) {
            header(request, header.name(), header.value(), call, "the credentials hold");
        }
        call.body().ifPresent(body -> request.POST(HttpRequest.BodyPublishers.ofString(body)));
        return request.build();
    }

    private List<RequestAuth.Header> shown(RequestAuth.Outgoing request, Duration limit)
            throws Failure, MlflowException {
        try {
            List<RequestAuth.Header> headers;
            synchronized (auth) {
                headers = new ArrayList<>(auth.headers(request, limit));
            }
            proxies.header(request.uri()).ifPresent(headers::add);
            return headers;
        } catch (MlflowException e) {
            boolean passing = e.kind() == Kind.UNREACHABLE || e.kind() == Kind.UNAVAILABLE;
            if (passing) {
                throw new Failure(e, true, Optional.empty());
            }
            throw e;
        }
    }

    private void header(HttpRequest.Builder request, String name, String value, Call call, String what)
            throws MlflowException {
        try {
            request.header(name, value);
        } catch (IllegalArgumentException e) {
            // Its message quotes the value, which may be a secret: it is not passed on as a cause either.
            throw problem(
                    Kind.UNAUTHORIZED,
                    call,
                    what + " a line end or another character that no HTTP header can carry; check mlflow.auth",
                    "",
                    null);
        }
    }

    private BoundedInput accepted(Call call, HttpResponse<ResponseBody> response, long most, long nanos)
            throws Failure, MlflowException {
        int status = response.statusCode();
        String http = "HTTP " + status;
        if (status == 200) {
            try {
                return unpacked(response, response.body(), most);
            } catch (IOException e) {
                throw problem(Kind.BAD_ANSWER, call, "the answer says it is gzip but is not", "", e);
            }
        }
        if (status < 300) {
            throw problem(Kind.BAD_ANSWER, call, http + " without an answer; is this the address of MLflow?", "", null);
        }
        if (status < 400) {
            String location = response.headers().firstValue("location").orElse("nowhere");
            throw problem(
                    Kind.BAD_ANSWER, call, "redirected; set the address of MLflow itself", "to " + location, null);
        }
        ErrorBody error = error(response);
        if (status == 403 && error.isAboutTheHost()) {
            String host = base.getRawAuthority();
            throw problem(
                    Kind.UNAUTHORIZED,
                    call,
                    "HTTP 403, as the MLflow server does not take the host name " + host
                            + "; start it with --allowed-hosts " + host,
                    error.message(),
                    null);
        }
        if (status == 401 || status == 403) {
            Kind kind = status == 403 ? Kind.FORBIDDEN : Kind.UNAUTHORIZED;
            throw problem(kind, call, http + "; check mlflow.auth", error.message(), null);
        }
        if (status == 404) {
            // Servers other than MLflow have codes of their own for a thing that is not there.
            boolean oneThing = call.endpoint().endsWith("/get") && !error.code().equals("ENDPOINT_NOT_FOUND");
            boolean gone = oneThing || error.code().equals("RESOURCE_DOES_NOT_EXIST");
            throw problem(
                    gone ? Kind.MISSING : Kind.NOT_FOUND,
                    call,
                    gone
                            ? http + (call.workspace().isEmpty() ? "" : "; check mlflow.workspaces")
                            : http + "; is this the address of an MLflow server, and is it new enough?",
                    error.message(),
                    null);
        }
        if (status == 405) {
            // Flask's answer where another method of the path is something else.
            throw problem(Kind.NOT_FOUND, call, http + "; is the MLflow server new enough?", error.message(), null);
        }
        if ((status == 429 || status >= 500) && !error.code().equals("FEATURE_DISABLED")) {
            Optional<Duration> retryAfter = response.headers()
                    .firstValue("retry-after")
                    .flatMap(header -> RetryPolicy.retryAfter(header, Instant.ofEpochMilli(clock.millis())));
            if (status >= 500 && tookLong(nanos)) {
                throw new Failure(gaveUp(call, http, error.message(), null), false, Optional.empty());
            }
            Kind kind = status == GATEWAY_TIMEOUT ? Kind.TIMEOUT : Kind.UNAVAILABLE;
            boolean again = !call.refusal().contains(status);
            throw new Failure(problem(kind, call, http, error.message(), null), again, retryAfter);
        }
        throw problem(Kind.REJECTED, call, http, error.message(), null);
    }

    private static BoundedInput unpacked(HttpResponse<?> response, InputStream body, long most) throws IOException {
        String encoding = response.headers().firstValue("content-encoding").orElse("");
        return new BoundedInput(encoding.equalsIgnoreCase("gzip") ? new GZIPInputStream(body) : body, most);
    }

    private ErrorBody error(HttpResponse<ResponseBody> response) {
        try {
            return ErrorBody.read(unpacked(response, response.body(), room.limit()));
        } catch (IOException e) {
            // A broken error page is still an error of that status.
            return ErrorBody.UNREADABLE;
        }
    }

    private MlflowException gaveUp(Call call, String why, String detail, @Nullable Throwable cause) {
        return problem(
                Kind.GAVE_UP,
                call,
                why + " after it worked on the request for long; is the server overloaded?",
                detail,
                cause);
    }

    private Failure transportFailure(Call call, Throwable cause, long nanos) {
        if (cause instanceof TooLongException) {
            return new Failure(
                    problem(Kind.TOO_LARGE, call, "the answer is larger than " + room.why(), "", cause),
                    false,
                    Optional.empty());
        }
        ConnectionFailure known = proxies.explain(base, cause)
                .map(why -> new ConnectionFailure(Kind.UNREACHABLE, why, ""))
                .orElseGet(() -> ConnectionFailure.of(cause));
        if (known.broken() && tookLong(nanos)) {
            return new Failure(gaveUp(call, known.what(), known.detail(), cause), false, Optional.empty());
        }
        return new Failure(
                problem(known.kind(), call, known.what(), known.detail(), cause),
                !(cause instanceof SSLException),
                Optional.empty());
    }

    /**
     * One line for the log: what failed, where, why.
     *
     * @param detail what may differ each time, hostile text; empty for nothing
     */
    public MlflowException problem(Kind kind, Call call, String why, String detail, @Nullable Throwable cause) {
        String fault = "cannot read " + call.endpoint() + " from " + base + ": " + why;
        return new MlflowException(kind, fault, OneLine.of(detail), cause);
    }

    public static MlflowException interrupted(InterruptedException e) {
        Thread.currentThread().interrupt();
        return new MlflowException(Kind.INTERRUPTED, "stopped while reading MLflow", e);
    }

    private static String seconds(Duration time) {
        double seconds = time.toMillis() / 1000.0;
        return seconds == Math.rint(seconds) ? Long.toString((long) seconds) : Double.toString(seconds);
    }

    /** One failed try. */
    private static final class Failure extends Exception {
        private static final long serialVersionUID = 1L;

        private final MlflowException reason;
        private final boolean again;
        private final transient Optional<Duration> retryAfter;

        Failure(MlflowException reason, boolean again, Optional<Duration> retryAfter) {
            super(reason);
            this.reason = reason;
            this.again = again;
            this.retryAfter = retryAfter;
        }
    }
}
