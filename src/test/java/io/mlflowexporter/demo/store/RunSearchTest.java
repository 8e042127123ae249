package io.mlflowexporter.demo.store;

import static org.assertj.core.api.Assertions.assertThat;

import io.mlflowexporter.demo.store.PageToken.Page;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.SplittableRandom;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;

/** Every way a search takes through the indexes gives what filtering and sorting everything would give. */
class RunSearchTest {
    private static final List<String> FILTERS = List.of(
            "",
            "start_time >= 5",
            "start_time >= 3 AND start_time < 8",
            "start_time = 4",
            "status = 'RUNNING'",
            "end_time >= 6",
            "end_time >= 2 AND status = 'FINISHED'");
    private static final List<String> ORDERS =
            List.of("", "start_time ASC", "start_time DESC", "end_time ASC", "end_time DESC", "run_id ASC");

    @Property(tries = 200)
    void pagesAddUpToTheSortedWhole(
            @ForAll long seed, @ForAll @IntRange(max = 40) int runs, @ForAll @IntRange(min = 1, max = 7) int pageSize) {
        MlflowStore store = store(seed, runs);
        for (String filter : FILTERS) {
            for (String order : ORDERS) {
                assertThat(paged(store, filter, order, pageSize))
                        .as("%s / %s", filter, order)
                        .isEqualTo(whole(store, filter, order));
            }
        }
    }

    private static MlflowStore store(long seed, int runs) {
        SplittableRandom random = new SplittableRandom(seed);
        MlflowStore store = new MlflowStore(seed, 0);
        List<ExperimentRow> experiments = List.of(
                store.experiment(MlflowStore.DEFAULT_WORKSPACE, "0"),
                store.createExperiment(MlflowStore.DEFAULT_WORKSPACE, "one", "", 0));
        for (int i = 0; i < runs; i++) {
            long start = random.nextInt(8) == 0 ? RunRow.ABSENT : random.nextInt(10);
            RunRow run = store.createRun(experiments.get(random.nextInt(2)), "", "", "r", RunRow.RUNNING, start);
            if (random.nextBoolean()) {
                store.updateRun(run, RunRow.FINISHED, random.nextInt(12));
            }
            run.deleted = random.nextInt(5) == 0;
        }
        return store;
    }

    private static List<String> paged(MlflowStore store, String filter, String order, int pageSize) {
        List<String> ids = new ArrayList<>();
        int offset = 0;
        while (true) {
            Page<RunRow> page = store.searchRuns(
                    MlflowStore.DEFAULT_WORKSPACE,
                    List.of("0", "1", "7", "x"),
                    run -> !run.deleted,
                    SearchFilter.parse(filter, SearchDialect.RUNS),
                    orders(order),
                    offset,
                    pageSize);
            page.items().forEach(run -> ids.add(run.id));
            if (page.nextToken().isEmpty()) {
                return ids;
            }
            assertThat(page.items()).hasSize(pageSize);
            offset = PageToken.offset(page.nextToken());
        }
    }

    private static List<String> whole(MlflowStore store, String filter, String order) {
        SearchFilter parsed = SearchFilter.parse(filter, SearchDialect.RUNS);
        Comparator<RunRow> newest =
                Comparator.<RunRow>comparingLong(run -> run.start).reversed().thenComparing(run -> run.id);
        return store.experiments().stream()
                .flatMap(e -> e.runs.all().stream())
                .filter(run -> !run.deleted && parsed.matches(subject -> RunSearch.value(run, subject)))
                .sorted(OrderBy.comparator(orders(order), RunSearch::value, newest))
                .map(run -> run.id)
                .toList();
    }

    private static List<OrderBy> orders(String order) {
        return OrderBy.parse(order.isEmpty() ? List.of() : List.of(order), SearchDialect.RUNS);
    }
}
