package io.mlflowexporter.checkpoint.fields;

import java.io.IOException;
import java.util.Locale;

/** A checkpoint that cannot be gone on from; the message is for people. */
public final class BadCheckpointException extends IOException {
    private static final long serialVersionUID = 1L;

    /** Why; the name in lower case is part of the name of the file set aside. */
    public enum Kind {
        /** Damaged, or no checkpoint at all. */
        CORRUPT,
        /** Of another server or another selection. */
        FOREIGN,
        /** Of a format this version does not read. */
        FUTURE,
        /** It does not fit into the memory there is. */
        LARGE;

        public String word() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    private final Kind kind;

    public BadCheckpointException(Kind kind, String message) {
        super(message);
        this.kind = kind;
    }

    public Kind kind() {
        return kind;
    }
}
