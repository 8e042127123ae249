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
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/**
 * Remembers where aliases pointed, since MLflow does not, and so notices their moves. A move is stamped with the time of
 * the look that found it; several moves between two looks are one.
 */
final class Journal {
    static final int FORMAT = 3;
    /** Knew neither since when models and aliases are watched, nor what aliases ever pointed to. */
    private static final int FORMAT_WITHOUT_PASTS = 2;
    /** Knew neither when it began nor when new versions were deployed. */
    static final int FORMAT_WITHOUT_TIMES = 1;

    private static final int MOVES_KEPT = 20;
    /** So long, and of so many deployments, the run is waited for that tells their lead time. */
    private static final Duration LONGEST_WAIT = Duration.ofDays(1);

    private static final int MOST_WAITING = 1_000;
    /** How far back it is known which versions went into production. */
    private static final long LONGEST_WINDOW_MILLIS = SlidingWindow.THIRTY_DAYS.millis();

    record AliasKey(ModelKey model, String alias) {}

    /**
     * A version that went into production, told from others whatever name its model has.
     *
     * @param model its name where it is not known when it was made, else empty
     */
    private record Deployed(String workspace, String model, long modelMillis, String version, long versionMillis) {
        static Deployed of(ModelKey key, WatchedModel model, String version) {
            return new Deployed(
                    key.workspace(),
                    model.createdMillis == Times.ABSENT ? key.model() : "",
                    model.createdMillis,
                    version,
                    model.versions().getOrDefault(version, Times.ABSENT));
        }
    }

    private record Renaming(ModelKey from, ModelKey to, WatchedModel model) {}

    /** A deployment of a version whose run was not known then: runs may have been unreadable. */
    private record Waiting(AliasKey alias, String runId, long deployedMillis) {}

    private final Map<ModelKey, WatchedModel> models = new LinkedHashMap<>();
    private final Map<ModelKey, Long> created = new LinkedHashMap<>();
    private final Map<AliasKey, Tally> tallies = new LinkedHashMap<>();
    private final Deque<Move> moves = new ArrayDeque<>();
    private final Deque<Waiting> waiting = new ArrayDeque<>();
    /** Versions that went into production, and when that was last seen. */
    private final Map<Deployed, Long> deployed = new LinkedHashMap<>();

    private long lookedMillis = Times.ABSENT;

    /** Versions ever seen, by model. */
    Map<ModelKey, Long> created() {
        return created;
    }

    Map<AliasKey, Tally> tallies() {
        return tallies;
    }

    /** Since when all moves of a model's alias are known, Unix milliseconds; {@link Times#ABSENT} for never. */
    long knownSince(AliasKey key) {
        WatchedModel model = models.get(key.model());
        Tally tally = tallies.get(key);
        return model == null || tally == null
                ? Times.ABSENT
                : Math.max(model.seenSinceMillis, tally.followedSinceMillis);
    }

    /** The newest moves, the newest first. */
    List<Move> moves() {
        return List.copyOf(moves);
    }

    /** Takes what the catalog holds after a whole reading of the registry. */
    void look(Catalog catalog, DeliveryConfig config, long nowMillis) {
        waiting.removeIf(deployment -> deployment.deployedMillis() <= nowMillis - LONGEST_WAIT.toMillis()
                || leadTime(catalog.runs(), deployment));
        Look look = new Look(catalog);
        rename(renamings(catalog, look), nowMillis);
        for (RegisteredModel model : catalog.models()) {
            look(new Change(config, catalog.runs(), look, model, nowMillis));
        }
        tallies.forEach((key, tally) -> {
            if (!config.follows(key.alias())) {
                tally.followedSinceMillis = nowMillis;
            }
        });
        // A model that is not there may be deleted or filtered away: neither moves an alias.
        lookedMillis = Math.max(lookedMillis, nowMillis);
        deployed.values().removeIf(millis -> millis <= nowMillis - LONGEST_WINDOW_MILLIS);
    }

    /** How many versions went into production since, rollbacks left out. */
    long deployedSince(String workspace, long millis) {
        return deployed.entrySet().stream()
                .filter(version -> version.getKey().workspace().equals(workspace) && version.getValue() > millis)
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
            this.key = key(model);
            this.nowMillis = nowMillis;
            this.pointers = look.pointers(model);
            this.createdNow = look.created(model);
            this.runIds = look.runs(model);
            createdEver.putAll(createdNow);
        }

        void versions(WatchedModel watched) {
            watched.versions().forEach(createdEver::putIfAbsent);
            long fresh = createdNow.entrySet().stream()
                    .filter(version ->
                            !version.getValue().equals(watched.versions().get(version.getKey())))
                    .count();
            created.merge(key, fresh, Long::sum);
            watched.versions(createdNow);
            watched.seenUntilMillis = nowMillis;
        }

        /** Whether it was made after the last look, so that all that is true of it happened since. */
        boolean bornSince() {
            return lookedMillis != Times.ABSENT
                    && model.createdMillis() != Times.ABSENT
                    && model.createdMillis() > lookedMillis;
        }

        WatchedModel met() {
            return new WatchedModel(model.createdMillis(), bornSince() ? model.createdMillis() : nowMillis);
        }

        /** Counts from 0 what will become of an alias. */
        void follows(String alias, @Nullable Pointer before) {
            boolean newly = before != null && !tallies.containsKey(new AliasKey(key, alias));
            Tally tally = tally(alias);
            if (newly) {
                tally.followedSinceMillis = nowMillis;
            }
        }

        /**
         * An alias is set to a version that it did not point to.
         *
         * @param anew whether it never did before
         */
        Pointer move(String alias, @Nullable Pointer before, String to, boolean anew) {
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
            if (anew) {
                delivered(alias, to);
            }
            if (config.isProduction(alias)) {
                deployed.put(Deployed.of(key, watched(key), to), nowMillis);
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

        private void delivered(String alias, String to) {
            Waiting deployment = new Waiting(new AliasKey(key, alias), runIds.getOrDefault(to, ""), nowMillis);
            if (!deployment.runId().isEmpty() && !leadTime(runs, deployment) && waiting.size() < MOST_WAITING) {
                waiting.add(deployment);
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
            Journal.this.note(new Move(key.workspace(), key.model(), alias, kind, from, to, nowMillis));
        }
    }

    /** Tells the lead time of a deployment, if the run it came of is known. */
    private boolean leadTime(RunTable runs, Waiting deployment) {
        OptionalInt row = runs.row(deployment.runId());
        Tally tally = tallies.get(deployment.alias());
        if (tally == null || row.isEmpty()) {
            return false;
        }
        long start = runs.startMillis(row.getAsInt());
        if (start != Times.ABSENT) {
            double seconds = Math.max(0, deployment.deployedMillis() - start) / 1000.0;
            tally.leadTimes.observe(seconds, deployment.runId(), deployment.deployedMillis());
        }
        return true;
    }

    /** Models that took another name since the last look, each with what is known of it. */
    private List<Renaming> renamings(Catalog catalog, Look look) {
        Map<Long, List<ModelKey>> gone = gone(catalog);
        List<Renaming> renamings = new ArrayList<>();
        for (RegisteredModel model : catalog.models()) {
            Optional<WatchedModel> known = known(model);
            long since = known.map(before -> before.seenUntilMillis).orElse(Times.ABSENT);
            gone.getOrDefault(model.createdMillis(), List.of()).stream()
                    .filter(key -> key.workspace().equals(model.workspace()))
                    .filter(key ->
                            watched(key).seenUntilMillis > since && watched(key).hasSomeOf(look.created(model)))
                    .max(Comparator.comparingLong(key -> watched(key).seenUntilMillis))
                    .ifPresent(old -> renamings.add(
                            new Renaming(old, key(model), watched(old).renamed(known))));
        }
        return renamings;
    }

    /** Models that are not there under the name they had, by when they were created. */
    private Map<Long, List<ModelKey>> gone(Catalog catalog) {
        Map<ModelKey, Long> there = new HashMap<>();
        catalog.models().forEach(model -> there.put(key(model), model.createdMillis()));
        Map<Long, List<ModelKey>> gone = new HashMap<>();
        models.forEach((key, model) -> {
            Long created = there.get(key);
            boolean itself = created != null && created == model.createdMillis;
            if (!itself && model.createdMillis != Times.ABSENT) {
                gone.computeIfAbsent(model.createdMillis, at -> new ArrayList<>())
                        .add(key);
            }
        });
        return gone;
    }

    private WatchedModel watched(ModelKey key) {
        return Objects.requireNonNull(models.get(key));
    }

    /** What is known of a model goes on under the name it took: of all at once, as names may have been swapped. */
    private void rename(List<Renaming> renamings, long nowMillis) {
        Map<AliasKey, Tally.Past> pasts = new LinkedHashMap<>();
        for (Renaming it : renamings) {
            tallies.forEach((key, tally) -> {
                if (key.model().equals(it.to())) {
                    pasts.putIfAbsent(key, Tally.Past.NONE);
                } else if (key.model().equals(it.from())) {
                    pasts.put(new AliasKey(it.to(), key.alias()), tally.past());
                }
            });
        }
        pasts.forEach(
                (key, past) -> tallies.computeIfAbsent(key, k -> new Tally()).goOn(past));
        for (Renaming it : renamings) {
            models.put(it.to(), it.model());
            note(new Move(
                    it.to().workspace(),
                    it.to().model(),
                    "",
                    Move.Kind.RENAMING,
                    it.from().model(),
                    it.to().model(),
                    nowMillis));
        }
    }

    private Optional<WatchedModel> known(RegisteredModel model) {
        return Optional.ofNullable(models.get(key(model)))
                .filter(known -> known.createdMillis == model.createdMillis());
    }

    private static ModelKey key(RegisteredModel model) {
        return new ModelKey(model.workspace(), model.name());
    }

    private void note(Move move) {
        moves.addFirst(move);
        if (moves.size() > MOVES_KEPT) {
            moves.removeLast();
        }
    }

    private void look(Change change) {
        Optional<WatchedModel> known = known(change.model);
        boolean followed = known.isPresent() || change.bornSince();
        WatchedModel watched = known.orElseGet(() -> change.met());
        models.put(change.key, watched);
        change.versions(watched);
        change.pointers.forEach((alias, version) -> {
            Pointer before = watched.pointers.get(alias);
            boolean anew = watched.reaches(alias, version);
            if (!change.config.follows(alias)) {
                // Once it is followed, it is known that it pointed there before.
                watched.pointers.put(alias, Pointer.seen(version));
                return;
            }
            change.follows(alias, before);
            if (before == null) {
                watched.pointers.put(alias, followed ? change.move(alias, null, version, anew) : Pointer.seen(version));
            } else if (!before.version().equals(version)) {
                watched.pointers.put(alias, change.move(alias, before, version, anew));
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
            out.writeUTF(entry.getKey().workspace());
            out.writeUTF(entry.getKey().model());
            out.writeLong(entry.getKey().modelMillis());
            out.writeUTF(entry.getKey().version());
            out.writeLong(entry.getKey().versionMillis());
            out.writeLong(entry.getValue());
        }
        out.writeInt(waiting.size());
        for (Waiting deployment : waiting) {
            write(deployment.alias().model(), out);
            out.writeUTF(deployment.alias().alias());
            out.writeUTF(deployment.runId());
            out.writeLong(deployment.deployedMillis());
        }
    }

    private static void write(ModelKey key, DataOutput out) throws IOException {
        out.writeUTF(key.workspace());
        out.writeUTF(key.model());
    }

    private static ModelKey readKey(DataInput in) throws IOException {
        return new ModelKey(in.readUTF(), in.readUTF());
    }

    private static Deployed readDeployed(DataInput in) throws IOException {
        return new Deployed(in.readUTF(), in.readUTF(), in.readLong(), in.readUTF(), in.readLong());
    }

    /** As earlier formats have it, by name and number. */
    private Deployed earlierDeployed(DataInput in) throws IOException {
        ModelKey key = readKey(in);
        String version = in.readUTF();
        return Deployed.of(key, models.getOrDefault(key, new WatchedModel(Times.ABSENT, Times.ABSENT)), version);
    }

    /**
     * What {@link #write} wrote.
     *
     * @throws IOException if it is not that
     */
    static Journal read(DataInput in) throws IOException {
        int format = in.readInt();
        if (format < FORMAT_WITHOUT_TIMES || format > FORMAT) {
            throw new IOException("not a journal of alias moves that this version can read");
        }
        Journal read = new Journal();
        try {
            read.lookedMillis = in.readLong();
            long beganMillis = format == FORMAT_WITHOUT_PASTS ? in.readLong() : read.lookedMillis;
            for (int left = in.readInt(); left > 0; left--) {
                read.models.put(
                        readKey(in),
                        format == FORMAT
                                ? WatchedModel.read(in)
                                : WatchedModel.readWithoutTimes(in, beganMillis, read.lookedMillis));
            }
            for (int left = in.readInt(); left > 0; left--) {
                read.created.put(readKey(in), in.readLong());
            }
            for (int left = in.readInt(); left > 0; left--) {
                read.tallies.put(new AliasKey(readKey(in), in.readUTF()), Tally.read(in, format));
            }
            for (int left = in.readInt(); left > 0; left--) {
                ModelKey key = readKey(in);
                String alias = in.readUTF();
                Move.Kind kind = Move.Kind.valueOf(in.readUTF());
                read.moves.add(
                        new Move(key.workspace(), key.model(), alias, kind, in.readUTF(), in.readUTF(), in.readLong()));
            }
            for (int left = in.readInt(); left > 0; left--) {
                read.deployed.put(format == FORMAT ? readDeployed(in) : read.earlierDeployed(in), in.readLong());
            }
            for (int left = format == FORMAT ? in.readInt() : 0; left > 0; left--) {
                read.waiting.add(new Waiting(new AliasKey(readKey(in), in.readUTF()), in.readUTF(), in.readLong()));
            }
        } catch (IllegalArgumentException e) {
            throw new IOException("the journal of alias moves is damaged", e);
        }
        return read;
    }
}
