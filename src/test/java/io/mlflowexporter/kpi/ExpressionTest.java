package io.mlflowexporter.kpi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.mlflowexporter.kpi.Expression.Problem;
import io.mlflowexporter.settings.value.BadValueException;
import java.util.Map;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Arithmetic over metrics, as people write it. */
final class ExpressionTest {
    private static final Map<String, Double> METRICS = Map.of(
            "a",
            6.0,
            "b",
            3.0,
            "zero",
            0.0,
            "val/acc",
            0.5,
            "nan",
            Double.NaN,
            "infinite",
            Double.POSITIVE_INFINITY,
            "huge",
            1e308);

    private static Expression.Result evaluate(String text) {
        return Expression.of(text).evaluate(name -> METRICS.getOrDefault(name.toString(), Double.NaN));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            value = {
                "a; 6",
                "a / b; 2",
                "a + b * 2; 12",
                "(a + b) * 2; 18",
                "a - b - 1; 2",
                "a / b / 2; 1",
                "-a + 10; 4",
                "a--b; 9",
                "1 - \"val/acc\"; 0.5",
                "100*a/(a+b); 66.66666666666667",
            })
    void isComputedWithTheUsualPrecedence(String text, double value) {
        assertThat(evaluate(text).value()).isCloseTo(value, within(1e-12));
    }

    @ParameterizedTest
    @CsvSource({
        "a / zero, DIVISION_BY_ZERO",
        "a / (b - 3), DIVISION_BY_ZERO",
        "zero / zero, DIVISION_BY_ZERO",
        "nan, NOT_FINITE",
        "nan / zero, NOT_FINITE",
        "huge * 10, NOT_FINITE",
        "a / (huge * huge), NOT_FINITE",
        "a / infinite, NOT_FINITE",
    })
    void whatHasNoValueSaysWhy(String text, Problem problem) {
        assertThat(evaluate(text)).isEqualTo(new Expression.Result(Double.NaN, problem));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "a +",
                "(a",
                "a)",
                "a b",
                "\"a",
                "\"\"",
                "* a",
                "a ** b",
                "1.2.3 + a",
                "a; b",
                "f(a)",
                "a % b",
                "1 + 2"
            })
    void whatIsNoneIsRefusedWithAReason(String text) {
        assertThatThrownBy(() -> Expression.of(text)).isInstanceOf(BadValueException.class);
    }

    @Test
    void anExpressionMadeToExhaustIsRefused() {
        assertThatThrownBy(() -> Expression.of("(".repeat(60) + "a" + ")".repeat(60)))
                .isInstanceOf(BadValueException.class)
                .hasMessageContaining("nested");
        assertThatThrownBy(() -> Expression.of("a+".repeat(600) + "a"))
                .isInstanceOf(BadValueException.class)
                .hasMessageContaining("longer");
        assertThatThrownBy(() -> Expression.of("-".repeat(900) + "a")).isInstanceOf(BadValueException.class);
    }

    /** A tree, its text with every parenthesis, and what it comes to. */
    record Tree(String text, double value) {}

    @Provide
    Arbitrary<Tree> trees() {
        Arbitrary<Tree> leaves = Arbitraries.of(
                new Tree("a", 6),
                new Tree("b", 3),
                new Tree("zero", 0),
                new Tree("2.5", 2.5),
                new Tree("\"val/acc\"", 0.5));
        return Arbitraries.lazyOf(() -> leaves, () -> leaves, () -> branches());
    }

    private Arbitrary<Tree> branches() {
        return net.jqwik.api.Combinators.combine(trees(), trees(), Arbitraries.of('+', '-', '*', '/'))
                .as((left, right, operator) -> new Tree(
                        "(" + left.text() + " " + operator + " " + right.text() + ")",
                        switch (operator) {
                            case '+' -> left.value() + right.value();
                            case '-' -> left.value() - right.value();
                            case '*' -> left.value() * right.value();
                            default -> left.value() / right.value();
                        }));
    }

    @Property(tries = 300)
    void everyTreeComesToWhatItsPartsComeTo(@ForAll("trees") Tree tree) {
        Expression.Result result;
        try {
            result = evaluate(tree.text() + " + 0 * a");
        } catch (BadValueException tooLong) {
            return;
        }
        if (Double.isFinite(tree.value())) {
            // A division by zero inside may come to a finite number again (1 / (1 / 0)): that has no value.
            if (result.problem() == Problem.NONE) {
                assertThat(result.value()).isEqualTo(tree.value());
            } else {
                assertThat(tree.text()).contains("/");
            }
        } else {
            assertThat(result.problem()).isNotEqualTo(Problem.NONE);
        }
    }

    @Property(tries = 500)
    void noTextDoesAnythingButBeReadOrRefused(@ForAll String text) {
        try {
            assertThat(Expression.of(text).toString()).isEqualTo(text);
        } catch (BadValueException refused) {
            assertThat(refused).hasMessageNotContaining("\n");
        }
    }
}
