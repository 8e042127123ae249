package io.mlflowexporter.checkpoint.fields;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;

/** Fields are read by their names, whatever else is there, and what cannot be true is an error. */
final class FieldReaderTest {
    private static final int[] INTS = {1, -2, Integer.MIN_VALUE};

    /** Everything a section may hold. */
    private static void everything(FieldWriter out) throws IOException {
        out.number("number", Long.MIN_VALUE);
        out.real("real", Double.NaN);
        out.flag("flag", true);
        out.text("text", "é\ud83d\ude00\ud83d");
        out.texts("texts", List.of("", "a", "x".repeat(100_000)));
        out.pairs("pairs", Map.of("key", "value"));
        out.object("object", inner -> inner.list("list", List.of(1, 2), (element, n) -> element.number("n", n)));
        out.list("list", List.of("a", "b"), (element, text) -> {
            element.text("text", text);
            element.ints("ints", INTS, INTS.length);
        });
        out.bytes("bytes", new byte[100_000], 99_999);
        out.ints("ints", INTS, 2);
        out.longs("longs", new long[] {Long.MAX_VALUE}, 1);
        out.doubles("doubles", new double[70_000], 70_000);
        out.number("last", 7);
    }

    private static Map<String, Object> read(FieldReader in) throws IOException {
        Map<String, Object> read = new LinkedHashMap<>();
        while (in.next()) {
            read.put(
                    in.name(),
                    switch (in.name()) {
                        case "number", "last" -> in.number();
                        case "real" -> in.real();
                        case "flag" -> in.flag();
                        case "text" -> in.text();
                        case "texts" -> in.texts().size();
                        case "pairs" -> in.pairs();
                        case "object" -> in.object(FieldReader::fields);
                        case "list" -> in.list(FieldReader::fields).size();
                        case "bytes" -> in.bytes().length;
                        case "ints" -> Arrays.toString(in.ints(2));
                        case "longs" -> Arrays.toString(in.longs());
                        case "doubles" -> in.doubles(70_000).length;
                        default -> throw new AssertionError(in.name());
                    });
        }
        return read;
    }

    @Example
    void whatIsWrittenIsRead() throws IOException {
        Map<String, Object> read = SectionBytes.again(FieldReaderTest::everything, FieldReaderTest::read);

        assertThat(read)
                .hasSize(13)
                .containsEntry("number", Long.MIN_VALUE)
                .containsEntry("text", "é\ud83d\ude00\ud83d")
                .containsEntry("pairs", Map.of("key", "value"))
                .containsEntry("list", 2)
                .containsEntry("bytes", 99_999)
                .containsEntry("ints", "[1, -2]")
                .containsEntry("last", 7L);
    }

    @Example
    void whatIsNotAskedForIsSkipped() throws IOException {
        Map<String, Long> read = new LinkedHashMap<>();
        SectionBytes.again(
                out -> {
                    out.object("before", FieldReaderTest::everything);
                    everything(out);
                },
                in -> {
                    while (in.next()) {
                        if (in.name().equals("last")) {
                            read.put("last", in.number());
                        }
                    }
                    return in;
                });
        assertThat(read).containsEntry("last", 7L);
    }

    @Example
    void aReaderMayLeaveItsObject() throws IOException {
        long last = SectionBytes.again(FieldReaderTest::everything, in -> {
            long read = 0;
            while (in.next()) {
                switch (in.name()) {
                    case "object" -> in.into(object -> {});
                    case "list" -> in.each(FieldReader::next);
                    case "last" -> read = in.number();
                    default -> {
                        // Not looked at.
                    }
                }
            }
            return read;
        });
        assertThat(last).isEqualTo(7);
    }

    @Example
    void whatIsMissingHasADefaultAndAnotherTypeIsAnError() throws IOException {
        Fields fields = SectionBytes.again(FieldReaderTest::everything, FieldReader::fields);

        assertThat(fields.number("other", 5)).isEqualTo(5);
        assertThat(fields.text("other")).isEmpty();
        assertThat(fields.texts("other")).isEmpty();
        assertThat(fields.pairs("pairs")).containsEntry("key", "value");
        assertThat(fields.texts("list")).as("objects").isEmpty();
        assertThat(fields.real("real", 0)).isNaN();
        assertThatThrownBy(() -> fields.number("text", 0)).isInstanceOf(IOException.class);
        assertThatThrownBy(() -> fields.count("number")).isInstanceOf(IOException.class);
        assertThatThrownBy(() -> SectionBytes.again(out -> out.ints("ints", INTS, 3), FieldReaderTest::read))
                .hasMessageContaining("more than 2");
        assertThatThrownBy(() -> SectionBytes.again(out -> out.ints("ints", INTS, 1), FieldReaderTest::read))
                .hasMessageContaining("1 elements instead of 2");
        assertThatThrownBy(() -> SectionBytes.again(out -> out.ints("longs", INTS, 3), FieldReaderTest::read))
                .hasMessageContaining("another type");
    }

    @Example
    void aLengthThatCannotBeTakesNoMemory() {
        // An object of one field whose bytes, text or list are said to be two billion long.
        for (int type : new int[] {0x5A, 0x7A, 0x9A}) {
            byte[] bytes = {
                (byte) 0xBF, 0x65, 'b', 'y', 't', 'e', 's', (byte) 0xD8, 64, (byte) type, 0x7F, 0x7F, 0x7F, 0x7F, 0x41
            };
            assertThatThrownBy(() -> SectionBytes.read(bytes, FieldReaderTest::read))
                    .isInstanceOf(IOException.class);
            assertThatThrownBy(() -> SectionBytes.read(bytes, FieldReader::fields))
                    .isInstanceOf(IOException.class);
        }
    }

    @Property(tries = 300)
    void whatIsDamagedIsAnErrorOrReadOtherwise(@ForAll int at, @ForAll byte value, @ForAll boolean cut)
            throws IOException {
        byte[] bytes = SectionBytes.of(FieldReaderTest::everything);
        int place = Math.floorMod(at, bytes.length);
        byte[] damaged = cut ? Arrays.copyOf(bytes, place) : bytes;
        if (!cut) {
            damaged[place] = value;
        }
        try {
            SectionBytes.read(damaged, FieldReader::fields);
        } catch (IOException e) {
            assertThat(e).hasMessageNotContaining("internal");
        }
    }
}
