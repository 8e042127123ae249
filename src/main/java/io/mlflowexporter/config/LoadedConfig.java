package io.mlflowexporter.config;

import io.mlflowexporter.cost.pricing.LoadedPricingFile;
import io.mlflowexporter.kpi.KpiFile;
import io.mlflowexporter.settings.Problem;
import io.mlflowexporter.web.access.WebFiles;
import java.util.List;
import java.util.Optional;

/**
 * A configuration that passed every check, and where each of its settings came from.
 *
 * @param costBook what {@code cost.file} names, checked as well; its warnings are its own
 * @param kpis what {@code kpi.file} names, checked as well
 * @param webFiles what secures the listeners, checked as well; their warnings are among the configuration's
 * @param entries one for each setting, in the order of the reference
 * @param warnings what is allowed but doubtful
 */
public record LoadedConfig(
        Config config,
        Optional<LoadedPricingFile> costBook,
        KpiFile kpis,
        WebFiles webFiles,
        List<Entry> entries,
        List<Problem> warnings) {
    public LoadedConfig {
        entries = List.copyOf(entries);
        warnings = List.copyOf(warnings);
    }

    /** The configuration could hold secrets, so it is not part of the text. */
    @Override
    public String toString() {
        return "LoadedConfig" + entries;
    }

    /**
     * One setting as it may be shown to anyone.
     *
     * @param path such as {@code mlflow.auth.password}
     * @param shown the value as it would stand in the file, on one line, credentials masked; {@code null} when unset
     * @param source {@code default}, {@code FILE:LINE}, the name of an environment variable or a flag
     * @param secret whether {@code shown} is a mask for all or part of the value
     */
    public record Entry(String path, String shown, String source, boolean secret) {}
}
