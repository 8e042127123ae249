package io.mlflowexporter.mlflow.rest.auth;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.mlflowexporter.mlflow.MlflowException;
import io.mlflowexporter.mlflow.MlflowException.Kind;
import io.mlflowexporter.mlflow.rest.auth.RequestAuth.Outgoing;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.AwsCredentialsProvider;
import software.amazon.awssdk.auth.credentials.AwsSessionCredentials;
import software.amazon.awssdk.core.exception.SdkClientException;

/** Requests are signed as AWS's own plugin for MLflow signs them: the vectors are botocore's ({@code sigv4_vectors.py}). */
final class SigV4Test {
    private static final String KEY = "AKIDEXAMPLE";
    private static final String SECRET = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";
    private static final Duration LIMIT = Duration.ofSeconds(30);
    private static final SageMakerArn ARN =
            SageMakerArn.of(URI.create("arn:aws:sagemaker:eu-central-1:111122223333:mlflow-tracking-server/a"));

    static Stream<JsonNode> vectors() throws IOException {
        try (InputStream in = SigV4Test.class.getResourceAsStream("sigv4.json")) {
            return StreamSupport.stream(new JsonMapper().readTree(in).spliterator(), false);
        }
    }

    @ParameterizedTest
    @MethodSource("vectors")
    void signaturesAreBotocores(JsonNode vector) throws Exception {
        SageMakerArn arn = SageMakerArn.of(URI.create(vector.path("arn").asText()));
        String token = vector.path("token").asText();
        AwsCredentialsProvider provider = () -> token.isEmpty()
                ? AwsBasicCredentials.create(KEY, SECRET)
                : AwsSessionCredentials.create(KEY, SECRET, token);
        Instant now = Instant.parse(vector.path("time").asText());
        SageMakerAuth auth = new SageMakerAuth(arn, new AwsLogin(provider, () -> now), Map.of(), () -> now);
        String body = vector.path("body").asText();
        Map<String, String> headers = new HashMap<>(Map.of("Accept", "application/json", "User-Agent", "x"));
        if (!body.isEmpty()) {
            headers.put("Content-Type", "application/json");
        }

        Map<String, String> sent = new HashMap<>();
        auth.headers(
                        new Outgoing(
                                vector.path("method").asText(),
                                URI.create(vector.path("uri").asText()),
                                body,
                                headers),
                        LIMIT)
                .forEach(header -> sent.put(header.name().toLowerCase(Locale.ROOT), header.value()));

        Map<String, String> expected = new HashMap<>();
        vector.path("signed")
                .properties()
                .forEach(field -> expected.put(field.getKey(), field.getValue().asText()));
        expected.put(arn.header().name(), arn.text());
        assertThat(sent).isEqualTo(expected);
    }

    private static void headers(AtomicReference<Instant> now, AwsLogin login) throws MlflowException {
        new SageMakerAuth(ARN, login, Map.of(), now::get)
                .headers(new Outgoing("GET", URI.create("https://x.example/version"), "", Map.of()), LIMIT);
    }

    @Test
    void absentCredentialsAreToldAndAskedForAgain() throws Exception {
        AtomicReference<Instant> now = new AtomicReference<>(Instant.parse("2026-03-01T12:00:00Z"));
        AtomicInteger asked = new AtomicInteger();
        AwsCredentialsProvider provider = () -> {
            if (asked.incrementAndGet() == 1) {
                throw SdkClientException.create("Unable to load credentials\nfrom any of the providers");
            }
            return AwsBasicCredentials.create(KEY, SECRET);
        };
        AwsLogin login = new AwsLogin(provider, now::get);

        for (int i = 0; i < 2; i++) {
            assertThatThrownBy(() -> headers(now, login))
                    .isInstanceOfSatisfying(
                            MlflowException.class, e -> assertThat(e.kind()).isEqualTo(Kind.UNAUTHORIZED))
                    .hasMessage(
                            "cannot get AWS credentials; set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, a profile,"
                                    + " or a role for the pod or the machine (Unable to load credentials from any of the"
                                    + " providers)");
        }
        assertThat(asked).hasValue(1);

        now.set(now.get().plusSeconds(10));
        headers(now, login);
        headers(now, login);
        now.set(now.get().plusSeconds(60));
        headers(now, login);
        assertThat(asked).hasValue(3);
    }

    @Test
    void slowCredentialsDoNotHoldUpAReading() {
        CountDownLatch never = new CountDownLatch(1);
        AwsCredentialsProvider provider = () -> {
            try {
                never.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
            return AwsBasicCredentials.create(KEY, SECRET);
        };
        AwsLogin login = new AwsLogin(provider, Instant::now);
        assertThatThrownBy(() -> login.credentials(Duration.ofMillis(20)))
                .hasMessageStartingWith("cannot get AWS credentials: no answer within 0.02 s");
        never.countDown();
    }
}
