package io.mlflowexporter.metric;

import java.util.List;

/**
 * A metric family, declared once. The renderer, the table in {@code docs/metrics.md} and the catalogue test read this.
 *
 * @param name as a scrape shows it: counters end in {@code _total}, info gauges in {@code _info}
 * @param help one sentence; what MLflow's data says holds as of the snapshot
 * @param labels the family's own, in order; {@code workspace} is put before them where the server has workspaces
 * @param fold what happens to series past the budget and to samples whose labels are equal
 */
public record FamilyDeclaration(
        String name, Type type, String help, List<String> labels, Stability stability, Fold fold) {

    /** A family that is counted as it happens and has few series by nature, see {@link LiveFamilies}. */
    public static FamilyDeclaration live(String name, Type type, String help, Stability stability, String... labels) {
        return new FamilyDeclaration(name, type, help, List.of(labels), stability, Fold.NEVER);
    }

    /** The type a scrape shows; {@link #INFO} is a gauge that is always 1 and whose name ends in {@code _info}. */
    public enum Type {
        GAUGE,
        COUNTER,
        HISTOGRAM,
        INFO
    }

    /** What users may rely on. */
    public enum Stability {
        /** Name, labels and meaning stay within a major version. */
        STABLE,
        /** May change in a minor version, with a line in the changelog. */
        EXPERIMENTAL
    }

    /** How two samples become one. */
    public enum Merge {
        /** Values add up; for counts and amounts. */
        SUM,
        /** The greater value stays; for times and ages. */
        MAX
    }

    /**
     * What the series budget does with a family that is too large.
     *
     * @param label the label whose smallest contributors give way; empty: the family is small by nature and never cut
     * @param intoOther true: they are merged into the value {@code _other}; false: they are left out, for families where
     *     a merged value would mean nothing
     */
    public record Fold(String label, boolean intoOther, Merge merge) {
        /** A family with few series by nature. */
        public static final Fold NEVER = new Fold("", false, Merge.SUM);

        /** Sums the smallest contributors into {@code _other}. */
        public static Fold sum(String label) {
            return new Fold(label, true, Merge.SUM);
        }

        /** Keeps the greatest value of the smallest contributors in {@code _other}. */
        public static Fold max(String label) {
            return new Fold(label, true, Merge.MAX);
        }

        /** Leaves out the smallest (for times: the oldest) contributors. */
        public static Fold drop(String label) {
            return new Fold(label, false, Merge.MAX);
        }
    }

    public FamilyDeclaration {
        labels = List.copyOf(labels);
        if (!fold.label().isEmpty() && !labels.contains(fold.label())) {
            throw new IllegalArgumentException(name + " folds by a label it does not have: " + fold.label());
        }
        if ((type == Type.COUNTER) != name.endsWith("_total") || (type == Type.INFO) != name.endsWith("_info")) {
            throw new IllegalArgumentException(name + " does not end as its type " + type + " asks");
        }
    }
}
