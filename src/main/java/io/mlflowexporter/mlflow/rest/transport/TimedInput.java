package io.mlflowexporter.mlflow.rest.transport;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.http.HttpTimeoutException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/** Ends when its time is over, also while a read waits for a server that sends nothing or little. */
final class TimedInput extends FilterInputStream {
    private final Duration limit;
    private volatile boolean over;

    TimedInput(InputStream in, Duration limit) {
        super(in);
        this.limit = limit;
        CompletableFuture.delayedExecutor(limit.toNanos(), TimeUnit.NANOSECONDS).execute(this::end);
    }

    private void end() {
        over = true;
        try {
            in.close();
        } catch (IOException e) {
            // It is given up anyway.
        }
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] buffer, int offset, int length) throws IOException {
        try {
            return super.read(buffer, offset, length);
        } catch (IOException e) {
            if (over) {
                throw new HttpTimeoutException("no whole answer within " + limit.toMillis() / 1000.0 + " s");
            }
            throw e;
        }
    }
}
