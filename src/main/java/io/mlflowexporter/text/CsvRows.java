package io.mlflowexporter.text;

import com.fasterxml.jackson.databind.SequenceWriter;
import com.fasterxml.jackson.dataformat.csv.CsvGenerator;
import com.fasterxml.jackson.dataformat.csv.CsvMapper;
import com.fasterxml.jackson.dataformat.csv.CsvSchema;
import java.io.IOException;
import java.io.Writer;
import java.math.BigDecimal;
import java.util.List;
import java.util.regex.Pattern;

/**
 * Rows as RFC 4180 has them, for spreadsheets. A text is whatever somebody called a run: one that a spreadsheet would take
 * for a formula, quotes or not, begins with an apostrophe, which makes it a text. A number may begin with a minus.
 */
public final class CsvRows {
    /** Also after a semicolon, which ends a cell where a comma is the decimal sign, and in full width. */
    private static final Pattern FORMULA = Pattern.compile("(?<![^;\\t\\r\\n])(?=[=+\\-@\\t\\r＝＋－＠])");

    private static final CsvMapper CSV = CsvMapper.builder()
            .enable(CsvGenerator.Feature.STRICT_CHECK_FOR_QUOTING)
            .build();
    private static final CsvSchema SCHEMA = CsvSchema.emptySchema().withLineSeparator("\r\n");

    private final SequenceWriter rows;

    /** Writes to a writer that its owner closes. */
    public CsvRows(Writer out) throws IOException {
        rows = CSV.writerFor(String[].class).with(SCHEMA).writeValues(out);
    }

    /** Writes a row of texts and {@link BigDecimal}s. */
    public void row(List<?> cells) throws IOException {
        rows.write(cells.stream().map(CsvRows::cell).toArray(String[]::new));
    }

    private static String cell(Object value) {
        return value instanceof BigDecimal number
                ? number.stripTrailingZeros().toPlainString()
                : FORMULA.matcher(value.toString()).replaceAll("'");
    }

    public void flush() throws IOException {
        rows.flush();
    }
}
