package io.mlflowexporter.settings.value;

import java.util.Objects;

/** A text is not a value of its setting; the message says why and what is allowed, without secrets. */
public final class BadValueException extends IllegalArgumentException {
    private static final long serialVersionUID = 1;

    public BadValueException(String message) {
        super(message);
    }

    /** Never null. */
    @Override
    public String getMessage() {
        return Objects.requireNonNull(super.getMessage());
    }
}
