package io.mlflowexporter.mlflow.rest;

import io.mlflowexporter.config.MlflowConfig;
import io.mlflowexporter.mlflow.MlflowException;
import io.mlflowexporter.mlflow.MlflowException.Kind;
import io.mlflowexporter.mlflow.rest.BoundedBody.TooLongException;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.ConnectException;
import java.net.URI;
import java.net.UnknownHostException;
import java.net.http.HttpClient;
import java.net.http.HttpConnectTimeoutException;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpTimeoutException;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.UnresolvedAddressException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.zip.GZIPInputStream;
import javax.net.ssl.SSLException;

/**
 * Sends requests to one server and gives back whole bodies. A body is complete before anything of it is parsed, so
 * that a retry never delivers anything twice.
 */
final class HttpTransport {
    /** Waits between tries; tests replace it. */
    interface Pause {
        void of(Duration time) throws InterruptedException;
    }

    /** A request to send. A null body sends a GET. */
    record Call(String endpoint, String path, Optional<String> body, String workspace) {}

    private static final String WORKSPACE_HEADER = "X-MLFLOW-WORKSPACE";

    private final HttpClient client;
    private final URI base;
    private final Authorization authorization;
    private final RetryPolicy retries;
    private final Duration readTimeout;
    private final long maxBytes;
    private final RequestMetrics metrics;
    private final InstantSource clock;
    private final Pause pause;
    private long deadlineNanos = System.nanoTime() + Duration.ofDays(365).toNanos();

    HttpTransport(
            HttpClient client,
            URI base,
            Authorization authorization,
            MlflowConfig config,
            RequestMetrics metrics,
            InstantSource clock,
            Pause pause) {
        this.client = client;
        this.base = base;
        this.authorization = authorization;
        this.retries = new RetryPolicy(config.retries(), config.retryBackoff(), Math::random);
        this.readTimeout = config.readTimeout();
        this.maxBytes = config.maxResponseSize().bytes();
        this.metrics = metrics;
        this.clock = clock;
        this.pause = pause;
    }

    /** The address without credentials, for people. */
    String address() {
        return base.toString();
    }

    void deadline(Duration fromNow) {
        deadlineNanos = System.nanoTime() + fromNow.toNanos();
    }

    /** Sends, retries, and gives back the body of a 200, unpacked as it is read. */
    InputStream send(Call call) throws MlflowException {
        for (int retry = 0; ; retry++) {
            Failure failure;
            try {
                return attempt(call);
            } catch (Failure e) {
                failure = e;
            }
            if (!failure.again || retry >= retries.retries()) {
                throw failure.reason;
            }
            Duration wait = retries.pause(retry, failure.retryAfter);
            if (wait.compareTo(left()) >= 0) {
                throw failure.reason;
            }
            try {
                pause.of(wait);
            } catch (InterruptedException e) {
                throw interrupted(e);
            }
        }
    }

    private Duration left() {
        return Duration.ofNanos(deadlineNanos - System.nanoTime());
    }

    private InputStream attempt(Call call) throws Failure, MlflowException {
        Duration limit = left().compareTo(readTimeout) < 0 ? left() : readTimeout;
        if (limit.isNegative() || limit.isZero()) {
            throw problem(Kind.TIMEOUT, call, "the time for this refresh is over; raise refresh.timeout", null);
        }
        HttpRequest request = request(call);
        long started = System.nanoTime();
        String code = "unreachable";
        CompletableFuture<HttpResponse<byte[]>> answer = client.sendAsync(request, info -> new BoundedBody(maxBytes));
        try {
            HttpResponse<byte[]> response = answer.get(limit.toNanos(), TimeUnit.NANOSECONDS);
            code = Integer.toString(response.statusCode());
            metrics.received(call.endpoint(), response.body().length);
            return accepted(call, response);
        } catch (TimeoutException e) {
            code = "timeout";
            // Ends the exchange and closes its connection: a server that drips bytes is not waited for.
            answer.cancel(true);
            throw problem(
                    Kind.TIMEOUT,
                    call,
                    "no whole answer within " + seconds(limit) + " s; is the server overloaded? Else raise"
                            + " mlflow.read_timeout",
                    e);
        } catch (InterruptedException e) {
            code = "interrupted";
            answer.cancel(true);
            throw interrupted(e);
        } catch (ExecutionException e) {
            Throwable cause = rootOf(e);
            code = cause instanceof TooLongException
                    ? "too_large"
                    : cause instanceof HttpTimeoutException ? "timeout" : "unreachable";
            throw transportFailure(call, cause);
        } finally {
            metrics.ended(call.endpoint(), code, System.nanoTime() - started);
        }
    }

    private HttpRequest request(Call call) throws MlflowException {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(base + call.path()))
                .header("Accept", "application/json")
                .header("Accept-Encoding", "gzip")
                .header("User-Agent", "mlflow-exporter");
        authorization.header().ifPresent(value -> request.header("Authorization", value));
        if (!call.workspace().isEmpty()) {
            request.header(WORKSPACE_HEADER, call.workspace());
        }
        call.body()
                .ifPresent(body -> request.header("Content-Type", "application/json")
                        .POST(HttpRequest.BodyPublishers.ofString(body)));
        return request.build();
    }

    private InputStream accepted(Call call, HttpResponse<byte[]> response) throws Failure, MlflowException {
        int status = response.statusCode();
        InputStream body = unpacked(call, response);
        if (status == 200) {
            return body;
        }
        if (status >= 300 && status < 400) {
            String location = response.headers().firstValue("location").orElse("nowhere");
            throw problem(
                    Kind.BAD_ANSWER,
                    call,
                    "redirected to " + OneLine.of(location) + "; set the address of MLflow itself",
                    null);
        }
        ErrorBody error = ErrorBody.read(body);
        String said = "HTTP " + status + (error.message().isEmpty() ? "" : ": " + OneLine.of(error.message()));
        if (status == 401 || status == 403) {
            throw problem(Kind.UNAUTHORIZED, call, said + "; check mlflow.auth", null);
        }
        if (status == 404) {
            throw problem(
                    Kind.NOT_FOUND,
                    call,
                    said + "; is this the address of an MLflow server, and is it new enough?",
                    null);
        }
        if ((status == 429 || status >= 500) && !error.code().equals("FEATURE_DISABLED")) {
            Optional<Duration> retryAfter = response.headers()
                    .firstValue("retry-after")
                    .flatMap(header -> RetryPolicy.retryAfter(header, Instant.ofEpochMilli(clock.millis())));
            throw new Failure(problem(Kind.UNAVAILABLE, call, said, null), true, retryAfter);
        }
        throw problem(Kind.REJECTED, call, said, null);
    }

    private InputStream unpacked(Call call, HttpResponse<byte[]> response) throws MlflowException {
        InputStream body = new ByteArrayInputStream(response.body());
        if (response.headers().firstValue("content-encoding").orElse("").equalsIgnoreCase("gzip")) {
            try {
                body = new GZIPInputStream(body);
            } catch (IOException e) {
                throw problem(Kind.BAD_ANSWER, call, "says gzip but is not", e);
            }
        }
        return new BoundedInput(body, maxBytes);
    }

    private Failure transportFailure(Call call, Throwable cause) {
        if (cause instanceof TooLongException) {
            return new Failure(
                    problem(
                            Kind.TOO_LARGE,
                            call,
                            "the answer is larger than mlflow.max_response_size, " + maxBytes + " bytes",
                            cause),
                    false,
                    Optional.empty());
        }
        String what;
        if (cause instanceof HttpConnectTimeoutException) {
            what = "no connection within mlflow.connect_timeout; check the address and the network";
        } else if (cause instanceof UnresolvedAddressException || cause instanceof UnknownHostException) {
            what = "the host name is not known; check the address";
        } else if (cause instanceof ConnectException) {
            what = "the connection was refused; is MLflow running there?";
        } else if (cause instanceof SSLException) {
            what = "TLS failed: " + OneLine.of(String.valueOf(cause.getMessage()))
                    + "; check mlflow.tls, a private CA goes into mlflow.tls.ca_file";
        } else {
            what = "the connection broke: " + cause.getClass().getSimpleName() + ": "
                    + OneLine.of(String.valueOf(cause.getMessage()));
        }
        return new Failure(
                problem(Kind.UNREACHABLE, call, what, cause), !(cause instanceof SSLException), Optional.empty());
    }

    /** One line for the log: what failed, where, why. */
    MlflowException problem(Kind kind, Call call, String why, @org.jspecify.annotations.Nullable Throwable cause) {
        return new MlflowException(kind, "cannot read " + call.endpoint() + " from " + base + ": " + why, cause);
    }

    private static MlflowException interrupted(InterruptedException e) {
        Thread.currentThread().interrupt();
        return new MlflowException(Kind.INTERRUPTED, "stopped while reading MLflow", e);
    }

    private static Throwable rootOf(ExecutionException e) {
        Throwable cause = e;
        while (cause.getCause() != null) {
            // The JDK's client hangs a closed channel below a refused connection, which says less.
            if (cause instanceof ConnectException && cause.getCause() instanceof ClosedChannelException) {
                return cause;
            }
            cause = cause.getCause();
            if (cause instanceof TooLongException || cause instanceof SSLException) {
                return cause;
            }
        }
        return cause;
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
