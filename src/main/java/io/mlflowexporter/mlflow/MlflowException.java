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
        /** Connect, read or whole-refresh time limit exceeded. */
        TIMEOUT,
        /** HTTP 401 or 403. */
        UNAUTHORIZED,
        /** The endpoint does not exist on this server: HTTP 404 or {@code ENDPOINT_NOT_FOUND}. */
        NOT_FOUND,
        /** Any other 4xx. */
        REJECTED,
        /** 429 or 5xx, after all retries. */
        UNAVAILABLE,
        /** An answer that is not MLflow's: HTML, truncated or invalid JSON, or a page token that repeats. */
        BAD_ANSWER,
        /** An answer past the byte limit. */
        TOO_LARGE,
        /** The thread was interrupted: the exporter is stopping. */
        INTERRUPTED
    }

    private final Kind kind;

    public MlflowException(Kind kind, String message, @Nullable Throwable cause) {
        super(message, cause);
        this.kind = kind;
    }

    public MlflowException(Kind kind, String message) {
        this(kind, message, null);
    }

    public Kind kind() {
        return kind;
    }
}
