package io.mlflowexporter.mlflow.rest.transport;

import io.mlflowexporter.http.BoundedBody;
import io.mlflowexporter.http.BoundedBody.TooLongException;
import io.mlflowexporter.mlflow.MlflowException;
import io.mlflowexporter.mlflow.MlflowException.Kind;
import io.mlflowexporter.mlflow.connection.MlflowConfig;
import io.mlflowexporter.mlflow.rest.auth.Proxies;
import io.mlflowexporter.mlflow.rest.auth.ServerRoute;
import io.mlflowexporter.mlflow.rest.hosts.Capabilities;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpConnectTimeoutException;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;
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

    private static final String REFRESH_OVER =
            "the time for this refresh is over; is the server overloaded? Else raise refresh.timeout";

    /** How a token is refused: some proxies redirect to a login page instead. */
    private static final Set<Kind> REFUSALS = Set.of(Kind.UNAUTHORIZED, Kind.FORBIDDEN, Kind.BAD_ANSWER);

    private static final String NOT_GZIP = "the answer says it is gzip but is not";

    private final HttpClient client;
    private final URI base;
    private final ServerRoute.Kind kind;
    private final AnswerErrors errors;
    private final RequestFactory requests;
    private final RetryPolicy retries;
    private final Duration readTimeout;
    private final AnswerMemory room;
    private final RequestMetrics metrics;
    private final InstantSource clock;
    private final Pause pause;
    private final RequestRate rate;
    private final AtomicLong answerNanos = new AtomicLong();
    private final RefreshDeadline deadline;
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
        this.errors = new AnswerErrors(base, proxies, room, clock);
        this.requests = new RequestFactory(base, way.auth(), proxies, errors);
        this.retries = new RetryPolicy(config.retries(), config.retryBackoff(), Math::random);
        this.readTimeout = config.readTimeout();
        this.deadline = new RefreshDeadline(readTimeout);
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

    /**
     * Whether a request that takes as long as one before has a chance until the refresh is over.
     *
     * @param startedNanos when that one was sent, by {@link System#nanoTime}
     */
    public boolean hasTimeToRepeat(long startedNanos) {
        return deadline.left().compareTo(Duration.ofNanos(System.nanoTime() - startedNanos)) > 0;
    }

    /** As {@link io.mlflowexporter.mlflow.MlflowSource#answerNanos} says. */
    public long answerNanos() {
        return answerNanos.get();
    }

    public void deadline(Duration fromNow) {
        deadline.set(fromNow);
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
            // A token may end before its time, which is no reason to leave anything out.
            if (!REFUSALS.contains(e.kind()) || sent.authorization.isEmpty() || !requests.renewed(sent.authorization)) {
                throw e;
            }
            return sendAndRetry(call, most, sent);
        }
    }

    /** What a request was last sent with. */
    private static final class Sent {
        private String authorization = "";
    }

    private BoundedInput sendAndRetry(Call call, long most, Sent sent) throws MlflowException {
        for (int retry = 0; ; retry++) {
            try {
                BoundedInput answer = attempt(call, most, sent);
                back |= gone;
                gone = false;
                return answer;
            } catch (FailedAttempt failure) {
                gone |= failure.reason.kind() == Kind.UNREACHABLE
                        || (failure.reason.kind() == Kind.UNAVAILABLE && failure.again);
                if (!failure.again || retry >= retries.retries()) {
                    throw failure.reason;
                }
                Duration wait = retries.pause(retry, failure.retryAfter);
                if (wait.compareTo(deadline.left()) >= 0) {
                    // Waiting on would only end in a message about time instead of the reason.
                    throw failure.reason;
                }
                pause(wait);
            }
        }
    }

    /**
     * As {@link #send}, once and without holding the answer: for one that is too large to be held.
     *
     * @param most the largest answer accepted, bytes
     */
    public BoundedInput stream(Call call, long most) throws MlflowException {
        Duration limit = limit(call);
        HttpRequest request;
        try {
            request = requests.request(call, limit);
        } catch (FailedAttempt e) {
            throw e.reason;
        }
        awaitTurn();
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
            return BoundedInput.unpacked(response, body, most);
        } catch (TimeoutException e) {
            code = "timeout";
            answer.cancel(true);
            throw problem(Kind.TIMEOUT, call, "no answer within " + seconds(limit) + " s", "", e);
        } catch (InterruptedException e) {
            code = "interrupted";
            answer.cancel(true);
            throw interrupted(e);
        } catch (ExecutionException e) {
            throw errors.broken(call, ConnectionFailure.cause(e), deadline.tookLong(started)).reason;
        } catch (IOException e) {
            throw problem(Kind.BAD_ANSWER, call, NOT_GZIP, "", e);
        } finally {
            metrics.ended(call.endpoint(), code, System.nanoTime() - started);
        }
    }

    /** As {@link io.mlflowexporter.mlflow.MlflowSource#timeLeft} says. */
    public Duration left() {
        return deadline.left();
    }

    private BoundedInput attempt(Call call, long most, Sent sent) throws FailedAttempt, MlflowException {
        Duration limit = limit(call);
        sent.authorization = "";
        HttpRequest request = requests.request(call, limit);
        sent.authorization = request.headers().firstValue("Authorization").orElse("");
        awaitTurn();
        long started = System.nanoTime();
        String code = "unreachable";
        int status = 0;
        CompletableFuture<HttpResponse<ResponseBody>> answer = client.sendAsync(request, info -> {
            ResponseBody body = new ResponseBody();
            return new BoundedBody<>(most, body::write, () -> body);
        });
        try {
            HttpResponse<ResponseBody> response = answer.get(limit.toNanos(), TimeUnit.NANOSECONDS);
            status = response.statusCode();
            code = Integer.toString(status);
            if (status == 407) {
                // The proxy's, and without a body where a tunnel was asked for.
                throw problem(Kind.UNREACHABLE, call, Proxies.WANTS_CREDENTIALS, "", null);
            }
            metrics.received(call.endpoint(), response.body().length());
            if (status != 200) {
                throw errors.refusal(call, response, deadline.tookLong(started));
            }
            return BoundedInput.unpacked(response, response.body(), most);
        } catch (TimeoutException e) {
            code = "timeout";
            status = AnswerErrors.GATEWAY_TIMEOUT;
            // Ends the exchange and closes its connection: a server that drips bytes is not waited for.
            answer.cancel(true);
            throw problem(
                    deadline.wasEnough(limit) ? Kind.TIMEOUT : Kind.REFRESH_OVER,
                    call,
                    limit.compareTo(readTimeout) < 0
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
            throw errors.broken(call, cause, deadline.tookLong(started));
        } catch (IOException e) {
            throw problem(Kind.BAD_ANSWER, call, NOT_GZIP, "", e);
        } finally {
            long took = System.nanoTime() - started;
            answerNanos.addAndGet(took);
            if (!call.refusal().contains(status)) {
                metrics.ended(call.endpoint(), code, took);
            }
        }
    }

    /** Of one request, more than zero. */
    private Duration limit(Call call) throws MlflowException {
        Duration limit = RefreshDeadline.shorter(deadline.left(), readTimeout);
        if (limit.isNegative() || limit.isZero()) {
            throw problem(Kind.REFRESH_OVER, call, REFRESH_OVER, "", null);
        }
        return limit;
    }

    private void awaitTurn() throws MlflowException {
        Duration wait = rate.next(System.nanoTime());
        if (!wait.isZero()) {
            pause(wait);
        }
    }

    private void pause(Duration time) throws MlflowException {
        try {
            pause.of(time);
        } catch (InterruptedException e) {
            throw interrupted(e);
        }
    }

    /**
     * One line for the log: what failed, where, why.
     *
     * @param detail what may differ each time, hostile text; empty for nothing
     */
    public MlflowException problem(Kind kind, Call call, String why, String detail, @Nullable Throwable cause) {
        return errors.problem(kind, call, why, detail, cause);
    }

    public static MlflowException interrupted(InterruptedException e) {
        Thread.currentThread().interrupt();
        return new MlflowException(Kind.INTERRUPTED, "stopped while reading MLflow", e);
    }

    private static String seconds(Duration time) {
        double seconds = time.toMillis() / 1000.0;
        return seconds == Math.rint(seconds) ? Long.toString((long) seconds) : Double.toString(seconds);
    }
}
