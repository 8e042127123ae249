package io.mlflowexporter.backfill;

import io.mlflowexporter.metric.Family;
import io.mlflowexporter.metric.FamilyDeclaration;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.OutputStream;
import java.io.OutputStreamWriter;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** All families' logs of a stretch of time, in bounded memory. */
final class History implements AutoCloseable {
    private static final String END = "# EOF\n";

    private final SortedMap<String, String> labels;
    private final long mostInMemory;
    private final Path directory;
    private final Map<String, FamilyLog> logs = new LinkedHashMap<>();
    private long inMemory;

    /**
     * Begins with nothing.
     *
     * @param labels those that all series get
     * @param mostInMemory numbers, 8 bytes each
     */
    History(SortedMap<String, String> labels, long mostInMemory) throws IOException {
        this.labels = labels;
        this.mostInMemory = mostInMemory;
        this.directory = Files.createTempDirectory("mlflow-exporter-backfill");
    }

    /** Takes what is said at a time, which is after the last. */
    void add(long millis, List<Family> families) throws IOException {
        for (Family family : families) {
            FamilyDeclaration declaration = family.declaration();
            inMemory += logs.computeIfAbsent(declaration.name(), name -> new FamilyLog(declaration, labels, directory))
                    .add(millis, family);
        }
        if (inMemory > mostInMemory) {
            for (FamilyLog log : logs.values()) {
                log.spill();
            }
            inMemory = 0;
        }
    }

    /** Writes everything as OpenMetrics and begins with nothing again. */
    void drain(OutputStream out) throws IOException {
        Set<String> names = logs.keySet();
        Map<String, Long> bases =
                names.stream().collect(Collectors.groupingBy(FamilyText::base, Collectors.counting()));
        Writer text = new BufferedWriter(new OutputStreamWriter(out, StandardCharsets.UTF_8));
        for (FamilyLog log : logs.values()) {
            if (!log.isEmpty()) {
                FamilyText family = new FamilyText(log.declaration(), text);
                family.head(bases.getOrDefault(FamilyText.base(log.declaration().name()), 0L) > 1);
                log.drain(family);
            }
        }
        text.append(END);
        text.flush();
        inMemory = 0;
    }

    @Override
    public void close() throws IOException {
        try (Stream<Path> left = Files.list(directory)) {
            for (Path file : left.toList()) {
                Files.delete(file);
            }
        }
        Files.delete(directory);
    }
}
