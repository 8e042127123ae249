package io.mlflowexporter.delivery;

import io.mlflowexporter.catalog.Catalog;
import io.mlflowexporter.catalog.RunTable;
import io.mlflowexporter.config.DeliveryConfig;
import io.mlflowexporter.indicators.SlidingWindow;
import io.mlflowexporter.mlflow.RegisteredModel;
import io.mlflowexporter.mlflow.Times;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/**
 * Remembers where aliases pointed, since MLflow does not, and so notices their moves. A move is stamped with the time of
 * the look that found it; several moves between two looks are one.
 */
final class Journal {
    private static final int FORMAT = 2;
    /** Knew neither when it began nor when new versions were deployed. */
    private static final int FORMAT_WITHOUT_TIMES = 1;

    private static final int MOVES_KEPT = 20;
    /** How far back it is known which versions went into production. */
    private static final long LONGEST_WINDOW_MILLIS = SlidingWindow.THIRTY_DAYS.millis();

    record AliasKey(ModelKey model, String alias) {}

    private record Deployed(ModelKey model, String version) {}

    private final Map<ModelKey, WatchedModel> models = new LinkedHashMap<>();
    private final Map<ModelKey, Long> created = new LinkedHashMap<>();
    private final Map<AliasKey, Tally> tallies = new LinkedHashMap<>();
    private final Deque<Move> moves = new ArrayDeque<>();
    /** Versions that went into production, and when that was last seen. */
    private final Map<Deployed, Long> deployed = new LinkedHashMap<>();

    private long lookedMillis = Times.ABSENT;
    private long beganMillis = Times.ABSENT;

    /** Versions ever seen, by model. */
    Map<ModelKey, Long> created() {
        return created;
    }

    Map<AliasKey, Tally> tallies() {
        return tallies;
    }

    /** When it first looked, Unix milliseconds; {@link Times#ABSENT} for never. */
    long beganMillis() {
        return beganMillis;
    }

    /** The newest moves, the newest first. */
    List<Move> moves() {
        return List.copyOf(moves);
    }

    /** Takes what the catalog holds after a whole reading of the registry. */
    void look(Catalog catalog, DeliveryConfig config, long nowMillis) {
        Look look = new Look(catalog);
        for (RegisteredModel model : catalog.models()) {
            look(new Change(config, catalog.runs(), look, model, nowMillis));
        }
        // A model that is not there may be deleted, renamed or filtered away: none of that moves an alias.
        lookedMillis = Math.max(lookedMillis, nowMillis);
        beganMillis = beganMillis == Times.ABSENT ? nowMillis : beganMillis;
        deployed.values().removeIf(millis -> millis <= nowMillis - LONGEST_WINDOW_MILLIS);
    }

    /** How many versions went into production since, rollbacks left out. */
    long deployedSince(String workspace, long millis) {
        return deployed.entrySet().stream()
                .filter(version ->
                        version.getKey().model().workspace().equals(workspace) && version.getValue() > millis)
                .count();
    }

    /** One model at one look. */
    private final class Change {
        private final DeliveryConfig config;
        private final RunTable runs;
        private final RegisteredModel model;
        private final ModelKey key;
        private final long nowMillis;
        private final Map<String, String> pointers;
        private final Map<String, Long> createdNow;
        private final Map<String, String> runIds;
        /** Those of the look before too, as an alias may have left a version that is deleted now. */
        private final Map<String, Long> createdEver = new HashMap<>();

        Change(DeliveryConfig config, RunTable runs, Look look, RegisteredModel model, long nowMillis) {
            this.config = config;
            this.runs = runs;
            this.model = model;
            this.key = new ModelKey(model.workspace(), model.name());
            this.nowMillis = nowMillis;
            this.pointers = look.pointers(model);
            this.createdNow = look.created(model);
            this.runIds = look.runs(model);
            createdEver.putAll(createdNow);
        }

        void versions(WatchedModel watched) {
            watched.versions.forEach(createdEver::putIfAbsent);
            long fresh = createdNow.entrySet().stream()
                    .filter(version -> !version.getValue().equals(watched.versions.get(version.getKey())))
                    .count();
            created.merge(key, fresh, Long::sum);
            watched.versions = createdNow;
        }

        /** Whether it was made after the last look, so that all that is true of it happened since. */
        boolean bornSince() {
            return lookedMillis != Times.ABSENT
                    && model.createdMillis() != Times.ABSENT
                    && model.createdMillis() > lookedMillis;
        }

        /** An alias is set to a version that it was not known to point to. */
        Pointer move(String alias, @Nullable Pointer before, String to) {
            String from = before == null ? "" : before.version();
            Tally tally = tally(alias);
            tally.deployments++;
            tally.lastDeploymentMillis = nowMillis;
            if (before != null && Versions.compare(to, from, createdEver) < 0) {
                note(alias, Move.Kind.ROLLBACK, from, to);
                tally.rollbacks++;
                restored(alias, tally, before, to);
                return Pointer.seen(to);
            }
            note(alias, Move.Kind.DEPLOYMENT, from, to);
            tally.deployedNew(nowMillis);
            leadTime(tally, to);
            if (config.isProduction(alias)) {
                deployed.put(new Deployed(key, to), nowMillis);
            }
            return new Pointer(to, true, nowMillis);
        }

        private void restored(String alias, Tally tally, Pointer before, String to) {
            long since = nowMillis - before.deployedMillis();
            if (before.deployedMillis() != Times.ABSENT
                    && since <= config.failureWindow().toMillis()
                    && config.isProduction(alias)) {
                tally.failures++;
                tally.restores.observe(Math.max(0, since) / 1000.0, runIds.getOrDefault(to, ""), nowMillis);
            }
        }

        private void leadTime(Tally tally, String to) {
            String runId = runIds.getOrDefault(to, "");
            OptionalInt row = runs.row(runId);
            if (row.isPresent() && runs.startMillis(row.getAsInt()) != Times.ABSENT) {
                double seconds = Math.max(0, nowMillis - runs.startMillis(row.getAsInt())) / 1000.0;
                tally.leadTimes.observe(seconds, runId, nowMillis);
            }
        }

        void deletion(String alias, Pointer before) {
            tally(alias).deletions++;
            note(alias, Move.Kind.DELETION, before.version(), "");
        }

        Tally tally(String alias) {
            return tallies.computeIfAbsent(new AliasKey(key, alias), k -> new Tally());
        }

        private void note(String alias, Move.Kind kind, String from, String to) {
            moves.addFirst(new Move(key.workspace(), key.model(), alias, kind, from, to, nowMillis));
            if (moves.size() > MOVES_KEPT) {
                moves.removeLast();
            }
        }
    }

    private void look(Change change) {
        Optional<WatchedModel> known = Optional.ofNullable(models.get(change.key))
                .filter(model -> model.createdMillis == change.model.createdMillis());
        boolean followed = known.isPresent() || change.bornSince();
        WatchedModel watched = known.orElseGet(() -> new WatchedModel(change.model.createdMillis()));
        models.put(change.key, watched);
        change.versions(watched);
        change.pointers.forEach((alias, version) -> {
            Pointer before = watched.pointers.get(alias);
            if (!change.config.follows(alias)) {
                // Once it is followed, it is known that it pointed there before.
                watched.pointers.put(alias, Pointer.seen(version));
                return;
            }
            change.tally(alias);
            if (before == null) {
                watched.pointers.put(alias, followed ? change.move(alias, null, version) : Pointer.seen(version));
            } else if (!before.version().equals(version)) {
                watched.pointers.put(alias, change.move(alias, before, version));
            } else if (!before.set()) {
                watched.pointers.put(alias, new Pointer(version, true, before.deployedMillis()));
            }
        });
        watched.pointers
                .keySet()
                .removeIf(alias -> !change.config.follows(alias) && !change.pointers.containsKey(alias));
        watched.pointers.replaceAll((alias, pointer) -> {
            if (!pointer.set() || change.pointers.containsKey(alias)) {
                return pointer;
            }
            change.deletion(alias, pointer);
            return new Pointer(pointer.version(), false, pointer.deployedMillis());
        });
    }

    void write(DataOutput out) throws IOException {
        out.writeInt(FORMAT);
        out.writeLong(lookedMillis);
        out.writeLong(beganMillis);
        out.writeInt(models.size());
        for (Map.Entry<ModelKey, WatchedModel> entry : models.entrySet()) {
            write(entry.getKey(), out);
            entry.getValue().write(out);
        }
        out.writeInt(created.size());
        for (Map.Entry<ModelKey, Long> entry : created.entrySet()) {
            write(entry.getKey(), out);
            out.writeLong(entry.getValue());
        }
        out.writeInt(tallies.size());
        for (Map.Entry<AliasKey, Tally> entry : tallies.entrySet()) {
            write(entry.getKey().model(), out);
            out.writeUTF(entry.getKey().alias());
            entry.getValue().write(out);
        }
        out.writeInt(moves.size());
        for (Move move : moves) {
            write(new ModelKey(move.workspace(), move.model()), out);
            out.writeUTF(move.alias());
            out.writeUTF(move.kind().name());
            out.writeUTF(move.from());
            out.writeUTF(move.to());
            out.writeLong(move.seenMillis());
        }
        out.writeInt(deployed.size());
        for (Map.Entry<Deployed, Long> entry : deployed.entrySet()) {
            write(entry.getKey().model(), out);
            out.writeUTF(entry.getKey().version());
            out.writeLong(entry.getValue());
        }
    }

    private static void write(ModelKey key, DataOutput out) throws IOException {
        out.writeUTF(key.workspace());
        out.writeUTF(key.model());
    }

    private static ModelKey readKey(DataInput in) throws IOException {
        return new ModelKey(in.readUTF(), in.readUTF());
    }

    /**
     * What {@link #write} wrote.
     *
     * @throws IOException if it is not that
     */
    static Journal read(DataInput in) throws IOException {
        int format = in.readInt();
        if (format != FORMAT && format != FORMAT_WITHOUT_TIMES) {
            throw new IOException("not a journal of alias moves that this version can read");
        }
        Journal read = new Journal();
        try {
            read.lookedMillis = in.readLong();
            read.beganMillis = format == FORMAT ? in.readLong() : read.lookedMillis;
            for (int left = in.readInt(); left > 0; left--) {
                read.models.put(readKey(in), WatchedModel.read(in));
            }
            for (int left = in.readInt(); left > 0; left--) {
                read.created.put(readKey(in), in.readLong());
            }
            for (int left = in.readInt(); left > 0; left--) {
                read.tallies.put(new AliasKey(readKey(in), in.readUTF()), Tally.read(in, format == FORMAT));
            }
            for (int left = in.readInt(); left > 0; left--) {
                ModelKey key = readKey(in);
                String alias = in.readUTF();
                Move.Kind kind = Move.Kind.valueOf(in.readUTF());
                read.moves.add(
                        new Move(key.workspace(), key.model(), alias, kind, in.readUTF(), in.readUTF(), in.readLong()));
            }
            for (int left = in.readInt(); left > 0; left--) {
                read.deployed.put(new Deployed(readKey(in), in.readUTF()), in.readLong());
            }
        } catch (IllegalArgumentException e) {
            throw new IOException("the journal of alias moves is damaged", e);
        }
        return read;
    }
}
