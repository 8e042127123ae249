/**
 * How requests get to a server and show who sends them: the address behind {@code databricks}, an ARN or
 * {@code azureml://}, credentials and tokens, headers, proxies. Knows nothing of what is asked.
 */
@NullMarked
package io.mlflowexporter.mlflow.rest.auth;

import org.jspecify.annotations.NullMarked;
