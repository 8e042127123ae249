package io.mlflowexporter.registry;

import io.mlflowexporter.settings.Setting;
import io.mlflowexporter.settings.value.Glob;
import java.time.Duration;
import java.util.List;

/** What counts as a deployment. */
public record DeploymentConfig(
        @Setting(
                value = "Patterns of the aliases whose moves are followed. A legacy stage is followed as the alias"
                        + " `stage:` and its name.",
                byDefault = "*")
        List<Glob> aliases,

        @Setting(
                value = "Legacy stages that are followed, patterns; of a stage the newest version in it.",
                byDefault = "Production, Staging")
        List<Glob> stages,

        @Setting(
                value = "Patterns of the aliases that are production: failed deployments and times to restore are told"
                        + " of these only.",
                byDefault = "champion, production, stage:Production")
        List<Glob> production,

        @Setting(
                value = "A deployment that is rolled back within this time failed.",
                byDefault = "7d",
                min = "1m",
                max = "365d")
        Duration failureWindow,

        @Setting(
                value =
                        "Whether a version's cost is that of the whole search its run belongs to: of the run it is nested"
                                + " in, and of all that are nested in that. Looks at every run at each refresh.",
                byDefault = "false")
        boolean wholeSearch) {
    /** What the name of a stage is preceded by where it is followed as an alias. */
    public static final String STAGE = "stage:";

    /** Whether moves of the alias, or of the stage as an alias, are followed. */
    public boolean follows(String alias) {
        return alias.startsWith(STAGE)
                ? stages.stream().anyMatch(glob -> glob.matches(alias.substring(STAGE.length())))
                : aliases.stream().anyMatch(glob -> glob.matches(alias));
    }

    /** Aliases, and stages as aliases, that are production and followed, as far as their names are known before they are seen. */
    public List<String> namedProduction() {
        return production.stream()
                .filter(Glob::isName)
                .map(Glob::toString)
                .filter(this::follows)
                .toList();
    }

    /** Whether what the alias points to is in production. */
    public boolean isProduction(String alias) {
        return production.stream().anyMatch(glob -> glob.matches(alias));
    }
}
