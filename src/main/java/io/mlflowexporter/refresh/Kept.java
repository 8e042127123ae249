package io.mlflowexporter.refresh;

import io.mlflowexporter.checkpoint.Texts;
import io.mlflowexporter.mlflow.ServerInfo;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * What a checkpoint says of the snapshot beside the catalog.
 *
 * @param trackingReadAt when experiments and runs were last read whole, empty where they never were; what was read of a
 *     part of them since is kept too
 * @param registryReadAt empty where it was never read
 * @param leftOut why experiments and runs are not complete
 */
record Kept(
        Optional<ServerInfo> server,
        List<String> workspaces,
        Optional<Instant> trackingReadAt,
        Optional<Instant> registryReadAt,
        List<String> leftOut) {

    void write(DataOutput out) throws IOException {
        Texts.Writer texts = new Texts.Writer(out);
        out.writeBoolean(server.isPresent());
        if (server.isPresent()) {
            texts.write(server.get().trackingUri());
            texts.write(server.get().registryUri());
            texts.write(server.get().version());
            out.writeBoolean(server.get().workspaces());
        }
        texts.write(workspaces);
        write(out, trackingReadAt);
        write(out, registryReadAt);
        texts.write(leftOut);
    }

    private static void write(DataOutput out, Optional<Instant> time) throws IOException {
        out.writeBoolean(time.isPresent());
        if (time.isPresent()) {
            out.writeLong(time.get().toEpochMilli());
        }
    }

    static Kept read(DataInput in) throws IOException {
        Texts.Reader texts = new Texts.Reader(in);
        Optional<ServerInfo> server = in.readBoolean()
                ? Optional.of(new ServerInfo(texts.read(), texts.read(), texts.read(), in.readBoolean()))
                : Optional.empty();
        return new Kept(server, texts.list(), time(in), time(in), texts.list());
    }

    private static Optional<Instant> time(DataInput in) throws IOException {
        return in.readBoolean() ? Optional.of(Instant.ofEpochMilli(in.readLong())) : Optional.empty();
    }
}
