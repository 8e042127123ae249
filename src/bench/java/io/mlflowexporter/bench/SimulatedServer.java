package io.mlflowexporter.bench;

import io.mlflowexporter.demo.SimulatedMlflow;
import io.mlflowexporter.demo.life.SimulationOptions;

/** The simulated MLflow in a process of its own, on which nothing happens by itself. */
final class SimulatedServer {
    /** So slow that nothing of its own falls due while a benchmark runs. */
    private static final double STANDING_STILL = 1e-9;

    private SimulatedServer() {}

    /** Serves so many runs until the process is ended; says where on standard output. */
    public static void main(String[] args) throws Exception {
        int runs = Integer.parseInt(args[0]);
        SimulatedMlflow server = SimulatedMlflow.start(
                SimulationOptions.defaults().withRuns(runs).withSpeed(STANDING_STILL));
        System.out.println("URI " + server.uri());
        Thread.currentThread().join();
    }
}
