package io.mlflowexporter.delivery;

import io.mlflowexporter.catalog.Catalog;
import io.mlflowexporter.mlflow.RegisteredModel;
import io.mlflowexporter.mlflow.Times;
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
record Renaming(ModelKey from, ModelKey to, WatchedModel model) {
    /** All since the last look. */
    static List<Renaming> all(Map<ModelKey, WatchedModel> models, Catalog catalog, Look look) {
        Map<Long, List<ModelKey>> gone = gone(models, catalog);
        List<Renaming> all = new ArrayList<>();
        for (RegisteredModel model : catalog.models()) {
            ModelKey to = ModelKey.of(model);
            Optional<WatchedModel> before = WatchedModel.of(model, models);
            long since = before.map(it -> it.seenUntilMillis).orElse(Times.ABSENT);
            gone.getOrDefault(model.createdMillis(), List.of()).stream()
                    .filter(key -> key.workspace().equals(model.workspace()))
                    .map(key -> new Renaming(key, to, Objects.requireNonNull(models.get(key))))
                    .filter(it ->
                            it.model().seenUntilMillis > since && it.model().hasSomeOf(look.created(model)))
                    .max(Comparator.comparingLong(it -> it.model().seenUntilMillis))
                    .ifPresent(
                            it -> all.add(new Renaming(it.from(), to, it.model().renamed(before))));
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
