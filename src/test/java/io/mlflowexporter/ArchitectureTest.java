package io.mlflowexporter;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.library.Architectures;

/** Data flows one way: a package imports only those to its left. */
@AnalyzeClasses(packages = "io.mlflowexporter", importOptions = ImportOption.DoNotIncludeTests.class)
final class ArchitectureTest {
    @ArchTest
    static final ArchRule ONE_WAY = Architectures.layeredArchitecture()
            .consideringOnlyDependenciesInLayers()
            .layer("http")
            .definedBy("io.mlflowexporter.http..")
            .layer("tls")
            .definedBy("io.mlflowexporter.tls..")
            .layer("config")
            .definedBy("io.mlflowexporter.config..")
            .layer("checkpoint")
            .definedBy("io.mlflowexporter.checkpoint..")
            .layer("mlflow")
            .definedBy("io.mlflowexporter.mlflow..")
            .layer("catalog")
            .definedBy("io.mlflowexporter.catalog..")
            .layer("indicators")
            .definedBy("io.mlflowexporter.indicators..")
            .layer("cost")
            .definedBy("io.mlflowexporter.cost..")
            .layer("delivery")
            .definedBy("io.mlflowexporter.delivery..")
            .layer("kpi")
            .definedBy("io.mlflowexporter.kpi..")
            .layer("estimate")
            .definedBy("io.mlflowexporter.estimate..")
            .layer("exposition")
            .definedBy("io.mlflowexporter.exposition..")
            .layer("otlp")
            .definedBy("io.mlflowexporter.otlp..")
            .layer("refresh")
            .definedBy("io.mlflowexporter.refresh..")
            .layer("backfill")
            .definedBy("io.mlflowexporter.backfill..")
            .layer("audit")
            .definedBy("io.mlflowexporter.audit..")
            .layer("web")
            .definedBy("io.mlflowexporter.web..")
            .layer("demo")
            .definedBy("io.mlflowexporter.demo..")
            .layer("cli")
            .definedBy("io.mlflowexporter.cli..")
            .whereLayer("http")
            .mayNotAccessAnyLayer()
            .whereLayer("tls")
            .mayNotAccessAnyLayer()
            .whereLayer("config")
            .mayOnlyAccessLayers("tls")
            .whereLayer("checkpoint")
            .mayNotAccessAnyLayer()
            .whereLayer("mlflow")
            .mayOnlyAccessLayers("tls", "config")
            .whereLayer("catalog")
            .mayOnlyAccessLayers("checkpoint", "config", "mlflow")
            .whereLayer("indicators")
            .mayOnlyAccessLayers("checkpoint", "config", "mlflow", "catalog")
            .whereLayer("cost")
            .mayOnlyAccessLayers("checkpoint", "config", "mlflow", "catalog", "indicators")
            .whereLayer("delivery")
            .mayOnlyAccessLayers("checkpoint", "config", "mlflow", "catalog", "indicators")
            .whereLayer("kpi")
            .mayOnlyAccessLayers("checkpoint", "config", "mlflow", "catalog", "indicators")
            .whereLayer("estimate")
            .mayOnlyAccessLayers("config", "mlflow", "catalog", "indicators", "cost", "delivery", "kpi")
            .whereLayer("exposition")
            .mayOnlyAccessLayers("checkpoint", "config", "mlflow", "catalog", "indicators")
            .whereLayer("otlp")
            .mayOnlyAccessLayers("http", "tls", "config", "indicators", "exposition")
            .whereLayer("refresh")
            .mayOnlyAccessLayers(
                    "checkpoint",
                    "config",
                    "mlflow",
                    "catalog",
                    "indicators",
                    "cost",
                    "delivery",
                    "kpi",
                    "estimate",
                    "exposition")
            // A second route shares nothing with the first but what users wrote.
            .whereLayer("audit")
            .mayOnlyAccessLayers("config")
            .whereLayer("backfill")
            .mayOnlyAccessLayers(
                    "config", "mlflow", "catalog", "indicators", "cost", "delivery", "kpi", "exposition", "refresh")
            .whereLayer("web")
            .mayOnlyAccessLayers(
                    "tls",
                    "checkpoint",
                    "config",
                    "mlflow",
                    "catalog",
                    "indicators",
                    "cost",
                    "delivery",
                    "kpi",
                    "estimate",
                    "exposition",
                    "refresh")
            .whereLayer("demo")
            .mayNotAccessAnyLayer();
}
