package io.mlflowexporter.kpi;

import io.mlflowexporter.settings.value.BadValueException;
import io.mlflowexporter.settings.value.Glob;
import io.mlflowexporter.settings.value.Quoted;
import io.mlflowexporter.settings.value.SettingType;
import java.util.ArrayList;
import java.util.List;
import java.util.function.ToDoubleFunction;

/**
 * Arithmetic over the metrics of a run: numbers, names, {@code + - * /}, parentheses. Nothing else can be written in it,
 * and its size is limited, so that it is safe to take from anyone.
 */
@SettingType(
        value = "expression",
        json = {"string", "number"},
        quoted = true)
public final class Expression {
    private static final int LONGEST = 1_000;
    private static final int DEEPEST = 50;

    /** One step of the reckoning, in postfix order. */
    private sealed interface Step {}

    private record Constant(double value) implements Step {}

    private record Metric(int index) implements Step {}

    private record Operation(char operator) implements Step {}

    /** Why there is no value. */
    public enum Problem {
        NONE,
        DIVISION_BY_ZERO,
        NOT_FINITE
    }

    /**
     * What came out.
     *
     * @param value finite where there is no problem, else NaN
     */
    public record Result(double value, Problem problem) {}

    private final String text;
    private final List<Glob> names;
    private final List<Step> steps;

    private Expression(String text, List<Glob> names, List<Step> steps) {
        this.text = text;
        this.names = List.copyOf(names);
        this.steps = List.copyOf(steps);
    }

    /**
     * Reads an expression.
     *
     * @throws BadValueException if it is none, with what is wrong and where
     */
    public static Expression of(String text) {
        if (text.length() > LONGEST) {
            throw new BadValueException("is longer than " + LONGEST + " characters");
        }
        Parser parser = new Parser(text);
        parser.sum(0);
        parser.end();
        if (parser.names.isEmpty()) {
            throw new BadValueException(Quoted.shown(text) + " names no metric");
        }
        return new Expression(text, parser.names, parser.steps);
    }

    /** The metrics it needs, each once. */
    public List<Glob> names() {
        return names;
    }

    /**
     * Computes it.
     *
     * @param values the value of the metric of each of {@link #names}; may be NaN or infinite
     */
    public Result evaluate(ToDoubleFunction<Glob> values) {
        double[] stack = new double[steps.size()];
        int top = -1;
        boolean finite = true;
        for (Step step : steps) {
            if (step instanceof Constant constant) {
                stack[++top] = constant.value();
            } else if (step instanceof Metric metric) {
                stack[++top] = values.applyAsDouble(names.get(metric.index()));
            } else if (step instanceof Operation operation) {
                double right = stack[top--];
                if (operation.operator() == '/' && right == 0 && Double.isFinite(stack[top])) {
                    return new Result(Double.NaN, Problem.DIVISION_BY_ZERO);
                }
                stack[top] = apply(operation.operator(), stack[top], right);
            }
            // Dividing by infinity would make a number of it.
            finite &= Double.isFinite(stack[top]);
        }
        return finite ? new Result(stack[0], Problem.NONE) : new Result(Double.NaN, Problem.NOT_FINITE);
    }

    private static double apply(char operator, double left, double right) {
        return switch (operator) {
            case '+' -> left + right;
            case '-' -> left - right;
            case '*' -> left * right;
            default -> left / right;
        };
    }

    private static final class Parser {
        private final String text;
        private final List<Glob> names = new ArrayList<>();
        private final List<Step> steps = new ArrayList<>();
        private int at;

        Parser(String text) {
            this.text = text;
        }

        void sum(int depth) {
            product(depth);
            for (char operator = next(); operator == '+' || operator == '-'; operator = next()) {
                at++;
                product(depth);
                steps.add(new Operation(operator));
            }
        }

        private void product(int depth) {
            factor(depth);
            for (char operator = next(); operator == '*' || operator == '/'; operator = next()) {
                at++;
                factor(depth);
                steps.add(new Operation(operator));
            }
        }

        private void factor(int depth) {
            if (depth > DEEPEST) {
                throw new BadValueException("is nested deeper than " + DEEPEST);
            }
            char c = next();
            if (c == '(') {
                at++;
                sum(depth + 1);
                expect(')');
            } else if (c == '-') {
                at++;
                steps.add(new Constant(0));
                factor(depth + 1);
                steps.add(new Operation('-'));
            } else if (c == '"') {
                int end = text.indexOf('"', at + 1);
                if (end < 0) {
                    throw wrong("has a \" without its other");
                }
                if (end == at + 1) {
                    throw wrong("has an empty name");
                }
                metric(text.substring(at + 1, end));
                at = end + 1;
            } else if (Character.isDigit(c)) {
                number();
            } else if (Character.isLetter(c) || c == '_') {
                int begin = at;
                while (at < text.length()
                        && (Character.isLetterOrDigit(text.charAt(at)) || "_.".indexOf(text.charAt(at)) >= 0)) {
                    at++;
                }
                metric(text.substring(begin, at));
            } else {
                throw wrong("needs a number, a metric's name or ( here");
            }
        }

        private void number() {
            int begin = at;
            while (at < text.length() && (Character.isDigit(text.charAt(at)) || text.charAt(at) == '.')) {
                at++;
            }
            try {
                steps.add(new Constant(Double.parseDouble(text.substring(begin, at))));
            } catch (NumberFormatException e) {
                throw wrong("has a number that is none");
            }
        }

        private void metric(String name) {
            Glob glob = Glob.of(name);
            int index = names.indexOf(glob);
            if (index < 0) {
                index = names.size();
                names.add(glob);
            }
            steps.add(new Metric(index));
        }

        private char next() {
            while (at < text.length() && Character.isWhitespace(text.charAt(at))) {
                at++;
            }
            return at < text.length() ? text.charAt(at) : 0;
        }

        private void expect(char c) {
            if (next() != c) {
                throw wrong("needs " + c + " here");
            }
            at++;
        }

        void end() {
            if (next() != 0 || at < text.length()) {
                throw wrong("has more than one expression; between two values stands one of + - * / ");
            }
        }

        private BadValueException wrong(String why) {
            return new BadValueException(
                    Quoted.shown(text) + " is no expression: character " + (at + 1) + " " + why.strip());
        }
    }

    @Override
    public String toString() {
        return text;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Expression that && that.text.equals(text);
    }

    @Override
    public int hashCode() {
        return text.hashCode();
    }
}
