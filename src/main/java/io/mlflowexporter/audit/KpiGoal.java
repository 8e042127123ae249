package io.mlflowexporter.audit;

import io.mlflowexporter.audit.expected.AuditPhases;
import io.mlflowexporter.audit.server.MlflowContent.Run;
import io.mlflowexporter.kpi.KpiFile;
import io.mlflowexporter.kpi.KpiFile.Direction;
import io.mlflowexporter.kpi.KpiFile.Kpi;
import io.mlflowexporter.kpi.KpiFile.Selector;
import io.mlflowexporter.settings.value.Glob;
import java.math.BigDecimal;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/**
 * A KPI, of the user's file or of the table of built-in ones in {@code docs/kpis.md}.
 *
 * @param own whether it is told of even if no run tells it
 * @param alternatives the first whose metrics a run logged counts
 * @param least the least improvement that counts; empty for a thousandth
 */
record KpiGoal(
        String name,
        boolean own,
        String subject,
        List<String> alternatives,
        boolean lower,
        String unit,
        Optional<BigDecimal> target,
        Optional<BigDecimal> least,
        List<Glob> experiment,
        List<Glob> phase,
        List<Glob> model,
        List<Selector> select,
        Duration window,
        List<Glob> aliases) {
    private static final BigDecimal HUNDRED = new BigDecimal(100);
    /** Name, subject, metrics, which way is better, unit. */
    private static final String BUILT_IN = """
            accuracy | accuracy | accuracy, accuracy_score | higher | ratio
            precision | accuracy | precision, precision_score | higher | ratio
            recall | accuracy | recall, recall_score | higher | ratio
            f1 | accuracy | f1_score, f1 | higher | ratio
            roc_auc | accuracy | roc_auc, roc_auc_score | higher | ratio
            mse | accuracy | mse, mean_squared_error | lower |
            rmse | accuracy | rmse, root_mean_squared_error | lower |
            mae | accuracy | mae, mean_absolute_error | lower |
            r2 | accuracy | r2_score, r2 | higher | ratio
            latency_p50 | performance | latency_p50, p50_latency | lower |
            latency_p95 | performance | latency_p95, p95_latency | lower |
            latency_p99 | performance | latency_p99, p99_latency | lower |
            throughput | performance | throughput | higher |
            completeness | data_quality | completeness | higher | ratio
            timeliness | data_quality | timeliness | higher |
            deployment_time | deployment | deployment_time, deployment_seconds | lower |
            click_through_rate | business | click_through_rate, clicks / impressions | higher | ratio
            churn_rate | business | churn_rate, churned / customers | lower | ratio
            """;

    /** All that are measured. */
    static List<KpiGoal> all(KpiFile book, boolean builtIn) {
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
                true,
                kpi.subject().name().toLowerCase(Locale.ROOT),
                List.of(String.valueOf(kpi.value())),
                kpi.direction() == Direction.LOWER,
                kpi.unit().orElse(""),
                kpi.target(),
                kpi.leastImprovement(),
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
                false,
                told[1],
                List.of(told[2].split(", ", -1)),
                told[3].equals("lower"),
                told[4],
                Optional.empty(),
                Optional.empty(),
                List.of(),
                List.of(),
                List.of(),
                List.of(Selector.values()),
                Duration.ofDays(30),
                List.of(Glob.of("champion"), Glob.of("challenger")));
    }

    /** How many points one of its unit is. */
    BigDecimal points() {
        return unit.equals("ratio") ? HUNDRED : BigDecimal.ONE;
    }

    /** Whether it looks at the run. */
    boolean covers(Run run) {
        return AuditPhases.any(experiment, run.experiment().name()) && AuditPhases.any(phase, run.phase());
    }

    /** What it is computed by for a run with these metrics. */
    Optional<String> expression(Set<String> metrics) {
        return alternatives.stream().filter(it -> KpiFormula.canBe(it, metrics)).findFirst();
    }

    /** Greater than 0 where the first is better. */
    int compare(BigDecimal one, BigDecimal other) {
        return lower ? other.compareTo(one) : one.compareTo(other);
    }
}
