package io.mlflowexporter.mlflow.rest.transport;

import io.mlflowexporter.metric.FamilyDeclaration;
import io.mlflowexporter.metric.FamilyDeclaration.Fold;
import io.mlflowexporter.metric.FamilyDeclaration.Stability;
import java.util.List;

/**
 * The live families about requests to MLflow. {@link RequestMetrics} counts them where the requests are sent, which is
 * further left than declarations are known.
 */
public final class RequestFamilies {
    private RequestFamilies() {}

    /** All families of this subject. */
    public static List<FamilyDeclaration> declarations() {
        return List.of(
                live(
                        RequestMetrics.REQUESTS,
                        FamilyDeclaration.Type.COUNTER,
                        RequestMetrics.REQUESTS_HELP,
                        "operation",
                        "code"),
                live(
                        RequestMetrics.DURATION,
                        FamilyDeclaration.Type.HISTOGRAM,
                        RequestMetrics.DURATION_HELP,
                        "operation"),
                live(
                        RequestMetrics.RECEIVED,
                        FamilyDeclaration.Type.COUNTER,
                        RequestMetrics.RECEIVED_HELP,
                        "operation"));
    }

    private static FamilyDeclaration live(String name, FamilyDeclaration.Type type, String help, String... labels) {
        return new FamilyDeclaration(name, type, help, List.of(labels), Stability.STABLE, Fold.NEVER);
    }
}
