package io.mlflowexporter.refresh;

import io.mlflowexporter.catalog.ObservedRun;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/**
 * What only the exporter saw of runs, as {@code /api/v1/observed-runs} says it. Bounded, so that an answer needs a few
 * megabytes at most.
 *
 * @param snapshot when experiments and runs were read of which this is true
 * @param leftOut how many runs are left out, as there are too many
 */
public record ObservedRuns(Instant snapshot, int leftOut, List<ObservedRun> runs) {
    /** Together; a run counts as one more. */
    static final int MOST_GAPS = 20_000;

    public ObservedRuns {
        runs = List.copyOf(runs);
    }

    /** What the catalog holds of them. */
    public static ObservedRuns of(CatalogView view) {
        return of(view.readAt(), ObservedRun.all(view.catalog().runs()));
    }

    /** What these say, as far as there is room. */
    static ObservedRuns of(Instant snapshot, List<ObservedRun> all) {
        List<ObservedRun> told = new ArrayList<>();
        int gaps = 0;
        for (ObservedRun run : all) {
            gaps += 1 + run.gaps().size();
            if (gaps > MOST_GAPS) {
                break;
            }
            told.add(run);
        }
        return new ObservedRuns(snapshot, all.size() - told.size(), told);
    }
}
