package io.mlflowexporter.config;

/** A text is not a value of its setting; the message says why and what is allowed, without secrets. */
final class BadValueException extends IllegalArgumentException {
    private static final long serialVersionUID = 1;

    BadValueException(String message) {
        super(message);
    }
}
