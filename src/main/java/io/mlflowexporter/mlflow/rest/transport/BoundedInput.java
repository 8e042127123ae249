package io.mlflowexporter.mlflow.rest.transport;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;

/** Passes on so many bytes at most: what a compressed body unpacks to is bounded as it unpacks. */
public final class BoundedInput extends FilterInputStream {
    private final long limit;
    private long count;

    public BoundedInput(InputStream in, long limit) {
        super(in);
        this.limit = limit;
    }

    @Override
    public int read() throws IOException {
        int b = super.read();
        if (b >= 0) {
            counted(1);
        }
        return b;
    }

    @Override
    public int read(byte[] buffer, int offset, int length) throws IOException {
        int n = super.read(buffer, offset, length);
        if (n > 0) {
            counted(n);
        }
        return n;
    }

    /** How many were passed on. */
    public long count() {
        return count;
    }

    private void counted(int n) throws IOException {
        count += n;
        if (count > limit) {
            throw new BoundedBody.TooLongException(limit);
        }
    }
}
