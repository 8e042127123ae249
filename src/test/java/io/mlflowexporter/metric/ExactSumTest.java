package io.mlflowexporter.metric;

import static org.assertj.core.api.Assertions.assertThat;

import io.mlflowexporter.checkpoint.fields.SectionBytes;
import java.io.IOException;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Sums of doubles of all sizes, held to exact decimals. */
final class ExactSumTest {
    private final Random random = new Random(7);

    private List<Double> numbers(int count, int leastExponent, int greatestExponent) {
        List<Double> numbers = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            int exponent = leastExponent + random.nextInt(greatestExponent - leastExponent);
            numbers.add(Math.scalb(random.nextDouble() - 0.3, exponent));
        }
        return numbers;
    }

    private static ExactSum sum(List<Double> numbers) {
        ExactSum sum = new ExactSum();
        numbers.forEach(number -> sum.add(number, 1));
        return sum;
    }

    @Test
    void itIsTheSumInWhateverOrder() {
        for (int i = 0; i < 300; i++) {
            List<Double> numbers = numbers(1 + random.nextInt(50), i % 2 == 0 ? -1_080 : -30, i % 2 == 0 ? 1_000 : 40);
            BigDecimal exact = numbers.stream().map(BigDecimal::new).reduce(BigDecimal.ZERO, BigDecimal::add);
            double sum = sum(numbers).value();
            assertThat(Math.abs(sum - exact.doubleValue())).isLessThanOrEqualTo(Math.ulp(exact.doubleValue()));
            Collections.shuffle(numbers, random);
            assertThat(sum(numbers).value()).isEqualTo(sum);
        }
    }

    @Test
    void whatIsTakenBackLeavesNoTrace() {
        for (int i = 0; i < 100; i++) {
            List<Double> stay = numbers(5, -20, 20);
            List<Double> go = numbers(40, -1_074, 1_000);
            ExactSum sum = sum(stay);
            go.forEach(number -> sum.add(number, 1));
            sum.value();
            go.forEach(number -> sum.add(number, -1));
            assertThat(sum.value()).isEqualTo(sum(stay).value());
            stay.forEach(number -> sum.add(number, -1));
            assertThat(sum.value()).isZero();
            assertThat(sum.isEmpty()).isTrue();
        }
    }

    @Test
    void whatADoubleCanSayIsSaidExactly() {
        assertThat(sum(List.of(0.5, 0.25, 1e15, -1e15)).value()).isEqualTo(0.75);
        assertThat(sum(Collections.nCopies(10, 0.1)).value()).isEqualTo(1.0);
        assertThat(sum(List.of(Double.MAX_VALUE, Double.MAX_VALUE)).value()).isInfinite();
        assertThat(sum(List.of(Double.MAX_VALUE, Double.MAX_VALUE)).mean()).isEqualTo(Double.MAX_VALUE);
        assertThat(sum(List.of(Double.MIN_VALUE, Double.MIN_VALUE)).value()).isEqualTo(2 * Double.MIN_VALUE);
        assertThat(sum(List.of(-3.0, 1.0)).value()).isEqualTo(-2);
    }

    @Test
    void aGrowingSumNeverFalls() {
        ExactSum sum = new ExactSum();
        double before = 0;
        for (double number : numbers(20_000, -60, 5)) {
            sum.add(Math.abs(number), 1);
            assertThat(sum.value()).isGreaterThanOrEqualTo(before);
            before = sum.value();
        }
    }

    @Test
    void theInfiniteCanBeTakenBackToo() {
        ExactSum sum = sum(List.of(1.0, Double.POSITIVE_INFINITY));
        assertThat(sum.value()).isInfinite();
        sum.add(Double.POSITIVE_INFINITY, -1);
        assertThat(sum.value()).isEqualTo(1);
    }

    @Test
    void itIsReadAsItWasWritten() throws IOException {
        ExactSum sum = sum(numbers(30, -40, 40));
        ExactSum read = SectionBytes.again(sum::write, ExactSum::read);
        for (double number : numbers(30, -60, 60)) {
            sum.add(number, 1);
            read.add(number, 1);
            assertThat(read.value()).isEqualTo(sum.value());
        }
    }
}
