package io.mlflowexporter.delivery;

import io.mlflowexporter.mlflow.RegisteredModel;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;

/** A registered model's name. */
record ModelKey(String workspace, String model) {
    static ModelKey of(RegisteredModel model) {
        return new ModelKey(model.workspace(), model.name());
    }

    void write(DataOutput out) throws IOException {
        out.writeUTF(workspace);
        out.writeUTF(model);
    }

    static ModelKey read(DataInput in) throws IOException {
        return new ModelKey(in.readUTF(), in.readUTF());
    }
}
