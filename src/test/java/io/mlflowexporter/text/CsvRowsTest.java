package io.mlflowexporter.text;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.MappingIterator;
import com.fasterxml.jackson.dataformat.csv.CsvMapper;
import com.fasterxml.jackson.dataformat.csv.CsvParser;
import java.io.IOException;
import java.io.StringWriter;
import java.math.BigDecimal;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

/** What spreadsheets are given. */
final class CsvRowsTest {
    private static String row(Object... cells) throws IOException {
        StringWriter out = new StringWriter();
        CsvRows rows = new CsvRows(out);
        rows.row(List.of(cells));
        rows.flush();
        return out.toString();
    }

    @Test
    void whatWouldBeAFormulaIsText() throws Exception {
        assertThat(row("=1+1")).isEqualTo("'=1+1\r\n");
        assertThat(row("@a,\"b\"")).isEqualTo("\"'@a,\"\"b\"\"\"\r\n");
        assertThat(row("-5", "+5", "\t=1")).isEqualTo("'-5,'+5,'\t'=1\r\n");
        assertThat(row("x;=HYPERLINK(\"http://evil.example\")"))
                .isEqualTo("\"x;'=HYPERLINK(\"\"http://evil.example\"\")\"\r\n");
        assertThat(row("a\n＝1+1", "＠sum")).isEqualTo("\"a\n'＝1+1\",'＠sum\r\n");
    }

    @Test
    void otherTextsAndNumbersStandAsTheyAre() throws Exception {
        assertThat(row("a-b", "", "x".repeat(40), "naïve run")).isEqualTo("a-b,," + "x".repeat(40) + ",naïve run\r\n");
        assertThat(row(new BigDecimal("-5.50"), new BigDecimal("1e3"), BigDecimal.ZERO))
                .isEqualTo("-5.5,1000,0\r\n");
    }

    @Property
    void cellsAreReadAsTheyWereWritten(@ForAll @Size(min = 2, max = 5) List<String> cells) throws IOException {
        try (MappingIterator<String[]> read = new CsvMapper()
                .readerFor(String[].class)
                .with(CsvParser.Feature.WRAP_AS_ARRAY)
                .readValues(row(cells.toArray()))) {
            String[] back = read.next();
            assertThat(back).hasSize(cells.size());
            for (int i = 0; i < back.length; i++) {
                assertThat(back[i].replace("'", "")).isEqualTo(cells.get(i).replace("'", ""));
                assertThat(back[i]).doesNotStartWith("=").doesNotStartWith("@");
            }
            assertThat(read.hasNext()).isFalse();
        }
    }
}
