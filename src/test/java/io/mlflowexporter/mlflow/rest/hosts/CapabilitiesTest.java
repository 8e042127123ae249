package io.mlflowexporter.mlflow.rest.hosts;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URI;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What is known of a server by its address, and what becomes of it. */
final class CapabilitiesTest {
    @ParameterizedTest
    @ValueSource(
            strings = {
                "databricks",
                "databricks://work",
                "https://adb-12.7.azuredatabricks.net",
                "https://dbc-1.cloud.databricks.com",
                "https://12.gcp.databricks.com"
            })
    void databricksTakesAHundredExperiments(String address) {
        assertThat(Capabilities.of(URI.create(address)).experimentsPerQuery()).isEqualTo(100);
    }

    @Test
    void azureAndGitLabAreKnownByTheirAddresses() {
        Capabilities azure = Capabilities.of(
                URI.create("https://westeurope.api.azureml.ms/mlflow/v2.0/subscriptions/s/workspaces/w"));
        assertThat(azure.can(Ability.FILTER_BY_STATUS)).isFalse();
        assertThat(azure.can(Ability.FILTER_BY_START_TIME)).isTrue();

        Capabilities gitlab = Capabilities.of(URI.create("https://gitlab.example/api/v4/projects/7/ml/mlflow"));
        assertThat(gitlab.can(Ability.ORDER_RUNS)).isFalse();
        assertThat(gitlab.experimentsPerQuery()).isEqualTo(1);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"http://127.0.0.1:5000", "https://mlflow.example/databricks.com", "https://notdatabricks.com"})
    void everythingIsTriedOnAServerOfOnesOwn(String address) {
        assertThat(Capabilities.of(URI.create(address))).isEqualTo(Capabilities.UNKNOWN);
    }

    @Test
    void whatTheServerWouldNotDoIsForgottenAndWhatItsAddressTellsIsNot() {
        Host host = Host.at(URI.create("https://x.cloud.databricks.com"));
        host.accepted(List.of(Ability.ORDER_RUNS), 50);
        host.refused(Ability.FILTER_BY_STATUS);
        host.refusedExperiments(100);
        assertThat(host.capabilities().experimentsPerQuery()).isEqualTo(50);

        host.doubt();

        assertThat(host.capabilities().can(Ability.FILTER_BY_STATUS)).isTrue();
        assertThat(host.capabilities().does(Ability.ORDER_RUNS)).isTrue();
        assertThat(host.capabilities().experimentsPerQuery()).isEqualTo(100);
    }

    @Test
    void databricksAllowsSevenRequestsASecond() {
        for (String address : new String[] {
            "databricks://team", "https://adb-1.2.azuredatabricks.net", "https://x.cloud.databricks.com"
        }) {
            assertThat(Capabilities.requestsPerSecond(URI.create(address)))
                    .as(address)
                    .isEqualTo(7);
        }
        assertThat(Capabilities.requestsPerSecond(URI.create("https://mlflow.example")))
                .isEqualTo(Integer.MAX_VALUE);
    }
}
