package io.mlflowexporter.catalog.sync;

import io.mlflowexporter.catalog.Catalog;
import io.mlflowexporter.catalog.NewestRows;
import io.mlflowexporter.catalog.RunState;
import io.mlflowexporter.catalog.RunTable;
import io.mlflowexporter.catalog.SystemUse;
import io.mlflowexporter.metric.Times;
import io.mlflowexporter.mlflow.MlflowException;
import io.mlflowexporter.mlflow.MlflowSource;
import io.mlflowexporter.mlflow.Run;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads, a few per refresh, the histories of system metrics of runs that ended, the newest first: a run's latest values
 * are those of its last seconds, which say little of its mean.
 */
public final class SystemUseHistories {
    private static final Logger LOG = LoggerFactory.getLogger(SystemUseHistories.class);

    /** For so many refreshes rows are noted when all are looked at. */
    private static final int AHEAD = 100;

    private final MlflowSource source;
    private final int perRefresh;

    private @Nullable Catalog of;
    /** Rows whose histories are to be read, the newest first. */
    private List<Integer> waiting = List.of();
    /** Whether no other rows wait, but for some met since. */
    private boolean allWait;

    private int readings;

    /**
     * Sets out to read.
     *
     * @param perRefresh histories, one for each metric of a run, asked for at most; a run with more is asked for alone
     */
    public SystemUseHistories(MlflowSource source, int perRefresh) {
        this.source = source;
        this.perRefresh = perRefresh;
    }

    /**
     * Reads the next ones.
     *
     * @throws MlflowException if MLflow does not answer; the rest is read another time
     */
    public void read(Catalog catalog) throws MlflowException {
        RunTable runs = catalog.runs();
        int asked = 0;
        for (int row : due(catalog)) {
            int metrics = runs.systemUses().metrics(row).size();
            if (asked > 0 && asked + metrics > perRefresh) {
                return;
            }
            asked += metrics;
            runs.means(row, means(catalog, row));
        }
    }

    /** Looks at all runs only where those of the last time are used up: at a million they take longer than the rest. */
    private List<Integer> due(Catalog catalog) {
        if (perRefresh == 0) {
            return List.of();
        }
        RunTable runs = catalog.runs();
        if (catalog != of) {
            waiting = List.of();
        }
        // Only what the last reading met is known.
        allWait &= catalog == of && runs.marks().readings() <= readings + 1;
        of = catalog;
        readings = runs.marks().readings();
        Set<Integer> still = new HashSet<>(waiting);
        still.removeIf(row -> !isDue(runs, row));
        NewestRows newest = newest(runs, (int) Math.min(Integer.MAX_VALUE, (long) AHEAD * perRefresh));
        if (still.isEmpty() && !allWait) {
            for (int row = 0; row < runs.size(); row++) {
                offer(newest, runs, row);
            }
            allWait = true;
        } else {
            NewestRows met = newest(runs, perRefresh);
            for (int row = runs.marks().nextRead(0);
                    row >= 0;
                    row = runs.marks().nextRead(row + 1)) {
                offer(met, runs, row);
            }
            allWait &= met.all();
            still.addAll(met.newestFirst());
            still.forEach(newest::offer);
        }
        allWait &= newest.all();
        waiting = newest.newestFirst();
        return waiting;
    }

    private static NewestRows newest(RunTable runs, int most) {
        return new NewestRows(most, runs::endMillis, Comparator.reverseOrder());
    }

    private static void offer(NewestRows newest, RunTable runs, int row) {
        if (!newest.tooOld(row) && isDue(runs, row)) {
            newest.offer(row);
        }
    }

    private static boolean isDue(RunTable runs, int row) {
        return runs.systemUses().lacksMean(row)
                && runs.status(row).ended()
                && (runs.state(row) == RunState.ACTIVE || runs.state(row) == RunState.DELETED);
    }

    private SystemUse means(Catalog catalog, int row) throws MlflowException {
        RunTable runs = catalog.runs();
        String workspace = catalog.experiment(runs.experimentId(row)).workspace();
        Map<String, Run.Metric> means = new HashMap<>();
        for (String metric : runs.systemUses().metrics(row)) {
            Mean mean = new Mean();
            try {
                source.metricHistory(workspace, runs.id(row), metric, point -> mean.add(point.value()));
            } catch (MlflowException e) {
                if (!ofThisRunOnly(e.kind())) {
                    throw e;
                }
                LOG.debug("the history of {} of run {} is left out: {}", metric, runs.id(row), e.getMessage());
                return runs.use(row);
            }
            if (mean.count > 0) {
                means.put(metric, new Run.Metric(mean.sum / mean.count, Times.ABSENT, 0));
            }
        }
        return SystemUse.of(means);
    }

    /** Asking again would not help: the latest values stand in for the means. */
    private static boolean ofThisRunOnly(MlflowException.Kind kind) {
        return switch (kind) {
            case NOT_FOUND, MISSING, REJECTED, TOO_LARGE, BAD_ANSWER -> true;
            default -> false;
        };
    }

    private static final class Mean {
        private double sum;
        private long count;

        void add(double value) {
            if (SystemUse.isReadable(value)) {
                sum += value;
                count++;
            }
        }
    }
}
