package io.mlflowexporter.settings;

import io.mlflowexporter.catalog.RunsConfig;
import io.mlflowexporter.cost.pricing.PricingElementChecks;
import io.mlflowexporter.kpi.KpiFile;
import io.mlflowexporter.settings.value.Quoted;
import java.util.function.Function;
import java.util.regex.Pattern;

/** What must hold inside one element of a list. */
public final class ElementChecks {
    private static final Pattern PHASE = Pattern.compile("[a-z][a-z0-9_-]{0,31}");

    private static final Pattern KPI = Pattern.compile("[a-z][a-z0-9_-]{0,63}");

    private ElementChecks() {}

    /**
     * Adds what is wrong with the element.
     *
     * @param origins where a key of it stands, and for any other the element itself
     */
    static void check(Object element, String path, Function<String, Origin> origins, Problems problems) {
        if (element instanceof RunsConfig.PhaseRule rule) {
            phaseRule(rule, path, origins, problems);
        } else if (element instanceof KpiFile.Kpi kpi) {
            kpi(kpi, path, origins, problems);
        } else {
            PricingElementChecks.check(element, path, origins, problems);
        }
    }

    private static void kpi(KpiFile.Kpi kpi, String path, Function<String, Origin> origins, Problems problems) {
        if (!KPI.matcher(kpi.name()).matches()) {
            problems.error(
                    origins.apply("name"),
                    path + ".name",
                    Quoted.shown(kpi.name())
                            + " cannot be a KPI's name; allowed: up to 64 of a-z, 0-9, _ and -, the first a letter");
        }
        if (kpi.select().isEmpty() && kpi.aliases().isEmpty()) {
            problems.error(origins.apply("select"), path, "would tell nothing; give select or aliases");
        }
    }

    private static void phaseRule(
            RunsConfig.PhaseRule rule, String path, Function<String, Origin> origins, Problems problems) {
        if (rule.phase().equals("_other")) {
            problems.error(
                    origins.apply("phase"),
                    path + ".phase",
                    "_other is what the series budget sums up; choose another name");
        } else if (!PHASE.matcher(rule.phase()).matches()) {
            problems.error(
                    origins.apply("phase"),
                    path + ".phase",
                    Quoted.shown(rule.phase())
                            + " cannot be a phase; allowed: up to 32 of a-z, 0-9, _ and -, the first a letter");
        }
        if (rule.runName().isEmpty()
                && rule.experiment().isEmpty()
                && rule.tags().isEmpty()) {
            problems.error(
                    origins.apply(""),
                    path,
                    "has no condition and would match every run; give run_name, experiment or tags");
        }
    }
}
