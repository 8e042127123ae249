package io.mlflowexporter.exposition.gzip;

import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;

/** What deflated pieces stand for, unpacked a buffer at a time as it is written, so that no plain body is ever held whole. */
public final class Inflated implements Iterable<byte[]> {
    private static final int BUFFER = 64 * 1024;

    private final List<BodyPiece> pieces;

    public Inflated(List<BodyPiece> pieces) {
        this.pieces = List.copyOf(pieces);
    }

    public long length() {
        return pieces.stream().mapToLong(BodyPiece::plainLength).sum();
    }

    @Override
    public Iterator<byte[]> iterator() {
        return new Unpacking(pieces.iterator());
    }

    /** One inflater goes from piece to piece. One that is given up before the end is ended with this object. */
    private static final class Unpacking implements Iterator<byte[]> {
        private final Iterator<BodyPiece> pieces;
        private final Inflater inflater = new Inflater(true);
        private Iterator<byte[]> packed = List.<byte[]>of().iterator();
        private long left;

        private Unpacking(Iterator<BodyPiece> pieces) {
            this.pieces = pieces;
            advance();
        }

        private void advance() {
            while (left == 0 && pieces.hasNext()) {
                BodyPiece piece = pieces.next();
                packed = piece.segments().iterator();
                left = piece.plainLength();
                inflater.reset();
            }
            if (left == 0) {
                inflater.end();
            }
        }

        @Override
        public boolean hasNext() {
            return left > 0;
        }

        @Override
        public byte[] next() {
            if (left == 0) {
                throw new NoSuchElementException();
            }
            byte[] plain = new byte[(int) Math.min(left, BUFFER)];
            int length = 0;
            try {
                while (length < plain.length) {
                    int more = inflater.inflate(plain, length, plain.length - length);
                    if (more == 0) {
                        inflater.setInput(packed.next());
                    }
                    length += more;
                }
            } catch (DataFormatException e) {
                throw new IllegalStateException("a piece that was deflated here", e);
            }
            left -= length;
            advance();
            return plain;
        }
    }
}
