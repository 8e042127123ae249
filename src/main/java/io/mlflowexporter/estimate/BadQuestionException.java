package io.mlflowexporter.estimate;

import java.util.List;

/** What was asked makes no sense; says everything that is wrong, and what there is instead. */
public final class BadQuestionException extends Exception {
    private static final long serialVersionUID = 1L;

    private final List<String> problems;

    /** Of one or more problems, a line each. */
    public BadQuestionException(List<String> problems) {
        super(String.join("\n", problems));
        this.problems = List.copyOf(problems);
    }

    /** A line for each. */
    public List<String> problems() {
        return problems;
    }
}
