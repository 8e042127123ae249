package io.mlflowexporter.refresh;

import io.mlflowexporter.mlflow.MlflowException;
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

    PartHealth(String name, Logger log) {
        this.name = name;
        this.log = log;
    }

    Part state() {
        return state;
    }

    void succeeded(Instant at) {
        if (state.problem().isPresent()) {
            log.info("{}: reads again", name);
        }
        state = new Part(Optional.of(at), Optional.empty());
    }

    /** Being told to stop is no failure of the part that was being read. */
    void failed(Instant at, MlflowException e) {
        if (e.kind() != MlflowException.Kind.INTERRUPTED) {
            failed(at, e.getMessage());
        }
    }

    void failed(Instant at, String message) {
        boolean known = state.problem()
                .map(problem -> problem.message().equals(message))
                .orElse(false);
        if (!known) {
            log.warn("{}: {}; said once until it changes", name, message);
        }
        Instant since = state.problem().map(Problem::since).orElse(at);
        state = new Part(state.lastSuccess(), Optional.of(new Problem(since, message)));
    }
}
