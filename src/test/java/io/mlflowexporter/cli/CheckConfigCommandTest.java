package io.mlflowexporter.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;

/** What a user sees of {@code check-config}; the directory the file lies in is cut from what is printed. */
final class CheckConfigCommandTest {
    private static final String UNSET_OAUTH2 = """
            oauth2:
              client_id: null # default
              client_secret: null # default
              client_secret_file: null # default
              token_url: null # default
              scopes: [] # default
              endpoint_params: {} # default
              tls_config:
                ca_file: null # default
                cert_file: null # default
                key_file: null # default
                insecure_skip_verify: false # default
            http_headers: {} # default
            """;

    @TempDir
    private Path directory;

    private Map<String, String> environment = Map.of();

    private record Seen(int exit, String out, String err) {}

    private Seen check(String yaml, String... arguments) throws IOException {
        Path file = Files.writeString(directory.resolve("c.yaml"), yaml);
        List<String> all = new ArrayList<>(List.of("--config", file.toString()));
        all.addAll(List.of(arguments));
        return run(all.toArray(String[]::new));
    }

    private Seen run(String... arguments) {
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        int exit = new CommandLine(new CheckConfigCommand(environment))
                .setOut(new PrintWriter(out))
                .setErr(new PrintWriter(err))
                .execute(arguments);
        return new Seen(exit, clean(out), clean(err));
    }

    private String clean(StringWriter text) {
        return text.toString().replace(directory + "/", "");
    }

    /** A device stands for pipes, process substitution and sockets. */
    @ParameterizedTest
    @EnabledOnOs(OS.LINUX)
    @ValueSource(
            strings = {
                "web.config_file",
                "web.metrics_config_file",
                "web.web_config_file",
                "cost.file",
                "kpi.file",
                "mlflow.tls.ca_file",
                "mlflow.auth.token_file",
                "otlp.headers_file"
            })
    void whatIsNoRegularFileIsRefusedAndNotPassedOver(String setting) {
        String variable = "MLFLOW_EXPORTER_" + setting.replace('.', '_').toUpperCase(Locale.ROOT);
        environment = Map.of(variable, "/dev/null", "MLFLOW_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:4318");
        Seen seen = run();

        assertThat(seen.exit()).as(seen.toString()).isEqualTo(2);
        assertThat(seen.err()).contains(setting + ": \"/dev/null\" is not a regular file");
    }

    @Test
    void credentialsOnTheCommandLineAreWarnedOfWithoutBeingShown() {
        Seen seen = run("--mlflow.tracking-uri", "https://ana:s3cr3t@mlflow.example");

        assertThat(seen.exit()).isZero();
        assertThat(seen.err())
                .contains("warning: --mlflow.tracking-uri: mlflow.tracking_uri: has credentials in it")
                .doesNotContain("s3cr3t");
    }

    @Test
    void everyProblemIsToldAtOnceWithItsLine() throws IOException {
        environment = Map.of("MLFLOW_EXPORTER_REFRESH_INTERVALL", "5s", "MLFLOW_EXPORTER_LOG_LEVEL", "loud");
        Seen seen = check("""
                mlflow:
                  tracking_url: http://x
                  registry_uri: sqlite:///mlflow.db
                  page_size: 0
                  page_size: 10
                  retries: -1
                  max_response_size: 12MB
                  tls: {insecure: yes}
                interval: 30s
                refresh:
                  interval: 60
                  timeout: 1.5h
                  max_staleness: -5m
                web:
                  metrics_listen: :9818
                  web_listen: ::1:9818
                log: {format: xml}
                read:
                  max_runs: many
                  experiments:
                    include: [a, [b]]
                    exclude: foo
                """, "--interval", "2d");

        assertThat(seen).isEqualTo(new Seen(2, "", """
                c.yaml:2: mlflow.tracking_url: unknown key; did you mean tracking_uri? allowed: tracking_uri, registry_uri,\
                 auth, registry_auth, tls, proxy_url, no_proxy, proxy_from_environment, connect_timeout, read_timeout, retries, retry_backoff, max_response_size,\
                 page_size, max_requests_per_second, parallel_requests, workspaces
                c.yaml:3: mlflow.registry_uri: "sqlite:///mlflow.db" is a store, and the exporter reads a server; start one\
                 with `mlflow server --backend-store-uri …` and give its address, such as http://127.0.0.1:5000
                c.yaml:4: mlflow.page_size: 0 is out of range; allowed: 1 to 50000
                c.yaml:5: mlflow.page_size: is set twice, first on line 4
                c.yaml:6: mlflow.retries: -1 is out of range; allowed: 0 to 20
                c.yaml:7: mlflow.max_response_size: "12MB" is not a size; allowed: a number of bytes, or one with a unit\
                 KiB, MiB or GiB, such as 64KiB or 256MiB
                c.yaml:8: mlflow.tls.insecure: "yes" is neither true nor false; allowed: true, false
                c.yaml:9: interval: unknown key; did you mean refresh.interval? allowed: mlflow, refresh, read, runs,\
                 cost, delivery, kpi, steps, traces, checkpoint, shard, exposition, web, otlp, log
                c.yaml:11: refresh.interval: "60" has no unit; allowed: a number with a unit ms, s, m, h or d, such as\
                 500ms, 60s, 10m, 24h, 7d or 1h30m
                c.yaml:12: refresh.timeout: "1.5h" is not whole; allowed: a number with a unit ms, s, m, h or d, such as\
                 500ms, 60s, 10m, 24h, 7d or 1h30m
                c.yaml:13: refresh.max_staleness: "-5m" is negative; allowed: a number with a unit ms, s, m, h or d, such\
                 as 500ms, 60s, 10m, 24h, 7d or 1h30m
                c.yaml:15: web.metrics_listen: ":9818" has no host; write 0.0.0.0:9818 for all interfaces or\
                 127.0.0.1:9818 for this machine only
                c.yaml:16: web.web_listen: "::1:9818" is an IPv6 address without brackets; allowed: HOST:PORT with a port\
                 from 0 to 65535, such as 127.0.0.1:9818 or [::1]:9818, or off
                c.yaml:17: log.format: "xml" is unknown; allowed: text, json
                c.yaml:19: read.max_runs: "many" is not a whole number
                c.yaml:21: read.experiments.include[1]: is a list; allowed: one pattern
                c.yaml:22: read.experiments.exclude: is a single value; allowed: a list, such as ["a", "b"]
                MLFLOW_EXPORTER_LOG_LEVEL: log.level: "loud" is unknown; allowed: debug, info, warn, error
                MLFLOW_EXPORTER_REFRESH_INTERVALL: unknown variable; did you mean MLFLOW_EXPORTER_REFRESH_INTERVAL?\
                 Variables of other programs must not begin with MLFLOW_EXPORTER_
                --interval: refresh.interval: 2d is out of range; allowed: 1s to 1d
                c.yaml: not valid, 20 problems
                """));
    }

    @Test
    void phaseRulesThatCannotWorkAreRefused() throws IOException {
        Seen seen = check("""
                runs:
                  phases:
                    - phase: Training
                      run_name: ["*"]
                    - run_name: [x]
                      phase: _other
                    - phase: ok
                    - {}
                    - run_name: [x]
                    - frase: x
                """);

        assertThat(seen.err()).isEqualTo("""
                c.yaml:3: runs.phases[0].phase: "Training" cannot be a phase; allowed: up to 32 of a-z, 0-9, _ and -, the\
                 first a letter
                c.yaml:6: runs.phases[1].phase: _other is what the series budget sums up; choose another name
                c.yaml:7: runs.phases[2]: has no condition and would match every run; give run_name, experiment or tags
                c.yaml:8: runs.phases[3]: is empty; allowed keys: phase, run_name, experiment, tags
                c.yaml:9: runs.phases[4].phase: is missing
                c.yaml:10: runs.phases[5].frase: unknown key; did you mean phase? allowed: phase, run_name, experiment, tags
                c.yaml:10: runs.phases[5].phase: is missing
                c.yaml: not valid, 7 problems
                """);
    }

    @Test
    void waysInThatCannotWorkAreRefused() throws IOException {
        Seen seen = check("""
                mlflow:
                  tracking_uri: azureml://westeurope.api.azureml.ms/workspaces/w
                  proxy_url: https://pia:hunter2@proxy:3128
                  no_proxy: internal
                  proxy_from_environment: true
                  auth:
                    username: bob
                    password: x
                    oauth2:
                      client_secret: hunter2
                      client_secret_file: nowhere
                      token_url: https://me:hunter2@idp.example/token
                      scopes: ["a b"]
                      tls_config: {key_file: k.pem, ca_file: nowhere}
                    http_headers:
                      Authorization: {values: ["Token x"]}
                      Host: {values: [x]}
                      "X Y": {values: [x]}
                      X-Two: {secrets: ["hunter2\\nX-Three: x"]}
                      X-Four: {}
                      X-Five: {vales: [x]}
                      X-Six: x
                """);

        assertThat(seen).isEqualTo(new Seen(2, "", """
                c.yaml:2: mlflow.tracking_uri: "azureml://westeurope.api.azureml.ms/workspaces/w" is not the MLflow address of\
                 a workspace of Azure Machine Learning; allowed: azureml://REGION.api.azureml.ms/mlflow/v1.0/subscriptions/ID\
                /resourceGroups/NAME/providers/Microsoft.MachineLearningServices/workspaces/NAME
                c.yaml:3: mlflow.proxy_url: is not http://; the connection to the proxy is plain HTTP, and https goes through\
                 it in a tunnel
                c.yaml:3: mlflow.proxy_url: is set, and mlflow.proxy_from_environment (c.yaml:5) is on; give one of the two
                c.yaml:7: mlflow.auth.username: is for basic authentication, and mlflow.auth.oauth2.client_secret (c.yaml:10)\
                 for OAuth2; give one of the two kinds
                c.yaml:10: mlflow.auth.oauth2.client_id: is missing; oauth2 needs client_id, client_secret or\
                 client_secret_file, and token_url
                c.yaml:10: mlflow.auth.oauth2.client_secret: is set, and so is mlflow.auth.oauth2.client_secret_file\
                 (c.yaml:11); give one of the two
                c.yaml:12: mlflow.auth.oauth2.token_url: has user and password in it; give client_id and client_secret
                c.yaml:13: mlflow.auth.oauth2.scopes: has a scope with a blank in it; give each scope as an element of its own
                c.yaml:14: mlflow.auth.oauth2.tls_config.key_file: is set without mlflow.auth.oauth2.tls_config.cert_file,\
                 whose key it would be
                c.yaml:14: mlflow.auth.oauth2.tls_config.ca_file: "nowhere": no such file
                c.yaml:14: mlflow.auth.oauth2.tls_config.key_file: "k.pem": no such file
                c.yaml:20: mlflow.auth.http_headers.X-Four: is empty; allowed keys: values, secrets, files
                c.yaml:21: mlflow.auth.http_headers.X-Five.vales: unknown key; did you mean values? allowed: values, secrets,\
                 files
                c.yaml:22: mlflow.auth.http_headers.X-Six: is a single value, not a section; allowed keys: values, secrets,\
                 files
                c.yaml: not valid, 14 problems
                """));
    }

    @Test
    void arnsOfTheWrongKindAreRefused() throws IOException {
        Seen seen = check("""
                mlflow:
                  tracking_uri: arn:aws:s3:::bucket
                  registry_uri: arn:aws:sagemaker:eu-central-1:111122223333:notebook-instance/x
                """);
        assertThat(seen).isEqualTo(new Seen(2, "", """
                c.yaml:2: mlflow.tracking_uri: "arn:aws:s3:::bucket" is not the ARN of an MLflow server of SageMaker; allowed:\
                 arn:aws:sagemaker:REGION:ACCOUNT:mlflow-tracking-server/NAME and\
                 arn:aws:sagemaker:REGION:ACCOUNT:mlflow-app/NAME
                c.yaml:3: mlflow.registry_uri: "arn:aws:sagemaker:eu-central-1:111122223333:notebook-instance/x" is not the ARN\
                 of an MLflow server of SageMaker; allowed: arn:aws:sagemaker:REGION:ACCOUNT:mlflow-tracking-server/NAME and\
                 arn:aws:sagemaker:REGION:ACCOUNT:mlflow-app/NAME
                c.yaml: not valid, 2 problems
                """));

        assertThat(check("mlflow: {tracking_uri: databricks-uc, registry_uri: \"databricks-uc://team\"}")
                        .err())
                .isEqualTo("""
                        c.yaml:1: mlflow.tracking_uri: is a registry in Unity Catalog and has no runs; write databricks,\
                         and this into mlflow.registry_uri
                        c.yaml: not valid, 1 problem
                        """);
        assertThat(check("""
                mlflow:
                  tracking_uri: arn:aws:sagemaker:eu-central-1:111122223333:mlflow-app/a
                  auth: {token: x}
                """).err())
                .contains("c.yaml:3: mlflow.auth.token: is not used: requests to SageMaker are signed with AWS");
    }

    @Test
    void aProxyAndOauth2AreLookedAtAsAWhole() throws IOException {
        Seen seen = check("""
                mlflow:
                  no_proxy: internal
                  registry_uri: http://registry
                  auth:
                    oauth2:
                      client_id: me
                    http_headers:
                      Authorization: {values: ["Token x"]}
                      Host: {values: [x]}
                      "X Y": {values: [x]}
                      X-Two: {secrets: ["hunter2\\nX-Three: x"]}
                      X-Key: {files: [nowhere]}
                  registry_auth:
                    oauth2: {client_id: me, client_secret: "********", token_url: "http://idp.example/token"}
                """);

        assertThat(seen).isEqualTo(new Seen(2, "", """
                c.yaml:2: mlflow.no_proxy: is set without mlflow.proxy_url
                c.yaml:6: mlflow.auth.oauth2.token_url: is missing; give the address that issues tokens
                c.yaml:6: mlflow.auth.oauth2.client_secret: is missing; give client_secret or client_secret_file
                c.yaml:8: mlflow.auth.http_headers.Authorization: is set, and other credentials are too; give one of the two
                c.yaml:9: mlflow.auth.http_headers.Host: cannot be configured; the exporter sets it by itself
                c.yaml:10: mlflow.auth.http_headers.X…: is not the name of a header; allowed: letters, digits and -
                c.yaml:11: mlflow.auth.http_headers.X-Two: has a line end or another character in it that no header can carry
                c.yaml: not valid, 7 problems
                """));
    }

    @Test
    void secretsOfTheWaysInAreMasked() throws IOException {
        Seen seen = check("""
                mlflow:
                  proxy_url: http://pia:hunter2@proxy:3128
                  auth:
                    oauth2:
                      client_id: me
                      client_secret: hunter2
                      token_url: http://idp.example/token/
                      endpoint_params: {password: hunter2}
                    http_headers:
                      X-Key: {secrets: [hunter2], files: [nowhere]}
                      X-Team: {values: [ml]}
                """, "--show");

        assertThat(seen.exit()).isZero();
        assertThat(seen.err()).isEqualTo("""
                warning: c.yaml:7: mlflow.auth.oauth2.token_url: is not https: the client secret is sent in the clear
                warning: c.yaml:10: mlflow.auth.http_headers.X-Key.files: "nowhere": no such file
                """);
        assertThat(seen.out())
                .doesNotContain("hunter2")
                .contains("""
                        proxy_url: http://********@proxy:3128 # c.yaml:2; masked
                      """.stripTrailing())
                .contains("endpoint_params: {\"password\": \"********\"} # c.yaml:8; masked")
                .contains("token_url: http://idp.example/token/ # c.yaml:7")
                .contains(
                        "http_headers: {\"X-Key\": {secrets: [\"********\"], files: [\"nowhere\"]}, \"X-Team\": {values:"
                                + " [\"ml\"]}} # c.yaml:10; masked");
    }

    @Test
    void settingsThatDoNotGoTogetherAreToldWithBothTheirPlaces() throws IOException {
        environment = Map.of("MLFLOW_TRACKING_TOKEN", "hunter3");
        Seen seen = check("""
                mlflow:
                  auth:
                    username: bob
                    password: hunter2
                    password_file: p
                  tls: {key_file: k.pem}
                refresh: {interval: 1h}
                web: {web_listen: "127.0.0.1:9818"}
                """);

        assertThat(seen.err()).isEqualTo("""
                c.yaml:3: mlflow.auth.username: is for basic authentication, and mlflow.auth.token (MLFLOW_TRACKING_TOKEN)\
                 for bearer; give one of the two kinds
                c.yaml:4: mlflow.auth.password: is set, and so is mlflow.auth.password_file (c.yaml:5); give one of the two
                c.yaml:6: mlflow.tls.key_file: is set without mlflow.tls.cert_file, whose key it would be
                c.yaml:6: mlflow.tls.key_file: "k.pem": no such file
                c.yaml:7: refresh.interval: refresh.max_staleness (15m, default) is not longer than refresh.interval (1h,\
                 c.yaml:7): each snapshot would be withdrawn before the next one
                c.yaml:8: web.web_listen: web.metrics_listen (0.0.0.0:9818, default) takes the same port as web.web_listen\
                 (127.0.0.1:9818, c.yaml:8)
                c.yaml: not valid, 6 problems
                """);
    }

    @Test
    void howTheRegistryIsReadIsChecked() throws IOException {
        assertThat(check("""
                        refresh: {registry_interval: 20m}
                        read: {registry: maybe}
                        """).err()).isEqualTo("""
                c.yaml:1: refresh.registry_interval: refresh.max_staleness (15m, default) is not longer than\
                 refresh.registry_interval (20m, c.yaml:1): what is known of models would be withdrawn before it is read again
                c.yaml:2: read.registry: "maybe" is unknown; allowed: auto, on, off
                c.yaml: not valid, 2 problems
                """);
        assertThat(check("""
                        refresh: {registry_interval: 20s}
                        read: {registry: off}
                        """).err()).isEqualTo("""
                warning: c.yaml:1: refresh.registry_interval: is not used, as read.registry is off
                warning: c.yaml:1: refresh.registry_interval: refresh.registry_interval (20s, c.yaml:1) is shorter than\
                 refresh.interval (1m, default): models are read with each refresh and not more often
                """);
    }

    @Test
    void whatIsDoubtfulIsAWarning() throws IOException {
        Seen seen = check("""
                mlflow:
                  auth: {username: bob, password_file: later}
                  tls: {insecure: true}
                  retries: 10
                refresh: {interval: 5s}
                """);

        assertThat(seen).isEqualTo(new Seen(0, "c.yaml: OK, 4 warnings\n", """
                warning: c.yaml:2: mlflow.auth.password_file: "later": no such file
                warning: c.yaml:3: mlflow.tls.insecure: is on: anyone in between can read and change what is sent
                warning: c.yaml:4: mlflow.retries: one request may take 11m by mlflow.read_timeout (1m, default) and\
                 mlflow.retries (10, c.yaml:4), longer than refresh.timeout (10m, default) gives a whole refresh
                warning: c.yaml:5: refresh.interval: 5s is short, and MLflow is read that often; 60s suits most
                """));
    }

    @Test
    void showTellsEachValueAndItsSourceAndNoSecret() throws IOException {
        environment =
                Map.of("MLFLOW_REGISTRY_URI", "https://reg/", "MLFLOW_EXPORTER_READ_EXPERIMENTS_EXCLUDE", "tmp-*, x");
        Seen seen = check("""
                mlflow:
                  tracking_uri: http://bob:hunter2@host:5000/ml//
                  registry_auth:
                    token: hunter3
                runs:
                  phases:
                    - phase: training
                      run_name: ["tr\\"*"]
                      tags: {a b: "*"}
                """, "--show", "--interval", "90s");

        assertThat(seen.err()).isEmpty();
        assertThat(seen.exit()).isZero();
        assertThat(seen.out()).isEqualTo("""
                # Effective configuration; secrets are masked as ********.
                mlflow:
                  tracking_uri: http://********@host:5000/ml # c.yaml:2; masked
                  registry_uri: https://reg # MLFLOW_REGISTRY_URI
                  auth:
                    username: null # default
                    password: null # default
                    password_file: null # default
                    token: null # default
                    token_file: null # default
                    UNSET_OAUTH2
                  registry_auth:
                    username: null # default
                    password: null # default
                    password_file: null # default
                    token: "********" # c.yaml:4; masked
                    token_file: null # default
                    UNSET_OAUTH2
                  tls:
                    ca_file: null # default
                    cert_file: null # default
                    key_file: null # default
                    insecure: false # default
                  proxy_url: null # default
                  no_proxy: null # default
                  proxy_from_environment: false # default
                  connect_timeout: 5s # default
                  read_timeout: 1m # default
                  retries: 3 # default
                  retry_backoff: 500ms # default
                  max_response_size: 256MiB # default
                  page_size: 1000 # default
                  max_requests_per_second: 20 # default
                  parallel_requests: 2 # default
                  workspaces: [] # default
                refresh:
                  interval: 1m30s # --interval
                  registry_interval: null # default
                  timeout: 10m # default
                  max_staleness: 15m # default
                  stale_after: 1d # default
                  overlap: 5m # default
                  resync_share: 0.03 # default
                read:
                  experiments:
                    include: ["*"] # default
                    exclude: ["tmp-*", "x"] # MLFLOW_EXPORTER_READ_EXPERIMENTS_EXCLUDE
                  models:
                    include: ["*"] # default
                    exclude: [] # default
                  max_runs: null # default
                  registry: auto # default
                runs:
                  phases: # c.yaml:7
                    - phase: "training"
                      run_name: ["tr\\"*"]
                      tags: {"a b": "*"}
                  phases_append_defaults: true # default
                  estimator_tag: null # default
                  estimator_param: null # default
                cost:
                  file: null # default
                  longest_run: 90d # default
                  histories: 20 # default
                delivery:
                  aliases: ["*"] # default
                  stages: ["Production", "Staging"] # default
                  production: ["champion", "production", "stage:Production"] # default
                  failure_window: 7d # default
                  whole_search: false # default
                kpi:
                  file: null # default
                  built_in: true # default
                steps:
                  rules: [] # default
                traces:
                  read: auto # default
                  horizon: 7d # default
                  max_per_refresh: 5000 # default
                  group_by: [] # default
                  hash_groups: false # default
                checkpoint:
                  file: null # default
                  interval: 30s # default
                shard:
                  index: 0 # default
                  total: 1 # default
                exposition:
                  series_per_family: 10000 # default
                  recent_runs: 100 # default
                  versions_per_model: 20 # default
                  max_label_length: 200 # default
                web:
                  metrics_listen: 0.0.0.0:9818 # default
                  web_listen: 127.0.0.1:9819 # default
                  reload: false # default
                  hosts: [] # default
                  local_only: false # default
                  config_file: null # default
                  metrics_config_file: null # default
                  web_config_file: null # default
                otlp:
                  endpoint: null # default
                  headers: [] # default
                  headers_file: null # default
                  ca_file: null # default
                  interval: 1m # default
                  timeout: 10s # default
                  histograms: explicit # default
                  resource_attributes: {} # default
                log:
                  format: text # default
                  level: info # default
                """.replace("    UNSET_OAUTH2\n", UNSET_OAUTH2.indent(4)));
        assertThat(check(seen.out(), "--show").out().replaceAll(" # .*", ""))
                .as("what is shown can be loaded, and says the same")
                .isEqualTo(seen.out().replaceAll(" # .*", ""));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "'a:\n\tb: 1'|c.yaml:2: not valid YAML: a tab stands where YAML wants blanks; indent with blanks only",
                "'a: b: c'|c.yaml:1: not valid YAML: a `: ` or a deeper indent stands where no section can begin; put the"
                        + " value in quotes, or check the indentation of this line and the one before",
                "'log: {}\n---\nlog: {}'|c.yaml:2: not valid YAML: a second document begins; a configuration is one document",
                "'mlflow:\n  auth: {password: *hunter2'|c.yaml:2: not valid YAML: an alias (`*NAME`) without its anchor;"
                        + " put text that begins with `*` in quotes",
                "'log: \"x'|c.yaml:1: not valid YAML: a quote is never closed",
                "'log:\n  x: \"\\x'|c.yaml:2: not valid YAML: an escape such as `\\x41` is cut off by the file's end",
                "'log: [a'|c.yaml:1: not valid YAML: a list in `[…]` is not closed or misses a comma",
                "'log: \u0007'|c.yaml:1: holds the character U+0007, which YAML does not allow",
                "'hello'|c.yaml:1: is a single value, not a section; allowed keys: mlflow, refresh, read, runs, cost,"
                        + " delivery, kpi, steps, traces, checkpoint, shard, exposition, web, otlp, log",
                "'log: {level: !!java.net.URL [x]}'|c.yaml:1: not valid YAML: a tag (`!NAME`) is not supported; put text that"
                        + " begins with `!` in quotes",
                "'log: {level: !!binary x}'|c.yaml:1: log.level: has a YAML tag, which is not supported; put text that"
                        + " begins with `!` in quotes",
                "'refresh:\n  interval:'|c.yaml:2: refresh.interval: has no value; remove the line for the default",
                "'<<: {}'|c.yaml:1: <<: merging sections with `<<` is not supported; repeat the settings",
                "'mlflow: {password:hunter2}'|c.yaml:1: mlflow.password…: unknown key; allowed: tracking_uri,"
                        + " registry_uri, auth, registry_auth, tls, proxy_url, no_proxy, proxy_from_environment, connect_timeout, read_timeout, retries, retry_backoff,"
                        + " max_response_size, page_size, max_requests_per_second, parallel_requests, workspaces",
            })
    void aFileThatIsNoConfigurationIsOneCleanLine(String yaml, String expected) throws IOException {
        assertThat(check(yaml)).isEqualTo(new Seen(2, "", expected + "\nc.yaml: not valid, 1 problem\n"));
    }

    @ParameterizedTest
    @CsvSource({"''", "'# nothing\n'", "'---\n'", "'mlflow:\nrefresh:\n'", "'\uFEFFlog: {level: info}'"})
    void aFileThatSaysNothingIsFine(String yaml) throws IOException {
        assertThat(check(yaml)).isEqualTo(new Seen(0, "c.yaml: OK\n", ""));
    }

    @Test
    void aliasesAreCountedBeforeTheyCost() throws IOException {
        StringBuilder bomb = new StringBuilder("a: &a [x,x]\n");
        for (char c = 'b'; c <= 'i'; c++) {
            String alias = "*" + (char) (c - 1);
            bomb.append(c)
                    .append(": &")
                    .append(c)
                    .append(" [")
                    .append((alias + ",").repeat(9))
                    .append(alias)
                    .append("]\n");
        }
        assertThat(check(bomb.toString()).err())
                .isEqualTo(
                        "c.yaml: nests deeper than 50 levels or uses more than 50 aliases\nc.yaml: not valid, 1 problem\n");
    }

    @Test
    void whatIsNoReadableFileIsToldAsSuch() throws IOException {
        assertThat(run("--config", directory.resolve("none.yaml").toString()).err())
                .isEqualTo("none.yaml: no such file\nnone.yaml: not valid, 1 problem\n");
        assertThat(run("--config", directory.toString()).err()).contains(": is a directory, not a file\n");
        Files.write(directory.resolve("latin.yaml"), new byte[] {'a', '\n', (byte) 0xe9, '\n'});
        assertThat(run("--config", directory.resolve("latin.yaml").toString()).err())
                .startsWith("latin.yaml:2: is not UTF-8 text\n");
        Files.write(directory.resolve("huge.yaml"), new byte[2 << 20]);
        assertThat(run("--config", directory.resolve("huge.yaml").toString()).err())
                .startsWith("huge.yaml: is larger than 1MiB, which no configuration needs\n");
    }

    @Test
    void aFlagThatDoesNotExistIsBadUsage() {
        assertThat(run("--mlflow.password", "x").exit()).isEqualTo(2);
    }

    @Test
    void theCostBookIsCheckedToo() throws IOException {
        Files.writeString(directory.resolve("book.yaml"), """
                currency: EUR
                resources:
                  - {name: a, prices: [{per_hour: 1}]}
                  - {name: b, prices: [{per_hour: 2}]}
                default_uses: [{resource: a}]
                """);
        String warning = "warning: book.yaml:4: resources[1]: \"b\" is used by no rule and no default use\n";
        String book = "book.yaml: OK, 1 warning; 2 resources, 0 rules, 0 budgets, 0 overheads\n";

        assertThat(check("cost: {file: book.yaml}")).isEqualTo(new Seen(0, "c.yaml: OK\n" + book, warning));
        Seen shown = check("cost: {file: book.yaml}", "--show");
        assertThat(shown.out()).contains("\n  file: \"book.yaml\" # c.yaml:1\n").endsWith("# Cost book read: " + book);
        assertThat(shown.err()).isEqualTo(warning);
    }

    @Test
    void problemsOfTheCostBookAreToldWithThoseOfTheConfiguration() throws IOException {
        Files.writeString(directory.resolve("book.yaml"), "resources: [{name: a}]\n");

        assertThat(check("cost: {file: book.yaml}\nrefresh: {interval: 1}\nlog: {level: loud}\n"))
                .isEqualTo(new Seen(2, "", """
                c.yaml:2: refresh.interval: "1" has no unit; allowed: a number with a unit ms, s, m, h or d, such as 500ms,\
                 60s, 10m, 24h, 7d or 1h30m
                c.yaml:3: log.level: "loud" is unknown; allowed: debug, info, warn, error
                book.yaml:1: resources[0].prices: are missing; give prices or focus (what costs nothing has the price 0)
                c.yaml: not valid, 3 problems
                """));
        assertThat(check("cost:\n  file: none.yaml")).isEqualTo(new Seen(2, "", """
                c.yaml:2: cost.file: "none.yaml": no such file
                c.yaml: not valid, 1 problem
                """));
        assertThat(check("web: {reload: true, web_listen: \"off\"}").err())
                .isEqualTo(
                        "warning: c.yaml:1: web.reload: is on, but web.web_listen is off: there is nowhere to ask for a"
                                + " reload\n");
    }

    @Test
    void withoutAFileTheDefaultsAreFine() {
        assertThat(run()).isEqualTo(new Seen(0, "configuration without a file: OK\n", ""));
    }
}
