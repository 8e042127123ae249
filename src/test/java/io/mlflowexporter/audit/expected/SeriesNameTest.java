package io.mlflowexporter.audit.expected;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class SeriesNameTest {
    @ParameterizedTest
    @ValueSource(strings = {"plain", "\u2028", "a\u2029b", "\u0085", "\r"})
    void aNameMayHoldWhatEndsALineElsewhere(String name) {
        assertThat(SeriesName.read("mlflow_runs{experiment=\"" + name + "\"} 1\n"))
                .isEqualTo(Map.of(SeriesName.of("mlflow_runs", "experiment", name), 1.0));
    }
}
