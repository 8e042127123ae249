package io.mlflowexporter.llm.sync;

import io.mlflowexporter.checkpoint.fields.FieldReader;
import io.mlflowexporter.checkpoint.fields.FieldWriter;
import io.mlflowexporter.metric.Times;
import java.io.IOException;

/** How far the ended traces of one workspace were read. */
final class Front {
    /** Traces that ended before this are not asked for again, Unix milliseconds. */
    private long fromMillis;
    /** Traces that ended before this were read, where they had arrived. */
    private long readMillis;

    /** Where the next reading goes on, as the last one did not come to its end; {@link Times#ABSENT}: with the overlap. */
    private long resumeMillis = Times.ABSENT;

    private Seen seen = new Seen();

    Front(long readMillis, long overlapMillis) {
        this.readMillis = readMillis;
        this.fromMillis = readMillis - overlapMillis;
    }

    long fromMillis() {
        return fromMillis;
    }

    long readMillis() {
        return readMillis;
    }

    Seen seen() {
        return seen;
    }

    /** Traces that ended from here on are to be read next. */
    long nextMillis() {
        return resumeMillis == Times.ABSENT ? fromMillis : resumeMillis;
    }

    /** Every trace that ended before this was read, and there are later ones. */
    void cut(long millis, long overlapMillis) {
        resumeMillis = millis;
        read(millis, overlapMillis);
    }

    /** Every trace that has ended by now was read. */
    void whole(long nowMillis, long overlapMillis) {
        resumeMillis = Times.ABSENT;
        read(nowMillis, overlapMillis);
    }

    private void read(long millis, long overlapMillis) {
        readMillis = Math.max(readMillis, millis);
        fromMillis = Math.max(fromMillis, readMillis - overlapMillis);
        seen.prune(fromMillis);
    }

    void write(FieldWriter out) throws IOException {
        out.number("fromMillis", fromMillis);
        out.number("readMillis", readMillis);
        out.number("resumeMillis", resumeMillis);
        out.object("seen", seen::write);
    }

    static Front read(FieldReader in) throws IOException {
        Front read = new Front(0, 0);
        while (in.next()) {
            switch (in.name()) {
                case "fromMillis" -> read.fromMillis = in.number();
                case "readMillis" -> read.readMillis = in.number();
                case "resumeMillis" -> read.resumeMillis = in.number();
                case "seen" -> read.seen = in.object(Seen::read);
                default -> {
                    // Of another version.
                }
            }
        }
        return read;
    }
}
