package io.mlflowexporter.it;

import static io.mlflowexporter.testing.ScriptedServer.json;
import static io.mlflowexporter.testing.ScriptedServer.status;
import static org.assertj.core.api.Assertions.assertThat;

import io.mlflowexporter.testing.ScriptedServer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The jar with an ARN: the AWS SDK inside it finds credentials as on EKS, and its absence of any is told. */
final class SageMakerIT {
    private static final String ARN = "arn:aws:sagemaker:eu-central-1:111122223333:mlflow-tracking-server/team-a";
    private static final Duration LIMIT = Duration.ofMinutes(1);
    private static final String CREDENTIALS = """
            <AssumeRoleWithWebIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/">
              <AssumeRoleWithWebIdentityResult><Credentials>
                <AccessKeyId>ASIAEXAMPLE</AccessKeyId><SecretAccessKey>s3cr3t</SecretAccessKey>
                <SessionToken>session</SessionToken><Expiration>2100-01-01T00:00:00Z</Expiration>
              </Credentials></AssumeRoleWithWebIdentityResult>
            </AssumeRoleWithWebIdentityResponse>
            """;

    @TempDir
    private Path directory;

    private Running exporter(String name, ScriptedServer mlflow, Map<String, String> more) {
        Map<String, String> variables = new HashMap<>(more);
        variables.put("SAGEMAKER_MLFLOW_CUSTOM_ENDPOINT", mlflow.uri().toString());
        variables.put("AWS_EC2_METADATA_DISABLED", "true");
        variables.put("AWS_CONFIG_FILE", directory.resolve("none").toString());
        variables.put("AWS_SHARED_CREDENTIALS_FILE", directory.resolve("none").toString());
        List<String> arguments = List.of(
                "serve",
                "--mlflow.tracking-uri",
                ARN,
                "--metrics-listen",
                "127.0.0.1:0",
                "--web-listen",
                "127.0.0.1:0",
                "--interval",
                "1s");
        return Running.start(name, ExporterJar.commandLine(arguments), variables);
    }

    @Test
    void aRoleOfTheServiceAccountSignsTheRequests() throws IOException {
        Path token = Files.writeString(directory.resolve("token"), "jwt");
        try (ScriptedServer mlflow = ScriptedServer.start().otherwise(request -> json("{}"));
                ScriptedServer sts = ScriptedServer.start()
                        .otherwise(request -> status(200, CREDENTIALS, "Content-Type: text/xml"));
                Running exporter = exporter(
                        "sagemaker",
                        mlflow,
                        Map.of(
                                "AWS_ROLE_ARN",
                                "arn:aws:iam::111122223333:role/reader",
                                "AWS_WEB_IDENTITY_TOKEN_FILE",
                                token.toString(),
                                "AWS_REGION",
                                "eu-central-1",
                                "AWS_ENDPOINT_URL_STS",
                                sts.uri().toString()))) {
            List<ScriptedServer.Request> requests = Await.until(
                    "requests to MLflow",
                    LIMIT,
                    mlflow::requests,
                    list -> list.stream().anyMatch(request -> request.endpoint().equals("experiments/search")));

            assertThat(requests)
                    .allSatisfy(request -> assertThat(request.headers())
                            .containsEntry("x-mlflow-sm-tracking-server-arn", ARN)
                            .containsEntry("x-amz-security-token", "session")
                            .hasEntrySatisfying(
                                    "authorization",
                                    value -> assertThat(value)
                                            .startsWith("AWS4-HMAC-SHA256 Credential=ASIAEXAMPLE/")
                                            .contains("/eu-central-1/sagemaker-mlflow/aws4_request")));
            assertThat(sts.requests())
                    .hasSize(1)
                    .first()
                    .satisfies(request -> assertThat(request.body())
                            .contains("Action=AssumeRoleWithWebIdentity")
                            .contains("WebIdentityToken=jwt"));
            assertThat(exporter.output()).doesNotContain("s3cr3t");
        }
    }

    @Test
    void absentCredentialsAreToldOnceAndTheExporterGoesOn() {
        try (ScriptedServer mlflow = ScriptedServer.start().otherwise(request -> json("{}"));
                Running exporter = exporter("sagemaker-none", mlflow, Map.of())) {
            String log = Await.until(
                    "the reason",
                    LIMIT,
                    exporter::output,
                    text -> text.contains("cannot get AWS credentials; set AWS_ACCESS_KEY_ID"));

            assertThat(log).doesNotContain("Exception:");
            assertThat(mlflow.requests()).isEmpty();
        }
    }
}
