package io.mlflowexporter.conformance;

import io.mlflowexporter.demo.SimulatedMlflow;
import io.mlflowexporter.demo.life.SimulationOptions;
import io.mlflowexporter.testing.MlflowServer;
import io.mlflowexporter.testing.PythonEnvironment;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The servers the conformance suite runs against, each started and loaded once per JVM.
 */
enum ConformanceTarget {
    /** The demo's own history; its clock stands still, so that two readings see the same. */
    SIMULATED_DEMO(false, false, 3, false),
    SIMULATED_3(false, true, 3, false),
    SIMULATED_3_WORKSPACES(false, true, 3, true),
    SIMULATED_2(false, true, 2, false),
    REAL_3(true, true, 3, false),
    REAL_3_WORKSPACES(true, true, 3, true),
    REAL_2(true, true, 2, false);

    private static final List<String> TEAMS = List.of("team-a", "team-b");
    private static final Duration LOAD_LIMIT = Duration.ofMinutes(5);
    private static final Map<ConformanceTarget, URI> STARTED = new EnumMap<>(ConformanceTarget.class);
    private static final Map<ConformanceTarget, AssertionError> FAILED = new EnumMap<>(ConformanceTarget.class);

    private final boolean real;
    private final boolean loaded;
    private final int major;
    private final boolean workspaces;

    ConformanceTarget(boolean real, boolean loaded, int major, boolean workspaces) {
        this.real = real;
        this.loaded = loaded;
        this.major = major;
        this.workspaces = workspaces;
    }

    /** MLflow's major version. */
    int major() {
        return major;
    }

    boolean withWorkspaces() {
        return workspaces;
    }

    /** The workspaces to read: one empty name where the server has none. */
    List<String> workspaces() {
        if (!withWorkspaces()) {
            return List.of("");
        }
        List<String> all = new ArrayList<>(List.of("default"));
        all.addAll(TEAMS);
        return all;
    }

    /** The Python whose client loads this server and can read it. */
    Optional<PythonEnvironment> python() {
        return loaded
                ? Optional.of(major == 2 ? PythonEnvironment.MLFLOW2 : PythonEnvironment.MLFLOW3)
                : Optional.empty();
    }

    /** The address of the loaded server; skips the calling test where Python is missing. */
    URI uri() {
        synchronized (STARTED) {
            URI known = STARTED.get(this);
            if (known != null) {
                return known;
            }
            AssertionError failed = FAILED.get(this);
            if (failed != null) {
                throw new AssertionError("could not be loaded, see the first failure", failed);
            }
            python().ifPresent(PythonEnvironment::python);
            try {
                URI uri = start();
                load(uri);
                STARTED.put(this, uri);
                return uri;
            } catch (AssertionError e) {
                FAILED.put(this, e);
                throw e;
            }
        }
    }

    private void load(URI uri) {
        if (python().isEmpty()) {
            return;
        }
        List<String> arguments = new ArrayList<>(List.of(uri.toString()));
        if (real) {
            arguments.add("--artifacts");
        }
        if (workspaces) {
            arguments.add("--workspaces");
            arguments.add(String.join(",", TEAMS));
        }
        python().orElseThrow().run(LOAD_LIMIT, "load.py", Map.of(), arguments.toArray(String[]::new));
    }

    /** Ends with the JVM. */
    private URI start() {
        if (real) {
            String[] options = withWorkspaces() ? new String[] {"--enable-workspaces"} : new String[0];
            return MlflowServer.start(python().orElseThrow(), options).uri();
        }
        SimulationOptions options = SimulationOptions.defaults().withWorkspaces(withWorkspaces());
        if (python().isEmpty()) {
            Instant now = Instant.now();
            options = options.withClock(() -> now);
        } else {
            options = options.withRuns(0);
        }
        try {
            return SimulatedMlflow.start(major == 2 ? options.withVersion("2.22.5") : options)
                    .uri();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
