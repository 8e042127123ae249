package io.mlflowexporter.checkpoint;

import io.mlflowexporter.checkpoint.fields.FieldWriter;
import java.io.DataInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/** The catalog, of a file of format 2; see {@link FormatTwo}. */
final class FormatTwoCatalog {
    /** Rows in a chunk. */
    private static final int CHUNK = 1 << 14;

    private FormatTwoCatalog() {}

    static void convert(DataInputStream in, FieldWriter out) throws IOException {
        out.object("runs", runs -> runs(in, runs));
        out.object("logged", logged -> logged(in, logged));
        out.object("reading", reading -> reading(in, reading));
        out.object("kept", kept -> needs(in, kept));
        out.list("everyExperiment", FormatTwo.times(in), (experiment, i) -> {
            texts(in, experiment, "workspace", "id", "name");
            experiment.flag("active", in.readBoolean());
            numbers(in, experiment, "createdMillis", "lastUpdatedMillis");
            experiment.pairs("tags", pairs(in));
        });
        out.texts("experiments", list(in));
        out.list("models", FormatTwo.times(in), (model, i) -> {
            texts(in, model, "workspace", "name");
            numbers(in, model, "createdMillis", "lastUpdatedMillis");
            model.pairs("aliases", pairs(in));
            model.pairs("tags", pairs(in));
        });
        out.list("versions", FormatTwo.times(in), (version, i) -> {
            texts(in, version, "workspace", "model", "version", "runId", "stage", "status");
            numbers(in, version, "createdMillis", "lastUpdatedMillis");
        });
    }

    private static void runs(DataInputStream in, FieldWriter out) throws IOException {
        int rows = FormatTwo.count(in);
        out.number("rows", rows);
        out.texts("words", list(in));
        out.list("sharedNotes", FormatTwo.times(in), (notes, i) -> {
            notes.pairs("tags", pairs(in));
            notes.pairs("params", pairs(in));
        });
        // Their number was there twice.
        FormatTwo.count(in);
        column(in, out, "texts", FieldWriter.BYTES, Byte.BYTES);
        columns(in, out, FieldWriter.LONGS, Long.BYTES, "idsHigh", "idsLow");
        out.list("otherIds", FormatTwo.times(in), (other, i) -> {
            other.number("row", in.readInt());
            other.text("id", text(in));
        });
        columns(in, out, FieldWriter.INTS, Integer.BYTES, "experiments", "names", "users", "phases", "countedPhases");
        columns(in, out, FieldWriter.INTS, Integer.BYTES, "estimators", "parents", "sources", "notes", "revisions");
        columns(in, out, FieldWriter.INTS, Integer.BYTES, "paramsHashes");
        columns(in, out, FieldWriter.BYTES, Byte.BYTES, "statuses", "states", "countedStatuses", "counted", "leftOut");
        columns(in, out, FieldWriter.LONGS, Long.BYTES, "starts", "ends", "heartbeats");
        sparse(in, out, "countedMillis", true);
        sparse(in, out, "unreadable", false);
        out.object("systemUses", uses -> systemUses(in, uses));
    }

    private static void sparse(DataInputStream in, FieldWriter out, String name, boolean longs) throws IOException {
        Map<Integer, Long> values = new LinkedHashMap<>();
        for (int left = FormatTwo.count(in); left > 0; left--) {
            values.put(in.readInt(), longs ? in.readLong() : in.readInt());
        }
        int n = values.size();
        out.object(name, sparse -> {
            sparse.ints("rows", values.keySet().stream().mapToInt(row -> row).toArray(), n);
            sparse.longs(
                    "values", values.values().stream().mapToLong(value -> value).toArray(), n);
        });
    }

    private static void systemUses(DataInputStream in, FieldWriter out) throws IOException {
        out.list("names", FormatTwo.times(in), (names, i) -> names.texts("metrics", list(in)));
        out.list("chunks", chunks(FormatTwo.count(in)), (chunk, size) -> {
            int[][] ints = new int[3][size];
            double[][] doubles = new double[4][size];
            for (int i = 0; i < size; i++) {
                ints[0][i] = in.readInt();
                ints[1][i] = in.readInt();
                ints[2][i] = in.readBoolean() ? 1 : 0;
                for (double[] column : doubles) {
                    column[i] = in.readDouble();
                }
            }
            chunk.ints("rows", ints[0], size);
            chunk.ints("names", ints[1], size);
            chunk.ints("means", ints[2], size);
            chunk.doubles("cpu", doubles[0], size);
            chunk.doubles("memory", doubles[1], size);
            chunk.doubles("gpu", doubles[2], size);
            chunk.doubles("gpuWatts", doubles[3], size);
        });
    }

    private static void logged(DataInputStream in, FieldWriter out) throws IOException {
        List<Integer> lengths = new ArrayList<>();
        out.list("names", FormatTwo.times(in), (names, i) -> {
            List<String> metrics = list(in);
            lengths.add(metrics.size());
            names.texts("metrics", metrics);
        });
        out.list("chunks", chunks(FormatTwo.count(in)), (chunk, size) -> {
            int[] sets = new int[size];
            List<Double> values = new ArrayList<>();
            for (int i = 0; i < size; i++) {
                sets[i] = in.readInt();
                if (sets[i] >= lengths.size()) {
                    throw new IOException("a number is out of range");
                }
                for (int left = sets[i] < 0 ? 0 : lengths.get(sets[i]); left > 0; left--) {
                    values.add(in.readDouble());
                }
            }
            chunk.ints("names", sets, size);
            chunk.doubles("values", values.stream().mapToDouble(v -> v).toArray(), values.size());
        });
    }

    /** The sizes of the chunks of so many rows. */
    private static Iterable<Integer> chunks(int rows) {
        return () -> IntStream.range(0, (int) ((rows + (long) CHUNK - 1) / CHUNK))
                .map(chunk -> Math.min(CHUNK, rows - chunk * CHUNK))
                .iterator();
    }

    private static void reading(DataInputStream in, FieldWriter out) throws IOException {
        out.text("rules", text(in));
        out.object("needs", needs -> needs(in, needs));
        out.list("met", FormatTwo.times(in), (met, i) -> {
            texts(in, met, "id", "name");
            met.flag("active", in.readBoolean());
        });
        out.texts("toRead", list(in));
        out.list("quarantined", FormatTwo.times(in), (quarantine, i) -> {
            texts(in, quarantine, "id");
            quarantine.number("failures", in.readInt());
            quarantine.number("untilMillis", in.readLong());
            texts(in, quarantine, "reason");
        });
        numbers(in, out, "upToMillis", "newestMillis", "sweepFrom", "sweptMillis");
    }

    private static void needs(DataInputStream in, FieldWriter out) throws IOException {
        out.texts("tags", list(in));
        out.texts("params", list(in));
        out.texts("metrics", list(in));
        out.flag("systemMetrics", in.readBoolean());
    }

    private static void columns(DataInputStream in, FieldWriter out, int tag, int width, String... names)
            throws IOException {
        for (String name : names) {
            column(in, out, name, tag, width);
        }
    }

    private static void column(DataInputStream in, FieldWriter out, String name, int tag, int width)
            throws IOException {
        FormatTwo.column(in, out, name, tag, width, FormatTwo.count(in));
    }

    private static void texts(DataInputStream in, FieldWriter out, String... names) throws IOException {
        for (String name : names) {
            out.text(name, text(in));
        }
    }

    private static void numbers(DataInputStream in, FieldWriter out, String... names) throws IOException {
        for (String name : names) {
            out.number(name, in.readLong());
        }
    }

    private static List<String> list(DataInputStream in) throws IOException {
        List<String> texts = new ArrayList<>();
        for (int left = FormatTwo.count(in); left > 0; left--) {
            texts.add(text(in));
        }
        return texts;
    }

    private static Map<String, String> pairs(DataInputStream in) throws IOException {
        Map<String, String> pairs = new LinkedHashMap<>();
        for (int left = FormatTwo.count(in); left > 0; left--) {
            String key = text(in);
            pairs.put(key, text(in));
        }
        return pairs;
    }

    /** A text after its length in bytes. */
    private static String text(DataInputStream in) throws IOException {
        int length = FormatTwo.count(in);
        byte[] bytes = in.readNBytes(length);
        if (bytes.length < length) {
            throw new IOException("a text ends too early");
        }
        return new String(bytes, StandardCharsets.UTF_8);
    }
}
