package io.mlflowexporter.demo.life;

import io.mlflowexporter.demo.store.ModelRow;
import io.mlflowexporter.demo.store.ModelRow.Version;
import io.mlflowexporter.demo.store.ModelStore;
import io.mlflowexporter.demo.store.RunRow;
import java.util.SplittableRandom;

/** Registers versions and moves aliases: a new version challenges, later most become champion, some are rolled back. */
final class Registrar {
    private static final double BECOMES_CHAMPION = 0.75;
    private static final double ROLLED_BACK = 0.12;

    private final ModelStore models;
    private final Agenda agenda;
    private final SplittableRandom random;

    Registrar(ModelStore models, Agenda agenda, SplittableRandom random) {
        this.models = models;
        this.agenda = agenda;
        this.random = random;
    }

    /** Makes a run's model the newest version, and the challenger. */
    void register(String workspace, String name, RunRow run) {
        ModelRow model = models.find(workspace, name);
        if (model == null) {
            model = models.create(workspace, name, agenda.clockNow());
        }
        Version version = models.createVersion(model, run.artifactUri() + "/model", run.id, "", agenda.clockNow());
        models.setAlias(version, "challenger");
        if (model.versions.size() == 1) {
            models.setAlias(version, "champion");
        } else if (random.nextDouble() < BECOMES_CHAMPION) {
            agenda.in(600.0 + random.nextInt(7_200), () -> crown(version));
        }
    }

    private void crown(Version version) {
        Integer before = version.model.aliases.get("champion");
        if (!inRegistry(version) || (before != null && before > version.number)) {
            return;
        }
        models.setAlias(version, "champion");
        // Teams that come from stages archive what is out of use.
        Version replaced = before == null ? null : version.model.versions.get(before);
        if (replaced != null) {
            replaced.stage = "Archived";
        }
        if (before != null && random.nextDouble() < ROLLED_BACK) {
            agenda.in(1_800.0 + random.nextInt(10_800), () -> rollBack(version, before));
        }
    }

    private void rollBack(Version from, int to) {
        Integer champion = from.model.aliases.get("champion");
        Version older = from.model.versions.get(to);
        if (older != null && champion != null && champion == from.number) {
            models.setAlias(older, "champion");
            older.stage = "None";
        }
    }

    /** Clients may have deleted it meanwhile. */
    private static boolean inRegistry(Version version) {
        return version.model.versions.get(version.number) == version;
    }
}
