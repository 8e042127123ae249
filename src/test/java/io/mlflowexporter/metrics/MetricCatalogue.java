package io.mlflowexporter.metrics;

import io.mlflowexporter.catalog.sync.ResyncFamilies;
import io.mlflowexporter.cost.Ledger;
import io.mlflowexporter.exposition.ExpositionFamilies;
import io.mlflowexporter.kpi.Kpis;
import io.mlflowexporter.kpi.StepDurations;
import io.mlflowexporter.llm.TraceEngine;
import io.mlflowexporter.llm.objects.OtherObjects;
import io.mlflowexporter.metric.FamilyDeclaration;
import io.mlflowexporter.mlflow.rest.transport.RequestMetrics;
import io.mlflowexporter.otlp.OtlpMetrics;
import io.mlflowexporter.pipeline.AnomalyFamilies;
import io.mlflowexporter.pipeline.SnapshotFamilies;
import io.mlflowexporter.refresh.Refresher;
import io.mlflowexporter.registry.Deployments;
import io.mlflowexporter.registry.RegistryFamilies;
import io.mlflowexporter.reload.Reloads;
import io.mlflowexporter.runs.ExperimentFamilies;
import io.mlflowexporter.runs.QueueTimes;
import io.mlflowexporter.runs.RecentRunFamilies;
import io.mlflowexporter.runs.Reliability;
import io.mlflowexporter.runs.RunFamilies;
import io.mlflowexporter.web.access.AccessMetrics;
import io.mlflowexporter.web.metrics.MetricsServer;
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
            new Subject("Other objects of MLflow 3", true, false, OtherObjects.declarations()),
            new Subject("Deliveries", true, false, Deployments.declarations()),
            new Subject("KPIs", true, false, Kpis.declarations()),
            new Subject("Steps", true, false, StepDurations.declarations()),
            new Subject("What is to be achieved", false, false, Kpis.bookDeclarations()),
            new Subject("What runs cost", true, false, Ledger.declarations()),
            new Subject("LLM traces", true, false, TraceEngine.declarations()),
            new Subject("Reading LLM traces", false, false, TraceEngine.readingDeclarations()),
            new Subject("The cost book", false, false, Ledger.bookDeclarations()),
            new Subject("Data that cannot be true", false, false, AnomalyFamilies.declarations()),
            new Subject("Rereading known runs", false, false, ResyncFamilies.declarations()),
            new Subject("Series", false, false, ExpositionFamilies.declarations()),
            new Subject("Refreshes", false, true, Refresher.declarations()),
            new Subject("Requests to MLflow", false, true, RequestMetrics.declarations()),
            new Subject("Scrapes", false, true, MetricsServer.declarations()),
            new Subject("Files that are read again", false, true, Reloads.declarations()),
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
