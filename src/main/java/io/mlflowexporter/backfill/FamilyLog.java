package io.mlflowexporter.backfill;

import io.mlflowexporter.metric.Family;
import io.mlflowexporter.metric.Family.Sample;
import io.mlflowexporter.metric.FamilyDeclaration;
import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What a family says at one time after the other, gathered by series: the text has all of a series together, and all of
 * a family. What is too much for memory waits in files.
 */
final class FamilyLog {
    private record Key(String workspace, List<String> values) {}

    private final FamilyDeclaration declaration;
    private final SortedMap<String, String> labels;
    private final Path directory;
    private final Map<Key, SeriesHistory> series = new HashMap<>();
    private final List<Path> files = new ArrayList<>();

    /**
     * Begins with nothing.
     *
     * @param labels those that all series get
     * @param directory for files
     */
    FamilyLog(FamilyDeclaration declaration, SortedMap<String, String> labels, Path directory) {
        this.declaration = declaration;
        this.labels = labels;
        this.directory = directory;
    }

    FamilyDeclaration declaration() {
        return declaration;
    }

    /**
     * Takes what the family says at a time, which is after the last.
     *
     * @return how many numbers that is
     */
    long add(long millis, Family family) {
        long numbers = 0;
        for (Sample sample : family.samples()) {
            series.computeIfAbsent(new Key(sample.workspace(), sample.labelValues()), key -> SeriesHistory.like(sample))
                    .add(millis, sample);
            numbers += 1 + SeriesHistory.width(sample);
        }
        return numbers;
    }

    boolean isEmpty() {
        return series.isEmpty() && files.isEmpty();
    }

    private SortedMap<String, SeriesHistory> byLabels() {
        SortedMap<String, SeriesHistory> sorted = new TreeMap<>();
        series.forEach((key, values) -> sorted.put(
                FamilyText.labels(declaration, new Family.Value(key.workspace(), key.values(), 0), labels), values));
        return sorted;
    }

    /** Moves what is in memory to a file. */
    void spill() throws IOException {
        if (series.isEmpty()) {
            return;
        }
        Path file = Files.createTempFile(directory, declaration.name(), ".series");
        files.add(file);
        try (DataOutputStream out = new DataOutputStream(new BufferedOutputStream(Files.newOutputStream(file)))) {
            for (Map.Entry<String, SeriesHistory> entry : byLabels().entrySet()) {
                byte[] text = entry.getKey().getBytes(StandardCharsets.UTF_8);
                out.writeInt(text.length);
                out.write(text);
                entry.getValue().write(out);
            }
        }
        series.clear();
    }

    /** Writes everything, series by series, and forgets it. */
    void drain(FamilyText text) throws IOException {
        if (files.isEmpty()) {
            for (Map.Entry<String, SeriesHistory> entry : byLabels().entrySet()) {
                text.series(entry.getKey(), entry.getValue());
            }
            series.clear();
            return;
        }
        spill();
        List<Reader> readers = new ArrayList<>();
        try {
            for (Path file : files) {
                readers.add(new Reader(file));
            }
            merge(readers, text);
        } finally {
            for (Reader reader : readers) {
                reader.close();
            }
            for (Path file : files) {
                Files.deleteIfExists(file);
            }
            files.clear();
        }
    }

    /** Each file holds its series in order of their labels, and the files are in order of time. */
    private static void merge(List<Reader> readers, FamilyText text) throws IOException {
        while (true) {
            String least = null;
            for (Reader reader : readers) {
                String at = reader.labels;
                if (at != null && (least == null || at.compareTo(least) < 0)) {
                    least = at;
                }
            }
            if (least == null) {
                return;
            }
            for (Reader reader : readers) {
                if (least.equals(reader.labels)) {
                    text.series(least, SeriesHistory.read(reader.in));
                    reader.next();
                }
            }
        }
    }

    private static final class Reader implements AutoCloseable {
        private final DataInputStream in;
        private @Nullable String labels;

        Reader(Path file) throws IOException {
            in = new DataInputStream(new BufferedInputStream(Files.newInputStream(file)));
            next();
        }

        void next() throws IOException {
            if (in.available() == 0) {
                labels = null;
                return;
            }
            byte[] text = new byte[in.readInt()];
            in.readFully(text);
            labels = new String(text, StandardCharsets.UTF_8);
        }

        @Override
        public void close() throws IOException {
            in.close();
        }
    }
}
