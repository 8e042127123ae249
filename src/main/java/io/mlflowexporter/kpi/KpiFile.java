package io.mlflowexporter.kpi;

import io.mlflowexporter.settings.CheckedElement;
import io.mlflowexporter.settings.Place;
import io.mlflowexporter.settings.Setting;
import io.mlflowexporter.settings.value.Glob;
import io.mlflowexporter.settings.value.Quoted;
import java.math.BigDecimal;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/** The file of KPIs. */
public record KpiFile(
        @Setting("The KPIs; one with the name of a built-in takes its place.")
        List<Kpi> kpis) {
    /** No KPIs of one's own. */
    public static final KpiFile EMPTY = new KpiFile(List.of());

    /** What a KPI is about. */
    public enum Subject {
        ACCURACY,
        PERFORMANCE,
        DATA_QUALITY,
        DEPLOYMENT,
        STABILITY,
        BUSINESS
    }

    /** Which way is better. */
    public enum Direction {
        HIGHER,
        LOWER
    }

    /** Which of the finished runs tell the value. */
    public enum Selector {
        LATEST,
        BEST,
        MEAN
    }

    /** One KPI. */
    public record Kpi(
            @Setting("Its name; becomes a label value.") String name,
            @Setting("What it is, for people.") Optional<String> description,

            @Setting(value = "What it is about.", byDefault = "business")
            Subject subject,

            @Setting(
                    "A logged metric's name, or numbers and names with + - * / and parentheses. Names with other characters"
                            + " than letters, digits, _ and . stand in double quotes; `*` and `?` in quotes match any text.")
            Expression value,

            @Setting("The value's unit, for people.") Optional<String> unit,

            @Setting(value = "Which way is better.", byDefault = "higher")
            Direction direction,

            @Setting("What is to be reached: at least, or at most where lower is better.")
            Optional<BigDecimal> target,

            @Setting("The least improvement that counts for `mlflow_kpi_cost_per_point`, in the KPI's unit. Unset: a"
                    + " thousandth of the value.")
            Optional<BigDecimal> leastImprovement,

            @Setting("Experiment names, patterns with `*` and `?`. Unset: all.")
            List<Glob> experiment,

            @Setting("Phases, patterns. Unset: all.") List<Glob> phase,

            @Setting("Registered models, patterns. Unset: all.")
            List<Glob> model,

            @Setting(
                    value =
                            "Which finished runs of an experiment tell it: the one that ended last, the best of the window,"
                                    + " the mean of the window.",
                    byDefault = "latest, best, mean")
            List<Selector> select,

            @Setting(value = "How far best and mean look back.", byDefault = "30d", min = "1m", max = "3650d")
            Duration window,

            @Setting(
                    value = "Aliases, patterns: the run of the version each points to tells it as well.",
                    byDefault = "champion, challenger")
            List<Glob> aliases,

            Place place)
            implements CheckedElement {
        private static final Pattern NAME = Pattern.compile("[a-z][a-z0-9_-]{0,63}");

        @Override
        public void check(Complaints complaints) {
            if (!NAME.matcher(name).matches()) {
                complaints.error(
                        "name",
                        Quoted.shown(name) + " cannot be a KPI's name; allowed: up to 64 of a-z, 0-9, _ and -, the"
                                + " first a letter");
            }
            if (select.isEmpty() && aliases.isEmpty()) {
                complaints.error("select", "would tell nothing; give select or aliases");
            }
        }
    }
}
