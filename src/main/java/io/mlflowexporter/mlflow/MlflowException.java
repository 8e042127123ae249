package io.mlflowexporter.mlflow;

import org.jspecify.annotations.Nullable;

/**
 * MLflow could not be read. The message says what failed, on which address, and what to do about it, in one line
 * without secrets; it is meant for the log and the status page as it stands.
 */
public final class MlflowException extends Exception {
    private static final long serialVersionUID = 1L;

    /** What kind of failure, for counting and for deciding what to do next. */
    public enum Kind {
        /** No connection: name not found, refused, reset, TLS handshake failed. */
        UNREACHABLE,
        /** No connection, or no whole answer, in time; a gateway's 504 is the same. */
        TIMEOUT,
        /** A request took long, and then the server or a proxy ended it: a closed connection or a 5xx such as 502 or 504. */
        GAVE_UP,
        /** The time for the whole refresh is over, whatever is asked for. */
        REFRESH_OVER,
        /** HTTP 401, or there are no credentials to send. */
        UNAUTHORIZED,
        /** HTTP 403: the server knows who asks, and does not give what was asked for. */
        FORBIDDEN,
        /** The endpoint does not exist on this server: HTTP 404, 405 or {@code ENDPOINT_NOT_FOUND}. */
        NOT_FOUND,
        /** The endpoint exists, what was asked for does not: {@code RESOURCE_DOES_NOT_EXIST}. */
        MISSING,
        /** Any other 4xx. */
        REJECTED,
        /** The server was found not to do this, now or before; there may be another way. */
        UNSUPPORTED,
        /** More experiments in one question than the server takes. */
        TOO_MANY,
        /** 429 or 5xx, after all retries. */
        UNAVAILABLE,
        /** An answer that is not MLflow's: HTML, truncated or invalid JSON, or a page token that repeats. */
        BAD_ANSWER,
        /** An answer past the byte limit. */
        TOO_LARGE,
        /** The server holds another database than the one that is known: nothing known of it is true any more. */
        OTHER_DATABASE,
        /** The thread was interrupted: the exporter is stopping. */
        INTERRUPTED;

        /** Whether what was asked for took the server too long, so that less may go well. */
        public boolean slow() {
            return this == TIMEOUT || this == GAVE_UP;
        }
    }

    private final Kind kind;
    private final String fault;

    /**
     * A failure.
     *
     * @param fault what failed, on which address, and what to do; the same text each time the same thing fails
     * @param detail what may differ from one time to the next, such as the words of the server; empty for nothing
     */
    public MlflowException(Kind kind, String fault, String detail, @Nullable Throwable cause) {
        super(detail.isEmpty() ? fault : fault + " (" + detail + ")", cause);
        this.kind = kind;
        this.fault = fault;
    }

    public MlflowException(Kind kind, String message, @Nullable Throwable cause) {
        this(kind, message, "", cause);
    }

    public MlflowException(Kind kind, String message) {
        this(kind, message, "", null);
    }

    /** The message without its detail: two failures are the same fault if this is equal. */
    public String fault() {
        return fault;
    }

    public Kind kind() {
        return kind;
    }
}
