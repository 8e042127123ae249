package io.mlflowexporter.llm.sums;

import io.mlflowexporter.checkpoint.fields.FieldReader;
import io.mlflowexporter.checkpoint.fields.FieldWriter;
import io.mlflowexporter.checkpoint.fields.Fields;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Deque;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** All measures there are, by a number each, so that sums are columns of numbers. Belongs to the refresh thread. */
public final class Measures {
    /** Of a kind whose labels come from those who write traces; more are summed into {@code _other}. */
    private static final int MOST = 1_000;

    /** With its texts, bytes. */
    private static final long WEIGHT = 250;

    private final Map<Measure, Integer> numbers = new HashMap<>();
    private final List<@Nullable Measure> byNumber = new ArrayList<>();
    private final Deque<Integer> free = new ArrayDeque<>();
    private final Map<Measure.Kind, Integer> ofKind = new EnumMap<>(Measure.Kind.class);

    /** The number of a measure, or of what stands for it where there are too many. */
    int number(Measure measure) {
        Integer known = numbers.get(measure);
        if (known != null) {
            return known;
        }
        Measure folded = measure.folded();
        return folded.equals(measure) || ofKind.getOrDefault(measure.kind(), 0) < MOST ? add(measure) : number(folded);
    }

    private int add(Measure measure) {
        int number;
        if (free.isEmpty()) {
            number = byNumber.size();
            byNumber.add(measure);
        } else {
            number = free.pop();
            byNumber.set(number, measure);
        }
        numbers.put(measure, number);
        ofKind.merge(measure.kind(), 1, Integer::sum);
        return number;
    }

    /** The measure of a number in use. */
    Measure of(int number) {
        Measure measure = byNumber.get(number);
        if (measure == null) {
            throw new IllegalArgumentException("no measure " + number);
        }
        return measure;
    }

    boolean has(int number) {
        return number >= 0 && number < byNumber.size() && byNumber.get(number) != null;
    }

    /** Greater than every number in use. */
    int size() {
        return byNumber.size();
    }

    /** Forgets all others; their numbers are given to new ones. */
    void retain(BitSet used) {
        for (int number = 0; number < byNumber.size(); number++) {
            Measure measure = byNumber.get(number);
            if (measure != null && !used.get(number)) {
                numbers.remove(measure);
                ofKind.merge(measure.kind(), -1, Integer::sum);
                byNumber.set(number, null);
                free.push(number);
            }
        }
    }

    long weight() {
        return WEIGHT * numbers.size();
    }

    void write(FieldWriter out, String name) throws IOException {
        out.list(name, numbers.entrySet(), (element, entry) -> {
            element.number("number", entry.getValue());
            element.text("kind", entry.getKey().kind().name());
            element.texts("labels", entry.getKey().labels());
        });
    }

    /** What {@link #write} wrote, its numbers included. */
    void read(FieldReader in) throws IOException {
        for (Fields fields : in.list(FieldReader::fields)) {
            int number = fields.count("number");
            Measure measure = new Measure(fields.one("kind", Measure.Kind.TRACES), List.copyOf(fields.texts("labels")));
            if (number > (1 << 24)) {
                throw new IOException("no measure " + number);
            }
            while (byNumber.size() <= number) {
                free.push(byNumber.size());
                byNumber.add(null);
            }
            if (byNumber.get(number) != null || numbers.put(measure, number) != null) {
                throw new IOException("a measure twice");
            }
            byNumber.set(number, measure);
            free.remove(number);
            ofKind.merge(measure.kind(), 1, Integer::sum);
        }
    }
}
