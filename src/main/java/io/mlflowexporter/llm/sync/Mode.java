package io.mlflowexporter.llm.sync;

import io.mlflowexporter.checkpoint.fields.FieldWriter;
import io.mlflowexporter.checkpoint.fields.Fields;
import io.mlflowexporter.metric.Times;
import java.io.IOException;

/** How one experiment is read, and what that is decided by. */
final class Mode {
    /** So many refreshes in a row decide. */
    private static final int SEVERAL = 3;

    private boolean aggregated;
    /** Refreshes in a row that speak for the other way. */
    private int inARow;
    /** Up to when it was read, Unix milliseconds; {@link Times#ABSENT}: never. */
    private long readMillis = Times.ABSENT;
    /** Up to when the whole horizon was read from the server's sums; {@link Times#ABSENT}: not yet. */
    private long wholeMillis = Times.ABSENT;
    /** When its calls of models were read; {@link Times#ABSENT}: never. */
    private long modelsMillis = Times.ABSENT;
    /** Whether traces were counted since. */
    private boolean modelsDue;
    /** Ended traces of this refresh. Not written. */
    private long traces;

    boolean aggregated() {
        return aggregated;
    }

    void aggregated(boolean now) {
        aggregated = now;
        inARow = 0;
        wholeMillis = Times.ABSENT;
    }

    long readMillis() {
        return readMillis;
    }

    void read(long millis) {
        readMillis = millis;
    }

    long wholeMillis() {
        return wholeMillis;
    }

    void whole(long millis) {
        wholeMillis = millis;
    }

    long modelsMillis() {
        return modelsMillis;
    }

    boolean modelsDue() {
        return modelsDue;
    }

    /** Traces were found that may have called models. */
    void modelsDue(boolean due) {
        modelsDue |= due;
    }

    void modelsRead(long millis) {
        modelsMillis = millis;
        modelsDue = false;
    }

    /** Takes that so many more traces ended. */
    void counted(long more) {
        traces += more;
        modelsDue |= more > 0;
    }

    /** Forgets how many there were in the last refresh. */
    void begin() {
        traces = 0;
    }

    /**
     * Takes that a refresh has counted all its traces.
     *
     * @param perRefresh what {@link #counted} took, of as much time as lies between two refreshes
     * @param most for reading one by one
     * @return whether it is to be read the other way
     */
    boolean decide(double perRefresh, int most) {
        boolean other = aggregated ? perRefresh < most / 2.0 : perRefresh > most;
        inARow = other ? inARow + 1 : 0;
        return inARow >= SEVERAL;
    }

    /** Whether one more refresh that speaks for the other way decides. */
    boolean nearlyDecided() {
        return inARow >= SEVERAL - 1;
    }

    long traces() {
        return traces;
    }

    void write(FieldWriter out) throws IOException {
        out.flag("aggregated", aggregated);
        out.number("inARow", inARow);
        out.number("readMillis", readMillis);
        out.number("wholeMillis", wholeMillis);
        out.number("modelsMillis", modelsMillis);
        out.flag("modelsDue", modelsDue);
    }

    static Mode read(Fields fields) throws IOException {
        Mode read = new Mode();
        read.aggregated = fields.flag("aggregated", false);
        read.inARow = fields.count("inARow");
        read.readMillis = fields.number("readMillis", Times.ABSENT);
        read.wholeMillis = fields.number("wholeMillis", Times.ABSENT);
        read.modelsMillis = fields.number("modelsMillis", Times.ABSENT);
        read.modelsDue = fields.flag("modelsDue", false);
        return read;
    }
}
