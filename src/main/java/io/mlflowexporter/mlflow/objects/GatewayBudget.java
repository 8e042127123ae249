package io.mlflowexporter.mlflow.objects;

/**
 * A budget policy of MLflow's gateway.
 *
 * @param policy its id
 * @param scope global, workspace, endpoint or user
 * @param target the endpoint or user it is for; empty where it is for all
 * @param currency ISO 4217, such as USD
 * @param amount for one window, in the currency
 * @param spent in the current window; NaN where the server does not tell. Each process of the server counts for itself for a while,
 *     so that it may step back.
 */
public record GatewayBudget(String policy, String scope, String target, String currency, double amount, double spent) {}
