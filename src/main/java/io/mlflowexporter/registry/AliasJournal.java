package io.mlflowexporter.registry;

import io.mlflowexporter.catalog.Catalog;
import io.mlflowexporter.catalog.RunTable;
import io.mlflowexporter.metric.Times;
import io.mlflowexporter.mlflow.RegisteredModel;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Remembers where aliases pointed, since MLflow does not, and so notices their moves. A move is stamped with the time of
 * the look that found it; several moves between two looks are one.
 */
final class AliasJournal {
    private static final int MOVES_KEPT = 20;
    /** Of those that are gone so many are remembered, the last first: anybody may make models and delete them. */
    private static final int GONE_MODELS_KEPT = 1_000;

    /** Of aliases that are not set so many are remembered. */
    private static final int GONE_ALIASES_KEPT = 2_000;

    /** The one that was not there for the longest time first. */
    final Map<ModelKey, WatchedModel> models = new LinkedHashMap<>();

    final Map<ModelKey, Long> created = new LinkedHashMap<>();
    /** The one that was not set for the longest time first. */
    final Map<AliasKey, AliasCounts> tallies = new LinkedHashMap<>();

    final Deque<AliasMove> moves = new ArrayDeque<>();
    LeadTimes leadTimes = new LeadTimes();
    InProduction inProduction = new InProduction();

    long lookedMillis = Times.ABSENT;

    /** Versions ever seen, by model. */
    Map<ModelKey, Long> created() {
        return created;
    }

    Map<AliasKey, AliasCounts> tallies() {
        return tallies;
    }

    /** Since when all moves of a model's alias are known, Unix milliseconds; {@link Times#ABSENT} for never. */
    long knownSince(AliasKey key) {
        WatchedModel model = models.get(key.model());
        AliasCounts tally = tallies.get(key);
        return model == null || tally == null
                ? Times.ABSENT
                : Math.max(model.seenSinceMillis, tally.followedSinceMillis);
    }

    /** The newest moves, the newest first. */
    List<AliasMove> moves() {
        return List.copyOf(moves);
    }

    /** Takes what the catalog holds after a whole reading of the registry. */
    void look(Catalog catalog, DeploymentConfig config, long nowMillis) {
        leadTimes.look(catalog.runs(), tallies, nowMillis);
        RegistryReading look = new RegistryReading(catalog);
        rename(ModelRenaming.all(models, catalog, look), nowMillis);
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
        forget(catalog);
        inProduction.forgetBefore(nowMillis);
    }

    /**
     * Bounds what is remembered of models and aliases that are gone. Whatever is forgotten has no series any more, and
     * counts from 0 if it comes back.
     */
    private void forget(Catalog catalog) {
        if (forgetFirst(models, catalog.models().size() + GONE_MODELS_KEPT)) {
            created.keySet().retainAll(models.keySet());
            tallies.keySet().removeIf(key -> !models.containsKey(key.model()));
        }
        int set = 0;
        for (WatchedModel model : models.values()) {
            set += model.set();
        }
        if (forgetFirst(tallies, set + GONE_ALIASES_KEPT)) {
            models.forEach((key, model) -> model.retain(alias -> tallies.containsKey(new AliasKey(key, alias))));
        }
    }

    private static boolean forgetFirst(Map<?, ?> map, int most) {
        Iterator<?> first = map.keySet().iterator();
        boolean forgot = map.size() > most;
        for (int left = map.size() - most; left > 0; left--) {
            first.next();
            first.remove();
        }
        return forgot;
    }

    /** Makes it the last. */
    private static <K, V> void touch(Map<K, V> map, K key) {
        V value = map.remove(key);
        if (value != null) {
            map.put(key, value);
        }
    }

    /** Versions that went into production. */
    InProduction inProduction() {
        return inProduction;
    }

    /** One model at one look. */
    private final class Change {
        private final DeploymentConfig config;
        private final RunTable runs;
        private final RegisteredModel model;
        private final ModelKey key;
        private final long nowMillis;
        private final Map<String, String> pointers;
        private final Map<String, Long> createdNow;
        private final Map<String, String> runIds;
        /** Those of the look before too, as an alias may have left a version that is deleted now. */
        private final Map<String, Long> createdEver = new HashMap<>();

        Change(DeploymentConfig config, RunTable runs, RegistryReading look, RegisteredModel model, long nowMillis) {
            this.config = config;
            this.runs = runs;
            this.model = model;
            this.key = ModelKey.of(model);
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
        void follows(String alias, @Nullable AliasTarget before) {
            boolean newly = before != null && !tallies.containsKey(new AliasKey(key, alias));
            AliasCounts tally = tally(alias);
            if (newly) {
                tally.followedSinceMillis = nowMillis;
            }
        }

        /**
         * An alias is set to a version that it did not point to.
         *
         * @param anew whether it never did before
         */
        AliasTarget move(String alias, @Nullable AliasTarget before, String to, boolean anew) {
            String from = before == null ? "" : before.version();
            AliasCounts tally = tally(alias);
            tally.deployments++;
            tally.lastDeploymentMillis = nowMillis;
            if (before != null && VersionOrder.compare(to, from, createdEver) < 0) {
                note(alias, AliasMove.Kind.ROLLBACK, from, to);
                tally.rollbacks++;
                restored(alias, tally, before, to);
                return AliasTarget.seen(to);
            }
            note(alias, AliasMove.Kind.DEPLOYMENT, from, to);
            tally.deployedNew(nowMillis);
            if (anew) {
                leadTimes.add(new AliasKey(key, alias), tally, runIds.getOrDefault(to, ""), runs, nowMillis);
            }
            if (config.isProduction(alias)) {
                inProduction.add(key, Objects.requireNonNull(models.get(key)), to, nowMillis);
            }
            return new AliasTarget(to, true, nowMillis);
        }

        private void restored(String alias, AliasCounts tally, AliasTarget before, String to) {
            long since = nowMillis - before.deployedMillis();
            if (before.deployedMillis() != Times.ABSENT
                    && since <= config.failureWindow().toMillis()
                    && config.isProduction(alias)) {
                tally.failures++;
                tally.restored(Math.max(0, since) / 1000.0, runIds.getOrDefault(to, ""), nowMillis);
            }
        }

        void deletion(String alias, AliasTarget before) {
            tally(alias).deletions++;
            note(alias, AliasMove.Kind.DELETION, before.version(), "");
        }

        AliasCounts tally(String alias) {
            return tallies.computeIfAbsent(new AliasKey(key, alias), k -> new AliasCounts());
        }

        private void note(String alias, AliasMove.Kind kind, String from, String to) {
            AliasJournal.this.note(new AliasMove(key.workspace(), key.model(), alias, kind, from, to, nowMillis));
        }
    }

    /** What is known of a model goes on under the name it took: of all at once, as names may have been swapped. */
    private void rename(List<ModelRenaming> renamings, long nowMillis) {
        Map<AliasKey, AliasCounts.Past> pasts = new LinkedHashMap<>();
        for (ModelRenaming it : renamings) {
            tallies.forEach((key, tally) -> {
                if (key.model().equals(it.to())) {
                    pasts.putIfAbsent(key, AliasCounts.Past.NONE);
                } else if (key.model().equals(it.from())) {
                    pasts.put(new AliasKey(it.to(), key.alias()), tally.past());
                }
            });
        }
        pasts.forEach((key, past) ->
                tallies.computeIfAbsent(key, k -> new AliasCounts()).goOn(past));
        for (ModelRenaming it : renamings) {
            models.put(it.to(), it.model());
            note(new AliasMove(
                    it.to().workspace(),
                    it.to().model(),
                    "",
                    AliasMove.Kind.RENAMING,
                    it.from().model(),
                    it.to().model(),
                    nowMillis));
        }
    }

    private void note(AliasMove move) {
        moves.addFirst(move);
        if (moves.size() > MOVES_KEPT) {
            moves.removeLast();
        }
    }

    private void look(Change change) {
        Optional<WatchedModel> known = WatchedModel.of(change.model, models);
        boolean followed = known.isPresent() || change.bornSince();
        WatchedModel watched = known.orElseGet(() -> change.met());
        models.remove(change.key);
        models.put(change.key, watched);
        change.versions(watched);
        change.pointers.forEach((alias, version) -> {
            AliasTarget before = watched.pointers.get(alias);
            boolean anew = watched.reaches(alias, version);
            if (!change.config.follows(alias)) {
                // Once it is followed, it is known that it pointed there before.
                watched.pointers.put(alias, AliasTarget.seen(version));
                return;
            }
            change.follows(alias, before);
            touch(tallies, new AliasKey(change.key, alias));
            if (before == null) {
                watched.pointers.put(
                        alias, followed ? change.move(alias, null, version, anew) : AliasTarget.seen(version));
            } else if (!before.version().equals(version)) {
                watched.pointers.put(alias, change.move(alias, before, version, anew));
            } else if (!before.set()) {
                watched.pointers.put(alias, new AliasTarget(version, true, before.deployedMillis()));
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
            return new AliasTarget(pointer.version(), false, pointer.deployedMillis());
        });
    }
}
