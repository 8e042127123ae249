package io.mlflowexporter.audit;

import io.mlflowexporter.audit.AuditCosts.InWindow;
import io.mlflowexporter.audit.expected.ExpectedSeries;
import io.mlflowexporter.audit.expected.SeriesName;
import io.mlflowexporter.audit.server.MlflowContent.Model;
import io.mlflowexporter.audit.server.MlflowContent.Version;
import io.mlflowexporter.registry.DeploymentConfig;
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
final class AuditDeployments {
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

    private final DeploymentConfig config;
    private final Map<SeriesName, Double> scraped;
    private final ExpectedSeries sums;

    AuditDeployments(DeploymentConfig config, Map<SeriesName, Double> scraped, ExpectedSeries sums) {
        this.config = config;
        this.scraped = scraped;
        this.sums = sums;
    }

    /** False where series were folded into others, each family's in its own way. */
    boolean comparable() {
        return Stream.concat(OF_ALIASES.stream(), Stream.of(LEAD_TIME, RESTORE_TIME))
                .allMatch(family -> said(SeriesName.of("mlflow_exporter_series_dropped", "family", family)) == 0);
    }

    private double said(SeriesName series) {
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
                    .filter(stage -> !stage.isEmpty() && config.follows(DeploymentConfig.STAGE + stage))
                    .forEach(stage -> followed.add(DeploymentConfig.STAGE + stage));
            config.namedProduction()
                    .forEach(alias -> sums.between(
                            SeriesName.of(DEPLOYMENTS, "model", model.name(), "alias", alias),
                            BigDecimal.ZERO,
                            ExpectedSeries.ENDLESS));
            followed.forEach(alias -> alias(
                    sums.clean(SeriesName.of(DEPLOYMENTS, "model", model.name(), "alias", alias)),
                    config.isProduction(alias),
                    nowMillis));
        }
        for (SeriesName series : scraped.keySet()) {
            if (!series.name().equals(DEPLOYMENTS)) {
                continue;
            }
            if (said(series) == 0 && !scraped.containsKey(new SeriesName(ROLLBACKS, series.labels()))) {
                // Production's count begins at 0 before the model has the alias.
                sums.betweenAsServed(series, BigDecimal.ZERO, BigDecimal.ZERO);
            } else {
                alias(series, scraped.containsKey(new SeriesName(FAILURES, series.labels())), nowMillis);
            }
        }
    }

    private void alias(SeriesName deployments, boolean production, long nowMillis) {
        SeriesName rollbacks = new SeriesName(ROLLBACKS, deployments.labels());
        SeriesName failures = new SeriesName(FAILURES, deployments.labels());
        sums.betweenAsServed(deployments, BigDecimal.ZERO, ExpectedSeries.ENDLESS);
        sums.betweenAsServed(rollbacks, BigDecimal.ZERO, number(said(deployments)));
        sums.betweenAsServed(new SeriesName(DELETIONS, deployments.labels()), BigDecimal.ZERO, ExpectedSeries.ENDLESS);
        sums.betweenAsServed(
                new SeriesName(LEAD_TIME + "_count", deployments.labels()),
                BigDecimal.ZERO,
                number(Math.max(0, said(deployments) - said(rollbacks))));
        if (said(deployments) > 0) {
            sums.betweenAsServed(
                    new SeriesName(LAST, deployments.labels()), BigDecimal.ZERO, BigDecimal.valueOf(nowMillis, 3));
        }
        if (production) {
            sums.betweenAsServed(failures, BigDecimal.ZERO, number(said(rollbacks)));
            BigDecimal failed = number(said(failures));
            sums.betweenAsServed(new SeriesName(RESTORE_TIME + "_count", deployments.labels()), failed, failed);
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
                sums.add(series, cost.divide(new BigDecimal(Math.max(1, versions)), AuditPricing.EXACT));
            }
        });
    }
}
