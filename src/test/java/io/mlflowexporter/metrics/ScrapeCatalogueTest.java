package io.mlflowexporter.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import io.mlflowexporter.metric.FamilyDeclaration;
import io.mlflowexporter.metrics.MetricCatalogue.Subject;
import io.mlflowexporter.metrics.Scrape.ScrapedFamily;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Holds what is served to what is declared: the same families, with the types, labels and help of the declarations. */
final class ScrapeCatalogueTest {
    @Test
    void aScrapeIsAsDeclared() throws Exception {
        Scrape scrape = Scrape.take(false);

        List<String> served = scrape.families().keySet().stream()
                .filter(name -> !MetricReference.PROCESS_FAMILIES.contains(name))
                .toList();
        assertThat(served)
                .containsExactlyInAnyOrderElementsOf(MetricCatalogue.families().stream()
                        .map(FamilyDeclaration::name)
                        .toList());
        MetricCatalogue.SUBJECTS.forEach(subject -> holds(scrape, subject, false));
    }

    @Test
    void workspacesAddOneLabelToWhatIsToldOfMlflow() throws Exception {
        Scrape scrape = Scrape.take(true);

        MetricCatalogue.SUBJECTS.forEach(subject -> holds(scrape, subject, true));
    }

    /** Those of the JVM and the process too, which are not declared here. */
    @Test
    void noLabelIsOneThatPrometheusSetsOnTargets() throws Exception {
        assertThat(Scrape.take(true).families().values().stream()
                        .flatMap(family -> family.samples().stream())
                        .flatMap(sample -> sample.keySet().stream()))
                .isNotEmpty()
                .doesNotContainAnyElementsOf(MetricContractTest.TARGET_LABELS);
    }

    @Test
    void seriesAreCountedPerFamilyAndNoneIsDropped() throws Exception {
        Scrape scrape = Scrape.take(false);

        assertThat(MetricCatalogue.families(MetricCatalogue.SUBJECTS.stream().filter(s -> !s.live())))
                .allSatisfy(family -> assertThat(scrape.text())
                        .contains("mlflow_exporter_series_dropped{family=\"" + family.name() + "\"} 0"));
    }

    private static void holds(Scrape scrape, Subject subject, boolean workspaces) {
        for (FamilyDeclaration family : subject.families()) {
            ScrapedFamily served = scrape.families().get(family.name());
            assertThat(served).as(family.name()).isNotNull();
            assertThat(served.type()).as(family.name()).isEqualTo(MetricCatalogue.scrapedType(family));
            assertThat(served.help()).as(family.name()).isEqualTo(family.help());
            Set<String> labels = new LinkedHashSet<>(family.labels());
            if (workspaces && subject.aboutMlflow()) {
                labels.add("workspace");
            }
            List<Set<String>> distinct = new ArrayList<>();
            served.samples().forEach(sample -> {
                Set<String> names = new LinkedHashSet<>(sample.keySet());
                if (family.type() == FamilyDeclaration.Type.HISTOGRAM) {
                    names.remove("le");
                }
                distinct.add(names);
            });
            assertThat(distinct).as(family.name()).isNotEmpty().allMatch(labels::equals);
        }
    }
}
