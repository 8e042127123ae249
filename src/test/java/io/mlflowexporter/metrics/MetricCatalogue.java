package io.mlflowexporter.metrics;

import io.mlflowexporter.cost.Ledger;
import io.mlflowexporter.delivery.Deliveries;
import io.mlflowexporter.exposition.ExpositionFamilies;
import io.mlflowexporter.indicators.Anomalies;
import io.mlflowexporter.indicators.ExperimentFamilies;
import io.mlflowexporter.indicators.FamilyDeclaration;
import io.mlflowexporter.indicators.QueueTimes;
import io.mlflowexporter.indicators.RecentRunFamilies;
import io.mlflowexporter.indicators.RegistryFamilies;
import io.mlflowexporter.indicators.Reliability;
import io.mlflowexporter.indicators.RequestFamilies;
import io.mlflowexporter.indicators.ResyncFamilies;
import io.mlflowexporter.indicators.RunFamilies;
import io.mlflowexporter.indicators.SnapshotFamilies;
import io.mlflowexporter.kpi.Kpis;
import io.mlflowexporter.kpi.StepDurations;
import io.mlflowexporter.otlp.OtlpMetrics;
import io.mlflowexporter.refresh.Refresher;
import io.mlflowexporter.web.AccessMetrics;
import io.mlflowexporter.web.MetricsServer;
import java.util.List;
import java.util.stream.Stream;

/** Every family there is, by subject: what the documentation lists and the tests hold the exposition to. */
public final class MetricCatalogue {
    /**
     * A subject.
     *
     * @param aboutMlflow whether it tells of MLflow, and so carries {@code workspace} where the server has workspaces
     * @param live whether it is of the moment of the scrape, not of the snapshot
     */
    record Subject(String title, boolean aboutMlflow, boolean live, List<FamilyDeclaration> families) {}

    static final List<Subject> SUBJECTS = List.of(
            new Subject("Snapshot", false, false, SnapshotFamilies.declarations()),
            new Subject("Experiments", true, false, ExperimentFamilies.declarations()),
            new Subject("Runs", true, false, RunFamilies.declarations()),
            new Subject("How reliably runs end", true, false, Reliability.declarations()),
            new Subject("How long runs wait", true, false, QueueTimes.declarations()),
            new Subject("The newest runs", true, false, RecentRunFamilies.declarations()),
            new Subject("Model registry", true, false, RegistryFamilies.declarations()),
            new Subject("Deliveries", true, false, Deliveries.declarations()),
            new Subject("KPIs", true, false, Kpis.declarations()),
            new Subject("Steps", true, false, StepDurations.declarations()),
            new Subject("What is to be achieved", false, false, Kpis.bookDeclarations()),
            new Subject("What runs cost", true, false, Ledger.declarations()),
            new Subject("The cost book", false, false, Ledger.bookDeclarations()),
            new Subject("Data that cannot be true", false, false, Anomalies.declarations()),
            new Subject("Rereading known runs", false, false, ResyncFamilies.declarations()),
            new Subject("Series", false, false, ExpositionFamilies.declarations()),
            new Subject("Refreshes", false, true, Refresher.declarations()),
            new Subject("Requests to MLflow", false, true, RequestFamilies.declarations()),
            new Subject("Scrapes", false, true, MetricsServer.declarations()),
            new Subject("Access to the listeners", false, true, AccessMetrics.declarations()),
            new Subject("Pushing over OTLP", false, true, OtlpMetrics.declarations()));

    private MetricCatalogue() {}

    public static List<FamilyDeclaration> families() {
        return families(SUBJECTS.stream());
    }

    static List<FamilyDeclaration> families(Stream<Subject> subjects) {
        return subjects.flatMap(subject -> subject.families().stream()).toList();
    }

    /** What a scrape's TYPE line says. */
    static String scrapedType(FamilyDeclaration family) {
        return switch (family.type()) {
            case GAUGE, INFO -> "gauge";
            case COUNTER -> "counter";
            case HISTOGRAM -> "histogram";
        };
    }
}
