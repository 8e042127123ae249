package io.mlflowexporter.mlflow.rest.pages;

import io.mlflowexporter.mlflow.Listing;
import java.util.function.Predicate;

/** Passes on those elements that are complete and were not passed on before. */
public record Distinct<T>(Listing<T> sink, Predicate<T> fresh) implements ListPager.Sink<T> {
    @Override
    public boolean take(T element) {
        boolean isFresh = fresh.test(element);
        // One page may hold more than there is room for.
        if (isFresh && !sink.full()) {
            sink.accept(element);
        }
        return isFresh;
    }

    @Override
    public boolean tooLarge(T element) {
        boolean isFresh = fresh.test(element);
        if (isFresh) {
            sink.tooLarge(element);
        }
        return isFresh;
    }

    @Override
    public boolean full() {
        return sink.full();
    }
}
