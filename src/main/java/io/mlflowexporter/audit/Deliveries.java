package io.mlflowexporter.audit;

import io.mlflowexporter.audit.Costs.InWindow;
import io.mlflowexporter.audit.Mlflow.Model;
import io.mlflowexporter.audit.Mlflow.Version;
import io.mlflowexporter.config.DeliveryConfig;
import java.math.BigDecimal;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * What was delivered. Moves of aliases only the exporter saw: nobody can recompute them, but they must be told of every
 * alias there is, and must be in keeping with each other.
 */
final class Deliveries {
    static final String COST_PER_VERSION = "mlflow_cost_per_deployed_version";

    private static final String DEPLOYMENTS = "mlflow_deployments_total";
    private static final String ROLLBACKS = "mlflow_rollbacks_total";
    private static final String DELETIONS = "mlflow_alias_deletions_total";
    private static final String FAILURES = "mlflow_deployment_failures_total";
    private static final String LAST = "mlflow_last_deployment_timestamp_seconds";
    private static final String LEAD_TIME = "mlflow_deployment_lead_time_seconds";
    private static final String RESTORE_TIME = "mlflow_deployment_restore_time_seconds";

    /** Those with a series for nothing but a model's alias. */
    static final Set<String> OF_ALIASES = Set.of(DEPLOYMENTS, ROLLBACKS, DELETIONS, FAILURES, LAST);

    private final DeliveryConfig config;
    private final Map<Series, Double> scraped;
    private final Sums sums;

    Deliveries(DeliveryConfig config, Map<Series, Double> scraped, Sums sums) {
        this.config = config;
        this.scraped = scraped;
        this.sums = sums;
    }

    /** False where series were folded into others, each family's in its own way. */
    boolean comparable() {
        return Stream.concat(OF_ALIASES.stream(), Stream.of(LEAD_TIME, RESTORE_TIME))
                .allMatch(family -> said(Series.of("mlflow_exporter_series_dropped", "family", family)) == 0);
    }

    private double said(Series series) {
        return scraped.getOrDefault(series, 0.0);
    }

    /** @param nowMillis when the exporter looked */
    void aliases(List<Model> models, List<Version> versions, long nowMillis) {
        Map<String, List<Version>> ofModels = versions.stream().collect(Collectors.groupingBy(Version::model));
        for (Model model : models) {
            Set<String> followed = new TreeSet<>(model.aliases().keySet());
            followed.removeIf(alias -> !config.follows(alias));
            ofModels.getOrDefault(model.name(), List.of()).stream()
                    .map(Version::stage)
                    .filter(stage -> !stage.isEmpty() && config.follows(DeliveryConfig.STAGE + stage))
                    .forEach(stage -> followed.add(DeliveryConfig.STAGE + stage));
            config.namedProduction()
                    .forEach(alias -> sums.between(
                            Series.of(DEPLOYMENTS, "model", model.name(), "alias", alias),
                            BigDecimal.ZERO,
                            Sums.ENDLESS));
            followed.forEach(alias -> alias(
                    sums.clean(Series.of(DEPLOYMENTS, "model", model.name(), "alias", alias)),
                    config.isProduction(alias),
                    nowMillis));
        }
        for (Series series : scraped.keySet()) {
            if (!series.name().equals(DEPLOYMENTS)) {
                continue;
            }
            if (said(series) == 0 && !scraped.containsKey(new Series(ROLLBACKS, series.labels()))) {
                // Production's count begins at 0 before the model has the alias.
                sums.betweenAsServed(series, BigDecimal.ZERO, BigDecimal.ZERO);
            } else {
                alias(series, scraped.containsKey(new Series(FAILURES, series.labels())), nowMillis);
            }
        }
    }

    private void alias(Series deployments, boolean production, long nowMillis) {
        Series rollbacks = new Series(ROLLBACKS, deployments.labels());
        Series failures = new Series(FAILURES, deployments.labels());
        sums.betweenAsServed(deployments, BigDecimal.ZERO, Sums.ENDLESS);
        sums.betweenAsServed(rollbacks, BigDecimal.ZERO, number(said(deployments)));
        sums.betweenAsServed(new Series(DELETIONS, deployments.labels()), BigDecimal.ZERO, Sums.ENDLESS);
        sums.betweenAsServed(
                new Series(LEAD_TIME + "_count", deployments.labels()),
                BigDecimal.ZERO,
                number(Math.max(0, said(deployments) - said(rollbacks))));
        if (said(deployments) > 0) {
            sums.betweenAsServed(
                    new Series(LAST, deployments.labels()), BigDecimal.ZERO, BigDecimal.valueOf(nowMillis, 3));
        }
        if (production) {
            sums.betweenAsServed(failures, BigDecimal.ZERO, number(said(rollbacks)));
            BigDecimal failed = number(said(failures));
            sums.betweenAsServed(new Series(RESTORE_TIME + "_count", deployments.labels()), failed, failed);
        }
    }

    /** What is no number is told by its own series. */
    private static BigDecimal number(double value) {
        return Double.isFinite(value) ? BigDecimal.valueOf(value) : BigDecimal.ZERO;
    }

    /** How many versions it was only the exporter saw; but they were a whole number. */
    void costPerVersion(Map<InWindow, BigDecimal> costs) {
        scraped.forEach((series, said) -> {
            if (series.name().equals(COST_PER_VERSION)) {
                BigDecimal cost = costs.entrySet().stream()
                        .filter(it -> it.getKey()
                                        .window()
                                        .equals(series.labels().get("window"))
                                && it.getKey().currency().equals(series.labels().get("currency")))
                        .map(Map.Entry::getValue)
                        .reduce(BigDecimal.ZERO, BigDecimal::add);
                long versions = said > 0 ? Math.round(cost.doubleValue() / said) : 1;
                sums.add(series, cost.divide(new BigDecimal(Math.max(1, versions)), Book.EXACT));
            }
        });
    }
}
