package io.mlflowexporter.registry;

import io.mlflowexporter.metric.DurationHistogram;
import io.mlflowexporter.metric.Family;
import io.mlflowexporter.metric.Family.Distribution;
import io.mlflowexporter.metric.FamilyDeclaration;
import io.mlflowexporter.metric.FamilyDeclaration.Fold;
import io.mlflowexporter.metric.FamilyDeclaration.Stability;
import io.mlflowexporter.metric.Samples;
import io.mlflowexporter.metric.Times;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.function.ToLongFunction;

/** What is told of the journal. */
final class DeploymentFamilies {
    static final FamilyDeclaration CREATED = new FamilyDeclaration(
            "mlflow_model_versions_created_total",
            FamilyDeclaration.Type.COUNTER,
            "Versions of the model ever seen, deleted ones included, as of the snapshot.",
            List.of("model"),
            Stability.STABLE,
            Fold.sum("model"));
    static final FamilyDeclaration DEPLOYMENTS = byAlias(
            "mlflow_deployments_total",
            FamilyDeclaration.Type.COUNTER,
            "Moves of the alias to a version it did not point to, rollbacks included, seen as of the snapshot.");
    static final FamilyDeclaration ROLLBACKS = byAlias(
            "mlflow_rollbacks_total",
            FamilyDeclaration.Type.COUNTER,
            "Moves of the alias to an older version, seen as of the snapshot.");
    static final FamilyDeclaration DELETIONS = byAlias(
            "mlflow_alias_deletions_total",
            FamilyDeclaration.Type.COUNTER,
            "Times the alias was removed from the model, seen as of the snapshot.");
    static final FamilyDeclaration LEAD_TIME = byAlias(
            "mlflow_deployment_lead_time_seconds",
            FamilyDeclaration.Type.HISTOGRAM,
            "Time from the start of the version's run until the alias was seen to point to it, rollbacks left out, as of"
                    + " the snapshot.");
    static final FamilyDeclaration LAST = byAlias(
            "mlflow_last_deployment_timestamp_seconds",
            FamilyDeclaration.Type.GAUGE,
            "When the alias was last seen to move to another version, Unix time, as of the snapshot.");
    static final FamilyDeclaration FAILURES = byAlias(
            "mlflow_deployment_failures_total",
            FamilyDeclaration.Type.COUNTER,
            "Deployments to production rolled back within delivery.failure_window, seen as of the snapshot.");
    static final FamilyDeclaration RESTORE = byAlias(
            "mlflow_deployment_restore_time_seconds",
            FamilyDeclaration.Type.HISTOGRAM,
            "Time from a deployment to production that failed until its rollback, seen as of the snapshot.");

    private DeploymentFamilies() {}

    private static FamilyDeclaration byAlias(String name, FamilyDeclaration.Type type, String help) {
        Fold fold = type == FamilyDeclaration.Type.GAUGE ? Fold.max("model") : Fold.sum("model");
        return new FamilyDeclaration(name, type, help, List.of("model", "alias"), Stability.STABLE, fold);
    }

    static List<FamilyDeclaration> declarations() {
        return List.of(CREATED, DEPLOYMENTS, ROLLBACKS, DELETIONS, LEAD_TIME, LAST, FAILURES, RESTORE);
    }

    static List<Family> of(AliasJournal journal, DeploymentConfig config) {
        Samples created = new Samples();
        journal.created().forEach((key, number) -> created.add(key.workspace(), number, key.model()));
        Samples last = new Samples();
        journal.tallies().forEach((key, tally) -> {
            if (tally.lastDeploymentMillis != Times.ABSENT) {
                last.max(
                        key.model().workspace(),
                        tally.lastDeploymentMillis / 1000.0,
                        key.model().model(),
                        key.alias());
            }
        });
        return List.of(
                created.family(CREATED),
                deployments(journal, config),
                counter(ROLLBACKS, journal, alias -> true, tally -> tally.rollbacks),
                counter(DELETIONS, journal, alias -> true, tally -> tally.deletions),
                histogram(LEAD_TIME, journal, alias -> true, AliasCounts::leadTimes),
                last.family(LAST),
                counter(FAILURES, journal, config::isProduction, tally -> tally.failures),
                histogram(RESTORE, journal, config::isProduction, AliasCounts::restores));
    }

    /** Of aliases that a model may come to have from 0 on, so that a first deployment is an increase. */
    private static Family deployments(AliasJournal journal, DeploymentConfig config) {
        Samples samples = new Samples();
        for (String alias : config.namedProduction()) {
            journal.created().keySet().forEach(key -> samples.add(key.workspace(), 0, key.model(), alias));
        }
        count(samples, journal, alias -> true, tally -> tally.deployments);
        return samples.family(DEPLOYMENTS);
    }

    private static Family counter(
            FamilyDeclaration declaration,
            AliasJournal journal,
            Predicate<String> aliases,
            ToLongFunction<AliasCounts> value) {
        Samples samples = new Samples();
        count(samples, journal, aliases, value);
        return samples.family(declaration);
    }

    private static void count(
            Samples samples, AliasJournal journal, Predicate<String> aliases, ToLongFunction<AliasCounts> value) {
        journal.tallies().forEach((key, tally) -> {
            if (aliases.test(key.alias())) {
                samples.add(
                        key.model().workspace(),
                        (double) value.applyAsLong(tally),
                        key.model().model(),
                        key.alias());
            }
        });
    }

    private static Family histogram(
            FamilyDeclaration declaration,
            AliasJournal journal,
            Predicate<String> aliases,
            Function<AliasCounts, DurationHistogram> value) {
        List<Family.Sample> samples = new ArrayList<>();
        journal.tallies().forEach((key, tally) -> {
            if (aliases.test(key.alias())) {
                // A copy: what is published must not change.
                DurationHistogram own = value.apply(tally);
                DurationHistogram copy = own == DurationHistogram.EMPTY ? own : own.merge(new DurationHistogram());
                samples.add(new Distribution(
                        key.model().workspace(), List.of(key.model().model(), key.alias()), copy));
            }
        });
        return new Family(declaration, samples);
    }
}
