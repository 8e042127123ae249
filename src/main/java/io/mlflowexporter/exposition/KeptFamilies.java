package io.mlflowexporter.exposition;

import io.mlflowexporter.checkpoint.fields.FieldReader;
import io.mlflowexporter.checkpoint.fields.FieldWriter;
import io.mlflowexporter.metric.DurationHistogram;
import io.mlflowexporter.metric.Family;
import io.mlflowexporter.metric.Family.Distribution;
import io.mlflowexporter.metric.Family.Sample;
import io.mlflowexporter.metric.Family.Value;
import io.mlflowexporter.metric.FamilyDeclaration;
import java.io.IOException;
import java.util.List;
import java.util.Optional;

/** Writes families to a checkpoint and reads them. Declarations go with them, so that another version can serve them. */
final class KeptFamilies {
    private String name = "";
    private FamilyDeclaration.Type type = FamilyDeclaration.Type.GAUGE;
    private String help = "";
    private List<String> labels = List.of();
    private FamilyDeclaration.Stability stability = FamilyDeclaration.Stability.STABLE;
    private String foldLabel = "";
    private boolean intoOther;
    private FamilyDeclaration.Merge merge = FamilyDeclaration.Merge.SUM;
    private List<Sample> samples = List.of();

    static void write(FieldWriter out, Family family) throws IOException {
        FamilyDeclaration declaration = family.declaration();
        out.text("name", declaration.name());
        out.text("type", declaration.type().name());
        out.text("help", declaration.help());
        out.texts("labels", declaration.labels());
        out.text("stability", declaration.stability().name());
        out.text("foldLabel", declaration.fold().label());
        out.flag("intoOther", declaration.fold().intoOther());
        out.text("merge", declaration.fold().merge().name());
        out.list("samples", family.samples(), KeptFamilies::write);
    }

    private static void write(FieldWriter out, Sample sample) throws IOException {
        out.text("workspace", sample.workspace());
        out.texts("labels", sample.labelValues());
        if (sample instanceof Value v) {
            out.real("value", v.value());
        } else {
            out.object("histogram", ((Distribution) sample).histogram()::write);
        }
    }

    /**
     * Reads one.
     *
     * @throws IOException if it cannot have been written
     */
    static Family read(FieldReader in) throws IOException {
        KeptFamilies read = new KeptFamilies();
        while (in.next()) {
            switch (in.name()) {
                case "name" -> read.name = in.text();
                case "type" -> read.type = in.one(FamilyDeclaration.Type.class);
                case "help" -> read.help = in.text();
                case "labels" -> read.labels = in.texts();
                case "stability" -> read.stability = in.one(FamilyDeclaration.Stability.class);
                case "foldLabel" -> read.foldLabel = in.text();
                case "intoOther" -> read.intoOther = in.flag();
                case "merge" -> read.merge = in.one(FamilyDeclaration.Merge.class);
                case "samples" -> read.samples = in.list(KeptFamilies::sample);
                default -> {
                    // Of another version.
                }
            }
        }
        return read.family();
    }

    private static Sample sample(FieldReader in) throws IOException {
        String workspace = "";
        List<String> values = List.of();
        double value = 0;
        Optional<DurationHistogram> histogram = Optional.empty();
        while (in.next()) {
            switch (in.name()) {
                case "workspace" -> workspace = in.text();
                case "labels" -> values = in.texts();
                case "value" -> value = in.real();
                case "histogram" -> histogram = Optional.of(in.object(DurationHistogram::read));
                default -> {
                    // Of another version.
                }
            }
        }
        return histogram.isPresent()
                ? new Distribution(workspace, values, histogram.get())
                : new Value(workspace, values, value);
    }

    private Family family() throws IOException {
        FamilyDeclaration declaration;
        try {
            FamilyDeclaration.Fold fold = new FamilyDeclaration.Fold(foldLabel, intoOther, merge);
            declaration = new FamilyDeclaration(name, type, help, labels, stability, fold);
        } catch (IllegalArgumentException e) {
            throw new IOException("no family: " + e.getMessage(), e);
        }
        boolean histograms = type == FamilyDeclaration.Type.HISTOGRAM;
        for (Sample sample : samples) {
            if (sample.labelValues().size() != labels.size() || sample instanceof Distribution != histograms) {
                throw new IOException("a sample of " + name + " is not as its family declares");
            }
        }
        return new Family(declaration, samples);
    }
}
