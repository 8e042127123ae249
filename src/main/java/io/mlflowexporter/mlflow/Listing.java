package io.mlflowexporter.mlflow;

/** Takes a list of MLflow's, element by element in the order of arrival. */
@FunctionalInterface
public interface Listing<T> {
    void accept(T element);

    /**
     * Hears of one that is larger than an answer may be, and so is not passed on.
     *
     * @param element what tells which it is; the rest may be missing
     */
    default void tooLarge(T element) {}

    /** Asked between pages: whether there is no room for more, so that the rest is not asked for. */
    default boolean full() {
        return false;
    }
}
