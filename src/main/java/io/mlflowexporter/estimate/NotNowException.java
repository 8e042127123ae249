package io.mlflowexporter.estimate;

/** The history cannot be asked now; the message says why and when to ask again. */
public final class NotNowException extends Exception {
    private static final long serialVersionUID = 1L;

    public NotNowException(String message) {
        super(message);
    }
}
