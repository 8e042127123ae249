package io.mlflowexporter.refresh;

import io.mlflowexporter.mlflow.MlflowException;
import io.mlflowexporter.refresh.ExporterStatus.Part;
import io.mlflowexporter.refresh.ExporterStatus.Problem;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;
import org.slf4j.Logger;

/** How one part of the refresh goes; logs when that changes, not each time. */
final class PartHealth {
    private static final int LONGEST_MESSAGE = 200;

    private final String name;
    private final Logger log;
    private final InstantSource clock;
    private Part state = Part.UNTRIED;
    /** The fault the log speaks of last, empty where it says that all is well. */
    private Optional<String> told = Optional.empty();

    /** A part of a refresh. */
    interface Step {
        void run() throws MlflowException;
    }

    PartHealth(String name, Logger log, InstantSource clock) {
        this.name = name;
        this.log = log;
        this.clock = clock;
    }

    /**
     * Runs the part. An error of the exporter itself must not end the other parts, nor all later refreshes.
     *
     * @return whether it succeeded
     */
    boolean run(Step step) {
        try {
            step.run();
            succeeded();
            return true;
        } catch (MlflowException e) {
            if (e.kind() != MlflowException.Kind.INTERRUPTED) {
                failed(e);
            }
        } catch (RuntimeException e) {
            String fault = "internal error, please report it: " + e.getClass().getSimpleName();
            String message = String.valueOf(e.getMessage()).replaceAll("\\p{Cntrl}", " ");
            String cut = message.substring(0, Math.min(message.length(), LONGEST_MESSAGE));
            failed(fault, fault + " (" + cut + ")");
            log.debug("internal error", e);
        }
        return false;
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

    void succeeded() {
        if (told.isPresent()) {
            log.info("{}: reads again", name);
            told = Optional.empty();
        }
        state = new Part(Optional.of(clock.instant()), Optional.empty());
    }

    /** It could not be read. */
    void failed(MlflowException why) {
        failed(why.fault(), String.valueOf(why.getMessage()));
    }

    /**
     * It could not be read.
     *
     * @param fault the same text for the same fault
     * @param message for people, with details that may differ each time
     */
    private void failed(String fault, String message) {
        if (!told.equals(Optional.of(fault))) {
            log.warn("{}: {}; said once until it changes", name, message);
            told = Optional.of(fault);
        }
        state = failing(message);
    }

    /** It was not tried because the other half failed, of which the log speaks. */
    void notTried(String message) {
        state = failing(message);
    }

    private Part failing(String message) {
        Instant since = state.problem().map(Problem::since).orElseGet(clock::instant);
        return new Part(state.lastSuccess(), Optional.of(new Problem(since, message)));
    }
}
