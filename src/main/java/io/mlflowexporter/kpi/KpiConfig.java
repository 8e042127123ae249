package io.mlflowexporter.kpi;

import io.mlflowexporter.settings.Setting;
import java.nio.file.Path;
import java.util.Optional;

/** What is to be achieved. */
public record KpiConfig(
        @Setting(
                "The KPIs of your own, in a file of its own that is read again when it changes; see [kpis.md](kpis.md).")
        Optional<Path> file,

        @Setting(
                value =
                        "Whether well-known metrics, such as accuracy, rmse or clicks per impressions, are KPIs where runs"
                                + " log them.",
                byDefault = "true")
        boolean builtIn) {}
