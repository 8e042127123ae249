package io.mlflowexporter.mlflow.rest;

import io.mlflowexporter.metric.Times;
import io.mlflowexporter.mlflow.Experiment;
import io.mlflowexporter.mlflow.LifecycleStage;
import io.mlflowexporter.mlflow.ModelVersion;
import io.mlflowexporter.mlflow.ParamsHash;
import io.mlflowexporter.mlflow.RegisteredModel;
import io.mlflowexporter.mlflow.Run;
import io.mlflowexporter.mlflow.RunStatus;
import java.util.HashMap;
import java.util.Map;
import org.mlflow.api.proto.ModelRegistry;
import org.mlflow.api.proto.Service;

/** What mlflow-client read, in our records: the rules of the records' Javadoc over another's reading of the JSON. */
final class ClientReading {
    private ClientReading() {}

    private static long time(long millis) {
        return millis == 0 ? Times.ABSENT : millis;
    }

    private static LifecycleStage stage(String word) {
        return word.equals("deleted") ? LifecycleStage.DELETED : LifecycleStage.ACTIVE;
    }

    private static void put(Map<String, String> map, String key, String value) {
        if (!key.isEmpty()) {
            map.put(key, value);
        }
    }

    /** Later than any time there is. */
    static final long READ_AT = Long.MAX_VALUE / 2;

    static Run run(Service.Run run) {
        Service.RunInfo info = run.getInfo();
        Map<String, String> tags = new HashMap<>();
        run.getData().getTagsList().forEach(tag -> put(tags, tag.getKey(), tag.getValue()));
        Map<String, String> params = new HashMap<>();
        run.getData().getParamsList().forEach(param -> put(params, param.getKey(), param.getValue()));
        int paramsHash = run.getData().getParamsList().stream()
                .filter(param -> !param.getKey().isEmpty())
                .mapToInt(param -> ParamsHash.of(
                        param.getKey().hashCode(), param.getValue().hashCode()))
                .sum();
        Map<String, Run.Metric> metrics = new HashMap<>();
        long start = time(info.getStartTime());
        long heartbeat = Times.ABSENT;
        long end = time(info.getEndTime());
        boolean ended =
                info.hasStatus() && RunStatus.valueOf(info.getStatus().name()).ended() && end != Times.ABSENT;
        long latest = Math.min(ended ? end : READ_AT, READ_AT) + Times.GREATEST_SKEW_MILLIS;
        boolean after = false;
        boolean before = false;
        for (Service.Metric metric : run.getData().getMetricsList()) {
            long at = time(metric.getTimestamp());
            boolean late = at != Times.ABSENT && at > latest;
            boolean credible = at != Times.ABSENT && !late && (start == Times.ABSENT || at >= start);
            after |= late;
            heartbeat = credible ? Math.max(heartbeat, at) : heartbeat;
            before |= !late
                    && at != Times.ABSENT
                    && start != Times.ABSENT
                    && at < start
                    && at < start - Times.GREATEST_SKEW_MILLIS;
            metrics.put(
                    metric.getKey(), new Run.Metric(metric.getValue(), time(metric.getTimestamp()), metric.getStep()));
        }
        String user = tags.getOrDefault("mlflow.user", "");
        return new Run(
                "",
                info.getRunId().isEmpty() ? info.getRunUuid() : info.getRunId(),
                info.getExperimentId(),
                info.getRunName().isEmpty() ? tags.getOrDefault("mlflow.runName", "") : info.getRunName(),
                user.isEmpty() ? info.getUserId() : user,
                info.hasStatus() ? RunStatus.valueOf(info.getStatus().name()) : RunStatus.UNKNOWN,
                stage(info.getLifecycleStage()),
                time(info.getStartTime()),
                time(info.getEndTime()),
                heartbeat,
                tags,
                params,
                metrics,
                paramsHash,
                0,
                after,
                before);
    }

    static Experiment experiment(Service.Experiment experiment) {
        Map<String, String> tags = new HashMap<>();
        experiment.getTagsList().forEach(tag -> put(tags, tag.getKey(), tag.getValue()));
        return new Experiment(
                "",
                experiment.getExperimentId(),
                experiment.getName(),
                stage(experiment.getLifecycleStage()),
                time(experiment.getCreationTime()),
                time(experiment.getLastUpdateTime()),
                tags);
    }

    static RegisteredModel model(ModelRegistry.RegisteredModel model) {
        Map<String, String> aliases = new HashMap<>();
        model.getAliasesList().forEach(alias -> put(aliases, alias.getAlias(), alias.getVersion()));
        return new RegisteredModel(
                "",
                model.getName(),
                time(model.getCreationTimestamp()),
                time(model.getLastUpdatedTimestamp()),
                aliases);
    }

    static ModelVersion version(ModelRegistry.ModelVersion version) {
        return new ModelVersion(
                "",
                version.getName(),
                version.getVersion(),
                version.getRunId(),
                version.getCurrentStage(),
                version.hasStatus() ? version.getStatus().name() : "",
                time(version.getCreationTimestamp()),
                time(version.getLastUpdatedTimestamp()));
    }
}
