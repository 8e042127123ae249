package io.mlflowexporter.mlflow;

import java.nio.charset.StandardCharsets;

/**
 * A part of an MLflow: of N shards the one that has an experiment is its id's 32-bit FNV-1a hash, taken as an unsigned
 * number, modulo N. Every shard has the whole registry, as the run behind a version may be in any of them.
 */
public final class ShardedSource {
    // http://www.isthe.com/chongo/tech/comp/fnv/: short to write in any language, and the same in all of them.
    private static final int FNV_OFFSET = 0x811c9dc5;
    private static final int FNV_PRIME = 0x01000193;

    private ShardedSource() {}

    /** The source itself where there is only one shard. */
    public static MlflowSource of(MlflowSource whole, int index, int total) {
        return total == 1 ? whole : new SomeExperiments(whole, experiment -> shard(experiment.id(), total) == index);
    }

    /** The shard that has an experiment, from 0. */
    public static int shard(String experimentId, int total) {
        int hash = FNV_OFFSET;
        for (byte b : experimentId.getBytes(StandardCharsets.UTF_8)) {
            hash = (hash ^ (b & 0xff)) * FNV_PRIME;
        }
        return Integer.remainderUnsigned(hash, total);
    }
}
