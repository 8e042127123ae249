package io.mlflowexporter.mlflow.connection;

import io.mlflowexporter.settings.FileChecks;
import io.mlflowexporter.settings.SettingChecks;

/** What must hold between the settings of the connection to MLflow. */
public final class ConnectionChecks {
    private static final String SHARD_INDEX = "shard.index";
    private static final String SHARD_TOTAL = "shard.total";

    private ConnectionChecks() {}

    /** Adds what is wrong. */
    public static void check(MlflowConfig mlflow, ShardConfig shard, SettingChecks checks) {
        tls(mlflow, checks);
        CredentialChecks.check(mlflow, checks::stand, checks.problems());
        ProxyChecks.check(mlflow, checks::stand, checks.problems());
        shard(shard, checks);
    }

    private static void tls(MlflowConfig mlflow, SettingChecks checks) {
        MlflowConfig.Tls tls = mlflow.tls();
        if (tls.keyFile().isPresent() && tls.certFile().isEmpty() && checks.sound("mlflow.tls.cert_file")) {
            checks.error("mlflow.tls.key_file", "is set without mlflow.tls.cert_file, whose key it would be");
        }
        if (tls.insecure()) {
            checks.warn("mlflow.tls.insecure", "is on: anyone in between can read and change what is sent");
            if (tls.caFile().isPresent()) {
                checks.warn("mlflow.tls.ca_file", "is not used while mlflow.tls.insecure is on");
            }
        }
        FileChecks.required("mlflow.tls.ca_file", tls.caFile(), checks.stand("mlflow.tls.ca_file"), checks.problems());
        FileChecks.required(
                "mlflow.tls.cert_file", tls.certFile(), checks.stand("mlflow.tls.cert_file"), checks.problems());
        FileChecks.required(
                "mlflow.tls.key_file", tls.keyFile(), checks.stand("mlflow.tls.key_file"), checks.problems());
    }

    private static void shard(ShardConfig shard, SettingChecks checks) {
        if (checks.sound(SHARD_INDEX, SHARD_TOTAL) && shard.index() >= shard.total()) {
            checks.error(
                    checks.strongest(SHARD_INDEX, SHARD_TOTAL),
                    checks.given(SHARD_INDEX, shard.index()) + " is not less than "
                            + checks.given(SHARD_TOTAL, shard.total()) + ": shards are numbered from 0");
        }
    }
}
