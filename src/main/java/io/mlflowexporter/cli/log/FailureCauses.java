package io.mlflowexporter.cli.log;

import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.Set;

/** What a log says of a failure. */
final class FailureCauses {
    private static final int MOST_CAUSES = 10;

    private FailureCauses() {}

    /** The messages of the throwable and its causes, outermost first. */
    static String of(Throwable thrown) {
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
