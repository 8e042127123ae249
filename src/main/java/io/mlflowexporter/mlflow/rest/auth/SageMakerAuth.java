package io.mlflowexporter.mlflow.rest.auth;

import io.mlflowexporter.mlflow.MlflowException;
import io.mlflowexporter.mlflow.connection.HttpHeader;
import java.time.Clock;
import java.time.Duration;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import software.amazon.awssdk.auth.credentials.AwsCredentials;
import software.amazon.awssdk.http.ContentStreamProvider;
import software.amazon.awssdk.http.SdkHttpMethod;
import software.amazon.awssdk.http.SdkHttpRequest;
import software.amazon.awssdk.http.auth.aws.signer.AwsV4HttpSigner;
import software.amazon.awssdk.http.auth.spi.signer.HttpSigner;

/**
 * Signs requests (Signature Version 4) with the AWS SDK's signer. Signed are what is asked, the host, the server's ARN and
 * the type of the content; nothing that a proxy on the way may change.
 */
final class SageMakerAuth implements RequestAuth {
    private static final Set<String> SIGNED = Set.of("content-type");
    /** The client sends it by itself, of the same address. */
    private static final String HOST = "host";

    private final SageMakerArn arn;
    private final AwsLogin login;
    private final Map<String, HttpHeader> more;
    private final Clock clock;
    private final AwsV4HttpSigner signer = AwsV4HttpSigner.create();

    SageMakerAuth(SageMakerArn arn, AwsLogin login, Map<String, HttpHeader> more, InstantSource clock) {
        this.arn = arn;
        this.login = login;
        this.more = more;
        this.clock = clock.withZone(ZoneOffset.UTC);
    }

    @Override
    public List<Header> headers(Outgoing request, Duration limit) throws MlflowException {
        AwsCredentials credentials = login.credentials(limit);
        SdkHttpRequest.Builder unsigned = SdkHttpRequest.builder()
                .method(SdkHttpMethod.fromValue(request.method()))
                .uri(request.uri())
                .putHeader(arn.header().name(), arn.header().value());
        request.headers().forEach((name, value) -> {
            if (SIGNED.contains(name.toLowerCase(Locale.ROOT))) {
                unsigned.putHeader(name, value);
            }
        });
        Map<String, List<String>> signed = signer.sign(sign -> sign.identity(credentials)
                        .request(unsigned.build())
                        .payload(ContentStreamProvider.fromUtf8String(request.body()))
                        .putProperty(AwsV4HttpSigner.SERVICE_SIGNING_NAME, arn.service())
                        .putProperty(AwsV4HttpSigner.REGION_NAME, arn.region())
                        .putProperty(HttpSigner.SIGNING_CLOCK, clock))
                .request()
                .headers();
        List<Header> headers = new ArrayList<>(ConfiguredAuth.configured(more));
        signed.forEach((name, values) -> {
            if (!name.equalsIgnoreCase(HOST) && !SIGNED.contains(name.toLowerCase(Locale.ROOT))) {
                values.forEach(value -> headers.add(new Header(name, value)));
            }
        });
        return headers;
    }
}
