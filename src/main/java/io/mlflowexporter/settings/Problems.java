package io.mlflowexporter.settings;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** Collects problems so that all can be told at once, in the order of the places they stand in. */
public final class Problems {
    private record Found(Origin origin, Problem problem) {}

    private final List<Found> errors = new ArrayList<>();
    private final List<Found> warnings = new ArrayList<>();

    public void error(Origin origin, String key, String message) {
        errors.add(new Found(origin, new Problem(origin.toString(), key, message)));
    }

    public void warning(Origin origin, String key, String message) {
        warnings.add(new Found(origin, new Problem(origin.toString(), key, message)));
    }

    /** A key that is set although it has no effect. */
    void retired(Origin origin, String key, RetiredSetting setting) {
        warning(
                origin,
                key,
                setting.accepted()
                        ? "has no effect: " + setting.reason()
                        : "has no effect any more: " + setting.reason()
                                + ". Remove it; the next minor version refuses it");
    }

    public int errorCount() {
        return errors.size();
    }

    /**
     * Refuses what has errors.
     *
     * @throws SettingsException with all of them
     */
    public void check() throws SettingsException {
        if (!errors.isEmpty()) {
            throw new SettingsException(errors());
        }
    }

    public List<Problem> errors() {
        return sorted(errors);
    }

    public List<Problem> warnings() {
        return sorted(warnings);
    }

    private static List<Problem> sorted(List<Found> found) {
        // An alias is bound once for each use, and would be blamed as often.
        return found.stream()
                .sorted(Comparator.comparing(Found::origin, Origin.ORDER))
                .map(Found::problem)
                .distinct()
                .toList();
    }
}
