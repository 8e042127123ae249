package io.mlflowexporter.catalog;

import io.mlflowexporter.catalog.BillableTime.Stretch;
import io.mlflowexporter.metric.Times;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * What the exporter saw of one run that MLflow does not keep: {@code audit} cannot recompute the run's time without it.
 * Times are Unix milliseconds.
 *
 * @param gaps when it did not run although its clock went on, in the order in which that was seen
 * @param waitingSince since when it waits as SCHEDULED after it ran; empty for any other
 * @param resumed whether it went on after it had ended; only then the two below are of an end that MLflow no longer tells
 * @param countedStatus how it ended when that was first seen, the label's value; empty where it was not seen to end
 * @param countedMillis how long it had run then; empty where that is not known
 */
public record ObservedRun(
        String id,
        List<Gap> gaps,
        OptionalLong waitingSince,
        boolean resumed,
        Optional<String> countedStatus,
        OptionalLong countedMillis) {
    /**
     * A time in which it did not run.
     *
     * @param from empty where it had not run before
     */
    public record Gap(OptionalLong from, long until) {}

    public ObservedRun {
        gaps = List.copyOf(gaps);
    }

    /** All that is known, in the order of the table. */
    public static List<ObservedRun> all(RunTable runs) {
        List<ObservedRun> all = new ArrayList<>();
        runs.gaps().rows().forEach(row -> {
            List<Stretch> gaps = runs.gaps().asSeen(row);
            OptionalLong waitingSince = time(runs.gaps().openSince(row));
            if (!gaps.isEmpty() || waitingSince.isPresent() || runs.resumed(row)) {
                all.add(new ObservedRun(
                        runs.id(row),
                        gaps.stream()
                                .map(gap -> new Gap(time(gap.fromMillis()), gap.untilMillis()))
                                .toList(),
                        waitingSince,
                        runs.resumed(row),
                        runs.countedEnd(row)
                                ? Optional.of(runs.countedStatus(row).label())
                                : Optional.empty(),
                        time(runs.countedMillis(row))));
            }
        });
        return all;
    }

    private static OptionalLong time(long millis) {
        return millis == Times.ABSENT ? OptionalLong.empty() : OptionalLong.of(millis);
    }
}
