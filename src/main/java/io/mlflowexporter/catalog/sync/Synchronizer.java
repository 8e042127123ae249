package io.mlflowexporter.catalog.sync;

import io.mlflowexporter.catalog.Catalog;
import io.mlflowexporter.mlflow.MlflowException;
import java.util.List;
import java.util.Map;

/** Brings the catalog up to date with MLflow. */
public interface Synchronizer {
    /** Hears how far a reading has come; called on the refresh thread. */
    interface Listener {
        /**
         * Something was read.
         *
         * @param experimentsTotal 0 until known
         */
        void progress(String step, int experimentsDone, int experimentsTotal, long runsRead);
    }

    /**
     * Reads experiments and runs. After an exception the catalog holds a mixture that must not be published; the next
     * reading mends it.
     *
     * @return a line for each reason why the catalog does not hold all that the filters select
     * @throws MlflowException also of kind {@code OTHER_DATABASE}, with the catalog as it was: an empty one is to be read
     *     instead
     */
    List<String> tracking(List<String> workspaces, Catalog catalog, Listener listener) throws MlflowException;

    /**
     * Reads registered models and their versions; after an exception the catalog holds what it held before. Where {@code
     * read.registry} is off, or auto and the server has no registry, there are none.
     *
     * @return workspaces that are left out, as they were deleted or are forbidden, with a line why
     */
    Map<String, String> registry(List<String> workspaces, Catalog catalog) throws MlflowException;
}
