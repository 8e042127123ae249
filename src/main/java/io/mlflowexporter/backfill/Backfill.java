package io.mlflowexporter.backfill;

import io.mlflowexporter.catalog.Catalog;
import io.mlflowexporter.catalog.HistoricalView;
import io.mlflowexporter.catalog.sync.IncrementalSynchronizer;
import io.mlflowexporter.catalog.sync.SystemUseHistories;
import io.mlflowexporter.config.Config;
import io.mlflowexporter.exposition.PinnedBudget;
import io.mlflowexporter.metric.Family;
import io.mlflowexporter.metric.Family.Distribution;
import io.mlflowexporter.metric.FamilyDeclaration;
import io.mlflowexporter.mlflow.MlflowException;
import io.mlflowexporter.mlflow.MlflowSource;
import io.mlflowexporter.pipeline.Engines;
import io.mlflowexporter.pipeline.Pipeline;
import java.io.IOException;
import java.io.OutputStream;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.function.Supplier;

/**
 * What an MLflow server's own times tell of the past, as the exporter would have served it. Where it ends, an exporter
 * that starts goes on: counters do not fall there. Read once, told once.
 */
public final class Backfill {
    /** Numbers held in memory, some 130 MB. */
    private static final long MOST_IN_MEMORY = 16_000_000;

    private static final int SERIES_OF_A_HISTOGRAM = 19;

    private final Config config;
    private final Supplier<Engines> engines;
    private final Catalog catalog;
    private final Instant readAt;
    private final List<String> workspaces;
    private final List<String> incomplete;
    private final Predicate<FamilyDeclaration> told;
    private final PinnedBudget budget;
    private final CounterCeiling ceiling;
    private final long series;

    /**
     * What to read and to tell.
     *
     * @param families of those that can be told, by name
     * @param histories whether to read the histories of system metrics, one request for each metric of each run
     */
    public record Selection(Predicate<String> families, boolean histories) {}

    private Backfill(
            Config config,
            Supplier<Engines> engines,
            Catalog catalog,
            Instant readAt,
            List<String> workspaces,
            boolean workspacesOn,
            List<String> incomplete,
            Selection selection) {
        this.config = config;
        this.engines = engines;
        this.catalog = catalog;
        this.readAt = readAt;
        this.workspaces = workspaces;
        this.incomplete = incomplete;
        this.told = family -> BackfillScope.told(family, selection.histories())
                && selection.families().test(family.name());
        List<Family> last = only(new Pipeline(config, engines.get()).all(catalog, workspaces, readAt.toEpochMilli()));
        this.budget = new PinnedBudget(config.exposition(), workspacesOn, last);
        List<Family> folded = budget.fold(last);
        this.ceiling = new CounterCeiling(folded);
        this.series = folded.stream()
                .flatMap(family -> family.samples().stream())
                .mapToLong(sample -> sample instanceof Distribution ? SERIES_OF_A_HISTOGRAM : 1)
                .sum();
    }

    /**
     * Reads everything.
     *
     * @param engines makes engines that have seen nothing yet
     * @param readAt now
     * @param progress takes a line now and then
     */
    public static Backfill read(
            Config config,
            MlflowSource source,
            Supplier<Engines> engines,
            Instant readAt,
            Selection selection,
            Consumer<String> progress)
            throws MlflowException {
        boolean workspacesOn = source.server().workspaces();
        List<String> workspaces = source.workspaces();
        Catalog catalog = new Catalog();
        IncrementalSynchronizer synchronizer =
                new IncrementalSynchronizer(source, config.sync(), engines.get()::needs, () -> readAt);
        List<String> incomplete = new ArrayList<>(synchronizer.tracking(
                workspaces,
                catalog,
                (step, done, total, runs) -> progress.accept(
                        "Reading " + step + ", " + done + " of " + total + " experiments, " + runs + " runs so far")));
        synchronizer.registry(workspaces, catalog).values().stream()
                .filter(line -> !incomplete.contains(line))
                .forEach(incomplete::add);
        if (selection.histories()) {
            progress.accept("Reading histories of system metrics");
            new SystemUseHistories(source, Integer.MAX_VALUE).read(catalog);
        }
        return new Backfill(config, engines, catalog, readAt, workspaces, workspacesOn, incomplete, selection);
    }

    /** Why less was read than the filters select; empty where all was. */
    public List<String> incomplete() {
        return incomplete;
    }

    /** Runs read. */
    public int runs() {
        return catalog.runs().size();
    }

    /** Samples there are at most, one line of text each. */
    public long samples(BackfillTimes steps) {
        return series * steps.count();
    }

    /** Opens what a piece is written to; it is closed afterwards. */
    public interface Output {
        OutputStream open(BackfillTimes piece) throws IOException;
    }

    /** Hears which step was computed last. */
    public interface Progress {
        void step(long done, long total);
    }

    /**
     * Tells it.
     *
     * @param pieces one after the other, none of them after the reading
     * @param labels those that every series gets
     */
    public void write(List<BackfillTimes> pieces, SortedMap<String, String> labels, Output output, Progress progress)
            throws IOException {
        Pipeline pipeline = new Pipeline(config, engines.get());
        HistoricalView past = new HistoricalView(catalog, readAt.toEpochMilli(), config.times());
        long total = pieces.stream().mapToLong(BackfillTimes::count).sum();
        long done = 0;
        try (History history = new History(labels, MOST_IN_MEMORY)) {
            for (BackfillTimes piece : pieces) {
                for (long i = 0; i < piece.count(); i++) {
                    long millis = piece.millis(i);
                    List<Family> families = only(pipeline.then(past, catalog, workspaces, millis));
                    history.add(millis, ceiling.under(budget.fold(families)));
                    progress.step(++done, total);
                }
                try (OutputStream out = output.open(piece)) {
                    history.drain(out);
                }
            }
        }
    }

    private List<Family> only(List<Family> families) {
        return families.stream()
                .filter(family -> told.test(family.declaration()))
                .toList();
    }
}
