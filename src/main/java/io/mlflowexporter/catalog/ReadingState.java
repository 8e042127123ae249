package io.mlflowexporter.catalog;

import io.mlflowexporter.mlflow.LifecycleStage;
import io.mlflowexporter.mlflow.Times;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;

/**
 * How far a catalog has been read. It is kept and written with the catalog, as the one is only true of the other.
 * Belongs to the refresh thread.
 */
final class ReadingState {
    /** An experiment as its runs were last read by. */
    record Met(String name, LifecycleStage stage) {}

    /**
     * An experiment that is not read for a while.
     *
     * @param failures in a row
     * @param untilMillis when it is tried again
     */
    record Quarantine(int failures, long untilMillis, String reason) {}

    /** What the runs in the catalog were made with; other rules ask for all of them anew. */
    String rules = "";
    /** What is kept of the runs read from now on. */
    RunNeeds needs = RunNeeds.NOTHING;
    /** Experiments met, by id. */
    final Map<String, Met> met = new HashMap<>();
    /** Ids of experiments of which every run is to be read. */
    final Set<String> toRead = new LinkedHashSet<>();

    /** Ids of experiments whose reading broke off; not written: a restart reads them from their beginning. */
    final Set<String> partlyRead = new HashSet<>();

    /** Up to this start time it had come. */
    long partlyReadTo = Times.ABSENT;

    final Map<String, Quarantine> quarantined = new LinkedHashMap<>();
    /** What was late; not written, as a restart may as well look anew. */
    final SlowExperiments slow = new SlowExperiments();
    /** When the last refresh began that took all that was new; {@link Times#ABSENT} before the first try. */
    long upToMillis = Times.ABSENT;
    /** The newest start or end that was ever met and did not lie in the future. */
    long newestMillis = Times.ABSENT;
    /** Where the sweep goes on, by start time; {@link Times#ABSENT} at its beginning. */
    long sweepFrom = Times.ABSENT;
    /** When the last sweep over everything ended; {@link Times#ABSENT} before the first. */
    long sweptMillis = Times.ABSENT;
    /** Refreshes until all runs that have not ended are asked for, dead ones too; not written: a restart begins with them. */
    int pause;

    void write(DataOutput out) throws IOException {
        Binary.text(out, rules);
        needs.write(out);
        out.writeInt(met.size());
        for (Map.Entry<String, Met> entry : met.entrySet()) {
            Binary.text(out, entry.getKey());
            Binary.text(out, entry.getValue().name());
            out.writeBoolean(entry.getValue().stage() == LifecycleStage.ACTIVE);
        }
        out.writeInt(toRead.size());
        for (String id : toRead) {
            Binary.text(out, id);
        }
        out.writeInt(quarantined.size());
        for (Map.Entry<String, Quarantine> entry : quarantined.entrySet()) {
            Binary.text(out, entry.getKey());
            out.writeInt(entry.getValue().failures());
            out.writeLong(entry.getValue().untilMillis());
            Binary.text(out, entry.getValue().reason());
        }
        out.writeLong(upToMillis);
        out.writeLong(newestMillis);
        out.writeLong(sweepFrom);
        out.writeLong(sweptMillis);
    }

    static ReadingState read(DataInput in) throws IOException {
        ReadingState read = new ReadingState();
        read.rules = Binary.text(in);
        read.needs = RunNeeds.read(in);
        for (int i = Binary.count(in); i > 0; i--) {
            String id = Binary.text(in);
            String name = Binary.text(in);
            read.met.put(id, new Met(name, in.readBoolean() ? LifecycleStage.ACTIVE : LifecycleStage.DELETED));
        }
        for (int i = Binary.count(in); i > 0; i--) {
            read.toRead.add(Binary.text(in));
        }
        for (int i = Binary.count(in); i > 0; i--) {
            String id = Binary.text(in);
            int failures = Binary.count(in);
            long until = in.readLong();
            read.quarantined.put(id, new Quarantine(failures, until, Binary.text(in)));
        }
        read.upToMillis = in.readLong();
        read.newestMillis = in.readLong();
        read.sweepFrom = in.readLong();
        read.sweptMillis = in.readLong();
        return read;
    }
}
