package io.mlflowexporter.cost.pricing;

import io.mlflowexporter.settings.Place;
import io.mlflowexporter.settings.Problems;
import io.mlflowexporter.settings.value.DateOrTime;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/**
 * When an element of the cost book holds.
 *
 * @param fromMillis Unix milliseconds, {@code Long.MIN_VALUE} for since ever
 * @param untilMillis Unix milliseconds, exclusive, {@code Long.MAX_VALUE} for for ever
 */
record Span(long fromMillis, long untilMillis, String path, Place place) {

    static Span of(Optional<DateOrTime> from, Optional<DateOrTime> until, ZoneId zone, String path, Place place) {
        return new Span(
                from.map(when -> when.millis(zone)).orElse(Long.MIN_VALUE),
                until.map(when -> when.millis(zone)).orElse(Long.MAX_VALUE),
                path,
                place);
    }

    /** Adds a problem if it holds at no time. */
    boolean check(Problems problems) {
        if (untilMillis > fromMillis) {
            return true;
        }
        problems.error(
                PricingBinder.origin(place),
                path,
                "never holds: valid_until, the first instant it no longer does, is not after valid_from");
        return false;
    }

    /** Adds a problem for each that holds at no time or while another does; of two, the later in the list is blamed. */
    static void checkDisjoint(List<Span> spans, Problems problems) {
        List<Span> inOrder = new ArrayList<>(spans);
        inOrder.removeIf(span -> !span.check(problems));
        inOrder.sort(Comparator.comparingLong(Span::fromMillis));
        Optional<Span> widest = Optional.empty();
        for (Span span : inOrder) {
            if (widest.isPresent() && span.fromMillis < widest.get().untilMillis) {
                overlap(spans, span, widest.get(), problems);
            }
            if (widest.isEmpty() || span.untilMillis > widest.get().untilMillis) {
                widest = Optional.of(span);
            }
        }
    }

    private static void overlap(List<Span> spans, Span a, Span b, Problems problems) {
        boolean later = spans.indexOf(a) > spans.indexOf(b);
        Span blamed = later ? a : b;
        Span other = later ? b : a;
        problems.error(
                PricingBinder.origin(blamed.place),
                blamed.path,
                "its time overlaps that of " + other.place + "; set valid_from and valid_until so that only one holds");
    }
}
