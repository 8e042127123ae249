package io.mlflowexporter.catalog.sync;

import io.mlflowexporter.mlflow.ForwardingSource;
import io.mlflowexporter.mlflow.MlflowException;
import io.mlflowexporter.mlflow.MlflowSource;
import io.mlflowexporter.mlflow.Run;
import io.mlflowexporter.mlflow.RunProjection;
import io.mlflowexporter.mlflow.RunQuery;
import io.mlflowexporter.mlflow.ViewType;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Consumer;

/** A source that takes as long as is said for each run, however fast the machine is. */
final class CountedTime extends ForwardingSource {
    private final Duration perRun;
    private long runs;
    private Optional<MlflowException.Kind> resyncFails = Optional.empty();
    private int late;
    private Duration timeLeft = Duration.ofMinutes(10);
    private Duration leastTimeLeft = Duration.ofMinutes(10);

    CountedTime(MlflowSource source, Duration perRun) {
        super(source);
        this.perRun = perRun;
    }

    /** From now on all runs come except those that are read again. */
    void resyncFails(Optional<MlflowException.Kind> kind) {
        resyncFails = kind;
    }

    /** The shortest time to the deadline while known runs were read again. */
    Duration leastTimeLeft() {
        return leastTimeLeft;
    }

    /** How often something did not come. */
    int late() {
        return late;
    }

    @Override
    public long answerNanos() {
        return perRun.multipliedBy(runs).toNanos();
    }

    private Consumer<Run> counting(Consumer<Run> sink) {
        return run -> {
            runs++;
            sink.accept(run);
        };
    }

    @Override
    public void runs(RunQuery query, RunProjection projection, Consumer<Run> sink) throws MlflowException {
        super.runs(query, projection, counting(sink));
    }

    @Override
    public long someRuns(RunQuery query, RunProjection projection, int atLeast, Consumer<Run> sink)
            throws MlflowException {
        if (query.view() == ViewType.ALL) {
            leastTimeLeft = timeLeft.compareTo(leastTimeLeft) < 0 ? timeLeft : leastTimeLeft;
            if (resyncFails.isPresent()) {
                late++;
                throw new MlflowException(resyncFails.get(), "no answer");
            }
        }
        return super.someRuns(query, projection, atLeast, counting(sink));
    }

    @Override
    public void deadline(Duration fromNow) {
        timeLeft = fromNow;
    }

    @Override
    public Duration timeLeft() {
        return timeLeft;
    }
}
