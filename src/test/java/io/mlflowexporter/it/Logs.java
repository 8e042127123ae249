package io.mlflowexporter.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.regex.Pattern;

/** What the exporter's log must never hold. */
final class Logs {
    private static final Pattern RECORD =
            Pattern.compile("\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\.\\d{3}Z (INFO |WARN |ERROR) \\S+: .+");

    private Logs() {}

    /** Nothing but one-line records, all of them for information. */
    static void assertCalm(String log) {
        assertOneLineRecords(log);
        assertThat(log.lines()).noneMatch(line -> line.contains(" WARN ") || line.contains(" ERROR "));
    }

    /** No stack trace, and nothing that went past the log. */
    static void assertOneLineRecords(String log) {
        assertThat(log.lines())
                .isNotEmpty()
                .allMatch(line -> RECORD.matcher(line).matches(), RECORD.pattern());
        assertThat(log).doesNotContain("Exception in thread", "\tat ");
    }
}
