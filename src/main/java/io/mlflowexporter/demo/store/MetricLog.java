package io.mlflowexporter.demo.store;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The metrics of one run: of each the latest value and, where more than one was logged, the whole history. Points are
 * packed three longs each (value's bits, timestamp, step): a metric logged once costs 40 bytes.
 */
public final class MetricLog {
    private static final String[] NO_KEYS = {};
    private static final long[][] NO_POINTS = {};

    /** The order in which MLflow chooses the latest point, and the last of which it keeps. */
    private static final Comparator<Point> LATEST = Comparator.comparingLong(Point::step)
            .thenComparingLong(Point::timestampMillis)
            .thenComparingDouble(Point::value);

    /**
     * A logged value.
     *
     * @param timestampMillis Unix milliseconds
     */
    public record Point(double value, long timestampMillis, long step) {}

    private String[] keys = NO_KEYS;

    /** Per metric: the latest point first, then, where there are several, all of them in the order of arrival. */
    private long[][] points = NO_POINTS;

    public int size() {
        return keys.length;
    }

    public String key(int index) {
        return keys[index];
    }

    public Point latest(int index) {
        return point(points[index], 0);
    }

    @Nullable
    public Point latest(String key) {
        int at = indexOf(key);
        return at < 0 ? null : latest(at);
    }

    /** Every distinct point of a metric by timestamp, step and value, as MLflow's store returns them. */
    public List<Point> history(String key) {
        int at = indexOf(key);
        if (at < 0) {
            return List.of();
        }
        long[] packed = points[at];
        List<Point> all = new ArrayList<>();
        for (int i = packed.length == 3 ? 0 : 1; i < packed.length / 3; i++) {
            all.add(point(packed, i));
        }
        return all.stream()
                .distinct()
                .sorted(Comparator.comparingLong(Point::timestampMillis)
                        .thenComparingLong(Point::step)
                        .thenComparingDouble(Point::value))
                .toList();
    }

    /**
     * Adds a point.
     *
     * @param keepHistory false: only the latest point stays, for generated loads that no one asks for histories
     */
    public void log(String key, Point point, boolean keepHistory) {
        int at = indexOf(key);
        if (at < 0) {
            at = keys.length;
            keys = Arrays.copyOf(keys, at + 1);
            points = Arrays.copyOf(points, at + 1);
            keys[at] = key;
            points[at] = pack(new long[3], 0, point);
            return;
        }
        long[] packed = points[at];
        if (keepHistory) {
            int count = packed.length / 3;
            long[] grown = Arrays.copyOf(packed, packed.length + (count == 1 ? 6 : 3));
            if (count == 1) {
                System.arraycopy(packed, 0, grown, 3, 3);
            }
            packed = pack(grown, grown.length / 3 - 1, point);
            points[at] = packed;
        }
        if (LATEST.compare(point, point(packed, 0)) > 0) {
            pack(packed, 0, point);
        }
    }

    private int indexOf(String key) {
        for (int i = 0; i < keys.length; i++) {
            if (keys[i].equals(key)) {
                return i;
            }
        }
        return -1;
    }

    private static Point point(long[] packed, int index) {
        return new Point(Double.longBitsToDouble(packed[3 * index]), packed[3 * index + 1], packed[3 * index + 2]);
    }

    private static long[] pack(long[] packed, int index, Point point) {
        packed[3 * index] = Double.doubleToRawLongBits(point.value());
        packed[3 * index + 1] = point.timestampMillis();
        packed[3 * index + 2] = point.step();
        return packed;
    }
}
