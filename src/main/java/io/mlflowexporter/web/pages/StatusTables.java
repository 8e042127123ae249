package io.mlflowexporter.web.pages;

import io.mlflowexporter.refresh.ExporterStatus;
import io.mlflowexporter.refresh.ExporterStatus.ExperimentRow;
import io.mlflowexporter.refresh.ExporterStatus.FamilySeries;
import io.mlflowexporter.refresh.ExporterStatus.Snapshot;
import java.time.Instant;
import java.util.List;
import java.util.Map;

/** The lower part of the status page: what there is, in tables. */
final class StatusTables {
    private final Html page;
    private final ExporterStatus status;
    private final Instant now;

    StatusTables(Html page, ExporterStatus status, Instant now) {
        this.page = page;
        this.status = status;
        this.now = now;
    }

    void experiments(Snapshot snapshot) {
        page.raw("<div class=\"pair\">");
        experiments("Biggest experiments by runs", snapshot.experimentsByRuns());
        experiments("Biggest experiments by hours", snapshot.experimentsByHours());
        page.raw("</div>");
    }

    private void experiments(String title, List<ExperimentRow> rows) {
        page.raw("<section><h2>").text(title).raw("</h2>");
        if (rows.isEmpty()) {
            page.raw("<p class=\"soft\">No runs yet.</p></section>");
            return;
        }
        page.table("Experiment", "#Runs", "#Active", "#Hours");
        for (ExperimentRow row : rows) {
            page.raw("<tr><td>")
                    .name(row.workspace(), row.experiment())
                    .raw("</td><td class=\"n\">")
                    .number(row.runs());
            page.raw("</td><td class=\"n\">").number(row.active());
            page.raw("</td><td class=\"n\">").number(row.hours()).raw("</td></tr>");
        }
        page.raw("</tbody></table></section>");
    }

    void about() {
        page.raw("<div class=\"pair\">");
        anomalies();
        facts();
        page.raw("</div>");
    }

    private void anomalies() {
        List<Map.Entry<String, Long>> found = status.anomalies().entrySet().stream()
                .filter(kind -> kind.getValue() > 0)
                .toList();
        if (found.isEmpty()) {
            return;
        }
        page.raw("<section><h2>Data anomalies</h2>").table("What", "#How many", "Newest runs");
        for (Map.Entry<String, Long> kind : found) {
            page.raw("<tr><td>").text(kind.getKey().replace('_', ' ')).raw("</td><td class=\"n\">");
            page.number(kind.getValue()).raw("</td><td>");
            for (String run : status.anomalyExamples().getOrDefault(kind.getKey(), List.of())) {
                page.raw("<code>").text(run).raw("</code> ");
            }
            page.raw("</td></tr>");
        }
        page.raw("</tbody></table></section>");
    }

    private void facts() {
        page.raw("<section><h2>MLflow and exporter</h2><dl class=\"facts\">");
        status.server().ifPresent(server -> {
            fact("Tracking server", server.trackingUri());
            if (!server.registryUri().equals(server.trackingUri())) {
                fact("Registry", server.registryUri());
            }
            fact("MLflow", server.version().isEmpty() ? "version not told" : server.version());
            fact("Workspaces", server.workspaces() ? "on" : "off");
        });
        fact("Runs read", status.tracking().lastSuccess().map(this::at).orElse("never"));
        fact("Models read", status.registry().lastSuccess().map(this::at).orElse("never"));
        status.checkpoint().ifPresent(checkpoint -> fact("Checkpoint", checkpoint(checkpoint)));
        fact("Exporter", status.version() + (status.revision().equals("unknown") ? "" : ", " + status.revision()));
        fact("Started", at(status.startedAt()));
        page.raw("</dl></section>");
    }

    private String checkpoint(ExporterStatus.Checkpoint checkpoint) {
        String written = checkpoint
                .writtenAt()
                .map(at -> "written " + PageTimes.ago(at, now) + ", " + Html.grouped(checkpoint.bytes()) + " bytes")
                .orElse("none written yet");
        return written
                + checkpoint
                        .problem()
                        .map(why -> "; cannot be written now: " + why)
                        .orElse("");
    }

    private String at(Instant time) {
        return PageTimes.utc(time) + ", " + PageTimes.ago(time, now);
    }

    private void fact(String name, String value) {
        page.raw("<dt>").text(name).raw("</dt><dd>").text(value).raw("</dd>");
    }

    void series() {
        if (status.series().isEmpty()) {
            return;
        }
        long dropped = status.series().stream().mapToLong(FamilySeries::dropped).sum();
        page.raw(dropped > 0 ? "<details open>" : "<details>")
                .raw("<summary><h2>Series by family</h2></summary>")
                .table("Family", "#Series", "#Dropped");
        for (FamilySeries family : status.series()) {
            page.raw("<tr><td><code>").text(family.family()).raw("</code></td><td class=\"n\">");
            page.number(family.series()).raw("</td><td class=\"n");
            page.raw(family.dropped() > 0 ? " lost\">" : "\">")
                    .number(family.dropped())
                    .raw("</td></tr>");
        }
        page.raw("</tbody></table></details>");
    }

    void config(List<ConfigLine> config) {
        page.raw("<details><summary><h2>Configuration in force</h2></summary>")
                .table("stack", List.of("Setting", "Value", "From"));
        for (ConfigLine line : config) {
            page.raw("<tr><td><code>").text(line.key()).raw("</code></td><td>");
            if (line.value().equals("null")) {
                page.raw("<span class=\"soft\">not set</span>");
            } else {
                page.raw("<code>").text(line.value()).raw("</code>");
            }
            page.raw("</td><td class=\"soft").raw(line.source().equals("default") ? "\">" : " set\">");
            page.text(line.source()).raw("</td></tr>");
        }
        page.raw("</tbody></table></details>");
    }
}
