package io.mlflowexporter.demo.api;

import io.mlflowexporter.demo.store.ExperimentRow;
import io.mlflowexporter.demo.store.MetricLog;
import io.mlflowexporter.demo.store.ModelRow;
import io.mlflowexporter.demo.store.ModelRow.Version;
import io.mlflowexporter.demo.store.ModelStore;
import io.mlflowexporter.demo.store.Pairs;
import io.mlflowexporter.demo.store.RunRow;
import java.io.IOException;
import java.util.List;
import java.util.Map;

/** Writes the store's rows as the messages of MLflow's REST API. */
final class Render {
    private final JsonOut out;

    Render(JsonOut out) {
        this.out = out;
    }

    void experiment(ExperimentRow experiment) throws IOException {
        out.text("experiment_id", Long.toString(experiment.id));
        out.text("name", experiment.name);
        out.text("artifact_location", experiment.artifactLocation);
        out.text("lifecycle_stage", stage(experiment.deleted));
        out.int64("last_update_time", experiment.lastUpdated);
        out.int64("creation_time", experiment.created);
        tags(experiment.tags);
        if (out.version3()) {
            out.text("workspace", experiment.workspace);
        }
    }

    void runInfo(RunRow run) throws IOException {
        out.text("run_uuid", run.id);
        out.text("experiment_id", Long.toString(run.experiment().id));
        out.text("run_name", run.name);
        out.text("user_id", run.user);
        out.text("status", out.quirks().unknownEnums() ? "HIBERNATING" : run.status);
        if (run.start != RunRow.ABSENT) {
            out.int64("start_time", run.start);
        }
        if (run.end != RunRow.ABSENT) {
            out.int64("end_time", run.end);
        }
        out.text("artifact_uri", run.artifactUri());
        out.text("lifecycle_stage", out.quirks().unknownEnums() ? "archived" : stage(run.deleted));
        out.text("run_id", run.id);
    }

    /**
     * A run with its data.
     *
     * @param outputs whether to write the empty {@code outputs} of newer servers
     */
    void run(RunRow run, boolean outputs) throws IOException {
        out.object("info", () -> runInfo(run));
        out.object("data", () -> {
            out.list("metrics", run.metrics.size() == 0, () -> {
                for (int i = 0; i < run.metrics.size(); i++) {
                    String key = run.metrics.key(i);
                    MetricLog.Point latest = run.metrics.latest(i);
                    out.object(() -> metric(key, latest));
                }
            });
            pairs("params", run.params);
            pairs("tags", run.tags);
        });
        out.object("inputs", () -> {});
        if (outputs && out.version3()) {
            out.object("outputs", () -> {});
        }
    }

    void metric(String key, MetricLog.Point point) throws IOException {
        out.text("key", key);
        out.number("value", point.value());
        out.int64("timestamp", point.timestampMillis());
        out.int64("step", point.step());
    }

    void model(ModelRow model) throws IOException {
        out.text("name", model.name);
        out.int64("creation_timestamp", model.created);
        out.int64("last_updated_timestamp", model.lastUpdated);
        out.textUnlessEmpty("description", model.description);
        List<Version> latest = ModelStore.latestVersions(model);
        out.list("latest_versions", latest.isEmpty(), () -> {
            for (Version version : latest) {
                out.object(() -> version(version, false));
            }
        });
        tags(model.tags);
        out.list("aliases", model.aliases.isEmpty(), () -> {
            for (Map.Entry<String, Integer> alias : model.aliases.entrySet()) {
                out.object(() -> {
                    out.text("alias", alias.getKey());
                    out.text("version", Integer.toString(alias.getValue()));
                });
            }
        });
    }

    /**
     * A version.
     *
     * @param aliases false for searches and for the models' latest versions: the real server leaves aliases out there
     */
    void version(Version version, boolean aliases) throws IOException {
        out.text("name", version.model.name);
        out.text("version", Integer.toString(version.number));
        out.int64("creation_timestamp", version.created);
        out.int64("last_updated_timestamp", version.lastUpdated);
        out.text("current_stage", version.stage);
        out.text("description", version.description);
        out.text("source", version.source);
        out.text("run_id", version.runId);
        out.text("status", out.quirks().unknownEnums() ? "COOLING_DOWN" : "READY");
        tags(version.tags);
        out.text("run_link", version.runLink);
        List<String> names = aliases ? version.model.aliasesOf(version.number) : List.of();
        out.list("aliases", names.isEmpty(), () -> {
            for (String name : names) {
                out.textItem(name);
            }
        });
    }

    private void tags(Map<String, String> tags) throws IOException {
        out.list("tags", tags.isEmpty(), () -> {
            for (Map.Entry<String, String> tag : tags.entrySet()) {
                out.object(() -> {
                    out.text("key", tag.getKey());
                    out.text("value", tag.getValue());
                });
            }
        });
    }

    private void pairs(String name, Pairs pairs) throws IOException {
        out.list(name, pairs.size() == 0, () -> {
            for (int i = 0; i < pairs.size(); i++) {
                String key = pairs.key(i);
                String value = pairs.value(i);
                out.object(() -> {
                    out.text("key", key);
                    out.text("value", value);
                });
            }
        });
    }

    private static String stage(boolean deleted) {
        return deleted ? "deleted" : "active";
    }
}
