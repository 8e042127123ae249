package io.mlflowexporter.refresh;

import io.mlflowexporter.catalog.Catalog;
import io.mlflowexporter.estimate.NotNowException;
import io.mlflowexporter.estimate.RunHistory;
import io.mlflowexporter.pipeline.Pipeline;
import java.time.Instant;

/**
 * The catalog between two refreshes, for one query; must not be kept.
 *
 * @param readAt when experiments and runs were read
 * @param registryRead whether models and versions were ever read
 */
public record CatalogView(Catalog catalog, Pipeline pipeline, Instant readAt, boolean registryRead, Instant now) {
    /**
     * A question to the catalog.
     *
     * @param <T> the answer, which must not hold on to the catalog
     */
    @FunctionalInterface
    public interface Query<T> {
        /**
         * Answers, on the thread that owns the catalog.
         *
         * @throws NotNowException if it cannot be answered now
         */
        T answer(CatalogView view) throws NotNowException;
    }

    /** Gathers what an estimate rests on. */
    public RunHistory history(RunHistory.Wanted wanted) {
        return pipeline.history(catalog, wanted, readAt, now, registryRead);
    }
}
