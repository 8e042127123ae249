package io.mlflowexporter.registry;

import io.mlflowexporter.checkpoint.fields.FieldWriter;
import io.mlflowexporter.checkpoint.fields.Fields;
import java.io.IOException;

/** An alias of a registered model. Comparable, as names whose hashes are equal can be chosen. */
record AliasKey(ModelKey model, String alias) implements Comparable<AliasKey> {
    @Override
    public int compareTo(AliasKey other) {
        int byModel = model.compareTo(other.model);
        return byModel == 0 ? alias.compareTo(other.alias) : byModel;
    }

    void write(FieldWriter out) throws IOException {
        model.write(out);
        out.text("alias", alias);
    }

    static AliasKey read(Fields fields) throws IOException {
        return new AliasKey(ModelKey.read(fields), fields.text("alias"));
    }
}
