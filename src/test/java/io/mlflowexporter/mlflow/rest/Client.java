package io.mlflowexporter.mlflow.rest;

import io.mlflowexporter.config.Config;
import io.mlflowexporter.config.ConfigLoader;
import io.mlflowexporter.mlflow.Experiment;
import io.mlflowexporter.mlflow.MlflowException;
import io.mlflowexporter.mlflow.Run;
import io.mlflowexporter.mlflow.RunProjection;
import io.mlflowexporter.mlflow.RunQuery;
import io.mlflowexporter.mlflow.ViewType;
import io.mlflowexporter.reload.Reloads;
import io.mlflowexporter.settings.SettingsException;
import io.prometheus.metrics.expositionformats.PrometheusTextFormatWriter;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;

/** A reader of MLflow as the configuration makes it, which notes its pauses instead of making them. */
public final class Client {
    static final Instant NOW = Instant.parse("2026-03-01T12:00:00Z");
    private static final long LARGE_HEAP = 4L << 30;

    public final RestMlflowSource source;
    final Config config;
    final List<Duration> pauses = Collections.synchronizedList(new ArrayList<>());
    /** What the reader's clock says. */
    final AtomicReference<Instant> clock = new AtomicReference<>(NOW);

    private final PrometheusRegistry live = new PrometheusRegistry();

    private Client(Map<String, String> environment, Map<String, String> settings, long heap)
            throws MlflowException, SettingsException {
        this(ConfigLoader.load(Optional.empty(), environment, settings).config(), environment, heap);
    }

    private Client(Config config, Map<String, String> environment, long heap) throws MlflowException {
        this.config = config;
        source = RestMlflowSource.open(
                config.mlflow(), environment, heap, live, clock::get, pauses::add, looking(live, clock::get));
    }

    /** Looks at certificates whenever they are used. */
    private static Reloads looking(PrometheusRegistry live, InstantSource clock) {
        AtomicLong nanos = new AtomicLong();
        return new Reloads(
                live, clock, () -> nanos.addAndGet(Duration.ofSeconds(1).toNanos()));
    }

    /** Of the server at the address, with settings as pairs of name (after {@code mlflow.}) and text. */
    public static Client of(Object address, String... settings) throws MlflowException, SettingsException {
        return inHeap(LARGE_HEAP, address, settings);
    }

    /** As {@link #of}, in a heap that may grow to so many bytes. */
    public static Client inHeap(long heap, Object address, String... settings)
            throws MlflowException, SettingsException {
        Map<String, String> all = new HashMap<>();
        all.put("mlflow.tracking_uri", address.toString());
        // What is asked for in which order is tested one by one.
        all.put("mlflow.parallel_requests", "1");
        for (int i = 0; i < settings.length; i += 2) {
            all.put("mlflow." + settings[i], settings[i + 1]);
        }
        return new Client(Map.of(), all, heap);
    }

    /** With a configuration file. */
    static Client ofFile(Path file, Map<String, String> environment) throws MlflowException, SettingsException {
        return new Client(
                ConfigLoader.load(Optional.of(file), Map.of(), Map.of()).config(), environment, LARGE_HEAP);
    }

    static Client ofEnvironment(Map<String, String> environment) throws MlflowException, SettingsException {
        return ofEnvironment(environment, Map.of());
    }

    static Client ofEnvironment(Map<String, String> environment, Map<String, String> settings)
            throws MlflowException, SettingsException {
        return new Client(environment, settings, LARGE_HEAP);
    }

    void later(Duration time) {
        clock.set(clock.get().plus(time));
    }

    List<Experiment> experiments() throws MlflowException {
        List<Experiment> read = new ArrayList<>();
        source.experiments("", ViewType.ALL, tag -> true, read::add);
        return read;
    }

    List<Run> runs() throws MlflowException {
        return runs("0");
    }

    List<Run> runs(String... experiments) throws MlflowException {
        List<Run> read = new ArrayList<>();
        source.runs(RunQuery.all("", List.of(experiments)), RunProjection.everything(), read::add);
        return read;
    }

    /** The failure of reading experiments. */
    public MlflowException failure() {
        try {
            experiments();
        } catch (MlflowException e) {
            return e;
        }
        throw new AssertionError("nothing failed");
    }

    /** The value of a live sample, named with its labels as in the text format; empty where there is none. */
    Optional<String> sample(String name) {
        ByteArrayOutputStream text = new ByteArrayOutputStream();
        try {
            PrometheusTextFormatWriter.create().write(text, live.scrape());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return text.toString(StandardCharsets.UTF_8)
                .lines()
                .filter(line -> line.startsWith(name + " "))
                .map(line -> line.substring(name.length() + 1))
                .findFirst();
    }

    public Optional<String> requests(String endpoint, String code) {
        return sample("mlflow_exporter_api_requests_total{code=\"" + code + "\",operation=\"" + endpoint + "\"}")
                .or(() -> sample(
                        "mlflow_exporter_api_requests_total{operation=\"" + endpoint + "\",code=\"" + code + "\"}"));
    }
}
