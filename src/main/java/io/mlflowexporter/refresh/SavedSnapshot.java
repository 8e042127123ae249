package io.mlflowexporter.refresh;

import io.mlflowexporter.checkpoint.fields.FieldReader;
import io.mlflowexporter.checkpoint.fields.FieldWriter;
import io.mlflowexporter.checkpoint.fields.Fields;
import io.mlflowexporter.metric.Times;
import io.mlflowexporter.mlflow.ServerInfo;
import io.mlflowexporter.mlflow.rest.hosts.Ability;
import io.mlflowexporter.mlflow.rest.hosts.Capabilities;
import java.io.IOException;
import java.time.Instant;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What a checkpoint says of the snapshot beside the catalog.
 *
 * @param trackingReadAt when experiments and runs were last read whole, empty where they never were; what was read of a
 *     part of them since is kept too
 * @param registryReadAt empty where it was never read
 * @param leftOut why experiments and runs are not complete
 * @param registryLeftOut why models and versions are not complete
 * @param capabilities what the server can do
 */
record SavedSnapshot(
        Optional<ServerInfo> server,
        List<String> workspaces,
        Optional<Instant> trackingReadAt,
        Optional<Instant> registryReadAt,
        List<String> leftOut,
        List<String> registryLeftOut,
        Capabilities capabilities) {
    private static final String EXPERIMENTS_PER_QUERY = "experimentsPerQuery";

    void write(FieldWriter out) throws IOException {
        if (server.isPresent()) {
            ServerInfo info = server.get();
            out.object("server", it -> {
                it.text("trackingUri", info.trackingUri());
                it.text("registryUri", info.registryUri());
                it.text("version", info.version());
                it.flag("workspaces", info.workspaces());
            });
        }
        out.texts("workspaces", workspaces);
        out.number("trackingReadMillis", millis(trackingReadAt));
        out.number("registryReadMillis", millis(registryReadAt));
        out.texts("leftOut", leftOut);
        out.texts("registryLeftOut", registryLeftOut);
        out.object("capabilities", it -> {
            it.number(EXPERIMENTS_PER_QUERY, capabilities.experimentsPerQuery());
            for (Map.Entry<Ability, Boolean> known : capabilities.known().entrySet()) {
                it.flag(known.getKey().name(), known.getValue());
            }
        });
    }

    private static long millis(Optional<Instant> time) {
        return time.map(Instant::toEpochMilli).orElse(Times.ABSENT);
    }

    static SavedSnapshot read(FieldReader in) throws IOException {
        Optional<ServerInfo> server = Optional.empty();
        List<String> workspaces = List.of();
        long tracking = Times.ABSENT;
        long registry = Times.ABSENT;
        List<String> leftOut = List.of();
        List<String> registryLeftOut = List.of();
        Capabilities capabilities = Capabilities.UNKNOWN;
        while (in.next()) {
            switch (in.name()) {
                case "server" -> server = Optional.of(in.object(SavedSnapshot::server));
                case "workspaces" -> workspaces = in.texts();
                case "trackingReadMillis" -> tracking = in.number();
                case "registryReadMillis" -> registry = in.number();
                case "leftOut" -> leftOut = in.texts();
                case "registryLeftOut" -> registryLeftOut = in.texts();
                case "capabilities" -> capabilities = in.object(SavedSnapshot::capabilities);
                default -> {
                    // Of another version.
                }
            }
        }
        return new SavedSnapshot(
                server, workspaces, time(tracking), time(registry), leftOut, registryLeftOut, capabilities);
    }

    /** Abilities that this version does not know are left out. */
    private static Capabilities capabilities(FieldReader in) throws IOException {
        int experiments = Integer.MAX_VALUE;
        Map<Ability, Boolean> known = new EnumMap<>(Ability.class);
        while (in.next()) {
            if (in.name().equals(EXPERIMENTS_PER_QUERY)) {
                experiments = (int) Math.max(1, Math.min(Integer.MAX_VALUE, in.number()));
            }
            for (Ability ability : Ability.values()) {
                if (ability.name().equals(in.name())) {
                    known.put(ability, in.flag());
                }
            }
        }
        return new Capabilities(experiments, known);
    }

    private static ServerInfo server(FieldReader in) throws IOException {
        Fields fields = in.fields();
        return new ServerInfo(
                fields.text("trackingUri"),
                fields.text("registryUri"),
                fields.text("version"),
                fields.flag("workspaces", false));
    }

    private static Optional<Instant> time(long millis) {
        return millis == Times.ABSENT ? Optional.empty() : Optional.of(Instant.ofEpochMilli(millis));
    }
}
