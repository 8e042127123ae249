package io.mlflowexporter.metric;

import io.mlflowexporter.checkpoint.fields.FieldReader;
import io.mlflowexporter.checkpoint.fields.FieldWriter;
import io.mlflowexporter.checkpoint.fields.Fields;
import java.io.IOException;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * A histogram of seconds, with classic buckets and with Prometheus's native exponential ones, and the newest run as
 * exemplar per classic bucket. While values are added or taken back, for one thread only.
 *
 * <p>Native buckets follow the <a href="https://prometheus.io/docs/specs/native_histograms/">Prometheus native
 * histogram specification</a>: bucket {@code i} of schema {@code s} holds values in {@code (2^((i-1)·2^-s),
 * 2^(i·2^-s)]}.
 */
public final class DurationHistogram {
    /** Eight buckets per doubling: neighbouring bounds differ by 9 %. */
    public static final int NATIVE_SCHEMA = 3;

    /** Values up to this count as zero: a millisecond is the finest time MLflow records. */
    public static final double ZERO_THRESHOLD = 0.0005;

    private static final int BUCKETS_PER_DOUBLING = 1 << NATIVE_SCHEMA;
    private static final int LEAST_NATIVE = Double.MIN_EXPONENT * BUCKETS_PER_DOUBLING;
    private static final int GREATEST_NATIVE = (Double.MAX_EXPONENT + 1) * BUCKETS_PER_DOUBLING;
    private static final double[] MANTISSA_BOUNDS = new double[BUCKETS_PER_DOUBLING];

    static {
        for (int i = 0; i < BUCKETS_PER_DOUBLING; i++) {
            MANTISSA_BOUNDS[i] = Math.pow(2, (i + 1.0) / BUCKETS_PER_DOUBLING);
        }
    }

    /**
     * A run that fell into a bucket.
     *
     * @param timestampMillis when it ended, Unix milliseconds
     */
    public record Exemplar(String runId, double seconds, long timestampMillis) {
        /** Of equally new ones the same in whatever order they come. */
        private static final Comparator<Exemplar> ORDER =
                Comparator.comparingLong(Exemplar::timestampMillis).thenComparing(Exemplar::runId);
    }

    private static final long[] NO_NATIVE_COUNTS = {};
    private static final long[] NO_COUNTS = {};
    private static final @Nullable Exemplar[] NO_EXEMPLARS = {};

    /** Without a value, and never given one. */
    public static final DurationHistogram EMPTY = new DurationHistogram();

    private final HistogramLayout layout;
    /** Shared until something is added: of aliases there are many whose models were never rolled back. */
    private long[] classicCounts = NO_COUNTS;

    private @Nullable Exemplar[] exemplars = NO_EXEMPLARS;
    /** Values per native bucket from {@link #firstNative} on. */
    private long[] nativeCounts = NO_NATIVE_COUNTS;

    private int firstNative;
    private long zeroCount;
    private long count;
    private ExactSum sum = new ExactSum();
    /** A bit for each classic bucket whose exemplar was taken back; the one before it is not known. */
    private int lostExemplars;

    /** Of durations of runs. */
    public DurationHistogram() {
        this(HistogramLayout.RUNS);
    }

    private DurationHistogram(HistogramLayout layout) {
        this.layout = layout;
    }

    /**
     * One that was counted elsewhere.
     *
     * @param classic values by the index of the classic bucket
     * @param natives values by the index of the native bucket
     * @param zeros values of at most {@link #ZERO_THRESHOLD}
     * @param sum seconds
     */
    public static DurationHistogram of(
            HistogramLayout layout,
            Map<Integer, Long> classic,
            Map<Integer, Long> natives,
            long zeros,
            double sum,
            Map<Integer, Exemplar> newest) {
        DurationHistogram histogram = new DurationHistogram(layout);
        histogram.own();
        classic.forEach((bucket, n) -> {
            histogram.classicCounts[bucket] += n;
            histogram.count += n;
        });
        natives.forEach(histogram::addNative);
        histogram.zeroCount = zeros;
        histogram.sum.add(sum, 1);
        newest.forEach((bucket, exemplar) -> histogram.exemplars[bucket] = exemplar);
        return histogram;
    }

    /** Its classic buckets. */
    public HistogramLayout layout() {
        return layout;
    }

    /**
     * Adds one value.
     *
     * @param seconds finite and not negative
     * @param runId the exemplar's run
     * @param timestampMillis when the run ended; the newest stays as its bucket's exemplar
     */
    public void observe(double seconds, String runId, long timestampMillis) {
        int bucket = count(seconds, 1);
        Exemplar told = new Exemplar(runId, seconds, timestampMillis);
        Exemplar old = exemplars[bucket];
        if (old == null || Exemplar.ORDER.compare(told, old) >= 0) {
            exemplars[bucket] = told;
            lostExemplars &= ~(1 << bucket);
        }
    }

    /** Takes back a value that was added just so. */
    public void take(double seconds, String runId) {
        int bucket = count(seconds, -1);
        Exemplar old = exemplars[bucket];
        if (classicCounts[bucket] == 0) {
            exemplars[bucket] = null;
            lostExemplars &= ~(1 << bucket);
        } else if (old != null && old.runId().equals(runId)) {
            lostExemplars |= 1 << bucket;
        }
    }

    /** False where the run that was an exemplar was taken back and not added again. */
    public boolean whole() {
        return lostExemplars == 0;
    }

    private void own() {
        if (classicCounts == NO_COUNTS) {
            classicCounts = new long[layout.buckets()];
            exemplars = new Exemplar[layout.buckets()];
        }
    }

    private int count(double seconds, int times) {
        if (!(seconds >= 0) || Double.isInfinite(seconds)) {
            throw new IllegalArgumentException("not a duration: " + seconds);
        }
        int bucket = layout.bucket(seconds);
        own();
        classicCounts[bucket] += times;
        count += times;
        sum.add(seconds, times);
        if (seconds <= ZERO_THRESHOLD) {
            zeroCount += times;
        } else {
            addNative(nativeBucket(seconds), times);
        }
        return bucket;
    }

    /** A new histogram that holds this one's values and the other's; any number of threads may read it. */
    public DurationHistogram merge(DurationHistogram other) {
        DurationHistogram merged = new DurationHistogram(count == 0 ? other.layout : layout);
        merged.add(this);
        merged.add(other);
        return merged;
    }

    /** A new histogram that holds the values of all of these, added in this order; any number of threads may read it. */
    public static DurationHistogram sum(Iterable<DurationHistogram> histograms) {
        DurationHistogram sum = EMPTY;
        for (DurationHistogram histogram : histograms) {
            if (sum == EMPTY || sum.count == 0) {
                sum = new DurationHistogram(histogram.layout);
            }
            sum.add(histogram);
        }
        return sum == EMPTY ? new DurationHistogram() : sum;
    }

    private void add(DurationHistogram other) {
        if (other.count == 0 && other.classicCounts == NO_COUNTS) {
            return;
        }
        own();
        for (int i = 0; i < classicCounts.length; i++) {
            classicCounts[i] += other.classicCounts[i];
            Exemplar mine = exemplars[i];
            Exemplar theirs = other.exemplars[i];
            if (theirs != null && (mine == null || Exemplar.ORDER.compare(theirs, mine) > 0)) {
                exemplars[i] = theirs;
            }
        }
        for (int i = 0; i < other.nativeCounts.length; i++) {
            if (other.nativeCounts[i] != 0) {
                addNative(other.firstNative + i, other.nativeCounts[i]);
            }
        }
        zeroCount += other.zeroCount;
        count += other.count;
        sum.add(other.sum);
    }

    private void addNative(int bucket, long n) {
        if (nativeCounts.length == 0) {
            firstNative = bucket;
        }
        if (bucket < firstNative) {
            long[] lower = new long[nativeCounts.length + firstNative - bucket];
            System.arraycopy(nativeCounts, 0, lower, firstNative - bucket, nativeCounts.length);
            nativeCounts = lower;
            firstNative = bucket;
        } else if (bucket >= firstNative + nativeCounts.length) {
            nativeCounts = Arrays.copyOf(nativeCounts, bucket - firstNative + 1);
        }
        nativeCounts[bucket - firstNative] += n;
    }

    /** Writes everything it holds. */
    public void write(FieldWriter out) throws IOException {
        out.text("layout", layout.name());
        long[] classic = classicCounts();
        out.longs("classic", classic, classic.length);
        List<Integer> some = IntStream.range(0, exemplars.length)
                .filter(bucket -> exemplars[bucket] != null)
                .boxed()
                .toList();
        out.list("exemplars", some, (element, bucket) -> {
            Exemplar exemplar = Objects.requireNonNull(exemplars[bucket]);
            element.number("bucket", bucket);
            element.text("runId", exemplar.runId());
            element.real("seconds", exemplar.seconds());
            element.number("timestampMillis", exemplar.timestampMillis());
        });
        SortedMap<Integer, Long> natives = nativeCounts();
        int[] buckets = natives.keySet().stream().mapToInt(bucket -> bucket).toArray();
        long[] counts = natives.values().stream().mapToLong(n -> n).toArray();
        out.ints("nativeBuckets", buckets, buckets.length);
        out.longs("nativeCounts", counts, counts.length);
        out.number("zeroCount", zeroCount);
        out.number("count", count);
        out.object("sum", sum::write);
    }

    /** Reads what {@link #write} wrote. */
    public static DurationHistogram read(FieldReader in) throws IOException {
        DurationHistogram histogram = new DurationHistogram();
        histogram.own();
        int[] buckets = {};
        while (in.next()) {
            switch (in.name()) {
                case "layout" -> {
                    histogram = new DurationHistogram(in.one(HistogramLayout.class));
                    histogram.own();
                }
                case "classic" -> {
                    long[] counts = in.longs(histogram.classicCounts.length);
                    System.arraycopy(counts, 0, histogram.classicCounts, 0, counts.length);
                }
                case "exemplars" -> in.each(histogram::exemplar);
                case "nativeBuckets" -> buckets = in.ints();
                case "nativeCounts" -> histogram.natives(buckets, in.longs(buckets.length));
                case "zeroCount" -> histogram.zeroCount = in.number();
                case "count" -> histogram.count = in.number();
                case "sum" -> histogram.sum = in.object(ExactSum::read);
                default -> {
                    // Of another version.
                }
            }
        }
        return histogram.count == 0 ? new DurationHistogram() : histogram;
    }

    private void exemplar(FieldReader in) throws IOException {
        Fields fields = in.fields();
        int bucket = fields.count("bucket");
        if (bucket >= exemplars.length) {
            throw new IOException("no bucket " + bucket);
        }
        exemplars[bucket] = new Exemplar(
                fields.text("runId"), fields.real("seconds", 0), fields.number("timestampMillis", Times.ABSENT));
    }

    private void natives(int[] buckets, long[] counts) throws IOException {
        for (int i = 0; i < buckets.length; i++) {
            if (buckets[i] < LEAST_NATIVE || buckets[i] > GREATEST_NATIVE) {
                throw new IOException("no bucket " + buckets[i]);
            }
            addNative(buckets[i], counts[i]);
        }
    }

    /** The native bucket of a duration above {@link #ZERO_THRESHOLD}. */
    public static int nativeBucket(double seconds) {
        int exponent = Math.getExponent(seconds);
        double mantissa = seconds / Math.scalb(1.0, exponent);
        if (mantissa == 1.0) {
            return exponent * BUCKETS_PER_DOUBLING;
        }
        int at = Arrays.binarySearch(MANTISSA_BOUNDS, mantissa);
        return exponent * BUCKETS_PER_DOUBLING + 1 + (at >= 0 ? at : -at - 1);
    }

    /** Values per classic bucket, not cumulative; a copy. */
    public long[] classicCounts() {
        return classicCounts == NO_COUNTS ? new long[layout.buckets()] : classicCounts.clone();
    }

    /** The newest run of each classic bucket, null where the bucket is empty; a copy. */
    public @Nullable Exemplar[] exemplars() {
        return exemplars.clone();
    }

    /** Values per native bucket in ascending order of the bucket's index; a copy. */
    public SortedMap<Integer, Long> nativeCounts() {
        SortedMap<Integer, Long> counts = new TreeMap<>();
        for (int i = 0; i < nativeCounts.length; i++) {
            if (nativeCounts[i] != 0) {
                counts.put(firstNative + i, nativeCounts[i]);
            }
        }
        return counts;
    }

    /** Values of at most {@link #ZERO_THRESHOLD}. */
    public long zeroCount() {
        return zeroCount;
    }

    /** All values. */
    public long count() {
        return count;
    }

    /** Seconds, all values added. */
    public double sum() {
        return sum.value();
    }
}
