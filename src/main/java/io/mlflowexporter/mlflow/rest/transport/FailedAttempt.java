package io.mlflowexporter.mlflow.rest.transport;

import io.mlflowexporter.mlflow.MlflowException;
import java.time.Duration;
import java.util.Optional;

/** One attempt to send a request that failed, where another may succeed. */
final class FailedAttempt extends Exception {
    private static final long serialVersionUID = 1L;

    final MlflowException reason;
    /** Whether it is worth trying again. */
    final boolean again;
    /** How long the server asks to wait; empty where it does not. */
    final transient Optional<Duration> retryAfter;

    FailedAttempt(MlflowException reason, boolean again, Optional<Duration> retryAfter) {
        super(reason);
        this.reason = reason;
        this.again = again;
        this.retryAfter = retryAfter;
    }
}
