package io.mlflowexporter.exposition;

import io.mlflowexporter.metric.Family;
import java.util.List;

/**
 * The series budget as an exporter that starts later will apply it: what keeps a series of its own is chosen by the
 * families of that time and holds for the times before, so that no series moves into or out of {@code _other} where the
 * two meet.
 */
public final class PinnedBudget {
    private final SeriesBudget budget;
    private final boolean workspacesOn;

    /**
     * Chooses.
     *
     * @param last the families of the time the exporter starts at
     */
    public PinnedBudget(ExpositionConfig config, boolean workspacesOn, List<Family> last) {
        this.budget = new SeriesBudget(config.seriesPerFamily(), config.maxLabelLength());
        this.workspacesOn = workspacesOn;
        budget.fold(last, workspacesOn);
        budget.pin();
    }

    /** Folds the families of one time; label values are clean and no two samples of a family have equal ones. */
    public List<Family> fold(List<Family> families) {
        return budget.fold(families, workspacesOn).stream()
                .map(FoldedFamily::family)
                .toList();
    }
}
