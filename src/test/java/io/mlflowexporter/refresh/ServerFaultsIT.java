package io.mlflowexporter.refresh;

import io.mlflowexporter.testing.MlflowServer;
import io.mlflowexporter.testing.PythonEnvironment;
import java.net.URI;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The table of faults before a real MLflow server, each in the middle of a refresh. */
final class ServerFaultsIT {
    private static final int STRIKES_AFTER = 5;

    private static MlflowServer first;
    private static MlflowServer other;

    @TempDir
    private Path directory;

    private final FaultyWorld.Servers servers = new FaultyWorld.Servers() {
        private final Instant now = Instant.now().truncatedTo(ChronoUnit.SECONDS);

        @Override
        public URI first() {
            return first.uri();
        }

        @Override
        public int page() {
            // It lists the experiments of all faults before.
            return 40;
        }

        @Override
        public URI other() {
            return other.uri();
        }

        @Override
        public Instant now() {
            return now;
        }
    };

    @BeforeAll
    static void start() {
        PythonEnvironment.MLFLOW3.python();
        first = MlflowServer.start(PythonEnvironment.MLFLOW3);
        other = MlflowServer.start(PythonEnvironment.MLFLOW3);
    }

    @AfterAll
    static void stop() {
        for (MlflowServer server : new MlflowServer[] {first, other}) {
            if (server != null) {
                server.close();
            }
        }
    }

    static List<ServerFault> faults() {
        return ServerFault.all();
    }

    @ParameterizedTest
    @MethodSource("faults")
    void afterAFaultEverythingIsAsItWouldBeWithout(ServerFault fault) throws Exception {
        try (FaultyWorld world = new FaultyWorld(servers, directory, fault.settings(), STRIKES_AFTER)) {
            world.endures(fault);
        }
    }
}
