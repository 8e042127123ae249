package io.mlflowexporter.checkpoint;

import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Texts of any length and any characters, exactly; those that recur are written once. */
public final class Texts {
    /** {@link DataOutput#writeUTF} takes 65,535 bytes, and a character may need three. */
    private static final int PART = 20_000;

    private static final int NEW = -1;

    private Texts() {}

    /** Writes one text. */
    public static void write(DataOutput out, String text) throws IOException {
        int from = 0;
        do {
            int to = Math.min(text.length(), from + PART);
            out.writeUTF(text.substring(from, to));
            from = to;
            out.writeBoolean(from < text.length());
        } while (from < text.length());
    }

    /** Reads one text. */
    public static String read(DataInput in) throws IOException {
        String text = in.readUTF();
        if (!in.readBoolean()) {
            return text;
        }
        StringBuilder whole = new StringBuilder(text);
        boolean more = true;
        while (more) {
            whole.append(in.readUTF());
            more = in.readBoolean();
        }
        return whole.toString();
    }

    /** A number of things that follow, which cannot be negative. */
    public static int count(DataInput in) throws IOException {
        int count = in.readInt();
        if (count < 0) {
            throw new IOException("a negative count: " + count);
        }
        return count;
    }

    /** Writes texts that recur. */
    public static final class Writer {
        private final DataOutput out;
        private final Map<String, Integer> known = new HashMap<>();

        public Writer(DataOutput out) {
            this.out = out;
        }

        /** Writes a text, or where it stood before. */
        public void write(String text) throws IOException {
            Integer index = known.putIfAbsent(text, known.size());
            out.writeInt(index == null ? NEW : index);
            if (index == null) {
                Texts.write(out, text);
            }
        }

        /** Writes a number of texts. */
        public void write(Collection<String> texts) throws IOException {
            out.writeInt(texts.size());
            for (String text : texts) {
                write(text);
            }
        }
    }

    /** Reads what a {@link Writer} wrote; equal texts are one object. */
    public static final class Reader {
        private final DataInput in;
        private final List<String> known = new ArrayList<>();

        public Reader(DataInput in) {
            this.in = in;
        }

        /** Reads a text. */
        public String read() throws IOException {
            int index = in.readInt();
            if (index >= known.size() || index < NEW) {
                throw new IOException("no text " + index);
            }
            if (index != NEW) {
                return known.get(index);
            }
            String text = Texts.read(in);
            known.add(text);
            return text;
        }

        /** Reads a number of texts. */
        public List<String> list() throws IOException {
            List<String> texts = new ArrayList<>();
            for (int left = count(in); left > 0; left--) {
                texts.add(read());
            }
            return List.copyOf(texts);
        }
    }
}
