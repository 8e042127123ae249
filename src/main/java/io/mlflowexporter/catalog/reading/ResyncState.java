package io.mlflowexporter.catalog.reading;

import io.mlflowexporter.checkpoint.fields.FieldReader;
import io.mlflowexporter.checkpoint.fields.FieldWriter;
import io.mlflowexporter.metric.Times;
import io.mlflowexporter.mlflow.MlflowException;
import java.io.IOException;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.Optional;
import java.util.Set;

/**
 * How far the resync has come and what it took. It is written with the catalog, so that a restart goes on from here.
 * Belongs to the refresh thread.
 */
public final class ResyncState {
    private static final int LESS_IF_LATE = 8;

    /** Ids of experiments whose runs this round has not begun to read again, in order. */
    private final Set<String> queue = new LinkedHashSet<>();

    /** Ids of the experiments it is at, which are asked for together. */
    private final Set<String> current = new LinkedHashSet<>();

    /** Runs of the current experiments that started before this were read again; {@link Times#ABSENT}: none yet. */
    private long fromMillis = Times.ABSENT;

    private long begunMillis = Times.ABSENT;
    private long completedMillis = Times.ABSENT;
    private ResyncBudget budget = new ResyncBudget();
    /** How many experiments may be asked for at once. Not written. */
    private int together = ExperimentBatch.MOST;
    /** How it went in the last refresh. Not written. */
    private Outcome outcome = Outcome.NOTHING;

    /**
     * How the resync of one refresh went.
     *
     * @param tried whether it was its turn to ask for anything
     * @param failure why what it asked for last did not come
     */
    public record Outcome(boolean tried, Optional<MlflowException> failure) {
        public static final Outcome NOTHING = new Outcome(false, Optional.empty());
    }

    public Outcome outcome() {
        return outcome;
    }

    public void outcome(Outcome now) {
        outcome = now;
    }

    public ResyncBudget budget() {
        return budget;
    }

    /** Whether no round is under way. */
    public boolean idle() {
        return queue.isEmpty() && current.isEmpty();
    }

    /** When the round under way began, else the last one; {@link Times#ABSENT} before the first. */
    public long begunMillis() {
        return begunMillis;
    }

    /** When the last round ended; {@link Times#ABSENT} before the first. */
    public long completedMillis() {
        return completedMillis;
    }

    public void begin(Collection<String> experiments, long nowMillis) {
        queue.addAll(experiments);
        begunMillis = nowMillis;
    }

    public void completed(long nowMillis) {
        completedMillis = nowMillis;
    }

    /** Leaves out all other experiments: they are gone, or their runs are read whole anyway. */
    public void retain(Set<String> experiments) {
        queue.retainAll(experiments);
        current.retainAll(experiments);
    }

    /** Those not begun yet. */
    public Set<String> queue() {
        return queue;
    }

    /** Those it is at; empty between two. */
    public Set<String> current() {
        return current;
    }

    public long fromMillis() {
        return fromMillis;
    }

    /** Goes on to other experiments. */
    public void next(Collection<String> experiments) {
        queue.removeAll(experiments);
        current.addAll(experiments);
        fromMillis = Times.ABSENT;
    }

    /** The current experiments' runs are read up to this start time; {@link Long#MAX_VALUE} ends them. */
    public void reached(long millis) {
        fromMillis = millis;
        if (millis == Long.MAX_VALUE) {
            together = Math.min(ExperimentBatch.MOST, 2 * together);
            current.clear();
        }
    }

    public int together() {
        return together;
    }

    /** These did not come in time: their turn comes again at the end of the round, in smaller questions. */
    public void postponeLate(Collection<String> experiments) {
        together = Math.max(1, Math.min(together, experiments.size()) / LESS_IF_LATE);
        current.removeAll(experiments);
        queue.addAll(experiments);
    }

    public void write(FieldWriter out) throws IOException {
        out.texts("queue", queue);
        out.texts("current", current);
        out.number("fromMillis", fromMillis);
        out.number("begunMillis", begunMillis);
        out.number("completedMillis", completedMillis);
        out.object("budget", budget::write);
    }

    public static ResyncState read(FieldReader in) throws IOException {
        ResyncState read = new ResyncState();
        while (in.next()) {
            switch (in.name()) {
                case "queue" -> read.queue.addAll(in.texts());
                case "current" -> read.current.addAll(in.texts());
                case "fromMillis" -> read.fromMillis = in.number();
                case "begunMillis" -> read.begunMillis = in.number();
                case "completedMillis" -> read.completedMillis = in.number();
                case "budget" -> read.budget = in.object(ResyncBudget::read);
                default -> {
                    // Of another version.
                }
            }
        }
        return read;
    }
}
