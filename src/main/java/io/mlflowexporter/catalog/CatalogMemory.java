package io.mlflowexporter.catalog;

import io.mlflowexporter.catalog.columns.Interned;
import io.mlflowexporter.mlflow.Experiment;
import io.mlflowexporter.mlflow.Listing;
import io.mlflowexporter.mlflow.ModelVersion;
import io.mlflowexporter.mlflow.RegisteredModel;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.function.ToLongFunction;

/**
 * What may be held of MLflow, as a part of the heap. More is left out and said, so that nobody who writes to MLflow can end
 * the exporter. What things take is estimated, with all that is computed of them and kept from one refresh to the next; lists are there twice while they
 * are read.
 *
 * @param bytes at most
 */
public record CatalogMemory(long bytes) {
    /** What the exporter takes before it has read anything, with what it needs to answer and to write a checkpoint. */
    private static final long OWN = 19L << 20;

    private static final long LEAST = 4L << 20;

    /** Answers of MLflow and what is made of them, see {@code AnswerRoom}. */
    private static final int PART_FOR_ANSWERS = 8;

    /** With its series. */
    private static final long EXPERIMENT = 1_200;

    /** What an experiment takes more that has runs: histograms and counters by phase, sums and their series. */
    static final long RUNS_OF_EXPERIMENT = 6_000;

    /** With its series, and what is remembered of it. */
    private static final long MODEL = 2_500;

    /** With its series, what is counted of it, and what a refresh computes of it while the last one is still served. */
    private static final long ALIAS = 3_000;

    private static final long VERSION = 500;

    /**
     * Of a heap.
     *
     * @param heap what it may grow to, bytes
     */
    public static CatalogMemory inHeap(long heap) {
        return new CatalogMemory(Math.max(LEAST, heap - heap / PART_FOR_ANSWERS - OWN));
    }

    /** What is known already may grow by so much more, so that it stays up to date where nothing can be added. */
    public long forKnown() {
        return bytes + bytes / 16;
    }

    public static long weight(Experiment experiment) {
        return EXPERIMENT + experiment.name().length() + weight(experiment.tags());
    }

    public static long weight(RegisteredModel model) {
        return MODEL
                + model.name().length()
                + weight(model.aliases())
                + ALIAS * model.aliases().size();
    }

    public static long weight(ModelVersion version) {
        return VERSION + version.version().length() + version.runId().length();
    }

    private static long weight(Map<String, String> pairs) {
        long weight = 0;
        for (Map.Entry<String, String> pair : pairs.entrySet()) {
            weight += Interned.weight(pair.getKey()) + Interned.weight(pair.getValue());
        }
        return weight;
    }

    /** What there is room for still, of some lists together. */
    public static final class Left {
        private long bytes;

        public Left(long bytes) {
            this.bytes = bytes;
        }
    }

    /** Passes elements of a list on while there is room. Known ones come first, so that new ones push none of them out. */
    public static final class Bounded<T> implements Listing<T> {
        /** Of an endless list not more are looked through for known elements. */
        private static final int MOST_REFUSED = 10_000;

        /** Of those that are too large. */
        private static final int MOST_NAMED = 5;

        private final ToLongFunction<T> weigher;
        private final Consumer<T> sink;
        private final Left left;
        private final TreeMap<T, T> unmet;
        /** Known ones that came, and have grown too much. */
        private final List<T> grown = new ArrayList<>();

        private final List<T> tooLarge = new ArrayList<>();
        private long tooLargeCount;

        private long refused;
        private boolean stopped;

        /**
         * Takes so much.
         *
         * @param left what there is room for, shared with other lists; what known elements take is set apart at once
         * @param weigher about what an element takes, bytes
         * @param identity of elements; those that are equal by it are the same one at other times
         * @param known from an earlier reading
         */
        public Bounded(
                Left left, ToLongFunction<T> weigher, Comparator<T> identity, Collection<T> known, Consumer<T> sink) {
            this.left = left;
            this.weigher = weigher;
            this.sink = sink;
            this.unmet = new TreeMap<>(identity);
            known.forEach(element -> unmet.put(element, element));
            left.bytes -= unmet.values().stream().mapToLong(weigher).sum();
        }

        @Override
        public void accept(T element) {
            T before = unmet.get(element);
            long weight = weigher.applyAsLong(element);
            long more = before == null ? weight : Math.max(0, weight - weigher.applyAsLong(before));
            if (more > Math.max(0, left.bytes)) {
                refused++;
                if (before != null) {
                    unmet.remove(element);
                    grown.add(before);
                }
                return;
            }
            unmet.remove(element);
            left.bytes -= more;
            sink.accept(element);
        }

        @Override
        public void tooLarge(T element) {
            if (tooLargeCount++ < MOST_NAMED) {
                tooLarge.add(element);
            }
            T before = unmet.remove(element);
            if (before != null) {
                grown.add(before);
            }
        }

        /** The first of those that are larger than an answer may be. */
        public List<T> tooLarge() {
            return tooLarge;
        }

        /** How many are larger than an answer may be. */
        public long tooLargeCount() {
            return tooLargeCount;
        }

        /** Where nothing more can be taken; known elements may come after many new ones that are refused. */
        @Override
        public boolean full() {
            boolean full = refused > 0 && (unmet.isEmpty() || refused > MOST_REFUSED);
            stopped |= full;
            return full;
        }

        /** Whether there was no room for some. */
        public boolean cut() {
            return refused > 0;
        }

        /** Known ones that are not told to be gone, as they were: they have grown too much, or the list was cut. */
        public Collection<T> kept() {
            List<T> kept = new ArrayList<>(grown);
            if (stopped) {
                kept.addAll(unmet.values());
            }
            return kept;
        }
    }
}
