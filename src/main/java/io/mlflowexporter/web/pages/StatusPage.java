package io.mlflowexporter.web.pages;

import io.mlflowexporter.refresh.ExporterStatus;
import io.mlflowexporter.refresh.ExporterStatus.FamilySeries;
import io.mlflowexporter.refresh.ExporterStatus.LastRefresh;
import io.mlflowexporter.refresh.ExporterStatus.Part;
import io.mlflowexporter.refresh.ExporterStatus.Problem;
import io.mlflowexporter.refresh.ExporterStatus.Snapshot;
import io.mlflowexporter.web.metrics.ScrapeCounts;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalInt;

/** The page for people: what state the exporter is in at the top, what it knows below. No script. */
final class StatusPage {
    /** How often the page loads itself anew. */
    private static final int RELOAD_SECONDS = 30;

    private final Html page = new Html();
    private final ExporterStatus status;
    private final Instant now;
    private final Readiness readiness;

    private StatusPage(ExporterStatus status, Instant now) {
        this.status = status;
        this.now = now;
        this.readiness = Readiness.of(status, now);
    }

    /**
     * The whole page.
     *
     * @param reload whether it loads itself anew every now and then, which folds up what a reader unfolded
     */
    static String of(
            ExporterStatus status, ScrapeCounts scrapes, List<ConfigLine> config, Instant now, boolean reload) {
        return new StatusPage(status, now).write(scrapes, config, reload);
    }

    private String write(ScrapeCounts scrapes, List<ConfigLine> config, boolean reload) {
        PageLayout.STATUS.begin(
                page,
                status.server().map(server -> server.trackingUri()).orElse("no MLflow server reached yet"),
                reload ? OptionalInt.of(RELOAD_SECONDS) : OptionalInt.empty());
        banner();
        problems();
        progress();
        tiles(scrapes);
        currentSnapshot().flatMap(snapshot -> status.costs()).ifPresent(costs -> new CostTables(page, costs).write());
        currentSnapshot().flatMap(snapshot -> status.llm()).ifPresent(llm -> new LlmTable(page, llm).write());
        currentSnapshot().ifPresent(snapshot -> new KpiTable(page, status.kpis()).write());
        StatusTables tables = new StatusTables(page, status, now);
        currentSnapshot().ifPresent(snapshot -> new DeploymentTable(page, status.moves(), now).write());
        currentSnapshot().ifPresent(tables::experiments);
        tables.about();
        tables.series();
        tables.config(config);
        footer(reload);
        return page.toString();
    }

    /** Numbers that were withdrawn from the scrapes are not shown to people as today's either. */
    private Optional<Snapshot> currentSnapshot() {
        return status.snapshot().filter(snapshot -> readiness.ready());
    }

    private void banner() {
        boolean failing = status.tracking().problem().isPresent()
                || status.registry().problem().isPresent();
        String level;
        String words;
        if (!readiness.ready()) {
            boolean starting = !failing && status.snapshot().isEmpty();
            level = starting ? "warn" : "bad";
            words = starting ? "Starting" : "Not serving MLflow’s data";
        } else if (failing) {
            level = "warn";
            words = "Serving, but MLflow cannot be read in full";
        } else {
            boolean complete = currentSnapshot()
                    .map(Snapshot::incomplete)
                    .orElse(List.of())
                    .isEmpty();
            boolean plausible = suspicions().isEmpty();
            level = complete && plausible ? "good" : "warn";
            words = !complete
                    ? "Serving, but not complete"
                    : plausible ? "Serving" : "Serving, but MLflow may show too little";
        }
        page.raw("<p class=\"banner ").raw(level).raw("\"><strong>").raw(words).raw("</strong> <span>");
        if (readiness.ready()) {
            currentSnapshot().ifPresent(snapshot -> page.text("data read " + PageTimes.ago(snapshot.readAt(), now)));
        } else {
            page.text(withoutProblem(readiness.reason()));
        }
        page.raw("</span></p>");
    }

    /** The problem has a place of its own below. */
    private String withoutProblem(String reason) {
        return status.tracking()
                .problem()
                .map(problem -> ": " + problem.message())
                .filter(reason::endsWith)
                .map(end -> reason.substring(0, reason.length() - end.length()))
                .orElse(reason);
    }

    private void problems() {
        problem("Experiments and runs", status.tracking());
        problem("Registered models", status.registry());
        currentSnapshot()
                .ifPresent(snapshot -> snapshot.incomplete().stream()
                        .filter(reason -> !told(status.tracking(), reason) && !told(status.registry(), reason))
                        .forEach(reason -> page.raw("<section class=\"problem\"><h2>Left out</h2><p>")
                                .text(reason)
                                .raw("</p></section>")));
        suspicions()
                .forEach(line -> page.raw("<section class=\"problem\"><h2>Please check</h2><p>")
                        .text(line)
                        .raw("</p></section>"));
        status.notices()
                .forEach(
                        line -> page.raw("<section><h2>Note</h2><p>").text(line).raw("</p></section>"));
    }

    private List<String> suspicions() {
        return currentSnapshot().map(Snapshot::suspicions).orElse(List.of());
    }

    private static boolean told(Part part, String reason) {
        return part.problem().map(Problem::message).filter(reason::endsWith).isPresent();
    }

    private void problem(String what, Part part) {
        part.problem().ifPresent(problem -> {
            page.raw("<section class=\"problem\"><h2>")
                    .text(what)
                    .raw(" cannot be read</h2><p>")
                    .text(problem.message())
                    .raw("</p><p class=\"soft\">For ")
                    .text(PageTimes.age(problem.since(), now))
                    .raw(part.lastSuccess().isPresent() ? ", last read " : ", never read since the start");
            part.lastSuccess().ifPresent(read -> page.text(PageTimes.ago(read, now)));
            page.raw("</p></section>");
        });
    }

    private void progress() {
        ExporterStatus.Progress progress = status.progress();
        if (progress.step().isEmpty()) {
            return;
        }
        page.raw("<section><h2>Reading now</h2><p><progress aria-label=\"experiments read\"");
        if (progress.experimentsTotal() > 0) {
            page.raw(" max=\"" + progress.experimentsTotal() + "\" value=\"" + progress.experimentsDone() + "\"");
        }
        page.raw("></progress></p><p class=\"soft\">").text(progress.step()).raw(": ");
        page.number(progress.experimentsDone()).raw(" of ").number(progress.experimentsTotal());
        page.raw(" experiments, ").number(progress.runsRead()).raw(" runs</p></section>");
    }

    private void tiles(ScrapeCounts scrapes) {
        page.raw("<section><h2 class=\"unseen\">Overview</h2><dl class=\"tiles\">");
        currentSnapshot().ifPresent(snapshot -> {
            tile(
                    "Data age",
                    PageTimes.age(snapshot.readAt(), now),
                    "kept until " + PageTimes.utc(snapshot.withdrawnAfter()).substring("uuuu-MM-dd ".length()));
            tile("Runs", Html.grouped(snapshot.runs()), "not deleted");
            tile("Experiments", Html.grouped(snapshot.experiments()), "deleted ones too");
            tile("Registered models", Html.grouped(snapshot.models()), "");
            tile("Model versions", Html.grouped(snapshot.versions()), "");
            long series =
                    status.series().stream().mapToLong(FamilySeries::series).sum();
            long dropped =
                    status.series().stream().mapToLong(FamilySeries::dropped).sum();
            tile(
                    "Series",
                    Html.grouped(series),
                    Html.grouped(status.series().size()) + " families, " + Html.grouped(dropped) + " dropped");
        });
        status.lastRefresh().ifPresent(this::lastRefresh);
        tile(
                "Scrapes",
                Html.grouped(scrapes.served()),
                scrapes.last().map(last -> "last " + PageTimes.ago(last, now)).orElse("nobody has scraped yet")
                        + (scrapes.failed() == 0 ? "" : ", " + Html.grouped(scrapes.failed()) + " failed"));
        page.raw("</dl></section>");
    }

    private void lastRefresh(LastRefresh last) {
        tile(
                "Last refresh",
                PageTimes.seconds(last.took()),
                last.outcome().name().toLowerCase(Locale.ROOT) + ", " + PageTimes.ago(last.startedAt(), now));
    }

    private void tile(String name, String value, String note) {
        page.raw("<div><dt>").text(name).raw("</dt><dd>").text(value).raw("</dd>");
        if (!note.isEmpty()) {
            page.raw("<dd class=\"note\">").text(note).raw("</dd>");
        }
        page.raw("</div>");
    }

    private void footer(boolean reload) {
        PageLayout.STATUS.end(
                page,
                "<a href=\"/api/v1/status\">Status as JSON</a> <a href=\"/readyz\">readyz</a>"
                        + " <a href=\"/healthz\">healthz</a>",
                "As of " + PageTimes.utc(now)
                        + (reload
                                ? ", reloads every " + RELOAD_SECONDS
                                        + " s; <a href=\"/?reload=off\">stop reloading</a>"
                                : "; <a href=\"/\">reload every " + RELOAD_SECONDS + " s</a>"));
    }
}
