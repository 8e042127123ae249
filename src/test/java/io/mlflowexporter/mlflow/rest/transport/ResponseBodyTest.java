package io.mlflowexporter.mlflow.rest.transport;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.mlflowexporter.http.BoundedBody;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Flow.Subscription;
import org.junit.jupiter.api.Test;

/** A body that comes in pieces and is read in others. */
final class ResponseBodyTest {
    private static final Subscription ANY = new Subscription() {
        @Override
        public void request(long n) {}

        @Override
        public void cancel() {}
    };

    @Test
    void whatIsWrittenIsRead() throws IOException {
        Random random = new Random(1);
        for (int length : new int[] {0, 1, 16_383, 16_384, 16_385, 100_000}) {
            byte[] bytes = new byte[length];
            random.nextBytes(bytes);
            ResponseBody body = new ResponseBody();
            for (int from = 0; from < length; ) {
                int n = Math.min(length - from, random.nextInt(20_000));
                body.write(ByteBuffer.wrap(bytes, from, n).asReadOnlyBuffer());
                from += n;
            }

            assertThat(body.length()).isEqualTo(length);
            ByteArrayOutputStream read = new ByteArrayOutputStream();
            byte[] some = new byte[8_000];
            for (int n = body.read(some); n >= 0; n = body.read(some)) {
                read.write(some, 0, n);
                int one = body.read();
                if (one >= 0) {
                    read.write(one);
                }
            }
            assertThat(read.toByteArray()).isEqualTo(bytes);
            assertThat(body.available()).isZero();
        }
    }

    @Test
    void oneByteMoreThanTheLimitIsTooLong() throws Exception {
        assertThat(collected(100, 60, 40).length()).isEqualTo(100);

        assertThatThrownBy(() -> collected(100, 60, 41))
                .isInstanceOf(ExecutionException.class)
                .cause()
                .isInstanceOf(BoundedBody.TooLongException.class)
                .hasMessage("its answer is longer than 100 bytes");
    }

    private static ResponseBody collected(long limit, int... pieces) throws Exception {
        ResponseBody body = new ResponseBody();
        BoundedBody<ResponseBody> collector = new BoundedBody<>(limit, body::write, () -> body);
        collector.onSubscribe(ANY);
        for (int piece : pieces) {
            collector.onNext(List.of(ByteBuffer.allocate(piece)));
        }
        collector.onComplete();
        return collector.getBody().toCompletableFuture().get();
    }
}
