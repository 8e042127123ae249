package io.mlflowexporter.mlflow.rest.auth;

import io.mlflowexporter.mlflow.MlflowException;
import io.mlflowexporter.mlflow.MlflowException.Kind;
import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Azure's own way to a server of Azure Machine Learning: Entra ID, by the variables its libraries read. */
final class AzureLogin {
    private static final String SCOPE = "https://management.azure.com/.default";

    private AzureLogin() {}

    /** The server of an address {@code azureml://REGION.api.azureml.ms/mlflow/v1.0/subscriptions/…}. */
    static URI base(URI address) {
        // The path of version 1.0, which Azure's portal shows, is for MLflow 1; its own plugin asks 2.0.
        return URI.create("https://" + address.getRawAuthority()
                + address.getRawPath().replaceFirst("^/mlflow/v[0-9.]+/", "/mlflow/v2.0/"));
    }

    /**
     * By AZURE_TENANT_ID, AZURE_CLIENT_ID and AZURE_CLIENT_SECRET, or AZURE_FEDERATED_TOKEN_FILE, which Kubernetes
     * sets for workload identity.
     *
     * @throws MlflowException if they are not all there
     */
    static TokenGrant grant(Map<String, String> environment) throws MlflowException {
        String tenant = needed(environment, "AZURE_TENANT_ID");
        String client = needed(environment, "AZURE_CLIENT_ID");
        String secret = environment.getOrDefault("AZURE_CLIENT_SECRET", "");
        String assertion = environment.getOrDefault("AZURE_FEDERATED_TOKEN_FILE", "");
        if (secret.isEmpty() && assertion.isEmpty()) {
            needed(environment, "AZURE_CLIENT_SECRET");
        }
        String authority = Optional.of(environment.getOrDefault("AZURE_AUTHORITY_HOST", ""))
                .filter(text -> !text.isBlank())
                .orElse("https://login.microsoftonline.com")
                .replaceAll("/+$", "");
        HttpsAddress.of(authority, "AZURE_AUTHORITY_HOST");
        try {
            return new TokenGrant(
                    URI.create(authority + "/" + tenant + "/oauth2/v2.0/token"),
                    client,
                    List.of(SCOPE),
                    Map.of(),
                    secret.isEmpty() ? () -> SecretFile.read(Path.of(assertion), "federated token") : () -> secret,
                    secret.isEmpty());
        } catch (IllegalArgumentException e) {
            throw new MlflowException(
                    Kind.UNAUTHORIZED, "AZURE_AUTHORITY_HOST and AZURE_TENANT_ID do not make an address");
        }
    }

    private static String needed(Map<String, String> environment, String name) throws MlflowException {
        String value = environment.getOrDefault(name, "").strip();
        if (value.isEmpty()) {
            throw new MlflowException(
                    Kind.UNAUTHORIZED,
                    "there are no credentials for Azure Machine Learning: set AZURE_TENANT_ID, AZURE_CLIENT_ID and"
                            + " AZURE_CLIENT_SECRET, or mlflow.auth.oauth2; " + name + " is not set");
        }
        return value;
    }
}
