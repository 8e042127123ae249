package io.mlflowexporter.catalog;

import io.mlflowexporter.checkpoint.fields.FieldReader;
import io.mlflowexporter.checkpoint.fields.FieldWriter;
import io.mlflowexporter.checkpoint.fields.Fields;
import io.mlflowexporter.metric.Times;
import io.mlflowexporter.mlflow.Experiment;
import io.mlflowexporter.mlflow.LifecycleStage;
import io.mlflowexporter.mlflow.ModelVersion;
import io.mlflowexporter.mlflow.RegisteredModel;
import java.io.IOException;

/** Writes and reads experiments, models and versions. */
final class Entities {
    private Entities() {}

    static void experiment(FieldWriter out, Experiment experiment) throws IOException {
        out.text("workspace", experiment.workspace());
        out.text("id", experiment.id());
        out.text("name", experiment.name());
        out.flag("active", experiment.lifecycleStage() == LifecycleStage.ACTIVE);
        out.number("createdMillis", experiment.createdMillis());
        out.number("lastUpdatedMillis", experiment.lastUpdatedMillis());
        out.pairs("tags", experiment.tags());
    }

    static Experiment experiment(FieldReader in) throws IOException {
        Fields fields = in.fields();
        return new Experiment(
                fields.text("workspace"),
                fields.text("id"),
                fields.text("name"),
                stage(fields),
                fields.number("createdMillis", Times.ABSENT),
                fields.number("lastUpdatedMillis", Times.ABSENT),
                fields.pairs("tags"));
    }

    static LifecycleStage stage(Fields fields) throws IOException {
        return fields.flag("active", true) ? LifecycleStage.ACTIVE : LifecycleStage.DELETED;
    }

    static void model(FieldWriter out, RegisteredModel model) throws IOException {
        out.text("workspace", model.workspace());
        out.text("name", model.name());
        out.number("createdMillis", model.createdMillis());
        out.number("lastUpdatedMillis", model.lastUpdatedMillis());
        out.pairs("aliases", model.aliases());
    }

    static RegisteredModel model(FieldReader in) throws IOException {
        Fields fields = in.fields();
        return new RegisteredModel(
                fields.text("workspace"),
                fields.text("name"),
                fields.number("createdMillis", Times.ABSENT),
                fields.number("lastUpdatedMillis", Times.ABSENT),
                fields.pairs("aliases"));
    }

    static void version(FieldWriter out, ModelVersion version) throws IOException {
        out.text("workspace", version.workspace());
        out.text("model", version.model());
        out.text("version", version.version());
        out.text("runId", version.runId());
        out.text("stage", version.stage());
        out.text("status", version.status());
        out.number("createdMillis", version.createdMillis());
        out.number("lastUpdatedMillis", version.lastUpdatedMillis());
    }

    static ModelVersion version(FieldReader in) throws IOException {
        Fields fields = in.fields();
        return new ModelVersion(
                fields.text("workspace"),
                fields.text("model"),
                fields.text("version"),
                fields.text("runId"),
                fields.text("stage"),
                fields.text("status"),
                fields.number("createdMillis", Times.ABSENT),
                fields.number("lastUpdatedMillis", Times.ABSENT));
    }
}
