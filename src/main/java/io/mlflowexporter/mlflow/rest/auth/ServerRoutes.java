package io.mlflowexporter.mlflow.rest.auth;

import io.mlflowexporter.mlflow.MlflowException;
import io.mlflowexporter.mlflow.MlflowException.Kind;
import io.mlflowexporter.mlflow.connection.MlflowConfig;
import io.mlflowexporter.mlflow.connection.MlflowConfig.Credentials;
import io.mlflowexporter.mlflow.connection.Oauth2Config;
import io.mlflowexporter.reload.Reloads;
import io.mlflowexporter.tls.ClientTls;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.time.InstantSource;
import java.util.Map;
import java.util.Optional;
import javax.net.ssl.SSLContext;

/** Finds the ways to the tracking server and to the registry, as the configuration and the environment say. */
public final class ServerRoutes {
    private static final String DATABRICKS = "databricks";
    private static final String UNITY_CATALOG = "databricks-uc";

    private final MlflowConfig config;
    private final Map<String, String> environment;
    private final RequestCounter requests;
    private final InstantSource clock;
    private final Reloads reloads;
    private final Proxies proxies;

    /**
     * Looks at the environment; sends nothing.
     *
     * @throws MlflowException if a proxy's variable is wrong
     */
    public ServerRoutes(
            MlflowConfig config,
            Map<String, String> environment,
            RequestCounter requests,
            InstantSource clock,
            Reloads reloads)
            throws MlflowException {
        this.config = config;
        this.environment = environment;
        this.requests = requests;
        this.clock = clock;
        this.reloads = reloads;
        try {
            this.proxies = Proxies.of(config, environment);
        } catch (IllegalArgumentException e) {
            throw new MlflowException(Kind.UNREACHABLE, String.valueOf(e.getMessage()));
        }
    }

    /** Which requests go through a proxy. */
    public Proxies proxies() {
        return proxies;
    }

    /**
     * A client for MLflow.
     *
     * @throws MlflowException if certificates or keys cannot be read
     */
    public HttpClient client() throws MlflowException {
        MlflowConfig.Tls tls = config.tls();
        return client(new ClientTls.Options(tls.caFile(), tls.certFile(), tls.keyFile(), tls.insecure()), "mlflow.tls");
    }

    private HttpClient client(ClientTls.Options tls, String setting) throws MlflowException {
        HttpClient.Builder builder = HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .followRedirects(HttpClient.Redirect.NEVER)
                .connectTimeout(config.connectTimeout());
        proxies.install(builder);
        try {
            Optional<SSLContext> context = ClientTls.context(tls, reloads);
            context.ifPresent(builder::sslContext);
        } catch (IOException e) {
            throw new MlflowException(Kind.UNREACHABLE, e.getMessage() + "; check " + setting, e);
        }
        return builder.build();
    }

    /**
     * To the tracking server.
     *
     * @throws MlflowException if there is none, with a line for the user
     */
    public ServerRoute tracking() throws MlflowException {
        return to(config.trackingUri().uri(), config.auth(), "mlflow.auth");
    }

    /** To the registry; empty where it is the tracking server's. */
    public Optional<ServerRoute> registry() throws MlflowException {
        if (config.registryUri().isEmpty()) {
            return Optional.empty();
        }
        URI address = config.registryUri().get().uri();
        boolean own = config.registryAuth().isSet() || address.getRawUserInfo() != null;
        return Optional.of(
                own
                        ? to(address, config.registryAuth().credentials(), "mlflow.registry_auth")
                        : to(address, config.auth(), "mlflow.auth"));
    }

    private ServerRoute to(URI address, Credentials auth, String setting) throws MlflowException {
        String text = address.toString();
        if (text.equals(DATABRICKS) || text.startsWith(DATABRICKS + "://")) {
            return databricks(address, auth, ServerRoute.Kind.DATABRICKS);
        }
        if (text.equals(UNITY_CATALOG) || text.startsWith(UNITY_CATALOG + "://")) {
            return databricks(address, auth, ServerRoute.Kind.UNITY_CATALOG);
        }
        if (text.startsWith("arn:")) {
            return sageMaker(SageMakerArn.of(address), auth);
        }
        if (text.startsWith("azureml://")) {
            return new ServerRoute(bare(AzureLogin.base(address)), ServerRoute.Kind.AZURE_ML, azure(auth, setting));
        }
        return new ServerRoute(
                bare(address),
                ServerRoute.Kind.ANY,
                auth.oauth2().isSet() ? oauth(auth, setting) : ConfiguredAuth.of(auth, address));
    }

    private ServerRoute databricks(URI address, Credentials auth, ServerRoute.Kind kind) throws MlflowException {
        Optional<String> profile = Optional.ofNullable(address.getRawAuthority());
        // The host stays the same as long as the exporter runs; the credentials need not.
        URI host = DatabricksLogin.read(profile, environment).host();
        HttpClient tokens = client(tokenTls(auth.oauth2()), "mlflow.auth.oauth2.tls_config");
        return new ServerRoute(
                bare(host),
                kind,
                new DatabricksAuth(
                        host,
                        profile,
                        environment,
                        auth.httpHeaders(),
                        grant -> new OauthAuth(
                                new TokenEndpoint(grant, tokens, proxies, requests), auth.httpHeaders(), clock)));
    }

    /** The SDK's classes are loaded from here on, and so only where there is an ARN. */
    private ServerRoute sageMaker(SageMakerArn arn, Credentials auth) throws MlflowException {
        // As in AWS's own plugin: for a private endpoint of a network of one's own.
        String own =
                environment.getOrDefault("SAGEMAKER_MLFLOW_CUSTOM_ENDPOINT", "").strip();
        URI base = own.isEmpty() ? arn.endpoint() : bare(HttpsAddress.of(own, "SAGEMAKER_MLFLOW_CUSTOM_ENDPOINT"));
        return new ServerRoute(
                base,
                ServerRoute.Kind.SAGEMAKER,
                new SageMakerAuth(arn, AwsLogin.of(arn, environment, proxies, clock), auth.httpHeaders(), clock));
    }

    private RequestAuth azure(Credentials auth, String setting) throws MlflowException {
        if (auth.oauth2().isSet()) {
            return oauth(auth, setting);
        }
        if (auth.token().isPresent() || auth.tokenFile().isPresent()) {
            return ConfiguredAuth.of(auth, URI.create("https://unused"));
        }
        return oauth(AzureLogin.grant(environment), auth, setting);
    }

    private RequestAuth oauth(Credentials auth, String setting) throws MlflowException {
        Oauth2Config oauth2 = auth.oauth2();
        TokenGrant grant = new TokenGrant(
                oauth2.tokenUrl().orElseThrow().uri(),
                oauth2.clientId().orElseThrow(),
                oauth2.scopes(),
                oauth2.endpointParams(),
                () -> SecretFile.either(oauth2.clientSecret(), oauth2.clientSecretFile(), "client secret")
                        .orElse(""),
                false);
        return oauth(grant, auth, setting);
    }

    private RequestAuth oauth(TokenGrant grant, Credentials auth, String setting) throws MlflowException {
        HttpClient client = client(tokenTls(auth.oauth2()), setting + ".oauth2.tls_config");
        return new OauthAuth(new TokenEndpoint(grant, client, proxies, requests), auth.httpHeaders(), clock);
    }

    private static ClientTls.Options tokenTls(Oauth2Config oauth2) {
        Oauth2Config.TokenTls tls = oauth2.tlsConfig();
        return new ClientTls.Options(tls.caFile(), tls.certFile(), tls.keyFile(), tls.insecureSkipVerify());
    }

    private static URI bare(URI address) {
        String path = address.getRawPath() == null ? "" : address.getRawPath().replaceAll("/+$", "");
        String authority = address.getRawAuthority() == null ? "" : address.getRawAuthority();
        return URI.create(address.getScheme() + "://" + authority.substring(authority.lastIndexOf('@') + 1) + path);
    }
}
