package io.mlflowexporter.catalog.reading;

import io.mlflowexporter.mlflow.Experiment;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Experiments whose runs were asked for and did not come in time. Which of many it is that the server takes too long for
 * is found over some refreshes, by asking for ever fewer at once, those that were late last at the end: each try costs a
 * time limit, so that not many can be made in one refresh. Not written with the catalog. Belongs to the refresh thread.
 */
public final class SlowExperiments {
    /** So often it may be a hiccup, and the next page is smaller. */
    private static final int TRIES_TOGETHER = 2;

    private static final int TRIES_BEFORE_SET_ASIDE = 3;
    private static final int PARTS = 8;

    /**
     * One that was late.
     *
     * @param failures in a row
     * @param together how many are asked for at once
     */
    private record Slow(int failures, int together) {}

    private final Map<String, Slow> known = new LinkedHashMap<>();

    public boolean contains(String id) {
        return known.containsKey(id);
    }

    /**
     * Notes that some asked for together were late.
     *
     * @param othersAnswered whether the server answered for other experiments meanwhile: else it is slow as a whole,
     *     which to ask for less and less would not mend
     * @return whether it is one that is late by itself, and often enough to be set aside
     */
    public boolean late(List<String> ids, boolean othersAnswered) {
        int before = ids.stream()
                .mapToInt(id -> known.getOrDefault(id, new Slow(0, 0)).failures())
                .max()
                .orElse(0);
        int failures = othersAnswered || before < TRIES_TOGETHER ? before + 1 : before;
        boolean more = failures > before && failures >= TRIES_TOGETHER;
        int together = more ? (ids.size() + PARTS - 1) / PARTS : ids.size();
        for (String id : ids) {
            known.remove(id);
            known.put(id, new Slow(failures, together));
        }
        return ids.size() == 1 && othersAnswered && failures >= TRIES_BEFORE_SET_ASIDE;
    }

    /** They were answered for, are set aside, or are there no more. */
    public void forget(Iterable<String> ids) {
        ids.forEach(known::remove);
    }

    /** In as few questions as they are to be asked for in now, those that were late last at the end. */
    public List<ExperimentBatch> batches(List<Experiment> among, int perQuery) {
        Map<String, String> workspaces = new LinkedHashMap<>();
        among.forEach(experiment -> workspaces.put(experiment.id(), experiment.workspace()));
        List<ExperimentBatch> batches = new ArrayList<>();
        List<String> ids = new ArrayList<>();
        int together = 0;
        String workspace = "";
        for (Map.Entry<String, Slow> entry : known.entrySet()) {
            String in = workspaces.get(entry.getKey());
            if (in == null) {
                continue;
            }
            int most = Math.min(perQuery, entry.getValue().together());
            if (!ids.isEmpty() && (ids.size() >= most || together != most || !workspace.equals(in))) {
                batches.add(new ExperimentBatch(workspace, ids));
                ids = new ArrayList<>();
            }
            ids.add(entry.getKey());
            together = most;
            workspace = in;
        }
        if (!ids.isEmpty()) {
            batches.add(new ExperimentBatch(workspace, ids));
        }
        return batches;
    }
}
