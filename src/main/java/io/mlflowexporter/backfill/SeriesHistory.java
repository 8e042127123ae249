package io.mlflowexporter.backfill;

import io.mlflowexporter.metric.DurationHistogram;
import io.mlflowexporter.metric.Family.Distribution;
import io.mlflowexporter.metric.Family.Sample;
import io.mlflowexporter.metric.Family.Value;
import io.mlflowexporter.metric.HistogramLayout;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.util.Arrays;

/** The values of one series, or of one histogram's series, at some times in ascending order. */
final class SeriesHistory {
    /** A histogram's buckets, cumulative, and its sum. The last bucket is the count. */
    private static final int HISTOGRAM_WIDTH = HistogramLayout.RUNS.buckets() + 1;

    private static final int FIRST_CAPACITY = 16;

    private final int width;
    private long[] times;
    private double[] values;
    private int size;

    private SeriesHistory(int width, int capacity) {
        this.width = width;
        this.times = new long[capacity];
        this.values = new double[capacity * width];
    }

    /** An empty one for samples of this kind. */
    static SeriesHistory like(Sample sample) {
        return new SeriesHistory(width(sample), FIRST_CAPACITY);
    }

    /** How many numbers a sample is. */
    static int width(Sample sample) {
        return sample instanceof Distribution ? HISTOGRAM_WIDTH : 1;
    }

    void add(long millis, Sample sample) {
        if (size == times.length) {
            times = Arrays.copyOf(times, size * 2);
            values = Arrays.copyOf(values, size * 2 * width);
        }
        times[size] = millis;
        int at = size * width;
        if (sample instanceof Value value) {
            values[at] = value.value();
        } else {
            DurationHistogram histogram = ((Distribution) sample).histogram();
            long count = 0;
            for (long inBucket : histogram.classicCounts()) {
                count += inBucket;
                values[at++] = count;
            }
            values[at] = histogram.sum();
        }
        size++;
    }

    int size() {
        return size;
    }

    long millis(int i) {
        return times[i];
    }

    double value(int i, int column) {
        return values[i * width + column];
    }

    void write(DataOutput out) throws IOException {
        out.writeInt(width);
        out.writeInt(size);
        for (int i = 0; i < size; i++) {
            out.writeLong(times[i]);
        }
        for (int i = 0; i < size * width; i++) {
            out.writeDouble(values[i]);
        }
    }

    static SeriesHistory read(DataInput in) throws IOException {
        int width = in.readInt();
        int size = in.readInt();
        SeriesHistory read = new SeriesHistory(width, size);
        read.size = size;
        for (int i = 0; i < size; i++) {
            read.times[i] = in.readLong();
        }
        for (int i = 0; i < size * width; i++) {
            read.values[i] = in.readDouble();
        }
        return read;
    }
}
