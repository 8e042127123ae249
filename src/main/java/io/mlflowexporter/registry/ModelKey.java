package io.mlflowexporter.registry;

import io.mlflowexporter.checkpoint.fields.FieldWriter;
import io.mlflowexporter.checkpoint.fields.Fields;
import io.mlflowexporter.mlflow.RegisteredModel;
import java.io.IOException;

/** A registered model's name. Comparable, as names whose hashes are equal can be chosen. */
record ModelKey(String workspace, String model) implements Comparable<ModelKey> {
    @Override
    public int compareTo(ModelKey other) {
        int byModel = model.compareTo(other.model);
        return byModel == 0 ? workspace.compareTo(other.workspace) : byModel;
    }

    static ModelKey of(RegisteredModel model) {
        return new ModelKey(model.workspace(), model.name());
    }

    void write(FieldWriter out) throws IOException {
        out.text("workspace", workspace);
        out.text("model", model);
    }

    static ModelKey read(Fields fields) throws IOException {
        return new ModelKey(fields.text("workspace"), fields.text("model"));
    }
}
