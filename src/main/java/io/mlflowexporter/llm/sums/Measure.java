package io.mlflowexporter.llm.sums;

import java.util.ArrayList;
import java.util.List;

/**
 * One thing that is added up of an experiment's traces, such as the output tokens or the cost in USD.
 *
 * @param labels as its kind has them
 */
public record Measure(Kind kind, List<String> labels) {
    /** The value that stands for all others where there are too many. */
    public static final String OTHER = "_other";

    /** The native bucket of durations that count as zero. */
    public static final String ZERO = "zero";

    private static final int LONGEST = 200;

    /** What is added up. */
    public enum Kind {
        /** Ended traces by status. */
        TRACES(true, true, false, -1),
        /** Tokens by type. */
        TOKENS(true, true, false, -1),
        /** Cost by source and currency. */
        SPEND(true, true, true, -1),
        /** Tokens that no cost covers. */
        UNPRICED(true, true, false, -1),
        /** Traces of a duration by status, classic bucket and native bucket. */
        BUCKET(true, false, false, -1),
        /** Seconds by status. */
        SECONDS(true, false, false, -1),
        /** Assessments by name and source. */
        ASSESSMENTS(true, false, false, 0),
        /** Assessments that are a number, by name and source. */
        SCORES(false, false, false, 0),
        /** Sum of these numbers, by name and source. */
        SCORE_SUM(false, false, false, 0),
        /** Cost of judging by currency. */
        JUDGES(true, false, false, -1),
        /** Cost by group, the group's value and currency. */
        GROUP(false, false, false, 1),
        /** Cost by project and currency. */
        PROJECT(false, true, false, 0),
        /** Cost by team and currency. */
        TEAM(false, true, false, 0),
        /** Cost that a budget with conditions on tags covers, by the budget's name and currency. */
        BUDGET(false, true, true, -1),
        /** Traces with a value that cannot be counted, by what is wrong. */
        ANOMALIES(false, false, false, -1),
        /** Calls of an LLM by its name and provider. */
        MODEL_CALLS(false, false, false, 0),
        /** Cost of these calls by name, provider and currency. */
        MODEL_COST(false, false, false, 0);

        private final boolean counter;
        private final boolean aggregated;
        private final boolean lasting;
        private final int folded;

        Kind(boolean counter, boolean aggregated, boolean lasting, int folded) {
            this.counter = counter;
            this.aggregated = aggregated;
            this.lasting = lasting;
            this.folded = folded;
        }

        /** Whether it is counted beyond the hours that are kept. */
        public boolean counter() {
            return counter;
        }

        /** Whether the server's own sums by the hour say it too. */
        public boolean aggregated() {
            return aggregated;
        }

        /** Whether it is kept by the day when its hours are too old: budgets look back for up to a year. */
        public boolean lasting() {
            return lasting;
        }
    }

    public Measure {
        labels = labels.stream().map(Measure::cut).toList();
    }

    /** Whoever writes traces may write values of any length. */
    private static String cut(String label) {
        int end = Math.min(label.length(), LONGEST);
        return label.substring(0, end > 0 && Character.isHighSurrogate(label.charAt(end - 1)) ? end - 1 : end);
    }

    /** A measure of a kind. */
    public static Measure of(Kind kind, String... labels) {
        return new Measure(kind, List.of(labels));
    }

    /** What stands for it where there are too many of its kind; itself for a kind of which there cannot be too many. */
    Measure folded() {
        if (kind.folded < 0) {
            return this;
        }
        List<String> other = new ArrayList<>(labels);
        other.set(kind.folded, OTHER);
        return new Measure(kind, other);
    }
}
