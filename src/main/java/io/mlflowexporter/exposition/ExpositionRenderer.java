package io.mlflowexporter.exposition;

import io.mlflowexporter.checkpoint.fields.FieldReader;
import io.mlflowexporter.checkpoint.fields.FieldWriter;
import io.mlflowexporter.exposition.Exposition.Section;
import io.mlflowexporter.metric.Family;
import io.mlflowexporter.metric.FamilyDeclaration;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/**
 * Makes expositions, each from one refresh's families. Remembers which series have been folded into {@code _other} and
 * which formats are scraped. Belongs to the refresh thread.
 */
public final class ExpositionRenderer {
    private final SeriesBudget budget;
    private final Demand demand = new Demand();

    public ExpositionRenderer(ExpositionConfig config) {
        this.budget = new SeriesBudget(config.seriesPerFamily(), config.maxLabelLength());
    }

    /** Writes which series have been folded. */
    public void write(FieldWriter out) throws IOException {
        budget.write(out);
    }

    /** Goes on from what {@link #write} wrote, unless the budget is another one now. */
    public void restore(FieldReader in) throws IOException {
        budget.restore(in);
    }

    /**
     * Renders. What was scraped lately is written now, the rest when it is asked for. The families that count series
     * are added.
     *
     * @param sections in the order they are to be served; a family may be in one of them only
     * @param workspacesOn false: no {@code workspace} label, and samples that only differ in it are merged
     * @throws IllegalArgumentException if two families would write the same name, or a sample is not as its family
     *     declares
     */
    public Exposition render(List<SectionInput> sections, boolean workspacesOn) {
        checkNames(sections.stream()
                .flatMap(s -> s.families().stream())
                .map(Family::declaration)
                .toList());
        List<Section> rendered = new ArrayList<>();
        for (SectionInput section : sections) {
            List<FoldedFamily> folded = budget.fold(section.families(), workspacesOn);
            List<FamilyBlock> blocks = folded.stream()
                    .map(FoldedFamily::family)
                    .filter(family -> !family.samples().isEmpty())
                    .map(FamilyBlock::new)
                    .toList();
            rendered.add(new Section(
                    blocks, folded.stream().map(FoldedFamily::series).toList(), section.expiresAt()));
        }
        Exposition exposition = new Exposition(rendered, demand);
        exposition.prepare(demand.next());
        return exposition;
    }

    /** Refuses declarations that cannot be served together, see {@link FamilyNames#check}. */
    static void checkNames(List<FamilyDeclaration> declarations) {
        List<FamilyDeclaration> all = new ArrayList<>(declarations);
        all.addAll(ExpositionFamilies.declarations());
        FamilyNames.check(all);
    }
}
