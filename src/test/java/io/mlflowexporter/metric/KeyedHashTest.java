package io.mlflowexporter.metric;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.BitSet;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** That keys which meet in one place of other tables do not here. */
final class KeyedHashTest {
    private static final int KEYS = 1 << 14;

    /** So many of a table twice as large random hashes fill, but for chance: 1 - e^(-1/2). */
    private static final int PLACES = (int) (2 * KEYS * 0.35);

    @Test
    void textsThatAllHaveOneHashCodeAreSpread() {
        BitSet places = new BitSet();
        BitSet keys = new BitSet();
        BitSet firsts = new BitSet();
        BitSet lists = new BitSet();
        for (int key = 0; key < KEYS; key++) {
            StringBuilder text = new StringBuilder();
            for (int bit = 0; bit < 14; bit++) {
                text.append((key >> bit & 1) == 0 ? "Aa" : "BB");
            }
            assertThat(text.toString().hashCode()).isEqualTo("Aa".repeat(14).hashCode());
            byte[] bytes = text.toString().getBytes(StandardCharsets.UTF_8);
            places.set(KeyedHash.of(bytes, 0, bytes.length) & (2 * KEYS - 1));
            keys.set(KeyedHash.place(text.toString()) & (2 * KEYS - 1));
            firsts.set(KeyedHash.place(text.toString(), "phase") & (2 * KEYS - 1));
            lists.set(KeyedHash.place("", List.of("1d", text.toString(), "phase")) & (2 * KEYS - 1));
        }
        assertThat(places.cardinality()).isGreaterThan(PLACES);
        assertThat(keys.cardinality()).isGreaterThan(PLACES);
        assertThat(firsts.cardinality()).isGreaterThan(PLACES);
        assertThat(lists.cardinality()).isGreaterThan(PLACES);
    }

    @Test
    void usualNamesAreSpreadToo() {
        BitSet places = new BitSet();
        for (int key = 0; key < KEYS; key++) {
            places.set(KeyedHash.place("experiment " + key) & (2 * KEYS - 1));
        }
        assertThat(places.cardinality()).isGreaterThan(PLACES);
        assertThat(KeyedHash.place("ab", "c")).isNotEqualTo(KeyedHash.place("a", "bc"));
        assertThat(KeyedHash.place("a", List.of("b"))).isEqualTo(KeyedHash.place("a", "b"));
    }

    @Test
    void numbersThatDifferInFewBitsAreSpread() {
        for (int shift = 0; shift <= 50; shift += 10) {
            BitSet byFirst = new BitSet();
            BitSet bySecond = new BitSet();
            BitSet byBoth = new BitSet();
            for (long key = 0; key < KEYS; key++) {
                byFirst.set(KeyedHash.of(key << shift, 0) & (2 * KEYS - 1));
                bySecond.set(KeyedHash.of(0, key << shift) & (2 * KEYS - 1));
                byBoth.set(KeyedHash.of(key << shift, Long.rotateLeft(key << shift, 32)) & (2 * KEYS - 1));
            }
            assertThat(byFirst.cardinality()).as("first << %s", shift).isGreaterThan(PLACES);
            assertThat(bySecond.cardinality()).as("second << %s", shift).isGreaterThan(PLACES);
            assertThat(byBoth.cardinality()).as("both << %s", shift).isGreaterThan(PLACES);
        }
    }

    @Test
    void hashesThatStandForTextsDoNotMeet() {
        Set<Long> hashes = new HashSet<>();
        for (int i = 0; i < KEYS; i++) {
            hashes.add(KeyedHash.of("%032x".formatted(i)));
            hashes.add(KeyedHash.of("\uffff".repeat(i % 50) + i));
        }
        hashes.add(KeyedHash.of(""));
        hashes.add(KeyedHash.of("\0"));
        hashes.add(KeyedHash.of("\0\0"));

        assertThat(hashes).hasSize(2 * KEYS + 3);
        assertThat(KeyedHash.of("text")).isEqualTo(KeyedHash.of("text"));
    }
}
