package io.mlflowexporter.kpi;

import io.mlflowexporter.kpi.KpiFile.Direction;
import io.mlflowexporter.kpi.KpiFile.Kpi;
import io.mlflowexporter.kpi.KpiFile.Selector;
import io.mlflowexporter.kpi.KpiFile.Subject;
import io.mlflowexporter.settings.Place;
import io.mlflowexporter.settings.value.Glob;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** KPIs that need no definition: they are there where runs log metrics of these names. */
final class BuiltIns {
    private static final Duration WINDOW = Duration.ofDays(30);
    private static final List<Glob> ALIASES = List.of(Glob.of("champion"), Glob.of("challenger"));
    private static final Place NOWHERE = new Place("built in", 0);

    static final List<Goal> ALL = List.of(
            ratio("accuracy", Subject.ACCURACY, Direction.HIGHER, "accuracy", "accuracy_score"),
            ratio("precision", Subject.ACCURACY, Direction.HIGHER, "precision", "precision_score"),
            ratio("recall", Subject.ACCURACY, Direction.HIGHER, "recall", "recall_score"),
            ratio("f1", Subject.ACCURACY, Direction.HIGHER, "f1_score", "f1"),
            ratio("roc_auc", Subject.ACCURACY, Direction.HIGHER, "roc_auc", "roc_auc_score"),
            goal("mse", Subject.ACCURACY, Direction.LOWER, "mse", "mean_squared_error"),
            goal("rmse", Subject.ACCURACY, Direction.LOWER, "rmse", "root_mean_squared_error"),
            goal("mae", Subject.ACCURACY, Direction.LOWER, "mae", "mean_absolute_error"),
            ratio("r2", Subject.ACCURACY, Direction.HIGHER, "r2_score", "r2"),
            goal("latency_p50", Subject.PERFORMANCE, Direction.LOWER, "latency_p50", "p50_latency"),
            goal("latency_p95", Subject.PERFORMANCE, Direction.LOWER, "latency_p95", "p95_latency"),
            goal("latency_p99", Subject.PERFORMANCE, Direction.LOWER, "latency_p99", "p99_latency"),
            goal("throughput", Subject.PERFORMANCE, Direction.HIGHER, "throughput"),
            ratio("completeness", Subject.DATA_QUALITY, Direction.HIGHER, "completeness"),
            goal("timeliness", Subject.DATA_QUALITY, Direction.HIGHER, "timeliness"),
            goal("deployment_time", Subject.DEPLOYMENT, Direction.LOWER, "deployment_time", "deployment_seconds"),
            ratio(
                    "click_through_rate",
                    Subject.BUSINESS,
                    Direction.HIGHER,
                    "click_through_rate",
                    "clicks / impressions"),
            ratio("churn_rate", Subject.BUSINESS, Direction.LOWER, "churn_rate", "churned / customers"));

    private BuiltIns() {}

    private static Goal ratio(String name, Subject subject, Direction direction, String... alternatives) {
        return goal(Optional.of(Goal.RATIO), name, subject, direction, alternatives);
    }

    private static Goal goal(String name, Subject subject, Direction direction, String... alternatives) {
        return goal(Optional.empty(), name, subject, direction, alternatives);
    }

    private static Goal goal(
            Optional<String> unit, String name, Subject subject, Direction direction, String... alternatives) {
        List<Expression> expressions =
                Stream.of(alternatives).map(Expression::of).toList();
        Kpi kpi = new Kpi(
                name,
                Optional.empty(),
                subject,
                expressions.get(0),
                unit,
                direction,
                Optional.empty(),
                Optional.empty(),
                List.of(),
                List.of(),
                List.of(),
                List.of(Selector.LATEST, Selector.BEST, Selector.MEAN),
                WINDOW,
                ALIASES,
                NOWHERE);
        return new Goal(kpi, expressions, false);
    }
}
