package io.mlflowexporter.catalog.reading;

import io.mlflowexporter.checkpoint.fields.FieldReader;
import io.mlflowexporter.checkpoint.fields.FieldWriter;
import io.mlflowexporter.checkpoint.fields.Fields;
import io.mlflowexporter.metric.Times;
import io.mlflowexporter.mlflow.LifecycleStage;
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
public final class ReadingState {
    /** An experiment as its runs were last read by. */
    public record Met(String name, LifecycleStage stage) {}

    /**
     * An experiment that is not read for a while.
     *
     * @param failures in a row
     * @param untilMillis when it is tried again
     */
    public record Quarantine(int failures, long untilMillis, String reason) {}

    /** What the runs in the catalog were made with; other rules ask for all of them anew. */
    public String rules = "";
    /** What is kept of the runs read from now on. */
    public RunNeeds needs = RunNeeds.NOTHING;
    /** Experiments met, by id. */
    public final Map<String, Met> met = new HashMap<>();
    /** Ids of experiments of which every run is to be read. */
    public final Set<String> toRead = new LinkedHashSet<>();

    /** Ids of experiments whose reading broke off; not written: a restart reads them from their beginning. */
    public final Set<String> partlyRead = new HashSet<>();

    /** Up to this start time it had come. */
    public long partlyReadTo = Times.ABSENT;

    public final Map<String, Quarantine> quarantined = new LinkedHashMap<>();
    /** What was late; not written, as a restart may as well look anew. */
    public final SlowExperiments slow = new SlowExperiments();
    /** When the last refresh began that took all that was new; {@link Times#ABSENT} before the first try. */
    public long upToMillis = Times.ABSENT;
    /** The newest start or end that was ever met and did not lie in the future. */
    public long newestMillis = Times.ABSENT;
    /** How far known runs are read again. */
    public ResyncState resync = new ResyncState();
    /** When all runs that have not ended are asked for, dead ones too. */
    public final RereadSchedule unfinishedTurns = new RereadSchedule();
    /** When all deleted runs are asked for. */
    public final RereadSchedule deletedTurns = new RereadSchedule();

    public void write(FieldWriter out) throws IOException {
        out.text("rules", rules);
        out.object("needs", needs::write);
        out.list("met", met.entrySet(), (element, entry) -> {
            element.text("id", entry.getKey());
            element.text("name", entry.getValue().name());
            element.flag("active", entry.getValue().stage() == LifecycleStage.ACTIVE);
        });
        out.texts("toRead", toRead);
        out.list("quarantined", quarantined.entrySet(), (element, entry) -> {
            element.text("id", entry.getKey());
            element.number("failures", entry.getValue().failures());
            element.number("untilMillis", entry.getValue().untilMillis());
            element.text("reason", entry.getValue().reason());
        });
        out.number("upToMillis", upToMillis);
        out.number("newestMillis", newestMillis);
        out.object("resync", resync::write);
    }

    public static ReadingState read(FieldReader in) throws IOException {
        ReadingState read = new ReadingState();
        while (in.next()) {
            switch (in.name()) {
                case "rules" -> read.rules = in.text();
                case "needs" -> read.needs = in.object(RunNeeds::read);
                case "met" -> {
                    for (Fields it : in.list(FieldReader::fields)) {
                        read.met.put(
                                it.text("id"),
                                new Met(
                                        it.text("name"),
                                        it.flag("active", true) ? LifecycleStage.ACTIVE : LifecycleStage.DELETED));
                    }
                }
                case "toRead" -> read.toRead.addAll(in.texts());
                case "quarantined" -> {
                    for (Fields it : in.list(FieldReader::fields)) {
                        read.quarantined.put(
                                it.text("id"),
                                new Quarantine(it.count("failures"), it.number("untilMillis", 0), it.text("reason")));
                    }
                }
                case "upToMillis" -> read.upToMillis = in.number();
                case "newestMillis" -> read.newestMillis = in.number();
                case "resync" -> read.resync = in.object(ResyncState::read);
                default -> {
                    // Of another version.
                }
            }
        }
        return read;
    }
}
