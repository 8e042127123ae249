package io.mlflowexporter.audit;

import io.mlflowexporter.audit.expected.ExpectedHistogram;
import io.mlflowexporter.audit.expected.ExpectedSeries;
import io.mlflowexporter.audit.expected.SeriesName;
import io.mlflowexporter.audit.server.MlflowContent.Run;
import io.mlflowexporter.kpi.StepsConfig;
import io.mlflowexporter.kpi.StepsConfig.Rule;
import java.math.BigDecimal;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/** How long steps took by what runs logged, as {@code docs/kpis.md} says. */
final class StepTimes {
    static final String FAMILY = "mlflow_step_duration_seconds";

    /** For what is no number, which is left out as negative times are. */
    private static final BigDecimal NEGATIVE = BigDecimal.ONE.negate();

    private final StepsConfig config;
    private final ExpectedSeries sums;

    StepTimes(StepsConfig config, ExpectedSeries sums) {
        this.config = config;
        this.sums = sums;
    }

    void runs(List<Run> runs) {
        runs.stream()
                .filter(Run::ended)
                .forEach(run -> steps(run)
                        .forEach((step, seconds) -> ExpectedHistogram.observe(
                                sums,
                                SeriesName.of(
                                        FAMILY, "experiment", run.experiment().name(), "step", step),
                                seconds)));
    }

    /** Of several metrics for one step the first by alphabet. */
    private Map<String, BigDecimal> steps(Run run) {
        Map<String, BigDecimal> steps = new LinkedHashMap<>();
        run.metrics()
                .forEach((metric, value) -> rule(metric)
                        .ifPresent(rule -> steps.putIfAbsent(
                                step(rule.metric().toString(), metric),
                                Double.isFinite(value)
                                        ? BigDecimal.valueOf(value).multiply(unit(rule.unit()))
                                        : NEGATIVE)));
        steps.values().removeIf(seconds -> seconds.signum() < 0);
        return steps;
    }

    private Optional<Rule> rule(String metric) {
        return config.never(metric)
                ? Optional.empty()
                : config.applied().stream()
                        .filter(rule -> rule.metric().matches(metric))
                        .findFirst();
    }

    private static BigDecimal unit(StepsConfig.Unit unit) {
        return switch (unit) {
            case MILLISECONDS -> new BigDecimal("0.001");
            case SECONDS -> BigDecimal.ONE;
            case MINUTES -> new BigDecimal(60);
            case HOURS -> new BigDecimal(3_600);
        };
    }

    /** What the one star of a pattern stands for. */
    private static String step(String pattern, String metric) {
        String[] around = pattern.split("\\*", -1);
        int stars = around.length - 1;
        return stars == 1 && metric.length() > pattern.length() - 1
                ? metric.substring(around[0].length(), metric.length() - around[1].length())
                        .toLowerCase(Locale.ROOT)
                : metric;
    }
}
