package io.mlflowexporter.demo.life;

import java.time.InstantSource;
import java.util.Optional;

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
 * @param gzip whether answers are compressed where the client accepts it; the real server never does
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
        boolean gzip,
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
                false,
                "3.17.2",
                new Extra(0, 0, 0));
    }

    public SimulationOptions withSeed(long newSeed) {
        return copy(newSeed, runs, speed, host, port, clock, workspaces, credentials, gzip, version, extra);
    }

    public SimulationOptions withRuns(int newRuns) {
        return copy(seed, newRuns, speed, host, port, clock, workspaces, credentials, gzip, version, extra);
    }

    public SimulationOptions withSpeed(double newSpeed) {
        return copy(seed, runs, newSpeed, host, port, clock, workspaces, credentials, gzip, version, extra);
    }

    /** Of a server on which something happens; 0 for none, also later. */
    public SimulationOptions withTraces(int newTraces) {
        return new SimulationOptions(
                seed,
                runs,
                newTraces,
                livingWorkPerHour,
                speed,
                host,
                port,
                clock,
                workspaces,
                credentials,
                maxRequestBytes,
                gzip,
                version,
                extra);
    }

    /** Of {@code 3.17.2} 17; 0 where the version has none. */
    public int minor() {
        String[] parts = version.split("[.]", -1);
        return parts.length > 1 && parts[1].matches("\\d{1,4}") ? Integer.parseInt(parts[1]) : 0;
    }

    /** 0: it goes on at the pace of its history. The default is one at which a watcher sees it live. */
    public SimulationOptions withLivingWorkPerHour(double atLeast) {
        return new SimulationOptions(
                seed,
                runs,
                traces,
                atLeast,
                speed,
                host,
                port,
                clock,
                workspaces,
                credentials,
                maxRequestBytes,
                gzip,
                version,
                extra);
    }

    public SimulationOptions withListen(String newHost, int newPort) {
        return copy(seed, runs, speed, newHost, newPort, clock, workspaces, credentials, gzip, version, extra);
    }

    public SimulationOptions withClock(InstantSource newClock) {
        return copy(seed, runs, speed, host, port, newClock, workspaces, credentials, gzip, version, extra);
    }

    public SimulationOptions withWorkspaces(boolean on) {
        return copy(seed, runs, speed, host, port, clock, on, credentials, gzip, version, extra);
    }

    public SimulationOptions withCredentials(Credentials required) {
        return copy(seed, runs, speed, host, port, clock, workspaces, Optional.of(required), gzip, version, extra);
    }

    public SimulationOptions withGzip(boolean on) {
        return copy(seed, runs, speed, host, port, clock, workspaces, credentials, on, version, extra);
    }

    public SimulationOptions withVersion(String newVersion) {
        return copy(seed, runs, speed, host, port, clock, workspaces, credentials, gzip, newVersion, extra);
    }

    public SimulationOptions withExtra(Extra newExtra) {
        return copy(seed, runs, speed, host, port, clock, workspaces, credentials, gzip, version, newExtra);
    }

    public SimulationOptions withMaxRequestBytes(int bytes) {
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
                bytes,
                gzip,
                version,
                extra);
    }

    private SimulationOptions copy(
            long newSeed,
            int newRuns,
            double newSpeed,
            String newHost,
            int newPort,
            InstantSource newClock,
            boolean newWorkspaces,
            Optional<Credentials> newCredentials,
            boolean newGzip,
            String newVersion,
            Extra newExtra) {
        return new SimulationOptions(
                newSeed,
                newRuns,
                traces,
                livingWorkPerHour,
                newSpeed,
                newHost,
                newPort,
                newClock,
                newWorkspaces,
                newCredentials,
                maxRequestBytes,
                newGzip,
                newVersion,
                newExtra);
    }
}
