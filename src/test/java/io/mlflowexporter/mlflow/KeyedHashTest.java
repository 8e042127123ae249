package io.mlflowexporter.mlflow;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.BitSet;
import java.util.HashSet;
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
        for (int key = 0; key < KEYS; key++) {
            StringBuilder text = new StringBuilder();
            for (int bit = 0; bit < 14; bit++) {
                text.append((key >> bit & 1) == 0 ? "Aa" : "BB");
            }
            assertThat(text.toString().hashCode()).isEqualTo("Aa".repeat(14).hashCode());
            byte[] bytes = text.toString().getBytes(StandardCharsets.UTF_8);
            places.set(KeyedHash.of(bytes, 0, bytes.length) & (2 * KEYS - 1));
        }
        assertThat(places.cardinality()).isGreaterThan(PLACES);
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
