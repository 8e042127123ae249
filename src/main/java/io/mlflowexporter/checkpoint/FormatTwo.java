package io.mlflowexporter.checkpoint;

import io.mlflowexporter.checkpoint.fields.FieldWriter;
import io.mlflowexporter.checkpoint.fields.Section;
import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Converts a file of format 2, whose sections were values one after the other without names, into one of the next format
 * as it first was. It knows nothing of the program's other classes and so stays as it is: what is added to sections later
 * has its defaults in what it writes.
 *
 * <p>A section of format 2 is a name, chunks of bytes each after its length, a chunk of length 0, the length of all, and
 * their CRC32C, which is not looked at: the whole file's sum was right.
 */
final class FormatTwo {
    static final int VERSION = 2;

    /** What stands for a text that was not there before. */
    private static final int NEW = -1;

    private static final int BUFFER = 1 << 16;

    private FormatTwo() {}

    /** Writes what a file that was checked holds. */
    static void convert(Path file, OutputStream out) throws IOException {
        Container.content(file, bytes -> {
            DataInputStream in = new DataInputStream(bytes);
            Container.Head head = head(in);
            Container.write(out, fields -> {
                fields.object(Container.HEAD, head::write);
                for (int left = count(in); left > 0; left--) {
                    String name = text(in);
                    Chunks chunks = new Chunks(in);
                    DataInputStream section = new DataInputStream(new BufferedInputStream(chunks, BUFFER));
                    section(name, section, fields);
                    chunks.end();
                }
            });
        });
    }

    private static Container.Head head(DataInputStream in) throws IOException {
        String exporter = text(in);
        String tracking = text(in);
        String registry = text(in);
        List<String> workspaces = new ArrayList<>();
        for (int left = count(in); left > 0; left--) {
            workspaces.add(text(in));
        }
        CheckpointIdentity identity = new CheckpointIdentity(tracking, registry, workspaces, text(in));
        return new Container.Head(exporter, identity, Instant.ofEpochMilli(in.readLong()));
    }

    private static void section(String name, DataInputStream in, FieldWriter out) throws IOException {
        switch (name) {
            case "served" -> out.object(name, fields -> FormatTwoServed.convert(in, fields));
            case "snapshot" -> out.object(name, fields -> snapshot(in, fields));
            case "catalog" -> out.object(name, fields -> FormatTwoCatalog.convert(in, fields));
            case "ledger" -> out.object(name, fields -> ledger(in, fields));
            case "deliveries" -> out.object(name, fields -> FormatTwoJournal.convert(in, fields));
            case "steps" -> out.object(name, fields -> steps(in, fields));
            case "queues" -> out.object(name, fields -> queues(in, fields));
            default -> {
                // There were no others.
            }
        }
    }

    private static void snapshot(DataInputStream in, FieldWriter out) throws IOException {
        Texts texts = new Texts(in);
        if (in.readBoolean()) {
            out.object("server", server -> {
                server.text("trackingUri", texts.read());
                server.text("registryUri", texts.read());
                server.text("version", texts.read());
                server.flag("workspaces", in.readBoolean());
            });
        }
        out.texts("workspaces", texts.list());
        out.number("trackingReadMillis", in.readBoolean() ? in.readLong() : Long.MIN_VALUE);
        out.number("registryReadMillis", in.readBoolean() ? in.readLong() : Long.MIN_VALUE);
        out.texts("leftOut", texts.list());
    }

    private static void ledger(DataInputStream in, FieldWriter out) throws IOException {
        Texts texts = new Texts(in);
        for (String name : List.of("seconds", "cost", "outcome", "unpriced", "joules", "grams")) {
            boolean oneLabel = name.equals("joules") || name.equals("grams");
            out.list(name, times(in), (sum, i) -> {
                sum.text("experimentId", texts.read());
                sum.texts("labels", oneLabel ? List.of(texts.read()) : texts.list());
                sum.real("said", in.readDouble());
            });
        }
    }

    private static void steps(DataInputStream in, FieldWriter out) throws IOException {
        version(in, 2);
        column(in, out, "counted", FieldWriter.LONGS, Long.BYTES, count(in));
        histograms(in, out, "durations");
    }

    private static void queues(DataInputStream in, FieldWriter out) throws IOException {
        version(in, 2);
        column(in, out, "waiting", FieldWriter.INTS, Integer.BYTES, count(in));
        histograms(in, out, "waited");
    }

    static void version(DataInputStream in, int expected) throws IOException {
        if (in.readInt() != expected) {
            throw new IOException("a section is of an older kind than the last of its format");
        }
    }

    private static void histograms(DataInputStream in, FieldWriter out, String name) throws IOException {
        out.list(name, times(in), (element, i) -> {
            element.text("experimentId", in.readUTF());
            element.text("label", in.readUTF());
            element.object("histogram", histogram -> histogram(in, histogram));
        });
    }

    static void histogram(DataInputStream in, FieldWriter out) throws IOException {
        long[] classic = new long[17];
        List<Section> exemplars = new ArrayList<>();
        for (int i = 0; i < classic.length; i++) {
            classic[i] = in.readLong();
            if (in.readBoolean()) {
                int bucket = i;
                String runId = in.readUTF();
                double seconds = in.readDouble();
                long millis = in.readLong();
                exemplars.add(exemplar -> {
                    exemplar.number("bucket", bucket);
                    exemplar.text("runId", runId);
                    exemplar.real("seconds", seconds);
                    exemplar.number("timestampMillis", millis);
                });
            }
        }
        out.longs("classic", classic, classic.length);
        out.list("exemplars", exemplars, (element, exemplar) -> exemplar.write(element));
        List<Integer> buckets = new ArrayList<>();
        List<Long> counts = new ArrayList<>();
        for (int left = count(in); left > 0; left--) {
            buckets.add(in.readInt());
            counts.add(in.readLong());
        }
        out.ints("nativeBuckets", buckets.stream().mapToInt(i -> i).toArray(), buckets.size());
        out.longs("nativeCounts", counts.stream().mapToLong(i -> i).toArray(), counts.size());
        out.number("zeroCount", in.readLong());
        out.number("count", in.readLong());
        out.object("sum", sum -> {
            sum.number("terms", in.readInt());
            sum.number("infinite", in.readInt());
            sum.number("lowest", in.readInt());
            column(in, sum, "digits", FieldWriter.LONGS, Long.BYTES, count(in));
        });
    }

    /** A column whose numbers are written as they are now. */
    static void column(DataInputStream in, FieldWriter out, String name, int tag, int width, int size)
            throws IOException {
        int length = Math.multiplyExact(width, size);
        out.column(name, tag, new First(in, length), length);
    }

    static int count(DataInputStream in) throws IOException {
        int count = in.readInt();
        if (count < 0) {
            throw new IOException("a count is negative");
        }
        return count;
    }

    /** As often as the number that comes says. */
    static Iterable<Integer> times(DataInputStream in) throws IOException {
        int n = count(in);
        return () -> IntStream.range(0, n).iterator();
    }

    /** A text in parts. */
    static String text(DataInputStream in) throws IOException {
        StringBuilder text = new StringBuilder(in.readUTF());
        while (in.readBoolean()) {
            text.append(in.readUTF());
        }
        return text.toString();
    }

    /** Texts that recur: the number of one that came before, or a new one. */
    static final class Texts {
        private final DataInputStream in;
        private final List<String> known = new ArrayList<>();

        Texts(DataInputStream in) {
            this.in = in;
        }

        String read() throws IOException {
            int index = in.readInt();
            if (index >= known.size() || index < NEW) {
                throw new IOException("no text " + index);
            }
            if (index == NEW) {
                known.add(text(in));
                return known.get(known.size() - 1);
            }
            return known.get(index);
        }

        List<String> list() throws IOException {
            List<String> texts = new ArrayList<>();
            for (int left = count(in); left > 0; left--) {
                texts.add(read());
            }
            return texts;
        }
    }

    /** The first bytes of a stream. */
    private static final class First extends FilterInputStream {
        private int left;

        First(InputStream in, int length) {
            super(in);
            left = length;
        }

        @Override
        public int read(byte[] to, int offset, int length) throws IOException {
            int read = left == 0 ? -1 : in.read(to, offset, Math.min(length, left));
            left -= Math.max(0, read);
            return read;
        }
    }

    private static final class Chunks extends InputStream {
        private final DataInputStream from;
        private int left;
        private boolean over;

        Chunks(DataInputStream from) {
            this.from = from;
        }

        @Override
        public int read() throws IOException {
            byte[] one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
        }

        @Override
        public int read(byte[] to, int offset, int length) throws IOException {
            if (left == 0 && !over) {
                left = count(from);
                over = left == 0;
            }
            if (over) {
                return -1;
            }
            int read = from.read(to, offset, Math.min(length, left));
            if (read < 0) {
                throw new EOFException();
            }
            left -= read;
            return read;
        }

        void end() throws IOException {
            byte[] skipped = new byte[BUFFER];
            while (read(skipped, 0, skipped.length) >= 0) {
                // What was not needed.
            }
            from.readLong();
            from.readInt();
        }
    }
}
