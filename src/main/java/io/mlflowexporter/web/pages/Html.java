package io.mlflowexporter.web.pages;

import io.mlflowexporter.text.OneLine;
import java.util.List;
import java.util.Locale;

/** Writes HTML. All text is escaped; markup is what the program itself wrote. */
final class Html {
    private static final int LONGEST_TEXT = 300;
    private static final int LONGEST_VALUE = 600;

    private final StringBuilder out = new StringBuilder(16 << 10);

    /** Markup, as it stands. */
    Html raw(String markup) {
        out.append(markup);
        return this;
    }

    /** Anyone's text: escaped, on one line, cut where it is long, and kept from turning the text around it. */
    Html text(String any) {
        out.append("<bdi>");
        escaped(OneLine.of(any, LONGEST_TEXT));
        out.append("</bdi>");
        return this;
    }

    /**
     * What something is called in MLflow.
     *
     * @param workspace empty where the server has none
     */
    Html name(String workspace, String name) {
        return name(workspace, name, "");
    }

    /**
     * What something is called that is part of something else.
     *
     * @param workspace empty where the server has none
     * @param part empty for the whole
     */
    Html name(String workspace, String name, String part) {
        raw("<span class=\"name\">");
        if (!workspace.isEmpty()) {
            text(workspace).raw(" / ");
        }
        text(name);
        if (!part.isEmpty()) {
            raw(" / ").text(part);
        }
        return raw("</span>");
    }

    /** Anyone's text as the value of an attribute, with its quotes; what is not seen stays, as a form sends it back. */
    Html value(String any) {
        out.append('"');
        escaped(any.substring(
                0, any.offsetByCodePoints(0, Math.min(LONGEST_VALUE, any.codePointCount(0, any.length())))));
        out.append('"');
        return this;
    }

    /** Anyone's text where no element may stand, as in an option. */
    Html plain(String any) {
        escaped(OneLine.of(any, LONGEST_VALUE));
        return this;
    }

    private void escaped(String any) {
        any.codePoints().forEach(c -> {
            switch (c) {
                case '<' -> out.append("&lt;");
                case '>' -> out.append("&gt;");
                case '&' -> out.append("&amp;");
                case '"' -> out.append("&quot;");
                case '\'' -> out.append("&#39;");
                default -> out.appendCodePoint(Character.isISOControl(c) ? ' ' : c);
            }
        });
    }

    /**
     * Begins a table, to where its rows begin.
     *
     * @param style a class of the style sheet; empty for a plain table
     * @param columns their names; those of numbers begin with {@code #}
     */
    Html table(String style, List<String> columns) {
        out.append(style.isEmpty() ? "<table>" : "<table class=\"" + style + "\">")
                .append("<thead><tr>");
        for (String column : columns) {
            boolean numbers = column.startsWith("#");
            out.append(numbers ? "<th scope=\"col\" class=\"n\">" : "<th scope=\"col\">");
            plain(numbers ? column.substring(1) : column).raw("</th>");
        }
        return raw("</tr></thead><tbody>");
    }

    Html table(String... columns) {
        return table("", List.of(columns));
    }

    /** With separators between the thousands. */
    static String grouped(long value) {
        return String.format(Locale.ROOT, "%,d", value);
    }

    Html number(long value) {
        out.append(grouped(value));
        return this;
    }

    Html number(double value) {
        out.append(String.format(Locale.ROOT, "%,.1f", value));
        return this;
    }

    @Override
    public String toString() {
        return out.toString();
    }
}
