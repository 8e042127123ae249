package io.mlflowexporter.settings;

import java.util.Comparator;

/**
 * Where a value was given.
 *
 * @param name the file as the user named it, the variable or the flag; empty for defaults
 * @param line the file's line from 1, or 0 where it is about the whole
 */
public record Origin(Kind kind, String name, int line) {
    public static final Origin DEFAULT = new Origin(Kind.DEFAULT, "", 0);

    /** The order problems are listed in: through each file, then variable by variable, then flags. */
    static final Comparator<Origin> ORDER =
            Comparator.comparing(Origin::kind).thenComparing(Origin::name).thenComparingInt(Origin::line);

    /** Weakest first. */
    public enum Kind {
        DEFAULT,
        FILE,
        /** A variable that belongs to MLflow, set perhaps without a thought of the exporter. */
        MLFLOW_VARIABLE,
        VARIABLE,
        FLAG
    }

    public static Origin file(String name, int line) {
        return new Origin(Kind.FILE, name, line);
    }

    @Override
    public String toString() {
        return kind == Kind.DEFAULT ? "default" : line > 0 ? name + ":" + line : name;
    }
}
