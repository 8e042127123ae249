package io.mlflowexporter.mlflow;

import java.util.Map;

/**
 * A number that is equal for runs with the same params, names and values, in whatever order they come, and hardly ever for
 * others. 0 for none.
 */
public final class ParamsHash {
    private ParamsHash() {}

    /** Of all params of a run. */
    public static int of(Map<String, String> params) {
        int hash = 0;
        for (Map.Entry<String, String> param : params.entrySet()) {
            hash += of(param.getKey().hashCode(), param.getValue().hashCode());
        }
        return hash;
    }

    /**
     * Of one param; those of all are added.
     *
     * @param name as {@link String#hashCode} has it
     * @param value as {@link String#hashCode} has it
     */
    public static int of(int name, int value) {
        // Mixed so that sums of similar pairs differ: the last step of MurmurHash3's 32-bit variant.
        int hash = name * 31 + value;
        hash = (hash ^ (hash >>> 16)) * 0x85ebca6b;
        hash = (hash ^ (hash >>> 13)) * 0xc2b2ae35;
        return hash ^ (hash >>> 16);
    }
}
