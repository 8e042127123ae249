package io.mlflowexporter.cli.log;

import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.Set;

/** Texts of unknown content, made safe for a log that is read line by line and on terminals. */
final class LogText {
    /** Names MLflow gives can have any length; what follows after so many characters tells nobody anything. */
    static final int LONGEST = 8192;

    private static final int MOST_CAUSES = 10;

    private LogText() {}

    /**
     * The text on one line: control characters, those that turn the direction of writing or are not seen, and unpaired
     * surrogates are written as escapes, and so is the backslash before what would look like one.
     */
    static String line(String text) {
        int end = Math.min(text.length(), LONGEST);
        StringBuilder out = new StringBuilder(end + 16);
        text.substring(0, end).codePoints().forEach(c -> append(out, c));
        if (end < text.length()) {
            out.append("… (").append(text.length() - end).append(" more)");
        }
        return out.toString();
    }

    private static void append(StringBuilder out, int c) {
        switch (c) {
            case '\n' -> out.append("\\n");
            case '\r' -> out.append("\\r");
            case '\t' -> out.append("\\t");
            case '\\' -> out.append("\\\\");
            default -> {
                switch (Character.getType(c)) {
                    case Character.CONTROL,
                            Character.FORMAT,
                            Character.LINE_SEPARATOR,
                            Character.PARAGRAPH_SEPARATOR,
                            Character.SURROGATE -> out.append(String.format("\\u%04x", c));
                    default -> out.appendCodePoint(c);
                }
            }
        }
    }

    /** The messages of the throwable and its causes, outermost first. */
    static String causes(Throwable thrown) {
        Set<Throwable> seen = Collections.newSetFromMap(new IdentityHashMap<>());
        StringBuilder out = new StringBuilder();
        Throwable current = thrown;
        while (current != null && seen.size() < MOST_CAUSES && seen.add(current)) {
            if (!out.isEmpty()) {
                out.append("; caused by ");
            }
            String message = current.getMessage();
            out.append(current.getClass().getSimpleName());
            // A wrapper made without a message of its own repeats its cause.
            boolean own = current.getCause() == null
                    || !String.valueOf(message).equals(current.getCause().toString());
            if (message != null && !message.isBlank() && own) {
                out.append(": ").append(message);
            }
            current = current.getCause();
        }
        return out.toString();
    }
}
