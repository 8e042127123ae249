package io.mlflowexporter.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import io.mlflowexporter.metric.FamilyDeclaration;
import io.mlflowexporter.metrics.RuleFiles.Case;
import io.mlflowexporter.metrics.RuleFiles.Rule;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Every alert is tested, explained, routed, and about metrics that there are. */
final class RuleFilesTest {
    private static final String BASE = "https://runbooks.example/mlflow-exporter/";
    private static final Set<String> DASHBOARDS =
            Set.of("Overview", "Cost", "Runs", "Delivery", "KPIs", "Efficiency", "Exporter");
    private static final Set<String> OF_THE_TARGET = Set.of("job", "instance", "pod", "workspace", "le");
    private static final Pattern MARKER = Pattern.compile("\\*\\*(Means|How bad|First look|Escalate)\\.\\*\\*");

    static List<Rule> alerts() {
        return RuleFiles.alerts();
    }

    /** What rules record and what runbooks ask, beside the alerts. */
    static Stream<String> expressions() {
        return Stream.concat(RuleFiles.rules().stream().map(Rule::expression), Runbooks.queries().stream());
    }

    /** Series to labels. */
    private static final Map<String, Set<String>> KNOWN = known();

    private static Map<String, Set<String>> known() {
        Map<String, Set<String>> known = new HashMap<>();
        for (FamilyDeclaration family : MetricCatalogue.families()) {
            for (String series : ShardSums.series(family)) {
                known.put(series, new HashSet<>(family.labels()));
            }
        }
        Set<String> all = allLabels(known);
        RuleFiles.rules().stream().filter(rule -> !rule.alert()).forEach(rule -> known.put(rule.name(), all));
        return known;
    }

    private static Set<String> allLabels(Map<String, Set<String>> known) {
        Set<String> all = new TreeSet<>(OF_THE_TARGET);
        known.values().forEach(all::addAll);
        return all;
    }

    @ParameterizedTest
    @MethodSource("alerts")
    void firesInATestAndDoesNotInAnother(Rule alert) {
        assertThat(RuleFiles.cases())
                .contains(new Case(alert.name(), true))
                .as("%s does not fire", alert)
                .contains(new Case(alert.name(), false));
    }

    @ParameterizedTest
    @MethodSource("alerts")
    void saysWhoseItIsAndWhatToDo(Rule alert) {
        assertThat(alert.name()).startsWith("Mlflow");
        assertThat(alert.labels()).containsOnlyKeys("severity", "topic");
        assertThat(alert.labels().get("severity")).isIn("critical", "warning", "info");
        assertThat(alert.file().getFileName()).hasToString(alert.labels().get("topic") + "-alerts.yaml");
        assertThat(alert.annotations()).containsOnlyKeys("summary", "description", "runbook_url", "dashboard");
        assertThat(alert.annotations().get("dashboard")).isIn(DASHBOARDS);
        assertThat(alert.annotations().get("description")).contains("{{").endsWith(".");
        assertThat(alert.annotations().get("summary")).doesNotContain("$value").doesNotEndWith(".");
    }

    @ParameterizedTest
    @MethodSource("alerts")
    void hasARunbook(Rule alert) {
        String url = alert.annotations().getOrDefault("runbook_url", "");
        assertThat(url).startsWith(BASE).endsWith("#" + alert.name().toLowerCase(Locale.ROOT));
        Path file = Runbooks.DIRECTORY.resolve(url.substring(BASE.length(), url.indexOf('#')));
        assertThat(file).exists();
        assertThat(Runbooks.sections(file))
                .filteredOn(section -> section.heading().equals(alert.name()))
                .singleElement()
                .satisfies(section -> {
                    assertThat(section.text()).contains("```promql\n");
                    assertThat(MARKER.matcher(section.text()).results().map(found -> found.group(1)))
                            .containsExactly("Means", "How bad", "First look", "Escalate");
                    assertThat(section.text())
                            .containsPattern("\\*\\*Likely[.,]")
                            .containsPattern("\\bdo\\.|\\bDo\\.");
                });
    }

    @Test
    void noRunbookIsAboutAnAlertThatIsGone() {
        List<String> names = alerts().stream().map(Rule::name).toList();
        assertThat(names).doesNotHaveDuplicates().hasSizeGreaterThan(30);
        for (Path file : Runbooks.files()) {
            if (!file.endsWith("README.md")) {
                assertThat(names)
                        .as(file.toString())
                        .containsAll(Runbooks.sections(file).stream()
                                .map(Runbooks.Section::heading)
                                .toList());
            }
        }
        assertThat(RuleFiles.cases()).extracting(Case::alert).isSubsetOf(names);
    }

    @Test
    void linksOfRunbooksLeadToHeadings() {
        Pattern link = Pattern.compile("]\\(([^)#:]*)#([^)]+)\\)");
        for (Path file : Runbooks.files()) {
            link.matcher(Runbooks.read(file)).results().forEach(found -> {
                Path target = found.group(1).isEmpty()
                        ? file
                        : file.resolveSibling(found.group(1)).normalize();
                assertThat(Runbooks.anchors(target))
                        .as("%s links to %s", file, found.group())
                        .contains(found.group(2));
            });
        }
    }

    @Test
    void theThresholdsOfEachAreTold() {
        String readme = Runbooks.read(RuleFiles.DIRECTORY.resolve("README.md"));
        List<String> told = Pattern.compile("(?m)^\\| (Mlflow\\w+) \\|")
                .matcher(readme)
                .results()
                .map(found -> found.group(1))
                .toList();
        assertThat(told)
                .containsExactlyInAnyOrderElementsOf(
                        alerts().stream().map(Rule::name).toList());
        for (Path file : RuleFiles.files()) {
            assertThat(readme).contains("[" + file.getFileName() + "](" + file.getFileName() + ")");
        }
    }

    @ParameterizedTest
    @MethodSource("expressions")
    void asksForWhatThereIs(String expression) {
        for (String metric : PromQl.metrics(expression)) {
            assertThat(KNOWN).as("%s in %s", metric, expression).containsKey(metric);
            Set<String> labels = new TreeSet<>(OF_THE_TARGET);
            labels.addAll(KNOWN.getOrDefault(metric, Set.of()));
            assertThat(labels)
                    .as("labels of %s in %s", metric, expression)
                    .containsAll(PromQl.selectedBy(expression, metric));
        }
        Set<String> grouping = new TreeSet<>(PromQl.grouping(expression));
        // Of the JVM.
        grouping.remove("area");
        assertThat(allLabels(KNOWN)).as("labels in %s", expression).containsAll(grouping);
    }

    @Test
    void whatIsRecordedIsNamedAsIsUsualAndReadInTheSameFile() {
        for (Rule rule : RuleFiles.rules()) {
            if (!rule.alert() && !rule.file().endsWith("shard-sums.yaml")) {
                assertThat(rule.name()).matches("[a-z_]+:[a-z_]+:[a-z0-9_]+");
                assertThat(RuleFiles.rules())
                        .as("reads " + rule)
                        .anyMatch(other -> other.file().equals(rule.file())
                                && PromQl.metrics(other.expression()).contains(rule.name()));
            }
        }
        assertThat(RuleFiles.rules().stream().filter(rule -> !rule.alert()).map(Rule::name))
                .doesNotHaveDuplicates();
    }

    @Test
    void eachAlertReadsRecordsOfItsOwnFileOnly() {
        for (Rule alert : alerts()) {
            List<String> own = RuleFiles.rules().stream()
                    .filter(rule -> rule.file().equals(alert.file()))
                    .map(Rule::name)
                    .toList();
            assertThat(PromQl.metrics(alert.expression()).stream().filter(metric -> metric.contains(":")))
                    .allSatisfy(metric -> assertThat(own).contains(metric));
        }
    }
}
