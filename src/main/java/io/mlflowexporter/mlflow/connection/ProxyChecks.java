package io.mlflowexporter.mlflow.connection;

import io.mlflowexporter.settings.Origin;
import io.mlflowexporter.settings.Problems;
import io.mlflowexporter.settings.value.Quoted;
import java.util.function.Function;

/** That at most one source names the proxy, and that it is one the exporter can use. */
public final class ProxyChecks {
    private static final String PROXY_URL = "mlflow.proxy_url";
    private static final String NO_PROXY = "mlflow.no_proxy";
    private static final String FROM_ENVIRONMENT = "mlflow.proxy_from_environment";

    private ProxyChecks() {}

    /** Adds what is wrong. */
    public static void check(MlflowConfig mlflow, Function<String, Origin> origins, Problems problems) {
        mlflow.proxyUrl().ifPresent(proxy -> {
            Origin origin = origins.apply(PROXY_URL);
            if (!proxy.uri().getScheme().equalsIgnoreCase("http")) {
                problems.error(
                        origin,
                        PROXY_URL,
                        "is not http://; the connection to the proxy is plain HTTP, and https goes through it in a"
                                + " tunnel");
            }
            if (proxy.userInfo().filter(Quoted.MASK::equals).isPresent()) {
                problems.warning(origin, PROXY_URL, "has for credentials the mask that check-config --show prints");
            }
            if (mlflow.proxyFromEnvironment()) {
                problems.error(
                        origin,
                        PROXY_URL,
                        "is set, and " + FROM_ENVIRONMENT + " (" + origins.apply(FROM_ENVIRONMENT)
                                + ") is on; give one of the two");
            }
        });
        if (mlflow.noProxy().isPresent() && mlflow.proxyUrl().isEmpty()) {
            problems.error(
                    origins.apply(NO_PROXY),
                    NO_PROXY,
                    mlflow.proxyFromEnvironment()
                            ? "is set, and " + FROM_ENVIRONMENT + " is on; set the variable NO_PROXY instead"
                            : "is set without " + PROXY_URL);
        }
    }
}
