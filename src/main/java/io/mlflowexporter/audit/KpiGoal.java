package io.mlflowexporter.audit;

import io.mlflowexporter.audit.Mlflow.Run;
import io.mlflowexporter.config.Expression;
import io.mlflowexporter.config.Glob;
import io.mlflowexporter.config.KpiBook;
import io.mlflowexporter.config.KpiBook.Direction;
import io.mlflowexporter.config.KpiBook.Kpi;
import io.mlflowexporter.config.KpiBook.Selector;
import java.math.BigDecimal;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * A KPI, of the user's file or of the table of built-in ones in {@code docs/kpis.md}.
 *
 * @param alternatives the first whose metrics a run logged counts
 * @param points how many of them one of its unit is
 */
record KpiGoal(
        String name,
        List<Expression> alternatives,
        boolean lower,
        BigDecimal points,
        Optional<BigDecimal> target,
        List<Glob> experiment,
        List<Glob> phase,
        List<Glob> model,
        List<Selector> select,
        Duration window,
        List<Glob> aliases) {
    private static final BigDecimal HUNDRED = new BigDecimal(100);
    /** Name, metrics, which way is better, unit. */
    private static final String BUILT_IN = """
            accuracy | accuracy, accuracy_score | higher | ratio
            precision | precision, precision_score | higher | ratio
            recall | recall, recall_score | higher | ratio
            f1 | f1_score, f1 | higher | ratio
            roc_auc | roc_auc, roc_auc_score | higher | ratio
            mse | mse, mean_squared_error | lower |
            rmse | rmse, root_mean_squared_error | lower |
            mae | mae, mean_absolute_error | lower |
            r2 | r2_score, r2 | higher | ratio
            latency_p50 | latency_p50, p50_latency | lower |
            latency_p95 | latency_p95, p95_latency | lower |
            latency_p99 | latency_p99, p99_latency | lower |
            throughput | throughput | higher |
            completeness | completeness | higher | ratio
            timeliness | timeliness | higher |
            deployment_time | deployment_time, deployment_seconds | lower |
            click_through_rate | click_through_rate, clicks / impressions | higher | ratio
            churn_rate | churn_rate, churned / customers | lower | ratio
            """;

    /** All that are measured. */
    static List<KpiGoal> all(KpiBook book, boolean builtIn) {
        List<KpiGoal> all = new ArrayList<>();
        book.kpis().forEach(kpi -> all.add(of(kpi)));
        List<String> own = all.stream().map(KpiGoal::name).toList();
        if (builtIn) {
            BUILT_IN.lines()
                    .map(KpiGoal::builtIn)
                    .filter(goal -> !own.contains(goal.name()))
                    .forEach(all::add);
        }
        return all;
    }

    private static KpiGoal of(Kpi kpi) {
        return new KpiGoal(
                kpi.name(),
                List.of(kpi.value()),
                kpi.direction() == Direction.LOWER,
                points(kpi.unit().orElse("")),
                kpi.target(),
                kpi.experiment(),
                kpi.phase(),
                kpi.model(),
                kpi.select(),
                kpi.window(),
                kpi.aliases());
    }

    private static KpiGoal builtIn(String line) {
        String[] told = line.split("\\s*\\|\\s*", -1);
        return new KpiGoal(
                told[0],
                Arrays.stream(told[1].split(", ", -1)).map(Expression::of).toList(),
                told[2].equals("lower"),
                points(told[3]),
                Optional.empty(),
                List.of(),
                List.of(),
                List.of(),
                List.of(Selector.values()),
                Duration.ofDays(30),
                List.of(Glob.of("champion"), Glob.of("challenger")));
    }

    private static BigDecimal points(String unit) {
        return unit.equals("ratio") ? HUNDRED : BigDecimal.ONE;
    }

    /** Whether it looks at the run. */
    boolean covers(Run run) {
        return Phases.any(experiment, run.experiment().name()) && Phases.any(phase, run.phase());
    }

    /** What it is computed by for a run with these metrics. */
    Optional<Expression> expression(Set<String> metrics) {
        return alternatives.stream().filter(it -> KpiFormula.canBe(it, metrics)).findFirst();
    }

    /** Greater than 0 where the first is better. */
    int compare(BigDecimal one, BigDecimal other) {
        return lower ? other.compareTo(one) : one.compareTo(other);
    }
}
