package io.mlflowexporter.audit;

import io.mlflowexporter.settings.value.Glob;
import java.math.BigDecimal;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.function.BinaryOperator;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;

/** A KPI's expression for one run, worked out in decimals while it is read. */
final class KpiFormula {
    static final String DIVISION_BY_ZERO = "division_by_zero";
    static final String NOT_FINITE = "not_finite";

    private static final Pattern TOKEN =
            Pattern.compile("\\p{Nd}[\\p{Nd}.]*|\"[^\"]+\"|[\\p{L}_][\\p{L}\\p{Nd}_.]*|[-+*/()]");

    /**
     * What it comes to.
     *
     * @param problem empty where there is a value
     */
    record Result(Optional<BigDecimal> value, String problem) {}

    private final Deque<String> tokens = new ArrayDeque<>();
    private final SortedMap<String, Double> metrics;
    private boolean dividedByZero;

    private KpiFormula(String text, SortedMap<String, Double> metrics) {
        this.metrics = metrics;
        TOKEN.matcher(text).results().map(MatchResult::group).forEach(tokens::add);
    }

    /** Whether there is every metric that the expression names. */
    static boolean canBe(String expression, Set<String> metrics) {
        return TOKEN.matcher(expression)
                .results()
                .map(MatchResult::group)
                .filter(token -> token.length() > 1 || Character.isLetter(token.charAt(0)) || token.equals("_"))
                .filter(token -> !Character.isDigit(token.codePointAt(0)))
                .map(KpiFormula::name)
                .allMatch(name -> metrics.stream().anyMatch(name::matches));
    }

    /** What it comes to by metrics of which it {@link #canBe}. */
    static Result of(String expression, SortedMap<String, Double> metrics) {
        KpiFormula formula = new KpiFormula(expression, metrics);
        Optional<BigDecimal> value = formula.sum();
        if (formula.dividedByZero) {
            return new Result(Optional.empty(), DIVISION_BY_ZERO);
        }
        return new Result(value, value.isPresent() ? "" : NOT_FINITE);
    }

    private static Glob name(String token) {
        return Glob.of(token.replace("\"", ""));
    }

    /** The metric of exactly that name, else the first by alphabet; empty for what is no finite number. */
    private Optional<BigDecimal> metric(Glob name) {
        return Optional.ofNullable(metrics.get(name.toString()))
                .or(() -> metrics.entrySet().stream()
                        .filter(metric -> name.matches(metric.getKey()))
                        .map(Map.Entry::getValue)
                        .findFirst())
                .filter(Double::isFinite)
                .map(BigDecimal::valueOf);
    }

    private boolean takes(String sign) {
        return sign.equals(tokens.peek()) && sign.equals(tokens.remove());
    }

    /** Empty for what is no finite number. */
    private Optional<BigDecimal> sum() {
        Optional<BigDecimal> sum = product();
        while (true) {
            if (takes("+")) {
                sum = finite(both(sum, product(), (left, right) -> left.add(right, AuditPricing.EXACT)));
            } else if (takes("-")) {
                sum = finite(both(sum, product(), (left, right) -> left.subtract(right, AuditPricing.EXACT)));
            } else {
                return sum;
            }
        }
    }

    private Optional<BigDecimal> product() {
        Optional<BigDecimal> product = factor();
        while (true) {
            if (takes("*")) {
                product = finite(both(product, factor(), (left, right) -> left.multiply(right, AuditPricing.EXACT)));
            } else if (takes("/")) {
                product = finite(both(product, factor(), this::quotient));
            } else {
                return product;
            }
        }
    }

    private BigDecimal quotient(BigDecimal left, BigDecimal right) {
        if (right.doubleValue() == 0) {
            dividedByZero = true;
            return BigDecimal.ZERO;
        }
        return left.divide(right, AuditPricing.EXACT);
    }

    private Optional<BigDecimal> factor() {
        String token = tokens.remove();
        if (token.equals("(")) {
            Optional<BigDecimal> inner = sum();
            tokens.remove();
            return inner;
        }
        if (token.equals("-")) {
            return factor().map(BigDecimal::negate);
        }
        if (Character.isDigit(token.codePointAt(0))) {
            return Optional.of(new BigDecimal(token));
        }
        return metric(name(token));
    }

    private static Optional<BigDecimal> both(
            Optional<BigDecimal> left, Optional<BigDecimal> right, BinaryOperator<BigDecimal> operator) {
        return left.flatMap(one -> right.map(other -> operator.apply(one, other)));
    }

    private static Optional<BigDecimal> finite(Optional<BigDecimal> number) {
        return number.filter(value -> Double.isFinite(value.doubleValue()));
    }
}
