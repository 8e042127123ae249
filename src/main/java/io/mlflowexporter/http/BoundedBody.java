package io.mlflowexporter.http;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.http.HttpResponse.BodySubscriber;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Flow.Subscription;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Collects a body and gives up on one that is too long. */
public final class BoundedBody<T> implements BodySubscriber<T> {
    /** The body, or what it came to after decompression, is longer than allowed. */
    public static final class TooLongException extends IOException {
        private static final long serialVersionUID = 1L;

        public TooLongException(long longest) {
            super("its answer is longer than " + longest + " bytes");
        }
    }

    private final long longest;
    private final Consumer<ByteBuffer> pieces;
    private final Supplier<T> whole;
    private final CompletableFuture<T> result = new CompletableFuture<>();
    private @Nullable Subscription subscription;
    private long length;

    /**
     * Sets out to collect.
     *
     * @param longest in bytes
     * @param pieces takes what comes, and keeps no buffer
     * @param whole what all of them are
     */
    public BoundedBody(long longest, Consumer<ByteBuffer> pieces, Supplier<T> whole) {
        this.longest = longest;
        this.pieces = pieces;
        this.whole = whole;
    }

    /** Collects bytes. */
    public static BoundedBody<byte[]> ofBytes(long longest) {
        ByteArrayOutputStream body = new ByteArrayOutputStream();
        return new BoundedBody<>(
                longest,
                buffer -> {
                    byte[] bytes = new byte[buffer.remaining()];
                    buffer.get(bytes);
                    body.writeBytes(bytes);
                },
                body::toByteArray);
    }

    @Override
    public CompletionStage<T> getBody() {
        return result;
    }

    @Override
    public void onSubscribe(Subscription given) {
        subscription = given;
        given.request(Long.MAX_VALUE);
    }

    @Override
    public void onNext(List<ByteBuffer> buffers) {
        for (ByteBuffer buffer : buffers) {
            if (result.isDone()) {
                return;
            }
            length += buffer.remaining();
            if (length > longest) {
                if (subscription != null) {
                    subscription.cancel();
                }
                result.completeExceptionally(new TooLongException(longest));
                return;
            }
            pieces.accept(buffer);
        }
    }

    @Override
    public void onError(Throwable failure) {
        result.completeExceptionally(failure);
    }

    @Override
    public void onComplete() {
        result.complete(whole.get());
    }
}
