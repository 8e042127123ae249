package io.mlflowexporter.testing;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;

/** Prometheus's own lint. */
public final class Promtool {
    private Promtool() {}

    /** Fails unless {@code promtool check metrics} takes the text (format 0.0.4) and has nothing to say. */
    public static void check(String text) {
        Command.Result result = Command.run(
                Duration.ofMinutes(1), text, List.of(Command.require("promtool").toString(), "check", "metrics"));
        assertThat(result.output()).as("promtool check metrics").isEmpty();
        assertThat(result.exit()).as("exit code of promtool check metrics").isZero();
    }
}
