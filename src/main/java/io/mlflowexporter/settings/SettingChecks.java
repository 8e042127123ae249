package io.mlflowexporter.settings;

import java.util.Arrays;

/** Says what does not hold between settings that are each allowed by themselves, wherever each of them came from. */
public final class SettingChecks {
    private final Binder binder;
    private final Problems problems;

    /** Of what was bound; settings already found wrong by themselves are left out of it. */
    public SettingChecks(Binder binder, Problems problems) {
        this.binder = binder;
        this.problems = problems;
    }

    /** Where problems are added. */
    public Problems problems() {
        return problems;
    }

    /** Whether all of these are what the user meant. */
    public boolean sound(String... paths) {
        return Arrays.stream(paths).noneMatch(binder.broken()::contains);
    }

    /** Where a setting's value came from. */
    public Origin stand(String path) {
        return binder.stand(path);
    }

    /** Of settings that do not go together the one to blame: rather one that was given than a default. */
    public String strongest(String... paths) {
        return Arrays.stream(paths)
                .reduce((a, b) -> stand(a).kind().compareTo(stand(b).kind()) >= 0 ? a : b)
                .orElseThrow();
    }

    /** A setting, its value and where that came from. */
    public String given(String path, Object value) {
        return path + " (" + ScalarValues.print(value) + ", " + stand(path) + ")";
    }

    public void error(String path, String message) {
        problems.error(stand(path), path, message);
    }

    public void warn(String path, String message) {
        problems.warning(stand(path), path, message);
    }
}
