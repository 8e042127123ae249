package io.mlflowexporter.registry;

import io.mlflowexporter.catalog.Catalog;
import io.mlflowexporter.metric.Times;
import io.mlflowexporter.mlflow.RegisteredModel;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * A model took another name.
 *
 * @param model what is known of it
 */
record ModelRenaming(ModelKey from, ModelKey to, WatchedModel model) {
    /** All since the last look. */
    static List<ModelRenaming> all(Map<ModelKey, WatchedModel> models, Catalog catalog, RegistryReading look) {
        Map<Long, List<ModelKey>> gone = gone(models, catalog);
        List<ModelRenaming> all = new ArrayList<>();
        for (RegisteredModel model : catalog.models()) {
            ModelKey to = ModelKey.of(model);
            Optional<WatchedModel> before = WatchedModel.of(model, models);
            long since = before.map(it -> it.seenUntilMillis).orElse(Times.ABSENT);
            gone.getOrDefault(model.createdMillis(), List.of()).stream()
                    .filter(key -> key.workspace().equals(model.workspace()))
                    .map(key -> new ModelRenaming(key, to, Objects.requireNonNull(models.get(key))))
                    .filter(it ->
                            it.model().seenUntilMillis > since && it.model().hasSomeOf(look.created(model)))
                    .max(Comparator.comparingLong(it -> it.model().seenUntilMillis))
                    .ifPresent(it ->
                            all.add(new ModelRenaming(it.from(), to, it.model().renamed(before))));
        }
        return all;
    }

    /** Models that are not there under the name they had, by when they were created. */
    private static Map<Long, List<ModelKey>> gone(Map<ModelKey, WatchedModel> models, Catalog catalog) {
        Set<ModelKey> there = catalog.models().stream()
                .filter(model -> WatchedModel.of(model, models).isPresent())
                .map(ModelKey::of)
                .collect(Collectors.toSet());
        Map<Long, List<ModelKey>> gone = new HashMap<>();
        models.forEach((key, model) -> {
            if (!there.contains(key) && model.createdMillis != Times.ABSENT) {
                gone.computeIfAbsent(model.createdMillis, at -> new ArrayList<>())
                        .add(key);
            }
        });
        return gone;
    }
}
