package io.mlflowexporter.http;

import java.io.IOException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpTimeoutException;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** A request whose answer may be from anyone: whole within a time, and no longer than so many bytes. */
public final class BoundedExchange {
    private BoundedExchange() {}

    /**
     * Sends. The JDK's own time limit ends with the head of an answer; this one ends with its last byte.
     *
     * @param client one that follows no redirects, as those could take credentials elsewhere
     * @param longest of the body, in bytes
     * @throws IOException if there is no whole answer in time, or a longer one
     */
    public static HttpResponse<byte[]> send(HttpClient client, HttpRequest request, int longest, Duration limit)
            throws IOException, InterruptedException {
        CompletableFuture<HttpResponse<byte[]>> answer =
                client.sendAsync(request, head -> BoundedBody.ofBytes(longest));
        try {
            return answer.get(limit.toNanos(), TimeUnit.NANOSECONDS);
        } catch (TimeoutException e) {
            throw new HttpTimeoutException("no whole answer within " + limit.toMillis() / 1000.0 + " s");
        } catch (ExecutionException e) {
            Throwable cause = rootCause(e);
            throw cause instanceof IOException failure ? failure : new IOException(String.valueOf(cause), cause);
        } finally {
            // Closes the connection of an exchange that is not over; no effect on one that is.
            answer.cancel(true);
        }
    }

    /** What went wrong; the JDK hides it behind another exception where it was about to try again and may not. */
    static Throwable rootCause(ExecutionException e) {
        Throwable cause = Objects.requireNonNullElse(e.getCause(), e);
        Throwable hidden = cause.getCause();
        return hidden != null && "Too many retries".equals(cause.getMessage()) ? hidden : cause;
    }
}
