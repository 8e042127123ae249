package io.mlflowexporter.demo.store;

import io.mlflowexporter.demo.store.SearchDialect.Subject;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.function.BiFunction;
import org.jspecify.annotations.Nullable;

/** One clause of {@code order_by}. */
public record OrderBy(Subject subject, boolean ascending) {

    public static List<OrderBy> parse(List<String> clauses, SearchDialect dialect) {
        List<OrderBy> parsed = new ArrayList<>();
        for (String clause : clauses) {
            OrderBy order = parse(clause, dialect);
            if (parsed.stream().anyMatch(o -> o.subject().equals(order.subject()))) {
                throw ApiException.internal("`order_by` contains duplicate fields: " + clauses);
            }
            parsed.add(order);
        }
        return parsed;
    }

    private static OrderBy parse(String clause, SearchDialect dialect) {
        String text = clause.strip();
        if (text.isEmpty() || text.replaceAll("`[^`]*`|\"[^\"]*\"", "").contains(",")) {
            throw ApiException.invalid("Invalid order_by clause '" + clause + "'. Could not be parsed.");
        }
        String lower = text.toLowerCase(Locale.ROOT);
        boolean descending = lower.endsWith(" desc");
        String identifier = text;
        if (descending || lower.endsWith(" asc")) {
            identifier = text.substring(0, text.lastIndexOf(' ')).strip();
        } else if (text.replaceAll("`[^`]*`|\"[^\"]*\"", "").contains(" ")) {
            throw ApiException.invalid("Invalid ordering key in order_by clause '" + clause + "'.");
        }
        if (dialect.equals(SearchDialect.MODELS) && !dialect.sortable().contains(identifier)) {
            throw ApiException.invalid(
                    "Invalid order by key '" + identifier + "' specified. Valid keys are '{'timestamp', 'name'}'");
        }
        return new OrderBy(dialect.subject(identifier, dialect.sortable()), !descending);
    }

    /**
     * The order these clauses ask for. What has no value stands last whichever the direction, before it what is not a
     * number.
     *
     * @param last the order among what the clauses leave equal
     */
    public static <T> Comparator<T> comparator(
            List<OrderBy> orders, BiFunction<T, Subject, @Nullable Object> value, Comparator<T> last) {
        Comparator<T> comparator = null;
        for (OrderBy order : orders) {
            Comparator<T> next = (a, b) ->
                    compare(value.apply(a, order.subject()), value.apply(b, order.subject()), order.ascending());
            comparator = comparator == null ? next : comparator.thenComparing(next);
        }
        return comparator == null ? last : comparator.thenComparing(last);
    }

    private static int compare(@Nullable Object a, @Nullable Object b, boolean ascending) {
        int rank = Integer.compare(rank(a), rank(b));
        if (rank != 0 || a == null || b == null) {
            return rank;
        }
        int natural;
        if (a instanceof Long left && b instanceof Long right) {
            natural = Long.compare(left, right);
        } else if (a instanceof Number left && b instanceof Number right) {
            natural = Double.compare(left.doubleValue(), right.doubleValue());
        } else {
            natural = a.toString().compareTo(b.toString());
        }
        return ascending ? natural : -natural;
    }

    private static int rank(@Nullable Object value) {
        if (value == null) {
            return 2;
        }
        return value instanceof Double number && number.isNaN() ? 1 : 0;
    }
}
