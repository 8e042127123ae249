package io.mlflowexporter.mlflow.rest.transport;

import io.mlflowexporter.http.BoundedBody.TooLongException;
import io.mlflowexporter.mlflow.MlflowException;
import io.mlflowexporter.mlflow.MlflowException.Kind;
import io.mlflowexporter.mlflow.rest.auth.Proxies;
import io.mlflowexporter.text.OneLine;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/** What an answer other than 200, or none at all, means: the reason in words, and whether it is worth trying again. */
final class AnswerErrors {
    static final int GATEWAY_TIMEOUT = 504;

    private final URI base;
    private final Proxies proxies;
    private final AnswerMemory room;
    private final InstantSource clock;

    AnswerErrors(URI base, Proxies proxies, AnswerMemory room, InstantSource clock) {
        this.base = base;
        this.proxies = proxies;
        this.room = room;
        this.clock = clock;
    }

    /**
     * Why the answer, whose status is not 200, is none.
     *
     * @param tookLong whether the server worked on it for long: see {@link RefreshDeadline#tookLong}
     * @throws MlflowException if trying again is of no use
     */
    FailedAttempt refusal(Call call, HttpResponse<ResponseBody> response, boolean tookLong) throws MlflowException {
        int status = response.statusCode();
        String http = "HTTP " + status;
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
            if (status >= 500 && tookLong) {
                return new FailedAttempt(gaveUp(call, http, error.message(), null), false, Optional.empty());
            }
            Kind kind = status == GATEWAY_TIMEOUT ? Kind.TIMEOUT : Kind.UNAVAILABLE;
            boolean again = !call.refusal().contains(status);
            return new FailedAttempt(problem(kind, call, http, error.message(), null), again, retryAfter);
        }
        throw problem(Kind.REJECTED, call, http, error.message(), null);
    }

    private ErrorBody error(HttpResponse<ResponseBody> response) {
        try {
            return ErrorBody.read(BoundedInput.unpacked(response, response.body(), room.limit()));
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

    /** Why there was no answer, or not all of it. */
    FailedAttempt broken(Call call, Throwable cause, boolean tookLong) {
        if (cause instanceof TooLongException) {
            return new FailedAttempt(
                    problem(Kind.TOO_LARGE, call, "the answer is larger than " + room.why(), "", cause),
                    false,
                    Optional.empty());
        }
        ConnectionFailure known = proxies.explain(base, cause)
                .map(why -> new ConnectionFailure(Kind.UNREACHABLE, why, ""))
                .orElseGet(() -> ConnectionFailure.of(cause));
        if (known.broken() && tookLong) {
            return new FailedAttempt(gaveUp(call, known.what(), known.detail(), cause), false, Optional.empty());
        }
        return new FailedAttempt(
                problem(known.kind(), call, known.what(), known.detail(), cause),
                !(cause instanceof SSLException),
                Optional.empty());
    }

    /**
     * One line for the log: what failed, where, why.
     *
     * @param detail what may differ each time, hostile text; empty for nothing
     */
    MlflowException problem(Kind kind, Call call, String why, String detail, @Nullable Throwable cause) {
        String fault = "cannot read " + call.endpoint() + " from " + base + ": " + why;
        return new MlflowException(kind, fault, OneLine.of(detail), cause);
    }
}
