package io.mlflowexporter.catalog;

import io.mlflowexporter.catalog.columns.Columns;
import io.mlflowexporter.mlflow.Experiment;
import java.util.Arrays;
import java.util.BitSet;
import java.util.HashMap;
import java.util.Map;
import java.util.function.IntConsumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Which rows of the table are in sums that are kept from one refresh to the next, and how long what was added for each
 * holds. A row is taken out just before it changes and once what was added holds no longer, and put in again at the next
 * refresh; nothing is done for all the others. Belongs to the refresh thread.
 *
 * @param <S> the sums
 */
public final class KeptRows<S extends KeptRows.Sums> {
    /** What was added for the row is to be looked at again at the next refresh. */
    public static final long AGAIN = Long.MIN_VALUE;

    /** What was added for the row holds until the row changes. */
    public static final long FOREVER = Long.MAX_VALUE;

    private static final long MILLIS_PER_MINUTE = 60_000;
    private static final int NEXT_TIME = Integer.MIN_VALUE;
    private static final int NEVER = Integer.MAX_VALUE;

    /** What rows come to. */
    public interface Sums {
        /** From now on this is the time, not before the last. Called when all that does not hold then is taken out. */
        void at(long nowMillis);

        /**
         * Adds what the row comes to.
         *
         * @return Unix milliseconds up to which it comes to exactly that while the row does not change, {@link #AGAIN} or
         *     {@link #FOREVER}
         */
        long put(int row);

        /** Takes back exactly what was added for a row, which says what it said then. */
        void take(int row);

        /** Hears of each row that is about to change. */
        default void changing(int row) {}

        /**
         * Hears of each row that is to be put in, before any is, and names the rows that this makes others of; these are
         * taken out, and put in again too.
         *
         * @param nowMillis the time that {@link #at} is about to tell
         */
        default void arriving(int row, long nowMillis, IntConsumer others) {}

        /** Names the rows that others of what changed since the last time make change; false where it may be any. */
        default boolean following(IntConsumer row) {
            return true;
        }

        /** Everything about an experiment that what its rows add depends on. */
        Object seenOf(Experiment experiment);

        /** False where something taken out cannot be taken back: everything is added up anew. */
        boolean whole();
    }

    private @Nullable S sums;
    private @Nullable Catalog catalog;
    private long lastMillis;
    /** By row that is in: the minute since 1970 from which on it has to be looked at again. */
    private int[] minutes = {};
    /** Rows that are to be put in; those from {@link #known} on are too. */
    private final BitSet out = new BitSet();

    private int known;
    /** How experiments were when their rows were put in. */
    private final Map<String, Object> experiments = new HashMap<>();

    /**
     * The sums of all rows as of now.
     *
     * @param fresh makes sums that nothing was added to
     */
    public S refresh(Catalog of, long nowMillis, Supplier<S> fresh) {
        if (catalog != of) {
            forget();
            catalog = of;
            of.runs().watch(row -> {
                if (catalog == of) {
                    changing(row);
                }
            });
        }
        S kept = sums;
        // Until it is through it is broken off.
        sums = null;
        if (kept == null || nowMillis < lastMillis || !knows(of, kept) || !takeOutFollowing(kept)) {
            kept = anew(of, fresh);
        } else {
            takeOutDue(kept, nowMillis);
        }
        putIn(of, kept, nowMillis);
        if (!kept.whole()) {
            kept = anew(of, fresh);
            putIn(of, kept, nowMillis);
        }
        lastMillis = nowMillis;
        sums = kept;
        return kept;
    }

    /** Everything is added up anew at the next refresh. */
    public void forget() {
        sums = null;
    }

    private void changing(int row) {
        S kept = sums;
        Catalog of = catalog;
        if (kept == null || of == null || isOut(row)) {
            return;
        }
        String experiment = of.runs().experimentId(row);
        if (kept.seenOf(of.experiment(experiment)).equals(experiments.get(experiment))) {
            kept.changing(row);
            takeOut(kept, row);
        } else {
            forget();
        }
    }

    private void takeOut(S kept, int row) {
        if (!isOut(row)) {
            kept.take(row);
            out.set(row);
        }
    }

    private boolean isOut(int row) {
        return row >= known || out.get(row);
    }

    private boolean takeOutFollowing(S kept) {
        return kept.following(row -> takeOut(kept, row));
    }

    private boolean knows(Catalog of, S kept) {
        return experiments.entrySet().stream()
                .allMatch(seen -> kept.seenOf(of.experiment(seen.getKey())).equals(seen.getValue()));
    }

    private S anew(Catalog of, Supplier<S> fresh) {
        experiments.clear();
        minutes = new int[Columns.grown(of.runs().size())];
        out.clear();
        known = 0;
        return fresh.get();
    }

    private void takeOutDue(S kept, long nowMillis) {
        long minute = Math.floorDiv(nowMillis, MILLIS_PER_MINUTE);
        for (int row = 0; row < known; row++) {
            if (minutes[row] <= minute) {
                takeOut(kept, row);
            }
        }
    }

    private void putIn(Catalog of, S kept, long nowMillis) {
        RunTable runs = of.runs();
        if (runs.size() > minutes.length) {
            minutes = Arrays.copyOf(minutes, Columns.grown(runs.size()));
        }
        out.set(known, runs.size());
        known = runs.size();
        for (int row = out.nextSetBit(0); row >= 0; row = out.nextSetBit(row + 1)) {
            kept.arriving(row, nowMillis, other -> takeOut(kept, other));
        }
        kept.at(nowMillis);
        for (int row = out.nextSetBit(0); row >= 0; row = out.nextSetBit(row + 1)) {
            String experiment = runs.experimentId(row);
            experiments.computeIfAbsent(experiment, id -> kept.seenOf(of.experiment(id)));
            minutes[row] = minute(kept.put(row));
        }
        out.clear();
    }

    private static int minute(long untilMillis) {
        if (untilMillis == AGAIN) {
            return NEXT_TIME;
        }
        // The minute it ends in no longer holds as a whole.
        long minute = Math.floorDiv(untilMillis, MILLIS_PER_MINUTE);
        return (int) Math.max(NEXT_TIME, Math.min(minute, NEVER));
    }
}
