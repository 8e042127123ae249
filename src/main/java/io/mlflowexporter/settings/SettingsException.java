package io.mlflowexporter.settings;

import java.util.List;
import java.util.stream.Collectors;

/** The configuration cannot be used; says everything that is wrong with it, never a secret. */
public final class SettingsException extends Exception {
    private static final long serialVersionUID = 1;

    private final transient List<Problem> problems;

    /** Takes at least one problem. */
    public SettingsException(List<Problem> problems) {
        super(problems.stream().map(Problem::toString).collect(Collectors.joining("\n")));
        this.problems = List.copyOf(problems);
    }

    /** At least one, in the order of the places they stand in: file, environment, flags. */
    public List<Problem> problems() {
        return problems;
    }
}
