package io.mlflowexporter.mlflow;

import io.mlflowexporter.mlflow.objects.GatewayBudget;
import io.mlflowexporter.mlflow.objects.LoggedModels;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Counts objects of an MLflow server, with few requests. Each call is empty where the server does not have such objects, which is
 * asked once and again every hour and after an outage, and where there are more than {@link #MOST}. Calls are made by one thread at
 * a time.
 */
public interface ObjectSource {
    /** Of more objects of one kind none are counted: each takes a part of an answer. */
    int MOST = 20_000;

    /** How many versions each prompt of a workspace has, by the prompt's name. */
    Optional<Map<String, Integer>> promptVersions(String workspace) throws MlflowException;

    /**
     * Logged models, by experiment and status; without those that there are none of.
     *
     * @param experimentIds which experiments' are counted
     */
    Optional<List<LoggedModels>> loggedModels(String workspace, List<String> experimentIds) throws MlflowException;

    /** Evaluation datasets of a workspace, of whatever experiments. */
    Optional<Integer> evaluationDatasets(String workspace) throws MlflowException;

    /** How many scorers each experiment of a workspace has, by the experiment's id; without those that have none. */
    Optional<Map<String, Integer>> scorers(String workspace) throws MlflowException;

    /** The budgets of MLflow's gateway, with what their current windows have spent. */
    Optional<List<GatewayBudget>> gatewayBudgets(String workspace) throws MlflowException;
}
