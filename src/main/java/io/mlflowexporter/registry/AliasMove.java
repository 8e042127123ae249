package io.mlflowexporter.registry;

import io.mlflowexporter.checkpoint.fields.FieldReader;
import io.mlflowexporter.checkpoint.fields.FieldWriter;
import io.mlflowexporter.checkpoint.fields.Fields;
import io.mlflowexporter.metric.Times;
import java.io.IOException;

/**
 * Something that happened to an alias or to a model's name, as it was noticed.
 *
 * @param alias empty where the model was renamed
 * @param from the version it pointed to, or the name the model had; empty where to none
 * @param to the version it points to, or the name the model has; empty where to none
 * @param seenMillis when this exporter noticed, Unix milliseconds: MLflow does not tell when it happened
 */
public record AliasMove(
        String workspace, String model, String alias, Kind kind, String from, String to, long seenMillis) {
    /** What it was. */
    public enum Kind {
        DEPLOYMENT,
        ROLLBACK,
        DELETION,
        RENAMING
    }

    void write(FieldWriter out) throws IOException {
        out.text("workspace", workspace);
        out.text("model", model);
        out.text("alias", alias);
        out.text("kind", kind.name());
        out.text("from", from);
        out.text("to", to);
        out.number("seenMillis", seenMillis);
    }

    static AliasMove read(FieldReader in) throws IOException {
        Fields fields = in.fields();
        return new AliasMove(
                fields.text("workspace"),
                fields.text("model"),
                fields.text("alias"),
                fields.one("kind", Kind.DEPLOYMENT),
                fields.text("from"),
                fields.text("to"),
                fields.number("seenMillis", Times.ABSENT));
    }
}
