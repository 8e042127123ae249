package io.mlflowexporter.demo;

import com.sun.net.httpserver.HttpServer;
import io.mlflowexporter.demo.api.Faults;
import io.mlflowexporter.demo.api.HttpFront;
import io.mlflowexporter.demo.api.RequestLog;
import io.mlflowexporter.demo.api.SimulatedApi;
import io.mlflowexporter.demo.life.DemoWorld;
import io.mlflowexporter.demo.life.SimulationOptions;
import io.mlflowexporter.demo.store.ExperimentRow;
import io.mlflowexporter.demo.store.MlflowStore;
import io.mlflowexporter.demo.store.ModelRow;
import io.mlflowexporter.demo.store.ModelStore;
import io.mlflowexporter.demo.traces.AgentTraces;
import io.mlflowexporter.demo.traces.DemoObjects;
import io.mlflowexporter.demo.traces.TraceStore;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.time.InstantSource;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A simulated MLflow server: MLflow's tracking and registry REST API over a store in memory, with a history that goes
 * on living. Real clients can read it and write to it. What happens by itself happens when a request comes, up to the
 * clock's reading then; there is no thread behind it, so a clock moved by hand moves the world.
 */
public final class SimulatedMlflow implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(SimulatedMlflow.class);
    private static final int THREADS = 8;

    private final HttpServer server;
    private final ExecutorService threads;
    private final URI uri;
    private final Faults faults = new Faults();
    private final RequestLog requests = new RequestLog();
    private final MlflowStore store;

    private SimulatedMlflow(SimulationOptions options) throws IOException {
        // Without this the JDK's server answers a kept connection 40 ms late: Nagle's algorithm against delayed ACKs.
        if (System.getProperty("sun.net.httpserver.nodelay") == null) {
            System.setProperty("sun.net.httpserver.nodelay", "true");
        }
        InstantSource clock = options.clock();
        long started = clock.millis();
        store = new MlflowStore(options.seed(), options.runs() > 0 ? started - DemoWorld.HISTORY.toMillis() : started);
        DemoWorld world = options.runs() > 0 ? new DemoWorld(store, options, started) : DemoWorld.EMPTY;
        boolean lives = options.runs() > 0;
        // After all else, so that it changes nothing of what was there before it.
        String agent = lives ? agent(started) : "";
        AgentTraces agents =
                new AgentTraces(~options.seed(), agent, started, lives ? options.traces() : 0, options.speed());
        DemoObjects objects = lives ? new DemoObjects(MlflowStore.DEFAULT_WORKSPACE, agent) : DemoObjects.NONE;
        server = HttpServer.create(new InetSocketAddress(options.host(), options.port()), 128);
        AtomicInteger number = new AtomicInteger();
        threads = Executors.newFixedThreadPool(THREADS, task -> {
            Thread thread = new Thread(task, "simulated-mlflow-" + number.incrementAndGet());
            thread.setDaemon(true);
            return thread;
        });
        server.setExecutor(threads);
        server.createContext(
                "/",
                new HttpFront(
                        new SimulatedApi(store, world, new TraceStore(agents), objects, options),
                        options,
                        faults,
                        requests));
        server.start();
        String host = options.host().contains(":") ? "[" + options.host() + "]" : options.host();
        uri = URI.create("http://" + host + ":" + server.getAddress().getPort());
        LOG.info(
                "Simulated MLflow {} listens on {} with {} runs in {} experiments (seed {}, speed {})",
                options.version(),
                uri,
                store.runCount(),
                store.experiments().size(),
                options.seed(),
                options.speed());
    }

    /** Makes the experiment of the support agent, with its prompts. */
    private String agent(long startedMillis) {
        long begin = startedMillis - AgentTraces.HISTORY;
        ExperimentRow agent = store.createExperiment(MlflowStore.DEFAULT_WORKSPACE, "support-agent", "", begin);
        agent.tags.put("team", "support");
        agent.tags.put("project", "web-shop");
        prompt("answer-question", 3, begin);
        prompt("summarize-ticket", 1, begin);
        return Long.toString(agent.id);
    }

    private void prompt(String name, int versions, long createdMillis) {
        ModelRow prompt = store.models().create(MlflowStore.DEFAULT_WORKSPACE, name, createdMillis);
        prompt.tags.put(ModelStore.PROMPT_TAG, "true");
        for (int i = 0; i < versions; i++) {
            ModelRow.Version version =
                    store.models().createVersion(prompt, "dummy-source", "", "", createdMillis + i * 60_000L);
            version.tags.put(ModelStore.PROMPT_TAG, "true");
            version.tags.put("mlflow.prompt.text", AgentTraces.PREVIEW + " {{ question }}");
        }
    }

    /**
     * Builds the history and starts to listen.
     *
     * @throws IOException if the address cannot be bound
     */
    public static SimulatedMlflow start(SimulationOptions options) throws IOException {
        return new SimulatedMlflow(options);
    }

    /**
     * A server with nothing on it but the experiment {@code Default}, on which nothing happens by itself.
     *
     * @throws IOException if no port is free
     */
    public static SimulatedMlflow empty() throws IOException {
        return new SimulatedMlflow(SimulationOptions.defaults().withRuns(0));
    }

    /** Where it listens: {@code http://host:port}. */
    public URI uri() {
        return uri;
    }

    /** What it does wrong; changeable at any time. */
    public Faults faults() {
        return faults;
    }

    /** What it was asked. */
    public RequestLog requests() {
        return requests;
    }

    /** Does what {@code mlflow gc} does: soft-deleted experiments and runs are gone for good. */
    public void purgeDeleted() {
        synchronized (store) {
            store.purgeDeleted();
        }
    }

    @Override
    public void close() {
        server.stop(0);
        threads.shutdownNow();
    }
}
