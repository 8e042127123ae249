package io.mlflowexporter.demo.store;

import io.mlflowexporter.demo.store.SearchDialect.Entity;
import io.mlflowexporter.demo.store.SearchDialect.Subject;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** MLflow's filter language: comparisons joined by {@code AND}. Refuses what the real server refuses. */
public final class SearchFilter {
    private static final Pattern TOKEN = Pattern.compile("\\s*(?:"
            + "(?<string>'(?:''|[^'])*')"
            + "|(?<number>-?\\d+(?:\\.\\d*)?(?:[eE][+-]?\\d+)?)"
            + "|(?<operator>>=|<=|!=|<>|=|>|<)"
            + "|(?<word>(?:`[^`]*`|\"[^\"]*\"|[\\p{L}_][\\p{L}\\d_]*)(?:\\.(?:`[^`]*`|\"[^\"]*\"|[\\p{L}\\d_]+))*)"
            + "|(?<punctuation>[(),])"
            + "|(?<other>\\S))");
    private static final Set<String> NUMERIC_OPERATORS = Set.of("=", "!=", ">", ">=", "<", "<=");
    private static final Set<String> TEXT_OPERATORS = Set.of("=", "!=", "LIKE", "ILIKE");
    private static final Set<String> LIST_OPERATORS = Set.of("IN", "NOT IN");
    private static final Set<String> NULL_OPERATORS = Set.of("IS NULL", "IS NOT NULL");

    /** What a row has for a subject: a {@link String}, a {@link Long}, a {@link Double}, or null for nothing. */
    public interface Row {
        @Nullable
        Object value(Subject subject);
    }

    /**
     * One comparison.
     *
     * @param number what a numeric subject is compared with
     * @param texts what a text subject is compared with, one text for all operators but IN
     * @param like the pattern of LIKE and ILIKE
     */
    record Clause(
            Subject subject,
            String operator,
            double number,
            List<String> texts,
            @Nullable Pattern like) {}

    private record Token(String kind, String text) {
        boolean word(String keyword) {
            return kind.equals("word") && text.equalsIgnoreCase(keyword);
        }
    }

    private final SearchDialect dialect;
    private final List<Token> tokens;
    private final List<Clause> clauses = new ArrayList<>();
    private int at;

    private SearchFilter(SearchDialect dialect, List<Token> tokens) {
        this.dialect = dialect;
        this.tokens = tokens;
    }

    /** Reads a filter; an empty one matches everything. */
    public static SearchFilter parse(String text, SearchDialect dialect) {
        List<Token> tokens = new ArrayList<>();
        Matcher matcher = TOKEN.matcher(text);
        while (matcher.lookingAt()) {
            for (String kind : List.of("string", "number", "operator", "word", "punctuation", "other")) {
                if (matcher.group(kind) != null) {
                    tokens.add(new Token(kind, matcher.group(kind)));
                }
            }
            matcher.region(matcher.end(), text.length());
        }
        SearchFilter filter = new SearchFilter(dialect, tokens);
        filter.readClauses();
        return filter;
    }

    List<Clause> clauses() {
        return clauses;
    }

    public boolean matches(Row row) {
        for (Clause clause : clauses) {
            if (!holds(clause, row.value(clause.subject()))) {
                return false;
            }
        }
        return true;
    }

    /** Takes the clauses about one tag out of the filter; true if they ask for the value {@code true}. */
    boolean takeFlag(String tag) {
        boolean asked = false;
        for (Clause clause : List.copyOf(clauses)) {
            if (clause.subject().entity() == Entity.TAG
                    && clause.subject().key().equals(tag)) {
                clauses.remove(clause);
                String value =
                        clause.texts().isEmpty() ? "" : clause.texts().get(0).toLowerCase(Locale.ROOT);
                asked |= (clause.operator().equals("=") && value.equals("true"))
                        || (clause.operator().equals("!=") && value.equals("false"));
            }
        }
        return asked;
    }

    /** The ids the rows must be among, where a clause says so. */
    public Optional<List<String>> ids(String attribute) {
        return clauses.stream()
                .filter(c -> c.subject().isAttribute(attribute)
                        && (c.operator().equals("=") || c.operator().equals("IN")))
                .map(Clause::texts)
                .findFirst();
    }

    /** The least whole number an attribute may have, {@link Long#MIN_VALUE} + 1 for any. */
    public long least(String attribute) {
        return clauses.stream()
                .filter(c -> c.subject().isAttribute(attribute)
                        && Set.of("=", ">", ">=").contains(c.operator()))
                .mapToLong(c -> (long) Math.floor(c.number()))
                .max()
                .orElse(Long.MIN_VALUE + 1);
    }

    /** The greatest whole number an attribute may have, {@link Long#MAX_VALUE} for any. */
    public long greatest(String attribute) {
        return clauses.stream()
                .filter(c -> c.subject().isAttribute(attribute)
                        && Set.of("=", "<", "<=").contains(c.operator()))
                .mapToLong(c -> (long) Math.ceil(c.number()))
                .min()
                .orElse(Long.MAX_VALUE);
    }

    private static boolean holds(Clause clause, @Nullable Object value) {
        if (clause.operator().equals("IS NULL")) {
            return value == null;
        }
        if (value == null) {
            return false;
        }
        if (value instanceof Number number) {
            // Whole milliseconds stay exact in a double; a metric that is not a number equals nothing.
            double left = number.doubleValue();
            return switch (clause.operator()) {
                case "=" -> left == clause.number();
                case "!=" -> left != clause.number();
                case ">" -> left > clause.number();
                case ">=" -> left >= clause.number();
                case "<" -> left < clause.number();
                default -> left <= clause.number();
            };
        }
        String text = (String) value;
        return switch (clause.operator()) {
            case "IS NOT NULL" -> true;
            case "=" -> text.equals(clause.texts().get(0));
            case "!=" -> !text.equals(clause.texts().get(0));
            case "IN" -> clause.texts().contains(text);
            case "NOT IN" -> !clause.texts().contains(text);
            default -> clause.like() != null && clause.like().matcher(text).matches();
        };
    }

    private void readClauses() {
        while (at < tokens.size()) {
            if (tokens.get(at).word("AND")) {
                at++;
                continue;
            }
            Token subject = tokens.get(at);
            if (!subject.kind().equals("word") || at + 1 >= tokens.size()) {
                throw invalidClause(subject);
            }
            at++;
            String operator = operator(subject);
            clauses.add(clause(dialect.subject(subject.text(), dialect.attributes()), operator));
        }
    }

    private String operator(Token subject) {
        Token first = next(subject);
        if (first.kind().equals("operator")) {
            return first.text().equals("<>") ? "!=" : first.text();
        }
        if (first.word("LIKE") || first.word("ILIKE") || first.word("IN")) {
            return first.text().toUpperCase(Locale.ROOT);
        }
        if (first.word("NOT") && next(subject).word("IN")) {
            return "NOT IN";
        }
        if (first.word("IS")) {
            Token second = next(subject);
            if (second.word("NULL")) {
                return "IS NULL";
            }
            if (second.word("NOT") && next(subject).word("NULL")) {
                return "IS NOT NULL";
            }
        }
        throw invalidClause(subject);
    }

    private Clause clause(Subject subject, String operator) {
        boolean attribute = subject.entity() == Entity.ATTRIBUTE;
        boolean numeric = subject.entity() == Entity.METRIC
                || (attribute && dialect.numeric().contains(subject.key()));
        if (NULL_OPERATORS.contains(operator)) {
            if (attribute || subject.entity() == Entity.METRIC) {
                throw ApiException.invalid("IS NULL / IS NOT NULL is only supported for tags and params, not for '"
                        + subject.entity().name().toLowerCase(Locale.ROOT) + "' '" + subject.key() + "'");
            }
            return new Clause(subject, operator, 0, List.of(), null);
        }
        if (LIST_OPERATORS.contains(operator)) {
            if (!attribute || !dialect.listed().contains(subject.key())) {
                throw ApiException.invalid("Only "
                        + dialect.listed().stream().map(k -> "'" + k + "'").toList()
                        + " attributes support comparison with a list of quoted string values.");
            }
            return new Clause(subject, operator, 0, list(), null);
        }
        Token value = next(new Token("word", subject.key()));
        if (numeric) {
            if (!value.kind().equals("number")) {
                throw ApiException.invalid(
                        attribute
                                ? "Expected numeric value type for numeric attribute: " + subject.key() + ". Found "
                                        + value.text()
                                : "Expected numeric value type for metric. Found " + value.text());
            }
            check(NUMERIC_OPERATORS, operator);
            return new Clause(subject, operator, Double.parseDouble(value.text()), List.of(), null);
        }
        boolean quoted = value.kind().equals("string") || value.text().startsWith("\"");
        if (!quoted) {
            throw ApiException.invalid(
                    attribute
                            ? "Expected a quoted string value for attributes. Got value " + value.text()
                            : "Expected a quoted string value for "
                                    + subject.entity().name().toLowerCase(Locale.ROOT)
                                    + " (e.g. 'my-value'). Got value " + value.text());
        }
        check(TEXT_OPERATORS, operator);
        String text = value.text().substring(1, value.text().length() - 1);
        return new Clause(subject, operator, 0, List.of(text), operator.endsWith("LIKE") ? like(text, operator) : null);
    }

    private List<String> list() {
        List<String> texts = new ArrayList<>();
        Token open = next(new Token("word", "IN"));
        if (!open.text().equals("(")) {
            throw ApiException.invalid("While parsing a list in the query, expected a non-empty list of string values,"
                    + " but got ill-formed list.");
        }
        for (Token token = next(open); !token.text().equals(")"); token = next(open)) {
            if (token.kind().equals("string") || token.text().startsWith("\"")) {
                texts.add(token.text().substring(1, token.text().length() - 1));
            } else if (!token.text().equals(",")) {
                throw ApiException.invalid("While parsing a list in the query, expected string value, punctuation, or"
                        + " whitespace, but got different type in list: " + token.text());
            }
        }
        if (texts.isEmpty()) {
            throw ApiException.invalid("While parsing a list in the query, expected a non-empty list of string values,"
                    + " but got empty list");
        }
        return List.copyOf(texts);
    }

    private static Pattern like(String pattern, String operator) {
        StringBuilder regex = new StringBuilder();
        for (int i = 0; i < pattern.length(); i++) {
            char c = pattern.charAt(i);
            regex.append(c == '%' ? ".*" : c == '_' ? "." : Pattern.quote(String.valueOf(c)));
        }
        int caseFlags = operator.equals("ILIKE") ? Pattern.CASE_INSENSITIVE | Pattern.UNICODE_CASE : 0;
        return Pattern.compile(regex.toString(), Pattern.DOTALL | caseFlags);
    }

    private static void check(Set<String> valid, String operator) {
        if (!valid.contains(operator)) {
            throw ApiException.invalid("Invalid comparator '" + operator + "' not one of '" + valid + "'");
        }
    }

    private Token next(Token after) {
        if (at >= tokens.size()) {
            throw invalidClause(after);
        }
        return tokens.get(at++);
    }

    private static ApiException invalidClause(Token token) {
        return ApiException.invalid("Invalid clause(s) in filter string: '" + token.text() + "'");
    }
}
