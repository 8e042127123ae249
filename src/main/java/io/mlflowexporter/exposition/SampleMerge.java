package io.mlflowexporter.exposition;

import io.mlflowexporter.metric.DurationHistogram;
import io.mlflowexporter.metric.Family;
import io.mlflowexporter.metric.Family.Distribution;
import io.mlflowexporter.metric.Family.Sample;
import io.mlflowexporter.metric.Family.Value;
import io.mlflowexporter.metric.FamilyDeclaration;
import io.mlflowexporter.metric.FamilyDeclaration.Merge;
import java.util.ArrayList;
import java.util.List;

/** Makes several samples of a family one, as its declaration says. */
final class SampleMerge {
    private final FamilyDeclaration declaration;

    SampleMerge(FamilyDeclaration declaration) {
        this.declaration = declaration;
    }

    /**
     * Merges samples of the same labels. They are added in the order given: as rounded addition is monotone in each
     * summand, a sum of growing values in one order never falls, whereas another order could lose the last bit, which
     * Prometheus would take for a restarted counter.
     */
    Sample merge(SeriesKey labels, List<Sample> samples) {
        if (declaration.type() == FamilyDeclaration.Type.HISTOGRAM) {
            List<DurationHistogram> histograms = new ArrayList<>(samples.size());
            for (Sample sample : samples) {
                histograms.add(((Distribution) sample).histogram());
            }
            return new Distribution(labels.workspace(), labels.values(), DurationHistogram.sum(histograms));
        }
        double merged = ((Value) samples.get(0)).value();
        for (Sample sample : samples.subList(1, samples.size())) {
            double value = ((Value) sample).value();
            merged = declaration.fold().merge() == Merge.SUM ? merged + value : Math.max(merged, value);
        }
        return new Value(
                labels.workspace(), labels.values(), declaration.type() == FamilyDeclaration.Type.INFO ? 1 : merged);
    }

    /** How much a group matters: values added up, observations, or for times the newest. Never NaN. */
    double contribution(List<Sample> samples) {
        double total = declaration.fold().merge() == Merge.SUM || declaration.type() == FamilyDeclaration.Type.HISTOGRAM
                ? 0
                : Double.NEGATIVE_INFINITY;
        for (Sample sample : samples) {
            double part = sample instanceof Distribution d ? d.histogram().count() : ((Value) sample).value();
            if (Double.isNaN(part)) {
                continue;
            }
            boolean sum = declaration.fold().merge() == Merge.SUM || sample instanceof Distribution;
            total = sum ? total + part : Math.max(total, part);
        }
        return Double.isNaN(total) ? Double.NEGATIVE_INFINITY : total;
    }

    /**
     * Refuses what no format could say.
     *
     * @throws IllegalArgumentException for a number of label values or a kind of sample that is not the declaration's,
     *     or a negative counter
     */
    static void check(Family family) {
        FamilyDeclaration declaration = family.declaration();
        for (Sample sample : family.samples()) {
            if (sample.labelValues().size() != declaration.labels().size()) {
                throw new IllegalArgumentException(declaration.name() + " has a sample with "
                        + sample.labelValues().size() + " label values, declared are " + declaration.labels());
            }
            if ((declaration.type() == FamilyDeclaration.Type.HISTOGRAM) != (sample instanceof Distribution)) {
                throw new IllegalArgumentException(declaration.name() + " is a " + declaration.type()
                        + " but has a sample that is a " + sample.getClass().getSimpleName());
            }
            if (declaration.type() == FamilyDeclaration.Type.COUNTER && sample instanceof Value v && v.value() < 0) {
                throw new IllegalArgumentException(declaration.name() + " counts " + v.value() + ", below zero");
            }
        }
    }
}
