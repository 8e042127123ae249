package io.mlflowexporter.exposition;

import io.mlflowexporter.checkpoint.fields.FieldReader;
import io.mlflowexporter.checkpoint.fields.FieldWriter;
import io.mlflowexporter.metric.Family;
import io.mlflowexporter.metric.Family.Distribution;
import io.mlflowexporter.metric.Family.Sample;
import io.mlflowexporter.metric.Family.Value;
import io.mlflowexporter.metric.LabelText;
import java.io.IOException;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Keeps each family's number of series within bounds: the largest contributors keep series of their own, the rest is
 * summed into {@code _other} or left out, as the family's declaration says. See {@link FamilyFold} for how the choice
 * lasts and {@link LabelText} for what becomes of label values. Belongs to the refresh thread.
 */
final class SeriesBudget {
    private final int seriesPerFamily;
    private final LabelText labelText;
    private final Map<String, FamilyFold> folds = new HashMap<>();

    /**
     * A budget.
     *
     * @param seriesPerFamily at most, a histogram's series counted as one
     * @param maxLabelLength of a label value, in code points
     */
    SeriesBudget(int seriesPerFamily, int maxLabelLength) {
        this.seriesPerFamily = seriesPerFamily;
        this.labelText = new LabelText(maxLabelLength);
    }

    /**
     * Folds one refresh's families. A family that is not among them keeps its choice for the next time.
     *
     * @param workspacesOn false: samples of all workspaces count as one's
     * @throws IllegalArgumentException for a sample that is not as its family declares
     */
    List<FoldedFamily> fold(List<Family> families, boolean workspacesOn) {
        return families.stream().map(family -> fold(family, workspacesOn)).toList();
    }

    /** Writes what was chosen. */
    void write(FieldWriter out) throws IOException {
        out.number("seriesPerFamily", seriesPerFamily);
        out.list("folds", folds.entrySet(), (element, fold) -> {
            element.text("family", fold.getKey());
            fold.getValue().write(element);
        });
    }

    /** Goes on from what was chosen, unless it was chosen for another number of series. */
    void restore(FieldReader in) throws IOException {
        long chosenFor = 0;
        Map<String, FamilyFold> kept = new HashMap<>();
        while (in.next()) {
            switch (in.name()) {
                case "seriesPerFamily" -> chosenFor = in.number();
                case "folds" ->
                    in.each(fold -> {
                        FamilyFold read = new FamilyFold();
                        kept.put(read.read(fold), read);
                    });
                default -> {
                    // Of another version.
                }
            }
        }
        folds.clear();
        if (chosenFor == seriesPerFamily) {
            folds.putAll(kept);
        }
    }

    /** From now on what was chosen once stays, also while it has no series. */
    void pin() {
        folds.values().forEach(FamilyFold::pin);
    }

    private FoldedFamily fold(Family family, boolean workspacesOn) {
        SampleMerge.check(family);
        SampleMerge merge = new SampleMerge(family.declaration());
        Map<SeriesKey, Sample> samples = new LinkedHashMap<>();
        for (Sample sample : family.samples()) {
            SeriesKey labels = new SeriesKey(
                    workspacesOn ? labelText.clean(sample.workspace()) : "", labelText.clean(sample.labelValues()));
            samples.merge(labels, labelled(sample, labels), (a, b) -> merge.merge(labels, List.of(a, b)));
        }
        FamilyFold.Result result = folds.computeIfAbsent(family.declaration().name(), name -> new FamilyFold())
                .fold(family.declaration(), samples, seriesPerFamily);
        return new FoldedFamily(new Family(family.declaration(), result.samples()), result.dropped());
    }

    private static Sample labelled(Sample sample, SeriesKey labels) {
        if (sample.workspace().equals(labels.workspace())
                && sample.labelValues().equals(labels.values())) {
            return sample;
        }
        return sample instanceof Value v
                ? new Value(labels.workspace(), labels.values(), v.value())
                : new Distribution(labels.workspace(), labels.values(), ((Distribution) sample).histogram());
    }
}
