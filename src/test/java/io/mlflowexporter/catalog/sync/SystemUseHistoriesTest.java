package io.mlflowexporter.catalog.sync;

import static org.assertj.core.api.Assertions.assertThat;

import io.mlflowexporter.catalog.Catalog;
import io.mlflowexporter.catalog.Gaps;
import io.mlflowexporter.catalog.RunNotes;
import io.mlflowexporter.catalog.TimeRules;
import io.mlflowexporter.metric.Times;
import io.mlflowexporter.mlflow.Experiment;
import io.mlflowexporter.mlflow.LifecycleStage;
import io.mlflowexporter.mlflow.MlflowException;
import io.mlflowexporter.mlflow.MlflowSource;
import io.mlflowexporter.mlflow.Run;
import io.mlflowexporter.mlflow.RunStatus;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Whose histories are asked for at which refresh. */
final class SystemUseHistoriesTest {
    private static final int PER_REFRESH = 2;
    private static final String CPU = "system/cpu_utilization_percentage";

    private final List<String> asked = new ArrayList<>();
    private final Catalog catalog = new Catalog();
    private final SystemUseHistories histories = new SystemUseHistories(source(), PER_REFRESH);

    private MlflowSource source() {
        return (MlflowSource) Proxy.newProxyInstance(
                MlflowSource.class.getClassLoader(),
                new Class<?>[] {MlflowSource.class},
                (proxy, method, arguments) -> {
                    assertThat(method.getName()).isEqualTo("metricHistory");
                    asked.add((String) arguments[1]);
                    return null;
                });
    }

    private void ended(int number) {
        ended(number, Map.of(CPU, new Run.Metric(50, number, 0)));
    }

    private void ended(int number, Map<String, Run.Metric> metrics) {
        catalog.runs()
                .put(
                        new Run(
                                "",
                                "run " + number,
                                "1",
                                "",
                                "",
                                RunStatus.FINISHED,
                                LifecycleStage.ACTIVE,
                                0,
                                number,
                                Times.ABSENT,
                                Map.of(),
                                Map.of(),
                                metrics,
                                0,
                                0),
                        "other",
                        "",
                        RunNotes.NONE,
                        new Gaps.Look(0, 0, new TimeRules(1, Long.MAX_VALUE, false)));
    }

    @BeforeEach
    void experiment() {
        catalog.know(List.of(new Experiment("", "1", "bikes", LifecycleStage.ACTIVE, 0, 0, Map.of())));
    }

    private List<String> refresh(int... fresh) throws MlflowException {
        catalog.runs().marks().begin(0);
        IntStream.of(fresh).forEach(this::ended);
        asked.clear();
        histories.read(catalog);
        return List.copyOf(asked);
    }

    @Test
    void eachIsAskedForOnceTheNewestFirst() throws MlflowException {
        int runs = 3 * 100 * PER_REFRESH + 1;
        List<String> all = new ArrayList<>(refresh(IntStream.range(0, runs).toArray()));
        for (int refreshes = 0; refreshes < runs / PER_REFRESH; refreshes++) {
            all.addAll(refresh());
        }

        assertThat(all)
                .containsExactlyElementsOf(IntStream.range(0, runs)
                        .mapToObj(number -> "run " + (runs - 1 - number))
                        .toList());
        assertThat(refresh()).isEmpty();
        assertThat(refresh(runs)).containsExactly("run " + runs);
    }

    @Test
    void whatHasJustEndedComesBeforeWhatWaits() throws MlflowException {
        refresh(1, 2, 3, 4, 5, 6);

        assertThat(refresh(9)).containsExactly("run 9", "run 4");
        assertThat(refresh()).containsExactly("run 3", "run 2");
    }

    @Test
    void moreThanARefreshAllowsAreNotForgotten() throws MlflowException {
        refresh();

        assertThat(refresh(1, 2, 3, 4, 5)).containsExactly("run 5", "run 4");
        assertThat(refresh()).containsExactly("run 3", "run 2");
        assertThat(refresh()).containsExactly("run 1");
    }

    @Test
    void aRunWithMoreMetricsThanARefreshAllowsHoldsUpNoOther() throws MlflowException {
        Map<String, Run.Metric> gpus = IntStream.range(0, 16)
                .boxed()
                .collect(Collectors.toMap(
                        gpu -> "system/gpu_" + gpu + "_utilization_percentage", gpu -> new Run.Metric(50, 5, 0)));
        catalog.runs().marks().begin(0);
        IntStream.range(1, 5).forEach(this::ended);
        ended(5, gpus);

        histories.read(catalog);

        assertThat(asked).hasSize(16).containsOnly("run 5");
        assertThat(refresh()).containsExactly("run 4", "run 3");
        assertThat(refresh()).containsExactly("run 2", "run 1");
        assertThat(refresh()).isEmpty();
    }

    @Test
    void whatAReadingMetThatFailedIsFoundLater() throws MlflowException {
        refresh();
        catalog.runs().marks().begin(0);
        ended(1);

        assertThat(refresh()).containsExactly("run 1");
    }
}
