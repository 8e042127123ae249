package io.mlflowexporter.mlflow.rest.auth;

import java.net.URI;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The ARN of an MLflow server of SageMaker. What it means for requests is as in AWS's own plugin for MLflow,
 * {@code sagemaker-mlflow}.
 *
 * @param text as it was written
 */
record SageMakerArn(String text, String region, boolean app) {
    private static final Pattern FORM =
            Pattern.compile("arn:[a-z-]+:sagemaker:([a-z0-9-]+):[0-9]+:(mlflow-tracking-server|mlflow-app)/.+");

    /** Of an address that the configuration has checked. */
    static SageMakerArn of(URI address) {
        Matcher matcher = FORM.matcher(address.toString());
        if (!matcher.matches()) {
            throw new IllegalArgumentException(address + " is no ARN of an MLflow server");
        }
        return new SageMakerArn(
                address.toString(), matcher.group(1), matcher.group(2).equals("mlflow-app"));
    }

    /** Where the API is. */
    URI endpoint() {
        return URI.create(
                app
                        ? "https://mlflow.sagemaker." + region + ".app.aws"
                        : "https://" + region + ".experiments.sagemaker.aws");
    }

    /** The service's name in signatures. */
    String service() {
        return app ? "sagemaker" : "sagemaker-mlflow";
    }

    /** The header that says which server is meant, since an endpoint is for all of a region. */
    RequestAuth.Header header() {
        return new RequestAuth.Header(app ? "x-sm-mlflow-app-arn" : "x-mlflow-sm-tracking-server-arn", text);
    }
}
