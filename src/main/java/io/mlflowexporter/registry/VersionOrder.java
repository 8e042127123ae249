package io.mlflowexporter.registry;

import io.mlflowexporter.metric.Times;
import io.mlflowexporter.mlflow.ModelVersion;
import java.math.BigInteger;
import java.util.Map;

/** Which of two versions of a model is the older one. */
final class VersionOrder {
    private VersionOrder() {}

    /**
     * Compares two versions: as numbers where both are, else by when they were created.
     *
     * @param createdMillis version to when it was created; may lack either
     * @return less than 0 where the first is older, 0 where that is not known
     */
    static int compare(String first, String second, Map<String, Long> createdMillis) {
        if (ModelVersion.isNumber(first) && ModelVersion.isNumber(second)) {
            return new BigInteger(first).compareTo(new BigInteger(second));
        }
        long firstCreated = createdMillis.getOrDefault(first, Times.ABSENT);
        long secondCreated = createdMillis.getOrDefault(second, Times.ABSENT);
        return firstCreated == Times.ABSENT || secondCreated == Times.ABSENT
                ? 0
                : Long.compare(firstCreated, secondCreated);
    }
}
