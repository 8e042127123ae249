package io.mlflowexporter.exposition.gzip;

import java.io.OutputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;

/** Collects bytes in arrays that are never copied to grow, nor ever larger than a socket writes well. */
public final class Segments extends OutputStream {
    private static final int FIRST = 4 * 1024;
    private static final int LARGEST = 64 * 1024;

    private final List<byte[]> full = new ArrayList<>();
    private byte[] last = new byte[FIRST];
    private int used;
    private long length;

    @Override
    public void write(int b) {
        write(new byte[] {(byte) b}, 0, 1);
    }

    @Override
    public void write(byte[] bytes, int offset, int count) {
        Objects.checkFromIndexSize(offset, count, bytes.length);
        int from = offset;
        int left = count;
        while (left > 0) {
            if (used == last.length) {
                full.add(last);
                last = new byte[Math.min(2 * last.length, LARGEST)];
                used = 0;
            }
            int n = Math.min(left, last.length - used);
            System.arraycopy(bytes, from, last, used, n);
            used += n;
            from += n;
            left -= n;
        }
        length += count;
    }

    /** Bytes written. */
    long length() {
        return length;
    }

    /** What was written but for so many bytes at the end. */
    public List<byte[]> without(int count) {
        List<byte[]> segments = new ArrayList<>(full);
        segments.add(Arrays.copyOf(last, used));
        int left = count;
        while (left > 0) {
            int at = segments.size() - 1;
            byte[] end = segments.remove(at);
            if (end.length > left) {
                segments.add(Arrays.copyOf(end, end.length - left));
            }
            left -= Math.min(end.length, left);
        }
        return List.copyOf(segments);
    }

    /** What was written. */
    public List<byte[]> toList() {
        return without(0);
    }
}
