package io.mlflowexporter.checkpoint;

import io.mlflowexporter.checkpoint.fields.FieldWriter;
import java.io.DataInputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** What was served, of a file of format 2; see {@link FormatTwo}. */
final class FormatTwoServed {
    private FormatTwoServed() {}

    static void convert(DataInputStream in, FieldWriter out) throws IOException {
        FormatTwo.Texts texts = new FormatTwo.Texts(in);
        out.object("snapshot", snapshot -> {
            snapshot.number("readMillis", in.readLong());
            snapshot.number("withdrawnAfterMillis", in.readLong());
            snapshot.texts("incomplete", texts.list());
            for (String name : List.of("experiments", "runs", "models", "versions")) {
                snapshot.number(name, in.readLong());
            }
        });
        FormatTwo.Texts served = new FormatTwo.Texts(in);
        out.object(
                "exposition",
                exposition ->
                        exposition.list("sections", FormatTwo.times(in), (section, i) -> section(in, served, section)));
        out.object("folds", folds -> folds(in, folds));
    }

    private static void section(DataInputStream in, FormatTwo.Texts texts, FieldWriter out) throws IOException {
        out.number("expiresAtSeconds", in.readLong());
        out.number("expiresAtNanos", in.readInt());
        out.list("families", FormatTwo.times(in), (family, i) -> family(in, texts, family));
        out.list("series", FormatTwo.times(in), (series, i) -> {
            series.text("family", texts.read());
            series.number("series", in.readInt());
            series.number("dropped", in.readInt());
        });
    }

    private static void family(DataInputStream in, FormatTwo.Texts texts, FieldWriter out) throws IOException {
        out.text("name", texts.read());
        String type = texts.read();
        out.text("type", type);
        out.text("help", texts.read());
        List<String> labels = texts.list();
        out.texts("labels", labels);
        out.text("stability", texts.read());
        out.text("foldLabel", texts.read());
        out.flag("intoOther", in.readBoolean());
        out.text("merge", texts.read());
        out.list("samples", FormatTwo.times(in), (sample, i) -> {
            sample.text("workspace", texts.read());
            List<String> values = new ArrayList<>();
            for (int left = labels.size(); left > 0; left--) {
                values.add(texts.read());
            }
            sample.texts("labels", values);
            if (type.equals("HISTOGRAM")) {
                sample.object("histogram", histogram -> FormatTwo.histogram(in, histogram));
            } else {
                sample.real("value", in.readDouble());
            }
        });
        // Whether another family had this one's name in OpenMetrics; names are unique now.
        in.readBoolean();
    }

    private static void folds(DataInputStream in, FieldWriter out) throws IOException {
        FormatTwo.Texts texts = new FormatTwo.Texts(in);
        out.number("seriesPerFamily", in.readInt());
        out.list("folds", FormatTwo.times(in), (fold, i) -> {
            fold.text("family", texts.read());
            for (String name : List.of("named", "folded")) {
                fold.list(name, FormatTwo.times(in), (group, n) -> {
                    group.text("workspace", texts.read());
                    group.text("value", texts.read());
                });
            }
        });
    }
}
