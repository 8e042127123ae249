package io.mlflowexporter.registry;

import io.mlflowexporter.catalog.Catalog;
import io.mlflowexporter.checkpoint.fields.FieldReader;
import io.mlflowexporter.checkpoint.fields.FieldWriter;
import io.mlflowexporter.cost.WindowCost;
import io.mlflowexporter.metric.Family;
import io.mlflowexporter.metric.FamilyDeclaration;
import io.mlflowexporter.mlflow.RegisteredModel;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/** Keeps what was delivered: versions made, and aliases moved to them. Belongs to the refresh thread. */
public final class Deployments {
    private final DeploymentConfig config;
    private final int versionsPerModel;
    private AliasJournal journal;

    /**
     * What a look found.
     *
     * @param moves the newest, the newest first
     */
    public record Report(List<Family> families, List<AliasMove> moves) {}

    /**
     * Begins with nothing seen.
     *
     * @param versionsPerModel the newest so many are told the cost of
     */
    public Deployments(DeploymentConfig config, int versionsPerModel) {
        this.config = config;
        this.versionsPerModel = versionsPerModel;
        this.journal = new AliasJournal();
    }

    /** All families of this subject. */
    public static List<FamilyDeclaration> declarations() {
        List<FamilyDeclaration> all = new ArrayList<>(DeploymentFamilies.declarations());
        all.add(VersionCosts.FAMILY);
        all.add(CostPerVersion.FAMILY);
        return all;
    }

    /** Whether it is told by the run behind a version, and so by whoever reads that run, and not by the registry alone. */
    public static boolean ofRuns(Family family) {
        return family.declaration().equals(VersionCosts.FAMILY)
                || family.declaration().equals(CostPerVersion.FAMILY)
                || family.declaration().equals(DeploymentFamilies.LEAD_TIME);
    }

    /**
     * Looks at what the catalog holds after a whole reading of the registry.
     *
     * @param nowMillis stamps what is new
     * @param costOf run id to its cost by currency
     * @param windowCosts what windows cost
     */
    public Report refresh(
            Catalog catalog,
            long nowMillis,
            Function<String, Map<String, Double>> costOf,
            List<WindowCost> windowCosts) {
        // What was left out for want of room looks as if it were deleted, and later made anew.
        if (catalog.registryLeftOut().isEmpty()) {
            journal.look(catalog, config, nowMillis);
        }
        List<Family> families = new ArrayList<>(DeploymentFamilies.of(journal, config));
        families.add(VersionCosts.family(catalog, versionsPerModel, config.wholeSearch(), costOf));
        families.add(CostPerVersion.family(journal, windowCosts, nowMillis));
        return new Report(families, journal.moves());
    }

    /**
     * How often new versions came into production.
     *
     * @param deployments of the time looked back on, rollbacks not among them
     * @param observed how long the model was watched in that time
     */
    public record Pace(String workspace, String model, String alias, long deployments, Duration observed) {}

    /**
     * How often new versions of models came into production lately.
     *
     * @param longest how far to look back, at most
     */
    public List<Pace> paces(Catalog catalog, long nowMillis, Duration longest) {
        List<Pace> paces = new ArrayList<>();
        Map<ModelKey, RegisteredModel> models = new HashMap<>();
        catalog.models().forEach(model -> models.put(ModelKey.of(model), model));
        journal.tallies().forEach((key, tally) -> {
            RegisteredModel model = models.get(key.model());
            if (model != null && config.isProduction(key.alias()) && config.follows(key.alias())) {
                long known = Math.max(journal.knownSince(key), model.createdMillis());
                // Of what is no longer kept nobody knows how much it was.
                long kept = Math.max(known, tally.keptSince());
                long since = Math.min(nowMillis, Math.max(kept, nowMillis - longest.toMillis()));
                long deployments =
                        tally.newest.stream().filter(at -> at >= since).count();
                paces.add(new Pace(
                        model.workspace(),
                        model.name(),
                        key.alias(),
                        deployments,
                        Duration.ofMillis(nowMillis - since)));
            }
        });
        return paces;
    }

    /** Writes all that must outlive the process. */
    public void write(FieldWriter out) throws IOException {
        AliasJournalCodec.write(journal, out);
    }

    /** What was seen until a restart. */
    public static final class Saved {
        private final AliasJournal journal;

        private Saved(AliasJournal journal) {
            this.journal = journal;
        }

        /** Nothing. */
        public static Saved nothing() {
            return new Saved(new AliasJournal());
        }
    }

    /**
     * What {@link #write} wrote.
     *
     * @throws IOException if it is not that
     */
    public static Saved read(FieldReader in) throws IOException {
        return new Saved(AliasJournalCodec.read(in));
    }

    /** Goes on from what was seen; whatever was seen since the start is forgotten. */
    public void restore(Saved saved) {
        journal = saved.journal;
    }
}
