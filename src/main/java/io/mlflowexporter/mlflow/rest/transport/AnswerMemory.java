package io.mlflowexporter.mlflow.rest.transport;

/**
 * What MLflow's answers may take. An answer is held whole, in pieces that are let go as they are parsed, beside the
 * catalog, the snapshots and what is made of the answer. So the heap limits it as well as the configuration does. Pages
 * that are under way at the same time divide the room of one.
 *
 * @param limit the largest answer accepted, bytes before and after decompression
 * @param page what a page of runs is to come to, bytes
 * @param ahead the largest page accepted of those asked for ahead, bytes; a larger one is asked for again when it is its turn
 * @param streamed the largest answer accepted that is not held, but read as it comes, bytes; of lists the largest element
 * @param why the limit and what to do where it is too low, after "larger than"
 */
public record AnswerMemory(long limit, long page, long ahead, long streamed, String why) {
    private static final int PART_OF_HEAP = 8;

    /** What a server makes, and a large heap holds, without pain. */
    private static final long PAGE = 16 << 20;

    private static final int PAGE_PART_OF_HEAP = 16;

    /**
     * Divides the heap.
     *
     * @param configured {@code mlflow.max_response_size}, bytes
     * @param heap what the heap may grow to, bytes
     * @param parallel requests under way at once at most
     */
    public static AnswerMemory of(long configured, long heap, int parallel) {
        long part = heap / PART_OF_HEAP;
        long limit = Math.min(configured, part);
        // Runs differ in size, so a page has room up to the limit.
        long page = Math.min(Math.min(PAGE, heap / PAGE_PART_OF_HEAP / parallel), limit / 5 * 4);
        String why = configured <= part
                ? "mlflow.max_response_size, " + limit + " bytes; raise it"
                : limit + " bytes, the eighth of the heap that an answer may take; give more with java -Xmx";
        return new AnswerMemory(limit, page, Math.min(2 * page, limit), configured, why);
    }
}
