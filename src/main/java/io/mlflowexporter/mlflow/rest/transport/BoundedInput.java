package io.mlflowexporter.mlflow.rest.transport;

import io.mlflowexporter.http.BoundedBody.TooLongException;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.http.HttpResponse;
import java.util.zip.GZIPInputStream;

/** Passes on so many bytes at most: what a compressed body unpacks to is bounded as it unpacks. */
public final class BoundedInput extends FilterInputStream {
    private final long limit;
    private long count;

    public BoundedInput(InputStream in, long limit) {
        super(in);
        this.limit = limit;
    }

    /**
     * A body, unpacked as it is read.
     *
     * @throws IOException if it is not gzip although the answer says so
     */
    static BoundedInput unpacked(HttpResponse<?> response, InputStream body, long most) throws IOException {
        String encoding = response.headers().firstValue("content-encoding").orElse("");
        return new BoundedInput(encoding.equalsIgnoreCase("gzip") ? new GZIPInputStream(body) : body, most);
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
            throw new TooLongException(limit);
        }
    }
}
