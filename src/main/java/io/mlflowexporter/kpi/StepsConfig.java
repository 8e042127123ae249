package io.mlflowexporter.kpi;

import io.mlflowexporter.settings.Setting;
import io.mlflowexporter.settings.value.Glob;
import java.util.List;

/** Which metrics are durations of steps. */
public record StepsConfig(
        @Setting(
                "Rules in order, the first whose pattern matches a metric's name wins. Setting them replaces the built-in"
                        + " ones.")
        List<Rule> rules) {

    /** A unit of time. */
    public enum Unit {
        MILLISECONDS(0.001),
        SECONDS(1),
        MINUTES(60),
        HOURS(3_600);

        private final double seconds;

        Unit(double seconds) {
            this.seconds = seconds;
        }

        /** How many seconds one of it is. */
        public double seconds() {
            return seconds;
        }
    }

    /** Metrics that are durations. */
    public record Rule(
            @Setting(
                    "Pattern with one `*` over the metric's name, letter case ignored; what `*` stands for names the step.")
            Glob metric,

            @Setting(value = "Unit of the values.", byDefault = "seconds")
            Unit unit) {}

    private static final List<Rule> BUILT_IN = List.of(
            new Rule(Glob.of("duration_*_seconds"), Unit.SECONDS),
            new Rule(Glob.of("*_duration_seconds"), Unit.SECONDS),
            new Rule(Glob.of("*_time_seconds"), Unit.SECONDS),
            new Rule(Glob.of("*_seconds"), Unit.SECONDS),
            new Rule(Glob.of("*_duration_ms"), Unit.MILLISECONDS),
            new Rule(Glob.of("*_time_ms"), Unit.MILLISECONDS),
            new Rule(Glob.of("*_ms"), Unit.MILLISECONDS),
            new Rule(Glob.of("*_minutes"), Unit.MINUTES),
            new Rule(Glob.of("*_duration"), Unit.SECONDS),
            new Rule(Glob.of("*_time"), Unit.SECONDS),
            new Rule(Glob.of("duration_*"), Unit.SECONDS));

    /** What built-in rules leave out: how long an answer takes is no step. */
    private static final Glob LATENCY = Glob.of("*latency*");

    /** Whether a metric of this name is never a step, whatever rule its name matches. */
    public boolean never(String metric) {
        return rules.isEmpty() && LATENCY.matches(metric);
    }

    /** The rules that apply. */
    public List<Rule> applied() {
        return rules.isEmpty() ? BUILT_IN : rules;
    }
}
