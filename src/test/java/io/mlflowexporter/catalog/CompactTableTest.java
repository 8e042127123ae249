package io.mlflowexporter.catalog;

import static org.assertj.core.api.Assertions.assertThat;

import io.mlflowexporter.catalog.columns.RunIds;
import io.mlflowexporter.catalog.columns.Texts;
import io.mlflowexporter.checkpoint.fields.SectionBytes;
import io.mlflowexporter.metric.Times;
import io.mlflowexporter.mlflow.LifecycleStage;
import io.mlflowexporter.mlflow.Run;
import io.mlflowexporter.mlflow.RunStatus;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** What the table of runs is made of, and what it takes. */
final class CompactTableTest {
    @Test
    void idsComeBackWhateverTheyLookLike() {
        List<String> all = new ArrayList<>(List.of(
                "",
                "0",
                "0".repeat(32),
                "f".repeat(32),
                "F".repeat(32),
                "g".repeat(32),
                "0123456789abcdef0123456789abcdef",
                "0123456789abcdef0123456789abcde",
                "0123456789abcdef0123456789abcdef0",
                "ü".repeat(32)));
        SplittableRandom random = new SplittableRandom(1);
        for (int i = 0; i < 5_000; i++) {
            all.add("%016x%016x".formatted(random.nextLong(), random.nextLong(3)));
        }
        RunIds ids = new RunIds();
        for (int row = 0; row < all.size(); row++) {
            assertThat(ids.row(all.get(row))).isEqualTo(-1);
            assertThat(ids.add(all.get(row))).isEqualTo(row);
        }
        for (int row = 0; row < all.size(); row++) {
            assertThat(ids.id(row)).isEqualTo(all.get(row));
            assertThat(ids.row(all.get(row))).isEqualTo(row);
            assertThat(ids.is(row, all.get(row))).isTrue();
            assertThat(ids.is(row, all.get((row + 1) % all.size()))).isFalse();
        }
    }

    @Test
    void textsComeBackAndEqualOnesAreOne() {
        Texts texts = new Texts();
        List<Integer> places = new ArrayList<>();
        for (int i = 0; i < 3_000; i++) {
            places.add(texts.put(text(i)));
        }
        for (int i = 0; i < 3_000; i++) {
            assertThat(texts.get(places.get(i))).isEqualTo(text(i));
            assertThat(texts.put(text(i))).isEqualTo(places.get(i));
            assertThat(texts.holds(places.get(i))).isTrue();
        }
        assertThat(texts.holds(-1)).isFalse();
        assertThat(texts.holds(Integer.MAX_VALUE)).isFalse();
    }

    @Test
    void textsThatNoRowRefersToAreForgottenAndTheOthersMoveTogether() throws Exception {
        Texts texts = new Texts();
        SplittableRandom random = new SplittableRandom(3);
        int rows = 2_000;
        int[] names = new int[rows];
        int[] sources = new int[rows];
        List<String> said = new ArrayList<>();
        for (int i = 0; i < rows; i++) {
            texts.put("left behind " + i + "x".repeat(random.nextInt(400)));
            said.add("kept " + i + "é".repeat(random.nextInt(200)));
            names[i] = texts.put(said.get(i));
            sources[i] = i % 3 == 0 ? names[i] : Texts.EMPTY;
        }
        said.set(7, "longer than a chunk " + "x".repeat(100_000));
        names[7] = texts.put(said.get(7));
        long all = texts.weight();
        assertTexts(texts, said, names, sources);

        texts.forgetUnused(rows, names, sources);
        assertTexts(texts, said, names, sources);
        assertThat(texts.weight()).isLessThan(all * 2 / 3);
        assertThat(texts.put(said.get(11))).as("found again").isEqualTo(names[11]);

        byte[] written = SectionBytes.of(texts::write);
        Texts read = SectionBytes.read(written, in -> {
            in.next();
            return Texts.read(in);
        });
        assertTexts(read, said, names, sources);
        assertThat(read.put(said.get(11))).isEqualTo(names[11]);
        assertThat(read.put("new")).isEqualTo(texts.put("new"));
    }

    private static void assertTexts(Texts texts, List<String> said, int[] names, int[] sources) {
        for (int i = 0; i < said.size(); i++) {
            assertThat(texts.get(names[i])).isEqualTo(said.get(i));
            assertThat(texts.holds(names[i])).isTrue();
            assertThat(texts.get(sources[i])).isEqualTo(i % 3 == 0 ? said.get(i) : "");
        }
    }

    @Test
    void textsTakeWhatIsSaidWhileThereAreMoreOfThem() {
        long before = used();
        Texts texts = new Texts();
        for (int i = 0; i < 20_000; i++) {
            texts.put("x".repeat(500) + i);
        }
        long took = used() - before;
        // What other tests of this process left behind may be freed meanwhile.
        assertThat(texts.weight()).isBetween(took - took / 5, took + 2 * took / 5);
        assertThat(texts.get(Texts.EMPTY)).isEmpty();
    }

    private static String text(int i) {
        return i == 0 ? "" : "größe 😀 ".repeat(i % 7) + i;
    }

    @Test
    void aRunWithANameOfItsOwnTakesLittle() {
        SplittableRandom random = new SplittableRandom(7);
        long before = used();
        RunTable runs = new RunTable();
        int count = 300_000;
        for (int i = 0; i < count; i++) {
            long start = 1_700_000_000_000L + i * 1_000L;
            runs.put(
                    new Run(
                            "",
                            "%016x%016x".formatted(random.nextLong(), random.nextLong()),
                            Integer.toString(i % 200),
                            "bold-mule-" + i,
                            "user" + i % 50,
                            RunStatus.FINISHED,
                            LifecycleStage.ACTIVE,
                            start,
                            start + 5_000,
                            Times.ABSENT,
                            Map.of(RunTable.SOURCE_TAG, "train.py"),
                            Map.of(),
                            Map.of(),
                            0,
                            0),
                    "training",
                    "",
                    RunNotes.NONE,
                    new Gaps.Look(0, 0, new TimeRules(1, Long.MAX_VALUE, false)));
        }
        runs.presence().endReading(Integer.MAX_VALUE);
        long perRun = (used() - before) / count;
        System.out.println("bytes per run: " + perRun);

        assertThat(runs.row("0".repeat(32))).isEqualTo(OptionalInt.empty());
        assertThat(perRun).isLessThan(200);
    }

    private static long used() {
        Runtime runtime = Runtime.getRuntime();
        for (int i = 0; i < 5; i++) {
            System.gc();
        }
        return runtime.totalMemory() - runtime.freeMemory();
    }
}
