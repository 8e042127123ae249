package io.mlflowexporter.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.ConnectException;
import java.util.concurrent.ExecutionException;
import org.junit.jupiter.api.Test;

final class BoundedExchangeTest {
    @Test
    void theReasonIsNotHiddenBehindARetryThatIsNotMade() {
        ConnectException refused = new ConnectException("Connection refused");
        IOException hidden = new IOException("Too many retries", refused);

        assertThat(BoundedExchange.rootCause(new ExecutionException(hidden))).isSameAs(refused);
        assertThat(BoundedExchange.rootCause(new ExecutionException(refused))).isSameAs(refused);
    }
}
