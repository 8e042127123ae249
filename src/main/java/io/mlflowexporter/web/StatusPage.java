package io.mlflowexporter.web;

import io.mlflowexporter.refresh.ExporterStatus;
import io.mlflowexporter.refresh.ExporterStatus.ExperimentRow;
import io.mlflowexporter.refresh.ExporterStatus.Part;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;

/** The page for people. */
final class StatusPage {
    private StatusPage() {}

    static String of(ExporterStatus status, List<ConfigLine> config, Instant now) {
        Readiness readiness = Readiness.of(status, now);
        Html page = new Html();
        page.raw("<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\">")
                .raw("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">")
                .raw("<title>mlflow-exporter</title><link rel=\"icon\" href=\"data:,\">")
                .raw("<link rel=\"stylesheet\" href=\"/style.css\"></head><body><main>")
                .raw("<h1>mlflow-exporter</h1><p class=\"")
                .raw(readiness.ready() && problems(status) == 0 ? "good" : "bad")
                .raw("\">")
                .text(readiness.reason())
                .raw("</p>");
        facts(page, status, now);
        progress(page, status);
        problem(page, "Experiments and runs", status.tracking(), now);
        problem(page, "Registered models", status.registry(), now);
        snapshot(page, status);
        anomalies(page, status);
        series(page, status);
        config(page, config);
        page.raw("<p><a href=\"/api/v1/status\">This as JSON</a> · <a href=\"/readyz\">readyz</a> · ")
                .raw("<a href=\"/healthz\">healthz</a></p></main></body></html>");
        return page.toString();
    }

    private static int problems(ExporterStatus status) {
        return (status.tracking().problem().isPresent() ? 1 : 0)
                + (status.registry().problem().isPresent() ? 1 : 0);
    }

    private static void facts(Html page, ExporterStatus status, Instant now) {
        page.raw("<dl>");
        status.server().ifPresent(server -> {
            fact(page, "MLflow", server.trackingUri());
            if (!server.registryUri().equals(server.trackingUri())) {
                fact(page, "Registry", server.registryUri());
            }
            fact(page, "MLflow's version", server.version().isEmpty() ? "not told" : server.version());
            fact(page, "Workspaces", server.workspaces() ? "on" : "off");
        });
        status.lastRefresh()
                .ifPresent(last -> fact(
                        page,
                        "Last refresh",
                        last.outcome().name().toLowerCase(java.util.Locale.ROOT) + ", " + ago(last.startedAt(), now)
                                + ", took " + last.took().toMillis() / 1000.0 + " s"));
        status.snapshot().ifPresent(snapshot -> {
            fact(
                    page,
                    "Data read",
                    snapshot.readAt().truncatedTo(ChronoUnit.SECONDS) + ", " + ago(snapshot.readAt(), now));
            fact(
                    page,
                    "Withdrawn after",
                    snapshot.withdrawnAfter().truncatedTo(ChronoUnit.SECONDS).toString());
        });
        fact(
                page,
                "Exporter",
                status.version() + " (" + status.revision() + "), started " + ago(status.startedAt(), now));
        page.raw("</dl>");
    }

    private static void fact(Html page, String name, String value) {
        page.raw("<dt>").text(name).raw("</dt><dd>").text(value).raw("</dd>");
    }

    private static String ago(Instant then, Instant now) {
        Duration age = Duration.between(then, now);
        long seconds = Math.max(0, age.toSeconds());
        if (seconds < 120) {
            return seconds + " s ago";
        }
        return seconds < 7200 ? seconds / 60 + " min ago" : seconds / 3600 + " h ago";
    }

    private static void progress(Html page, ExporterStatus status) {
        ExporterStatus.Progress progress = status.progress();
        if (progress.step().isEmpty()) {
            return;
        }
        page.raw("<h2>Reading now</h2><p>")
                .text(progress.step())
                .raw(" <progress max=\"")
                .raw(Integer.toString(Math.max(1, progress.experimentsTotal())))
                .raw("\" value=\"")
                .raw(Integer.toString(progress.experimentsDone()))
                .raw("\"></progress> ")
                .number(progress.experimentsDone())
                .raw(" of ")
                .number(progress.experimentsTotal())
                .raw(" experiments, ")
                .number(progress.runsRead())
                .raw(" runs</p>");
    }

    private static void problem(Html page, String what, Part part, Instant now) {
        part.problem()
                .ifPresent(problem -> page.raw("<h2>")
                        .text(what)
                        .raw(" cannot be read</h2><p class=\"bad\">")
                        .text(problem.message())
                        .raw("</p><p>Since ")
                        .text(ago(problem.since(), now))
                        .raw("</p>"));
    }

    private static void snapshot(Html page, ExporterStatus status) {
        status.snapshot().ifPresent(snapshot -> {
            page.raw("<h2>Snapshot</h2><table><tr><th scope=\"row\">Experiments</th><td class=\"n\">")
                    .number(snapshot.experiments())
                    .raw("</td></tr><tr><th scope=\"row\">Runs, not deleted</th><td class=\"n\">")
                    .number(snapshot.runs())
                    .raw("</td></tr><tr><th scope=\"row\">Registered models</th><td class=\"n\">")
                    .number(snapshot.models())
                    .raw("</td></tr><tr><th scope=\"row\">Model versions</th><td class=\"n\">")
                    .number(snapshot.versions())
                    .raw("</td></tr></table>");
            for (String reason : snapshot.incomplete()) {
                page.raw("<p class=\"bad\">Not complete: ").text(reason).raw("</p>");
            }
            experiments(page, "Biggest experiments by runs", snapshot.experimentsByRuns());
            experiments(page, "Biggest experiments by hours", snapshot.experimentsByHours());
        });
    }

    private static void experiments(Html page, String title, List<ExperimentRow> rows) {
        page.raw("<h2>")
                .text(title)
                .raw("</h2><div class=\"wide\"><table><tr><th scope=\"col\">Experiment</th>")
                .raw("<th scope=\"col\" class=\"n\">Runs</th><th scope=\"col\" class=\"n\">Active</th>")
                .raw("<th scope=\"col\" class=\"n\">Hours</th></tr>");
        for (ExperimentRow row : rows) {
            page.raw("<tr><td>");
            if (!row.workspace().isEmpty()) {
                page.text(row.workspace()).raw(" / ");
            }
            page.text(row.experiment())
                    .raw("</td><td class=\"n\">")
                    .number(row.runs())
                    .raw("</td><td class=\"n\">")
                    .number(row.active())
                    .raw("</td><td class=\"n\">")
                    .number(row.hours())
                    .raw("</td></tr>");
        }
        page.raw("</table></div>");
    }

    private static void anomalies(Html page, ExporterStatus status) {
        if (status.anomalies().isEmpty()) {
            return;
        }
        page.raw("<h2>Anomalies</h2><div class=\"wide\"><table><tr><th scope=\"col\">What cannot be true</th>")
                .raw("<th scope=\"col\" class=\"n\">Runs</th></tr>");
        status.anomalies()
                .forEach((kind, runs) -> page.raw("<tr><td>")
                        .text(kind.replace('_', ' '))
                        .raw("</td><td class=\"n\">")
                        .number(runs)
                        .raw("</td></tr>"));
        page.raw("</table></div>");
    }

    private static void series(Html page, ExporterStatus status) {
        page.raw("<h2>Series by family</h2><div class=\"wide\"><table><tr><th scope=\"col\">Family</th>")
                .raw("<th scope=\"col\" class=\"n\">Series</th><th scope=\"col\" class=\"n\">Dropped</th></tr>");
        status.series()
                .forEach(family -> page.raw("<tr><td><code>")
                        .text(family.family())
                        .raw("</code></td><td class=\"n\">")
                        .number(family.series())
                        .raw("</td><td class=\"n\">")
                        .number(family.dropped())
                        .raw("</td></tr>"));
        page.raw("</table></div>");
    }

    private static void config(Html page, List<ConfigLine> config) {
        page.raw("<h2>Configuration in force</h2><div class=\"wide\"><table><tr><th scope=\"col\">Setting</th>")
                .raw("<th scope=\"col\">Value</th><th scope=\"col\">From</th></tr>");
        config.forEach(line -> page.raw("<tr><td><code>")
                .text(line.key())
                .raw("</code></td><td><code>")
                .text(line.value())
                .raw("</code></td><td>")
                .text(line.source())
                .raw("</td></tr>"));
        page.raw("</table></div>");
    }
}
