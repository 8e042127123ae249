package io.mlflowexporter.checkpoint.fields;

import io.mlflowexporter.checkpoint.fields.BadCheckpointException.Kind;

/**
 * What of the heap may go to what is read. It is counted about, and rather too little, so that nothing is refused that
 * would fit; without it a checkpoint that does not fit would end the process at every start.
 */
public final class FieldMemory {
    /** What the exporter takes besides. */
    private static final long OWN = 8L << 20;

    private static final long LEAST = 8L << 20;

    private final long bytes;
    private long left;

    public FieldMemory(long bytes) {
        this.bytes = bytes;
        this.left = bytes;
    }

    /** Three quarters of the heap, less what the exporter takes: what is read is also computed with. */
    public static long inHeap() {
        return Math.max(LEAST, Runtime.getRuntime().maxMemory() / 4 * 3 - OWN);
    }

    void take(long more) throws BadCheckpointException {
        left -= more;
        if (left < 0) {
            throw new BadCheckpointException(
                    Kind.LARGE, "it needs more than the " + (bytes >> 20) + " MiB that the heap (-Xmx) leaves for it");
        }
    }

    void give(long back) {
        left += back;
    }
}
