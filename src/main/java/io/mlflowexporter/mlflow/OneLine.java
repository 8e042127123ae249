package io.mlflowexporter.mlflow;

/** Makes what a server said fit for a log line. */
public final class OneLine {
    private static final int LONGEST = 200;

    private OneLine() {}

    /** Control characters and line ends become spaces; a long text is cut. */
    public static String of(String text) {
        StringBuilder line = new StringBuilder(Math.min(text.length(), LONGEST) + 1);
        text.codePoints().limit(LONGEST).forEach(c -> {
            int type = Character.getType(c);
            boolean unprintable = type == Character.CONTROL
                    || type == Character.FORMAT
                    || type == Character.SURROGATE
                    || type == Character.LINE_SEPARATOR
                    || type == Character.PARAGRAPH_SEPARATOR;
            line.appendCodePoint(unprintable ? ' ' : c);
        });
        if (text.codePointCount(0, text.length()) > LONGEST) {
            line.append('…');
        }
        return line.toString().strip();
    }
}
