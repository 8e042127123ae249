package io.mlflowexporter.metric;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class LabelTextTest {
    private final LabelText text = new LabelText(16);

    @Test
    void whatEveryFormatCarriesStays() {
        assertThat(text.clean("a \"b\"\\\n\té😀")).isEqualTo("a \"b\"\\\n\té😀");
    }

    @Test
    void whatNoFormatCarriesIsReplaced() {
        assertThat(text.clean("nul\0 cr\r del\u007f")).isEqualTo("nul\uFFFD cr\uFFFD del\uFFFD");
        assertThat(text.clean("\ud83d lone \ude00")).isEqualTo("\uFFFD lone \uFFFD");
        assertThat(text.clean("\ude00\ud83d")).isEqualTo("\uFFFD\uFFFD");
    }

    @Test
    void longNamesThatBeginAlikeStayApart() {
        String a = text.clean("a-very-long-name-1");
        String b = text.clean("a-very-long-name-2");

        assertThat(a).startsWith("a-very-…").hasSize(16).isNotEqualTo(b);
        assertThat(a).as("stable over restarts").isEqualTo("a-very-…514d7fb2");
        assertThat(text.clean("x".repeat(10_000))).hasSize(16);
    }

    @Test
    void aCutDoesNotSplitAnEmoji() {
        String cut = text.clean("😀".repeat(17));

        assertThat(cut).startsWith("😀".repeat(7) + "…");
        assertThat(text.clean("😀".repeat(16))).isEqualTo("😀".repeat(16));
    }

    @ParameterizedTest
    @CsvSource({"_other,_other_", "_other_,_other__", "other,other", "_others,_others", "_other_a,_other_a"})
    void aRealNameIsNeverTheFoldsName(String name, String shown) {
        assertThat(text.clean(name)).isEqualTo(shown);
    }

    @Test
    void valuesThatNeedNothingAreNotCopied() {
        List<String> values = List.of("a", "b");

        assertThat(text.clean(values)).isSameAs(values);
        assertThat(text.clean(List.of("a", "\0"))).containsExactly("a", "\uFFFD");
    }

    @Property
    void anyTextBecomesValidUtf8WithinTheLimit(@ForAll String value, @ForAll @IntRange(min = 16, max = 40) int limit) {
        String cleaned = new LabelText(limit).clean(value);

        // One more only where an underscore was added to _other.
        assertThat(cleaned.codePointCount(0, cleaned.length())).isLessThanOrEqualTo(limit + 1);
        assertThat(new String(cleaned.getBytes(StandardCharsets.UTF_8), StandardCharsets.UTF_8))
                .isEqualTo(cleaned);
        assertThat(cleaned).isNotEqualTo(LabelText.OTHER);
    }
}
