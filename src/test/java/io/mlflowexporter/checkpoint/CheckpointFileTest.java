package io.mlflowexporter.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.mlflowexporter.checkpoint.fields.Section;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Whatever happens to the file, an exporter goes on from a whole checkpoint or from none. */
final class CheckpointFileTest {
    private static final CheckpointIdentity MINE =
            new CheckpointIdentity("http://mlflow:5000", "http://mlflow:5000", List.of("a"), "0/1");

    private static final Path GOLDEN =
            Path.of("src/test/resources/io/mlflowexporter/refresh/checkpoints/golden-01.checkpoint");

    @TempDir
    private Path directory;

    private Instant now = Instant.parse("2026-03-01T12:00:00Z");

    private Path file() {
        return directory.resolve("checkpoint");
    }

    private CheckpointFile open(CheckpointIdentity identity, Disk disk) throws IOException {
        return CheckpointFile.open(file(), identity, "1", () -> now, disk, Long.MAX_VALUE);
    }

    private CheckpointFile open() throws IOException {
        return open(MINE, new Disk());
    }

    private static Map<String, Section> holding(String text) {
        Map<String, Section> sections = new LinkedHashMap<>();
        sections.put("text", out -> out.text("value", text));
        sections.put("empty", out -> {});
        return sections;
    }

    /** What the file says, empty where it is not gone on from. */
    private static Optional<String> read(CheckpointFile checkpoint) {
        List<String> read = new ArrayList<>();
        boolean whole = checkpoint.read((name, in) -> {
            if (name.equals("text")) {
                read.add(in.fields().text("value"));
            }
        });
        return whole ? Optional.of(String.join("", read)) : Optional.empty();
    }

    private List<String> beside() throws IOException {
        try (Stream<Path> files = Files.list(directory)) {
            return files.map(path -> path.getFileName().toString()).sorted().toList();
        }
    }

    private byte[] written(String text) throws IOException {
        try (CheckpointFile checkpoint = open()) {
            assertThat(checkpoint.write(holding(text))).isTrue();
        }
        return Files.readAllBytes(file());
    }

    @Test
    void whatIsWrittenIsRead() throws IOException {
        // Longer than DataOutput.writeUTF takes, and with half a surrogate pair.
        String text = "é\ud800" + "x".repeat(70_000);
        written(text);

        try (CheckpointFile checkpoint = open()) {
            assertThat(read(checkpoint)).contains(text);
            assertThat(checkpoint.state().writtenAt()).contains(now);
            assertThat(checkpoint.state().bytes()).isEqualTo(Files.size(file())).isLessThan(2_000);
        }
    }

    @Test
    void onlyItsOwnerMayReadIt() throws IOException {
        written("a");

        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file())))
                .isEqualTo("rw-------");
    }

    @Test
    void everyFlippedBitIsFound() throws IOException {
        byte[] whole = written("some text");
        try (CheckpointFile checkpoint = open()) {
            for (int bit = 0; bit < whole.length * 8; bit++) {
                byte[] flipped = whole.clone();
                flipped[bit / 8] ^= (byte) (1 << bit % 8);
                Files.write(file(), flipped);
                now = now.plusMillis(1);

                assertThat(read(checkpoint)).as("bit %s", bit).isEmpty();
                assertThat(file()).doesNotExist();
            }
            assertThat(beside()).hasSize(MovedAside.KEPT + 1);
        }
    }

    @Test
    void everyTruncationIsFoundAndSoIsWhatIsAppended() throws IOException {
        byte[] whole = written("some text");
        try (CheckpointFile checkpoint = open()) {
            for (int length = 0; length < whole.length; length++) {
                Files.write(file(), java.util.Arrays.copyOf(whole, length));
                now = now.plusMillis(1);

                assertThat(read(checkpoint)).as("%s bytes", length).isEmpty();
            }
            Files.write(file(), java.util.Arrays.copyOf(whole, whole.length + 1));
            assertThat(read(checkpoint)).isEmpty();
            assertThat(checkpoint.write(holding("anew"))).isTrue();
            assertThat(read(checkpoint)).contains("anew");
        }
    }

    @Test
    void oneOfTheFutureIsSetAsideByThatName() throws IOException {
        byte[] whole = written("a");
        java.nio.ByteBuffer header = java.nio.ByteBuffer.wrap(whole);
        header.putInt(8, Container.VERSION + 1);
        java.util.zip.CRC32C sum = new java.util.zip.CRC32C();
        sum.update(whole, 0, 12);
        header.putInt(12, (int) sum.getValue());
        Files.write(file(), whole);

        try (CheckpointFile checkpoint = open()) {
            assertThat(read(checkpoint)).isEmpty();
        }
        assertThat(beside()).containsExactly("checkpoint.future-20260301T120000.000Z", "checkpoint.lock");
    }

    @Test
    void oneOfAnotherServerOrSelectionIsForeign() throws IOException {
        for (CheckpointIdentity other : List.of(
                new CheckpointIdentity("http://other:5000", "http://mlflow:5000", List.of("a"), "0/1"),
                new CheckpointIdentity("http://mlflow:5000", "http://other:5000", List.of("a"), "0/1"),
                new CheckpointIdentity("http://mlflow:5000", "http://mlflow:5000", List.of(), "0/1"),
                new CheckpointIdentity("http://mlflow:5000", "http://mlflow:5000", List.of("a"), "0/2"))) {
            now = now.plusMillis(1);
            written("a");
            try (CheckpointFile checkpoint = open(other, new Disk())) {
                assertThat(read(checkpoint)).isEmpty();
            }
            assertThat(beside())
                    .noneMatch("checkpoint"::equals)
                    .anyMatch(name -> name.startsWith("checkpoint.foreign"));
        }
    }

    @Test
    void aReaderThatDoubtsWhatItIsToldSetsItAside() throws IOException {
        written("a");
        try (CheckpointFile checkpoint = open()) {
            assertThat(checkpoint.read((name, in) -> {
                        throw new IllegalArgumentException("no such status");
                    }))
                    .isFalse();
        }
        assertThat(beside()).anyMatch(name -> name.startsWith("checkpoint.corrupt"));
    }

    @Test
    void twoProcessesDoNotShareOne() throws IOException {
        try (CheckpointFile first = open()) {
            assertThat(first.path()).isEqualTo(file());
            assertThatThrownBy(this::open)
                    .isInstanceOf(IOException.class)
                    .hasMessage("checkpoint " + file() + " is in use by another exporter; give each its own"
                            + " checkpoint.file, or stop the other one");
        }
        open().close();
    }

    @Test
    void whatCannotBeLockedIsReadButNeverChanged() throws IOException {
        byte[] whole = written("a");
        Files.delete(directory.resolve("checkpoint.lock"));
        // In the way of a lock's file, also for root.
        Path way = Files.createDirectory(directory.resolve("checkpoint.lock"));
        try (CheckpointFile checkpoint = open();
                CheckpointFile other = open()) {
            for (CheckpointFile one : List.of(checkpoint, other)) {
                assertThat(read(one)).contains("a");
                assertThat(one.write(holding("b"))).isFalse();
                assertThat(one.state().problem().orElseThrow()).startsWith("cannot open checkpoint.lock: ");
                one.foreign("it is of another server");
                assertThat(Files.readAllBytes(file())).isEqualTo(whole);
            }

            Files.delete(way);
            assertThat(checkpoint.write(holding("b"))).isTrue();
            assertThat(other.write(holding("c"))).isFalse();
            assertThat(other.state().problem().orElseThrow()).contains("is in use by another exporter");
            assertThat(read(checkpoint)).contains("b");
        }
    }

    @Test
    void oneThatDoesNotFitIntoTheMemoryIsMovedAside() throws IOException {
        written("x".repeat(3 << 20));
        try (CheckpointFile checkpoint = CheckpointFile.open(file(), MINE, "1", () -> now, new Disk(), 2 << 20)) {
            assertThat(read(checkpoint)).isEmpty();
            assertThat(beside()).containsExactly("checkpoint.large-20260301T120000.000Z", "checkpoint.lock");
            assertThat(checkpoint.write(holding("small"))).isTrue();
            assertThat(read(checkpoint)).contains("small");
        }
    }

    /** A kill -9: nothing of ours runs any more. */
    private static final class Killed extends Error {
        private static final long serialVersionUID = 1L;
    }

    /** Is killed at one step of a write. */
    private static final class Killing extends Disk {
        private final int killAt;
        private int step;

        Killing(int killAt) {
            this.killAt = killAt;
        }

        private void step() {
            if (step++ == killAt) {
                throw new Killed();
            }
        }

        @Override
        OutputStream create(Path file) throws IOException {
            step();
            return new FilterOutputStream(super.create(file)) {
                @Override
                public void write(byte[] bytes, int offset, int length) throws IOException {
                    out.write(bytes, offset, length / 2);
                    step();
                    out.write(bytes, offset + length / 2, length - length / 2);
                }
            };
        }

        @Override
        void sync(OutputStream file) {
            step();
        }

        @Override
        void replace(Path from, Path to) throws IOException {
            step();
            super.replace(from, to);
            step();
        }
    }

    @Test
    void anUpgradeThatIsKilledAtAnyStepLosesNothing() throws IOException {
        CheckpointIdentity golden =
                new CheckpointIdentity("http://127.0.0.1:50000", "http://127.0.0.1:50000", List.of(), "0/1");
        byte[] before = CheckpointBytes.atPort(Files.readAllBytes(GOLDEN), 50_000);
        int kills = 0;
        for (boolean killed = true; killed; kills++) {
            Files.write(file(), before);
            try (CheckpointFile checkpoint = open(golden, new Killing(kills))) {
                killed = false;
                checkpoint.read((name, in) -> {});
            } catch (Killed e) {
                killed = true;
            }
            List<String> sections = new ArrayList<>();
            try (CheckpointFile checkpoint = open(golden, new Disk())) {
                assertThat(checkpoint.read((name, in) -> sections.add(name))).isTrue();
            }
            assertThat(sections)
                    .containsExactly("served", "snapshot", "catalog", "ledger", "deliveries", "steps", "queues");
        }
        assertThat(kills).isGreaterThan(5);
        assertThat(beside()).contains("checkpoint", "checkpoint.lock").hasSizeLessThanOrEqualTo(3);
    }

    /** Stops at one step, as a crash or a full disk does. */
    private static final class Failing extends Disk {
        private final int failAt;
        private int step;

        Failing(int failAt) {
            this.failAt = failAt;
        }

        private void step() throws IOException {
            if (step++ == failAt) {
                throw new IOException("No space left on device");
            }
        }

        boolean failed() {
            return step > failAt;
        }

        @Override
        OutputStream create(Path file) throws IOException {
            step();
            return new FilterOutputStream(super.create(file)) {
                @Override
                public void write(int b) throws IOException {
                    step();
                    out.write(b);
                }

                @Override
                public void write(byte[] bytes, int offset, int length) throws IOException {
                    for (int i = offset; i < offset + length; i++) {
                        write(bytes[i]);
                    }
                }
            };
        }

        @Override
        void sync(OutputStream file) throws IOException {
            step();
        }

        @Override
        void replace(Path from, Path to) throws IOException {
            step();
            super.replace(from, to);
        }

        @Override
        void syncDirectory(Path directory) throws IOException {
            step();
            super.syncDirectory(directory);
        }
    }

    @Test
    void afterACrashAtAnyStepTheOldOrTheNewOneIsWhole() throws IOException {
        written("old");
        boolean failed = true;
        int old = 0;
        for (int failAt = 0; failed; failAt++) {
            Failing disk = new Failing(failAt);
            try (CheckpointFile checkpoint = open(MINE, disk)) {
                boolean wrote = checkpoint.write(holding("new"));
                failed = disk.failed() && !wrote;
                assertThat(wrote).isNotEqualTo(failed);
                assertThat(checkpoint.state().failures()).isEqualTo(failed ? 1 : 0);
                assertThat(checkpoint.state().problem())
                        .isEqualTo(failed ? Optional.of("No space left on device") : Optional.empty());
            }
            try (CheckpointFile checkpoint = open()) {
                Optional<String> held = read(checkpoint);
                assertThat(held.orElse("none")).isIn("old", "new");
                old += held.equals(Optional.of("old")) ? 1 : 0;
                assertThat(checkpoint.write(holding("old"))).isTrue();
            }
        }
        assertThat(old).isGreaterThan(100);
        assertThat(beside()).containsExactly("checkpoint", "checkpoint.lock");
    }

    @Test
    void aDiskThatIsFullForAWhileIsWrittenToAgain() throws IOException {
        Failing full = new Failing(50);
        try (CheckpointFile checkpoint = open(MINE, full)) {
            assertThat(checkpoint.write(holding("a"))).isFalse();
            assertThat(checkpoint.write(holding("b"))).isTrue();
            assertThat(checkpoint.state().problem()).isEmpty();
            assertThat(checkpoint.state().failures()).isEqualTo(1);
            assertThat(read(checkpoint)).contains("b");
        }
    }

    @Test
    void aDirectoryThatIsNotThereIsNoReasonNotToRun() throws IOException {
        try (CheckpointFile checkpoint =
                CheckpointFile.open(directory.resolve("none/checkpoint"), MINE, "1", () -> now)) {
            assertThat(read(checkpoint)).isEmpty();
            assertThat(checkpoint.write(holding("a"))).isFalse();
            assertThat(checkpoint.state().problem().orElseThrow()).contains("no such file or directory");
        }
    }

    @Test
    void anInterruptDoesNotCutAWriteShort() throws IOException {
        try (CheckpointFile checkpoint = open()) {
            Thread.currentThread().interrupt();
            assertThat(checkpoint.write(holding("a"))).isTrue();
            assertThat(Thread.interrupted()).isTrue();
            assertThat(read(checkpoint)).contains("a");
        }
    }
}
