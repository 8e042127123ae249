package io.mlflowexporter.catalog;

import io.mlflowexporter.catalog.reading.RunNeeds;
import java.util.Set;

/** How many rows hold runs that may share a machine with others, of which their costs need more memory. */
final class MachineSharing {
    private static final String TAG = "tag:";
    private static final String PARAM = "param:";

    /** As {@link RunNeeds#machines}. */
    private Set<String> machines = Set.of();
    /** So many rows have one of these. */
    private int sharing;

    /** How many rows may. */
    int rows() {
        return sharing;
    }

    void add(RunNotes notes) {
        sharing += mayShare(notes);
    }

    void subtract(RunNotes notes) {
        sharing -= mayShare(notes);
    }

    /** From now on runs share machines by this: counts all rows again if it is new. */
    void by(Set<String> names, RunTable runs) {
        if (!names.equals(machines)) {
            machines = Set.copyOf(names);
            sharing = 0;
            for (int row = 0; row < runs.size(); row++) {
                sharing += mayShare(runs.notes(row));
            }
        }
    }

    private int mayShare(RunNotes notes) {
        for (String machine : machines) {
            if (machine.startsWith(TAG)
                    ? notes.tags().containsKey(machine.substring(TAG.length()))
                    : notes.params().containsKey(machine.substring(PARAM.length()))) {
                return 1;
            }
        }
        return 0;
    }
}
