package io.mlflowexporter.catalog;

import io.mlflowexporter.mlflow.Experiment;
import io.mlflowexporter.mlflow.LifecycleStage;
import io.mlflowexporter.mlflow.ModelVersion;
import io.mlflowexporter.mlflow.RegisteredModel;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** Writes and reads experiments, models and versions. */
final class Entities {
    private Entities() {}

    static <T> void write(DataOutput out, List<T> all, Interned.Writer<T> writer) throws IOException {
        out.writeInt(all.size());
        for (T one : all) {
            writer.write(out, one);
        }
    }

    static <T> List<T> read(DataInput in, Interned.Reader<T> reader) throws IOException {
        List<T> all = new ArrayList<>();
        for (int i = Binary.count(in); i > 0; i--) {
            all.add(reader.read(in));
        }
        return all;
    }

    static void experiment(DataOutput out, Experiment experiment) throws IOException {
        Binary.text(out, experiment.workspace());
        Binary.text(out, experiment.id());
        Binary.text(out, experiment.name());
        out.writeBoolean(experiment.lifecycleStage() == LifecycleStage.ACTIVE);
        out.writeLong(experiment.createdMillis());
        out.writeLong(experiment.lastUpdatedMillis());
        Binary.texts(out, experiment.tags());
    }

    static Experiment experiment(DataInput in) throws IOException {
        return new Experiment(
                Binary.text(in),
                Binary.text(in),
                Binary.text(in),
                in.readBoolean() ? LifecycleStage.ACTIVE : LifecycleStage.DELETED,
                in.readLong(),
                in.readLong(),
                Binary.texts(in));
    }

    static void model(DataOutput out, RegisteredModel model) throws IOException {
        Binary.text(out, model.workspace());
        Binary.text(out, model.name());
        out.writeLong(model.createdMillis());
        out.writeLong(model.lastUpdatedMillis());
        Binary.texts(out, model.aliases());
        Binary.texts(out, model.tags());
    }

    static RegisteredModel model(DataInput in) throws IOException {
        return new RegisteredModel(
                Binary.text(in), Binary.text(in), in.readLong(), in.readLong(), Binary.texts(in), Binary.texts(in));
    }

    static void version(DataOutput out, ModelVersion version) throws IOException {
        Binary.text(out, version.workspace());
        Binary.text(out, version.model());
        Binary.text(out, version.version());
        Binary.text(out, version.runId());
        Binary.text(out, version.stage());
        Binary.text(out, version.status());
        out.writeLong(version.createdMillis());
        out.writeLong(version.lastUpdatedMillis());
    }

    static ModelVersion version(DataInput in) throws IOException {
        return new ModelVersion(
                Binary.text(in),
                Binary.text(in),
                Binary.text(in),
                Binary.text(in),
                Binary.text(in),
                Binary.text(in),
                in.readLong(),
                in.readLong());
    }
}
