package io.mlflowexporter.catalog.sync;

import io.mlflowexporter.catalog.Catalog;
import io.mlflowexporter.catalog.RunState;
import io.mlflowexporter.catalog.RunTable;
import io.mlflowexporter.catalog.reading.ResyncState;
import io.mlflowexporter.catalog.reading.RunNeeds;
import io.mlflowexporter.checkpoint.fields.SectionBytes;
import io.mlflowexporter.config.Config;
import io.mlflowexporter.config.ConfigLoader;
import io.mlflowexporter.mlflow.MlflowException;
import io.mlflowexporter.mlflow.rest.RestMlflowSource;
import io.mlflowexporter.settings.value.Glob;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.LongConsumer;

/** A catalog read by increments, and beside it a fresh one of the same server. */
public final class TwoReadings {
    /** Tags that the reading is asked to keep. */
    private static final RunNeeds NEEDS =
            new RunNeeds(Set.of("team", "mlflow.note"), Set.of(), Set.of(Glob.of("*")), false);

    /** What each run is taken to cost MLflow, so that a share of the time is a number of runs. */
    static final Duration PER_RUN = Duration.ofMillis(6);

    private final Config config;
    private final CountedTime source;
    private final InstantSource clock;
    private final IncrementalSynchronizer incremental;
    private RunNeeds needs = NEEDS;
    private Catalog catalog = new Catalog();

    /** With settings of the exporter by their whole names. */
    public TwoReadings(URI server, InstantSource clock, Map<String, String> settings) {
        Map<String, String> all = new HashMap<>(settings);
        all.put("mlflow.tracking_uri", server.toString());
        all.put("mlflow.retries", "0");
        all.put("mlflow.max_requests_per_second", "10000");
        try {
            config = ConfigLoader.load(Optional.empty(), Map.of(), all).config();
            source = new CountedTime(RestMlflowSource.open(config.mlflow(), new PrometheusRegistry(), clock), PER_RUN);
        } catch (Exception e) {
            throw new IllegalArgumentException(e);
        }
        this.clock = clock;
        incremental = new IncrementalSynchronizer(source, config.sync(), () -> needs, clock);
    }

    CountedTime source() {
        return source;
    }

    public Catalog catalog() {
        return catalog;
    }

    void needs(RunNeeds changed) {
        needs = changed;
    }

    /** Reads what is new. */
    public List<String> refresh() throws MlflowException {
        return refresh(runs -> {});
    }

    /** Reads what is new, and tells how many runs were read so far. */
    List<String> refresh(LongConsumer read) throws MlflowException {
        return incremental.tracking(source.workspaces(), catalog, (step, done, total, runs) -> read.accept(runs));
    }

    /** Until all that is there has been read again since this was called. */
    public void resync(Runnable betweenRefreshes) throws MlflowException {
        ResyncState state = catalog.reading().resync;
        for (int ended = 0; ended < 2; ) {
            long before = state.completedMillis();
            betweenRefreshes.run();
            refresh();
            ended += state.completedMillis() > before ? 1 : 0;
        }
    }

    /** How far known runs have been read again. */
    ResyncProgress progress() {
        return ResyncProgress.of(catalog, config.sync().share());
    }

    /** Goes on with what comes back after the catalog was written and read. */
    void restart() {
        try {
            catalog = SectionBytes.again(catalog::write, Catalog::read);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    /** What a fresh and full reading knows of the runs that are there, by id. */
    public Map<String, String> fresh() throws MlflowException {
        Catalog whole = new Catalog();
        new FullSynchronizer(source, config, () -> needs, clock)
                .tracking(source.workspaces(), whole, (step, done, total, runs) -> {});
        return present(whole);
    }

    /** What the catalog knows of the runs that are there, by id. */
    public Map<String, String> known() {
        return present(catalog);
    }

    private static Map<String, String> present(Catalog of) {
        Map<String, String> present = new TreeMap<>();
        RunTable runs = of.runs();
        for (int row = 0; row < runs.size(); row++) {
            if (runs.state(row) != RunState.GONE) {
                present.put(
                        runs.id(row),
                        String.join(
                                " | ",
                                of.experiment(runs.experimentId(row)).toString(),
                                runs.name(row),
                                runs.user(row),
                                runs.phase(row),
                                runs.status(row).name(),
                                runs.state(row).name(),
                                "start " + runs.startMillis(row),
                                "end " + runs.endMillis(row),
                                "sign " + runs.heartbeatMillis(row),
                                "parent " + runs.parentId(row),
                                new TreeMap<>(runs.notes(row).tags()).toString(),
                                of.logged().of(row).names()
                                        + Arrays.toString(of.logged().of(row).values())));
            }
        }
        return present;
    }
}
