package io.mlflowexporter.text;

import static org.assertj.core.api.Assertions.assertThat;

import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;

/** What anybody wrote stays on its line. */
final class OneLineTest {
    /** Half of the characters are those that a line must not hold. */
    @Provide
    Arbitrary<String> texts() {
        Arbitrary<Character> bad = Arbitraries.of(
                '\0', '\t', '\n', '\r', '\u001b', '\u007f', '\u0085', '\u009b', '\u00ad', '\u061c', '\u200b', '\u200e',
                '\u2028', '\u2029', '\u202a', '\u202e', '\u2066', '\u2069', '\ufeff', '\ud83d', '\udca9', '\\');
        return Arbitraries.oneOf(bad, Arbitraries.chars()).list().ofMaxSize(300).map(characters -> {
            StringBuilder text = new StringBuilder();
            characters.forEach(text::append);
            return text.toString();
        });
    }

    private static void assertOneLine(String line) {
        assertThat(line.lines().count()).isLessThanOrEqualTo(1);
        assertThat(line.codePoints())
                .noneMatch(Character::isISOControl)
                .noneMatch(c -> c == 0x2028 || c == 0x2029 || c == 0x85)
                .noneMatch(c -> (c >= 0x202a && c <= 0x202e) || (c >= 0x2066 && c <= 0x2069) || c == 0x200e)
                .noneMatch(c -> c >= Character.MIN_SURROGATE && c <= Character.MAX_SURROGATE);
    }

    @Property
    void blanksStandForWhatIsNotShown(@ForAll("texts") String text) {
        String line = OneLine.of(text, 1000);
        assertOneLine(line);
        assertThat(line.codePointCount(0, line.length())).isEqualTo(text.codePointCount(0, text.length()));
    }

    @Property
    void aLongTextIsCutBetweenCharacters(@ForAll("texts") String text) {
        String line = OneLine.of(text, 20);
        assertOneLine(line);
        assertThat(line.codePointCount(0, line.length())).isLessThanOrEqualTo(21);
        assertOneLine(OneLine.of(text));
        assertOneLine(OneLine.escaped(text.repeat(50)));
        assertThat(OneLine.escaped(text.repeat(50))).hasSizeLessThan(10 * OneLine.LONGEST + 30);
    }

    @Property
    void escapesTellTextsApart(@ForAll("texts") String one, @ForAll("texts") String other) {
        assertOneLine(OneLine.escaped(one));
        assertThat(OneLine.escaped(one).equals(OneLine.escaped(other))).isEqualTo(one.equals(other));
    }

    @Test
    void whatALogShows() {
        assertThat(OneLine.escaped("a\nb\tc\\n\u202e\udca9😀\udb40\udc01"))
                .isEqualTo("a\\nb\\tc\\\\n\\u202e\\udca9😀\\U000e0001");
        assertThat(OneLine.escaped("x".repeat(OneLine.LONGEST) + "😀yz")).endsWith("x… (4 more)");
        assertThat(OneLine.cut("ab😀c", 3)).isEqualTo("ab😀…");
    }
}
