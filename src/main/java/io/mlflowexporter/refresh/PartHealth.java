package io.mlflowexporter.refresh;

import io.mlflowexporter.refresh.ExporterStatus.Part;
import io.mlflowexporter.refresh.ExporterStatus.Problem;
import java.time.Instant;
import java.util.Optional;
import org.slf4j.Logger;

/** How one half of the reading goes; says in the log when that changes, not each time. */
final class PartHealth {
    private final String name;
    private final Logger log;
    private Part state = Part.UNTRIED;
    /** The fault the log speaks of last, empty where it says that all is well. */
    private Optional<String> told = Optional.empty();

    PartHealth(String name, Logger log) {
        this.name = name;
        this.log = log;
    }

    String name() {
        return name;
    }

    Part state() {
        return state;
    }

    /** It was read before a restart. */
    void restored(Instant at) {
        state = new Part(Optional.of(at), Optional.empty());
    }

    void succeeded(Instant at) {
        if (told.isPresent()) {
            log.info("{}: reads again", name);
            told = Optional.empty();
        }
        state = new Part(Optional.of(at), Optional.empty());
    }

    /**
     * It could not be read.
     *
     * @param fault the same text for the same fault
     * @param message for people, with details that may differ each time
     */
    void failed(Instant at, String fault, String message) {
        if (!told.equals(Optional.of(fault))) {
            log.warn("{}: {}; said once until it changes", name, message);
            told = Optional.of(fault);
        }
        state = failing(at, message);
    }

    /** It was not tried because the other half failed, of which the log speaks. */
    void notTried(Instant at, String message) {
        state = failing(at, message);
    }

    private Part failing(Instant at, String message) {
        Instant since = state.problem().map(Problem::since).orElse(at);
        return new Part(state.lastSuccess(), Optional.of(new Problem(since, message)));
    }
}
