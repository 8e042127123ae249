package io.mlflowexporter.mlflow.connection;

import io.mlflowexporter.settings.value.BadValueException;
import io.mlflowexporter.settings.value.Quoted;
import io.mlflowexporter.settings.value.SettingType;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The address of an MLflow server. */
@SettingType("address")
public record ServerAddress(URI uri) {
    private static final Pattern SCHEME = Pattern.compile("([A-Za-z][A-Za-z0-9+.-]*):.*", Pattern.DOTALL);
    private static final Pattern HOST_PORT = Pattern.compile("(?:[^/\\\\:@\\s]+|\\[[^]]+]):[0-9]{1,5}(?:/.*)?");
    private static final Pattern DATABRICKS_PROFILE = Pattern.compile("databricks(-uc)?://[^\\s/?#@]+");
    private static final Pattern AZURE_ML = Pattern.compile(
            "azureml://[A-Za-z0-9.-]+(:[0-9]{1,5})?/mlflow/v[0-9.]+/subscriptions/[^/\\s?#]+/resourceGroups/[^/\\s?#]+"
                    + "/providers/[^/\\s?#]+/workspaces/[^/\\s?#]+",
            Pattern.CASE_INSENSITIVE);
    private static final Pattern SAGEMAKER = Pattern.compile(
            "arn:aws(-us-gov)?:sagemaker:[a-z0-9-]+:[0-9]{12}:(mlflow-tracking-server|mlflow-app)/[A-Za-z0-9-]+");
    private static final Pattern QUERY = Pattern.compile("[?#].*", Pattern.DOTALL);
    /** Where MLflow's own tools open a store themselves; the part before a `+` names the database. */
    private static final Set<String> STORES =
            Set.of("file", "sqlite", "mysql", "postgresql", "postgres", "mssql", "oracle", "s3", "gs", "dbfs");

    private static final String ALLOWED =
            "; allowed: http://HOST:PORT, https://HOST:PORT, databricks, databricks://PROFILE, azureml://… or an ARN of SageMaker's";
    private static final int GREATEST_PORT = 65_535;

    /**
     * Reads an address and trims the slashes at its end.
     *
     * @throws BadValueException if it is not the address of a server
     */
    public static ServerAddress of(String text) {
        return new ServerAddress(parse(text));
    }

    private static URI parse(String text) {
        String trimmed = trim(text);
        if (trimmed.equals("databricks")
                || trimmed.equals("databricks-uc")
                || DATABRICKS_PROFILE.matcher(trimmed).matches()) {
            return uri(trimmed, text);
        }
        if (trimmed.startsWith("arn:")) {
            return sageMaker(trimmed, text);
        }
        if (trimmed.startsWith("azureml:")) {
            return azureMl(trimmed, text);
        }
        Matcher matcher = SCHEME.matcher(trimmed);
        String scheme = matcher.matches() ? matcher.group(1).toLowerCase(Locale.ROOT) : "";
        if (scheme.equals("http") || scheme.equals("https")) {
            return checked(uri(trimmed, text), text);
        }
        if (STORES.contains(scheme.replaceFirst("\\+.*", "")) || looksLikePath(trimmed)) {
            throw new BadValueException(
                    shown(text) + " is a store, and the exporter reads a server; start one"
                            + " with `mlflow server --backend-store-uri …` and give its address, such as http://127.0.0.1:5000");
        }
        if (HOST_PORT.matcher(trimmed).matches()) {
            throw new BadValueException(shown(text) + " has no scheme; write " + Quoted.shown("http://" + trimmed));
        }
        throw new BadValueException(shown(text) + " is not the address of an MLflow server" + ALLOWED);
    }

    private static URI sageMaker(String trimmed, String text) {
        if (!SAGEMAKER.matcher(trimmed).matches()) {
            throw new BadValueException(shown(text) + " is not the ARN of an MLflow server of SageMaker; allowed:"
                    + " arn:aws:sagemaker:REGION:ACCOUNT:mlflow-tracking-server/NAME and"
                    + " arn:aws:sagemaker:REGION:ACCOUNT:mlflow-app/NAME");
        }
        return uri(trimmed, text);
    }

    private static URI azureMl(String trimmed, String text) {
        if (!AZURE_ML.matcher(trimmed).matches()) {
            throw new BadValueException(
                    shown(text) + " is not the MLflow address of a workspace of Azure Machine Learning; allowed:"
                            + " azureml://REGION.api.azureml.ms/mlflow/v1.0/subscriptions/ID/resourceGroups/NAME"
                            + "/providers/Microsoft.MachineLearningServices/workspaces/NAME");
        }
        return uri(trimmed, text);
    }

    /** A query may hold a secret as well as the user information does. */
    private static String shown(String text) {
        return Quoted.shown(QUERY.matcher(Quoted.withoutUserInfo(text)).replaceFirst(""));
    }

    private static String trim(String text) {
        int end = text.length();
        while (end > 0 && text.charAt(end - 1) == '/') {
            end--;
        }
        String trimmed = text.substring(0, end);
        // `databricks://` is MLflow's other way to write the default profile.
        return trimmed.equals("databricks:") || trimmed.equals("databricks-uc:")
                ? trimmed.substring(0, trimmed.length() - 1)
                : trimmed;
    }

    private static boolean looksLikePath(String text) {
        return text.startsWith("/") || text.startsWith(".") || text.startsWith("~") || text.isEmpty();
    }

    private static URI uri(String trimmed, String text) {
        try {
            return new URI(trimmed);
        } catch (URISyntaxException e) {
            // The exception's own message quotes the text, which may hold a password.
            throw new BadValueException(shown(text) + " is not a valid address: a character or the form is wrong"
                    + (text.indexOf('@') >= 0 ? "; write special characters in a user or password as %XX" : "")
                    + ALLOWED);
        }
    }

    private static URI checked(URI uri, String text) {
        if (uri.getHost() == null) {
            String authority = uri.getRawAuthority();
            boolean underscore = authority != null && authority.indexOf('_', authority.lastIndexOf('@') + 1) >= 0;
            throw new BadValueException(shown(text)
                    + (underscore ? " has a host name with `_`, which HTTP does not allow" : " has no host")
                    + ALLOWED);
        }
        if (uri.getPort() > GREATEST_PORT || uri.getPort() == 0) {
            throw new BadValueException(shown(text) + " has a port outside 1 to 65535");
        }
        if (uri.getRawQuery() != null || uri.getRawFragment() != null) {
            throw new BadValueException(shown(text) + " has a query or fragment; give the address without");
        }
        return uri;
    }

    /** Without credentials. */
    @Override
    public String toString() {
        return Quoted.maskUserInfo(uri.toString());
    }
}
