package io.mlflowexporter.exposition;

import io.mlflowexporter.checkpoint.Texts;
import io.mlflowexporter.indicators.DurationHistogram;
import io.mlflowexporter.indicators.Family;
import io.mlflowexporter.indicators.Family.Distribution;
import io.mlflowexporter.indicators.Family.Sample;
import io.mlflowexporter.indicators.Family.Value;
import io.mlflowexporter.indicators.FamilyDeclaration;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** Writes families to a checkpoint and reads them. Declarations go with them, so that another version can serve them. */
final class KeptFamilies {
    private KeptFamilies() {}

    static void write(DataOutput out, Texts.Writer texts, Family family) throws IOException {
        FamilyDeclaration declaration = family.declaration();
        texts.write(declaration.name());
        texts.write(declaration.type().name());
        texts.write(declaration.help());
        texts.write(declaration.labels());
        texts.write(declaration.stability().name());
        texts.write(declaration.fold().label());
        out.writeBoolean(declaration.fold().intoOther());
        texts.write(declaration.fold().merge().name());
        out.writeInt(family.samples().size());
        for (Sample sample : family.samples()) {
            texts.write(sample.workspace());
            for (String value : sample.labelValues()) {
                texts.write(value);
            }
            if (sample instanceof Value v) {
                out.writeDouble(v.value());
            } else {
                ((Distribution) sample).histogram().write(out);
            }
        }
    }

    /**
     * Reads one.
     *
     * @throws IOException if it cannot have been written
     */
    static Family read(DataInput in, Texts.Reader texts) throws IOException {
        FamilyDeclaration declaration;
        try {
            declaration = new FamilyDeclaration(
                    texts.read(),
                    FamilyDeclaration.Type.valueOf(texts.read()),
                    texts.read(),
                    texts.list(),
                    FamilyDeclaration.Stability.valueOf(texts.read()),
                    new FamilyDeclaration.Fold(
                            texts.read(), in.readBoolean(), FamilyDeclaration.Merge.valueOf(texts.read())));
        } catch (IllegalArgumentException e) {
            throw new IOException("no family: " + e.getMessage(), e);
        }
        List<Sample> samples = new ArrayList<>();
        for (int left = Texts.count(in); left > 0; left--) {
            String workspace = texts.read();
            List<String> values = new ArrayList<>(declaration.labels().size());
            for (int i = 0; i < declaration.labels().size(); i++) {
                values.add(texts.read());
            }
            samples.add(
                    declaration.type() == FamilyDeclaration.Type.HISTOGRAM
                            ? new Distribution(workspace, List.copyOf(values), DurationHistogram.read(in))
                            : new Value(workspace, List.copyOf(values), in.readDouble()));
        }
        return new Family(declaration, List.copyOf(samples));
    }
}
