package io.mlflowexporter.settings.value;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import java.time.Duration;
import java.util.regex.Pattern;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.CharRange;
import net.jqwik.api.constraints.Chars;
import net.jqwik.api.constraints.StringLength;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Patterns over names. */
final class GlobTest {
    @ParameterizedTest
    @CsvSource({
        "*,'',true",
        "'','',true",
        "'',a,false",
        "train*,Training,true",
        "train*,a train,false",
        "*train*,a TRAIN b,true",
        "run-?,run-7,true",
        "run-?,run-77,false",
        "a?b,a😀b,true",
        "a*c*e,abcde,true",
        "a*c*e,abcd,false",
        "*.csv,x.csv.csv,true",
        "ÄRGER*,ärgerlich,true",
        "[a-z]+,b,false",
        "[a-z]+,[A-Z]+,true",
        "a**b,ab,true",
    })
    void matchesWholeNames(String glob, String name, boolean expected) {
        assertThat(Glob.of(glob).matches(name)).isEqualTo(expected);
    }

    @Test
    void aLineBreakIsACharacterLikeAnyOther() {
        assertThat(Glob.of("a*b").matches("a\r\nb")).isTrue();
    }

    /** Few letters, so that patterns match often; a regular expression is the oracle. */
    @Property(tries = 5000)
    void matchesAsTheRegularExpressionDoes(
            @ForAll @Chars({'*', '?'}) @CharRange(from = 'a', to = 'c') @StringLength(max = 8) String glob,
            @ForAll @CharRange(from = 'a', to = 'c') @StringLength(max = 10) String name) {
        String regex = glob.replace("*", ".*").replace("?", ".");
        assertThat(Glob.of(glob).matches(name)).isEqualTo(Pattern.matches(regex, name));
    }

    @Test
    void aHostileNameCostsNoMoreThanItsLength() {
        String name = "trainv".repeat(2000);
        Assertions.assertTimeout(
                Duration.ofSeconds(5),
                () -> assertThat(Glob.of("*train*v*train*v*train*final*").matches(name))
                        .isFalse());
        assertThatCode(() -> Glob.of("*?".repeat(100_000)).matches(name)).doesNotThrowAnyException();
    }
}
