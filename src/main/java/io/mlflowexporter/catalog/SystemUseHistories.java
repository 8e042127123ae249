package io.mlflowexporter.catalog;

import io.mlflowexporter.mlflow.MlflowException;
import io.mlflowexporter.mlflow.MlflowSource;
import io.mlflowexporter.mlflow.Run;
import io.mlflowexporter.mlflow.Times;
import java.util.Comparator;
import java.util.HashMap;
import java.util.Map;
import java.util.PriorityQueue;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads, a few per refresh, the histories of system metrics of runs that ended, the newest first: a run's latest values
 * are those of its last seconds, which say little of its mean.
 */
public final class SystemUseHistories {
    private static final Logger LOG = LoggerFactory.getLogger(SystemUseHistories.class);

    private final MlflowSource source;
    private final int perRefresh;

    /**
     * Sets out to read.
     *
     * @param perRefresh histories, one for each metric of a run, asked for at most
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
        Comparator<Integer> newestFirst =
                Comparator.<Integer>comparingLong(runs::endMillis).reversed().thenComparing(row -> row);
        PriorityQueue<Integer> newest = new PriorityQueue<>(newestFirst.reversed());
        for (int row = 0; row < runs.size(); row++) {
            if (runs.systemUses().lacksMean(row)
                    && runs.status(row).ended()
                    && (runs.state(row) == RunState.ACTIVE || runs.state(row) == RunState.DELETED)) {
                // At a glance most are older than those met so far.
                if (newest.size() < perRefresh) {
                    newest.add(row);
                } else if (perRefresh > 0 && runs.endMillis(row) > runs.endMillis(newest.element())) {
                    newest.remove();
                    newest.add(row);
                }
            }
        }
        int asked = 0;
        for (int row : newest.stream().sorted(newestFirst).toList()) {
            asked += runs.systemUses().metrics(row).size();
            if (asked > perRefresh) {
                return;
            }
            runs.means(row, means(catalog, row));
        }
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
            case NOT_FOUND, REJECTED, TOO_LARGE, BAD_ANSWER -> true;
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
