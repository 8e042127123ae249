package io.mlflowexporter.checkpoint;

import java.io.IOException;
import java.util.Locale;

/** A checkpoint that cannot be gone on from; the message is for people. */
final class BadCheckpointException extends IOException {
    private static final long serialVersionUID = 1L;

    /** Why; the name in lower case is part of the name of the file set aside. */
    enum Kind {
        /** Damaged, or no checkpoint at all. */
        CORRUPT,
        /** Of another server or another selection. */
        FOREIGN,
        /** Of a format this version does not read. */
        FUTURE,
        /** It does not fit into the memory there is. */
        LARGE;

        String word() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    private final Kind kind;

    BadCheckpointException(Kind kind, String message) {
        super(message);
        this.kind = kind;
    }

    Kind kind() {
        return kind;
    }
}
