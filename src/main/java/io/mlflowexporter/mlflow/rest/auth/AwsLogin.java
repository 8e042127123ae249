package io.mlflowexporter.mlflow.rest.auth;

import io.mlflowexporter.mlflow.MlflowException;
import io.mlflowexporter.mlflow.MlflowException.Kind;
import io.mlflowexporter.text.OneLine;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import software.amazon.awssdk.auth.credentials.AwsCredentials;
import software.amazon.awssdk.auth.credentials.AwsCredentialsProvider;
import software.amazon.awssdk.auth.credentials.DefaultCredentialsProvider;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.sts.StsClient;
import software.amazon.awssdk.services.sts.auth.StsAssumeRoleCredentialsProvider;

/**
 * AWS credentials by the SDK's own chain: system properties, variables, web identity, profiles, containers, instances.
 * The SDK asks on a thread of its own, since nothing else bounds how long it takes. For one thread at a time.
 */
final class AwsLogin {
    /** The SDK holds credentials until they end; it is only asked for them so often. */
    private static final Duration BETWEEN_LOOKS = Duration.ofMinutes(1);

    private static final Duration BETWEEN_FAILURES = Duration.ofSeconds(10);
    private static final String ASSUMED_ROLE = "SAGEMAKER_MLFLOW_ASSUME_ROLE_ARN";

    private final AwsCredentialsProvider provider;
    private final InstantSource clock;
    private Optional<AwsCredentials> held = Optional.empty();
    private Optional<MlflowException> failure = Optional.empty();
    private Instant nextLook = Instant.MIN;

    AwsLogin(AwsCredentialsProvider provider, InstantSource clock) {
        this.provider = provider;
        this.clock = clock;
    }

    /** The chain; with the variable that SageMaker's own plugin reads, as another role. */
    static AwsLogin of(SageMakerArn arn, Map<String, String> environment, Proxies proxies, InstantSource clock) {
        AwsHttpService.install(proxies.to(URI.create("https://sts." + arn.region() + ".amazonaws.com")));
        AwsCredentialsProvider chain = DefaultCredentialsProvider.builder().build();
        String role = environment.getOrDefault(ASSUMED_ROLE, "").strip();
        if (role.isEmpty()) {
            return new AwsLogin(chain, clock);
        }
        StsClient sts = StsClient.builder()
                .region(Region.of(arn.region()))
                .credentialsProvider(chain)
                .build();
        return new AwsLogin(
                StsAssumeRoleCredentialsProvider.builder()
                        .stsClient(sts)
                        .refreshRequest(request -> request.roleArn(role).roleSessionName("mlflow-exporter"))
                        .build(),
                clock);
    }

    /**
     * The credentials as they are now.
     *
     * @throws MlflowException if there are none, with a line for the user
     */
    AwsCredentials credentials(Duration limit) throws MlflowException {
        Instant now = clock.instant();
        // A clock set back does not make the pause long.
        if (now.isBefore(nextLook) && !now.plus(BETWEEN_LOOKS).isBefore(nextLook)) {
            if (failure.isPresent()) {
                throw failure.get();
            }
            return held.orElseThrow();
        }
        try {
            held = Optional.of(asked(limit));
            failure = Optional.empty();
            nextLook = now.plus(BETWEEN_LOOKS);
            return held.get();
        } catch (MlflowException e) {
            if (e.kind() != Kind.INTERRUPTED) {
                failure = Optional.of(e);
                nextLook = now.plus(BETWEEN_FAILURES);
            }
            throw e;
        }
    }

    private AwsCredentials asked(Duration limit) throws MlflowException {
        CompletableFuture<AwsCredentials> answer =
                CompletableFuture.supplyAsync(provider::resolveCredentials, AwsLogin::onOwnThread);
        try {
            return answer.get(limit.toNanos(), TimeUnit.NANOSECONDS);
        } catch (TimeoutException e) {
            throw new MlflowException(
                    Kind.UNREACHABLE,
                    "cannot get AWS credentials: no answer within " + limit.toMillis() / 1000.0
                            + " s; can STS or the instance's metadata be reached?",
                    e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new MlflowException(Kind.INTERRUPTED, "stopped while asking for AWS credentials", e);
        } catch (ExecutionException e) {
            Throwable cause = e.getCause() == null ? e : e.getCause();
            throw new MlflowException(
                    Kind.UNAUTHORIZED,
                    "cannot get AWS credentials; set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, a profile, or a role for"
                            + " the pod or the machine",
                    // What follows names every class of the chain.
                    OneLine.of(String.valueOf(cause.getMessage()).replaceFirst("(?s) in the chain .*", "")),
                    e);
        }
    }

    private static void onOwnThread(Runnable task) {
        Thread thread = new Thread(task, "aws-credentials");
        thread.setDaemon(true);
        thread.start();
    }
}
