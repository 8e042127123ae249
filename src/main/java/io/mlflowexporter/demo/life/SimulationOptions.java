package io.mlflowexporter.demo.life;

import java.time.InstantSource;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * How to simulate. {@link #defaults()} is the start of every configuration.
 *
 * @param seed with the clock's first reading it determines the whole history and everything that happens later
 * @param runs roughly how many runs the history of the past 60 days holds; 0 for an empty server that nothing happens on
 * @param traces how many LLM traces the past three days hold; then one every few seconds
 * @param livingWorkPerHour pieces of work that begin per simulated hour once the history has ended, at least
 * @param speed simulated seconds per second from the start on, greater than 0
 * @param host address to listen on
 * @param port 0 for any free one
 * @param clock what time it is
 * @param workspaces whether the server has workspaces on
 * @param credentials what every request must carry, empty for none
 * @param maxRequestBytes a longer request body is refused with 413
 * @param version what {@code /version} says; one that begins with {@code 2.} lacks what 3.x added
 * @param extra bulk added to every run, for loads
 */
public record SimulationOptions(
        long seed,
        int runs,
        int traces,
        double livingWorkPerHour,
        double speed,
        String host,
        int port,
        InstantSource clock,
        boolean workspaces,
        Optional<Credentials> credentials,
        int maxRequestBytes,
        String version,
        Extra extra) {

    /** What a client must send. */
    public sealed interface Credentials {}

    /** HTTP Basic. */
    public record Basic(String username, String password) implements Credentials {}

    /** HTTP Bearer. */
    public record Bearer(String token) implements Credentials {}

    /** Tags, params and metrics added to every run of the history. */
    public record Extra(int tags, int params, int metrics) {}

    public SimulationOptions {
        if (runs < 0 || traces < 0 || !(speed > 0) || Double.isInfinite(speed)) {
            throw new IllegalArgumentException("runs and traces must not be negative and speed must be greater than 0: "
                    + runs + ", " + traces + ", " + speed);
        }
    }

    /** Seed 7, about 600 runs, real time, a free port on loopback, the newest MLflow this was compared with. */
    public static SimulationOptions defaults() {
        return new SimulationOptions(
                7,
                600,
                4_000,
                3,
                1,
                "127.0.0.1",
                0,
                InstantSource.system(),
                false,
                Optional.empty(),
                64 << 20,
                "3.17.2",
                new Extra(0, 0, 0));
    }

    public SimulationOptions withSeed(long newSeed) {
        return with(draft -> draft.seed = newSeed);
    }

    public SimulationOptions withRuns(int newRuns) {
        return with(draft -> draft.runs = newRuns);
    }

    public SimulationOptions withSpeed(double newSpeed) {
        return with(draft -> draft.speed = newSpeed);
    }

    /** Of a server on which something happens; 0 for none, also later. */
    public SimulationOptions withTraces(int newTraces) {
        return with(draft -> draft.traces = newTraces);
    }

    /** 0: it goes on at the pace of its history. The default is one at which a watcher sees it live. */
    public SimulationOptions withLivingWorkPerHour(double atLeast) {
        return with(draft -> draft.livingWorkPerHour = atLeast);
    }

    public SimulationOptions withListen(String newHost, int newPort) {
        return with(draft -> {
            draft.host = newHost;
            draft.port = newPort;
        });
    }

    public SimulationOptions withClock(InstantSource newClock) {
        return with(draft -> draft.clock = newClock);
    }

    public SimulationOptions withWorkspaces(boolean on) {
        return with(draft -> draft.workspaces = on);
    }

    public SimulationOptions withCredentials(Credentials required) {
        return with(draft -> draft.credentials = Optional.of(required));
    }

    public SimulationOptions withVersion(String newVersion) {
        return with(draft -> draft.version = newVersion);
    }

    public SimulationOptions withExtra(Extra newExtra) {
        return with(draft -> draft.extra = newExtra);
    }

    public SimulationOptions withMaxRequestBytes(int bytes) {
        return with(draft -> draft.maxRequestBytes = bytes);
    }

    /** Of {@code 3.17.2} 17; 0 where the version has none. */
    public int minor() {
        String[] parts = version.split("[.]", -1);
        return parts.length > 1 && parts[1].matches("\\d{1,4}") ? Integer.parseInt(parts[1]) : 0;
    }

    private SimulationOptions with(Consumer<Draft> change) {
        Draft draft = new Draft(this);
        change.accept(draft);
        return draft.options();
    }

    /** Options that are being changed. */
    private static final class Draft {
        private long seed;
        private int runs;
        private int traces;
        private double livingWorkPerHour;
        private double speed;
        private String host;
        private int port;
        private InstantSource clock;
        private boolean workspaces;
        private Optional<Credentials> credentials;
        private int maxRequestBytes;
        private String version;
        private Extra extra;

        Draft(SimulationOptions from) {
            seed = from.seed;
            runs = from.runs;
            traces = from.traces;
            livingWorkPerHour = from.livingWorkPerHour;
            speed = from.speed;
            host = from.host;
            port = from.port;
            clock = from.clock;
            workspaces = from.workspaces;
            credentials = from.credentials;
            maxRequestBytes = from.maxRequestBytes;
            version = from.version;
            extra = from.extra;
        }

        SimulationOptions options() {
            return new SimulationOptions(
                    seed,
                    runs,
                    traces,
                    livingWorkPerHour,
                    speed,
                    host,
                    port,
                    clock,
                    workspaces,
                    credentials,
                    maxRequestBytes,
                    version,
                    extra);
        }
    }
}
