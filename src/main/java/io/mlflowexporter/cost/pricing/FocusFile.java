package io.mlflowexporter.cost.pricing;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.dataformat.csv.CsvMapper;
import com.fasterxml.jackson.dataformat.csv.CsvParser;
import io.mlflowexporter.cost.pricing.FocusSeries.Charge;
import io.mlflowexporter.cost.pricing.Resource.Focus;
import io.mlflowexporter.settings.FileChecks;
import io.mlflowexporter.settings.Origin;
import io.mlflowexporter.settings.Problems;
import io.mlflowexporter.settings.value.BadValueException;
import io.mlflowexporter.settings.value.ByteSize;
import io.mlflowexporter.settings.value.Quoted;
import java.io.BufferedInputStream;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.math.BigDecimal;
import java.math.MathContext;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.Currency;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.zip.GZIPInputStream;
import java.util.zip.ZipException;

/**
 * Reads a CSV file with the columns of FOCUS 1.0 and later, the FinOps Open Cost and Usage Specification
 * (https://focus.finops.org). Rows of other SKUs are passed over, as are taxes, purchases, credits, corrections and
 * rows without a price: only what was charged by use has a price per hour.
 */
final class FocusFile {
    /** After decompression; cost exports of a whole company are cut down to some SKUs before they come here. */
    static final long LARGEST_BYTES = 64L << 20;

    private static final int MOST_PROBLEMS = 20;
    private static final int GZIP_FIRST = 0x1f;
    private static final int GZIP_SECOND = 0x8b;
    /** FOCUS says Hours; providers also write it their own way, and with the number of them that has the price. */
    private static final Pattern HOURS = Pattern.compile("(?:([1-9][0-9]{0,6}) ?)?(?:h|hr|hrs|hour|hours)");

    private static final Pattern NUMBER = Pattern.compile("-?[0-9]{1,18}(\\.[0-9]{1,18})?");

    private final Path file;
    private final List<FocusSeries> series;
    private final Problems problems;
    private final Map<String, Integer> columns = new LinkedHashMap<>();
    private int told;

    private FocusFile(Path file, List<FocusSeries> series, Problems problems) {
        this.file = file;
        this.series = series;
        this.problems = problems;
    }

    /** Adds the file's charges to each series that wants them. */
    static void read(Path file, List<FocusSeries> series, Problems problems) {
        int before = problems.errorCount();
        new FocusFile(file, series, problems).read();
        if (problems.errorCount() > before) {
            series.forEach(FocusSeries::failed);
        }
    }

    private void read() {
        if (Files.isDirectory(file)) {
            error(0, "is a directory, not a file");
            return;
        }
        if (FileChecks.neverFile(file)) {
            error(0, FileChecks.NOT_REGULAR.strip());
            return;
        }
        try (InputStream in = new Bounded(decompressed(new BufferedInputStream(Files.newInputStream(file))));
                CsvParser rows = new CsvMapper().getFactory().createParser(in)) {
            rows.enable(CsvParser.Feature.WRAP_AS_ARRAY);
            rows.enable(CsvParser.Feature.SKIP_EMPTY_LINES);
            rows(rows);
        } catch (NoSuchFileException e) {
            error(0, "no such file");
        } catch (AccessDeniedException e) {
            error(0, "cannot be read: permission denied");
        } catch (TooLargeException e) {
            error(0, "is larger than " + new ByteSize(LARGEST_BYTES) + "; cut it down to the rows of the SKUs needed");
        } catch (ZipException e) {
            error(0, "is not valid gzip");
        } catch (JsonProcessingException e) {
            int line = e.getLocation() == null ? 0 : e.getLocation().getLineNr();
            error(Math.max(0, line), "is not valid CSV here; is a quote never closed?");
        } catch (IOException e) {
            error(0, "cannot be read: " + e.getMessage());
        }
    }

    /** Known by its first bytes: the name says what a file should be. */
    private static InputStream decompressed(BufferedInputStream in) throws IOException {
        in.mark(2);
        boolean gzip = in.read() == GZIP_FIRST && in.read() == GZIP_SECOND;
        in.reset();
        return gzip ? new GZIPInputStream(in) : in;
    }

    private void rows(CsvParser rows) throws IOException {
        rows.nextToken();
        boolean header = true;
        while (rows.nextToken() == JsonToken.START_ARRAY && told < MOST_PROBLEMS) {
            List<String> row = new ArrayList<>();
            int line = 0;
            while (rows.nextToken() != JsonToken.END_ARRAY) {
                line = line == 0 ? rows.currentTokenLocation().getLineNr() : line;
                row.add(rows.getText());
            }
            if (!header) {
                row(row, line);
            } else if (header(row, line)) {
                header = false;
            } else {
                return;
            }
        }
        if (header) {
            error(0, "is empty");
        } else if (told >= MOST_PROBLEMS) {
            error(0, "has more problems; the rest of it was not read");
        }
    }

    private boolean header(List<String> names, int line) {
        for (int i = 0; i < names.size(); i++) {
            columns.putIfAbsent(names.get(i).strip(), i);
        }
        List<String> needed = new ArrayList<>(
                List.of("SkuId", "PricingUnit", "BillingCurrency", "ChargePeriodStart", "ChargePeriodEnd"));
        for (FocusSeries wanted : series) {
            needed.add(column(wanted.focus()));
            wanted.focus().skuPriceId().ifPresent(id -> needed.add("SkuPriceId"));
            wanted.focus().regionId().ifPresent(id -> needed.add("RegionId"));
        }
        List<String> missing = needed.stream()
                .distinct()
                .filter(name -> !columns.containsKey(name))
                .toList();
        if (!missing.isEmpty()) {
            error(line, "has no column " + String.join(", ", missing) + "; FOCUS writes the names just so");
        }
        return missing.isEmpty();
    }

    private static String column(Focus focus) {
        return focus.column() == Focus.Column.LIST_UNIT_PRICE ? "ListUnitPrice" : "ContractedUnitPrice";
    }

    private void row(List<String> row, int line) {
        for (FocusSeries wanted : series) {
            Focus focus = wanted.focus();
            if (!cell(row, "SkuId").equals(focus.skuId())
                    || !focus.skuPriceId().map(cell(row, "SkuPriceId")::equals).orElse(true)
                    || !focus.regionId().map(cell(row, "RegionId")::equals).orElse(true)) {
                continue;
            }
            wanted.seen();
            if (isUse(row) && !isNull(cell(row, column(focus)))) {
                try {
                    wanted.add(charge(row, column(focus)), line);
                } catch (BadValueException e) {
                    error(line, e.getMessage());
                }
            }
        }
    }

    private boolean isUse(List<String> row) {
        String category = cell(row, "ChargeCategory");
        return (isNull(category) || category.equals("Usage"))
                && !cell(row, "ChargeClass").equals("Correction");
    }

    private static boolean isNull(String cell) {
        return cell.isEmpty() || cell.equalsIgnoreCase("null");
    }

    private Charge charge(List<String> row, String priceColumn) {
        Matcher unit = HOURS.matcher(cell(row, "PricingUnit").toLowerCase(Locale.ROOT));
        if (!unit.matches()) {
            throw new BadValueException("PricingUnit: " + Quoted.shown(cell(row, "PricingUnit"))
                    + " is not hours; only what is priced by the hour can be used");
        }
        BigDecimal price = price(priceColumn, cell(row, priceColumn));
        String code = cell(row, "BillingCurrency");
        Currency currency = Currency.getAvailableCurrencies().stream()
                .filter(known -> known.getCurrencyCode().equals(code))
                .findFirst()
                .orElseThrow(() -> new BadValueException(
                        "BillingCurrency: " + Quoted.shown(code) + " is no currency of ISO 4217"));
        Instant start = instant("ChargePeriodStart", cell(row, "ChargePeriodStart"));
        Instant end = instant("ChargePeriodEnd", cell(row, "ChargePeriodEnd"));
        if (!end.isAfter(start)) {
            throw new BadValueException("ChargePeriodEnd: is not after ChargePeriodStart");
        }
        BigDecimal perHour = Optional.ofNullable(unit.group(1))
                .map(hours -> price.divide(new BigDecimal(hours), MathContext.DECIMAL64))
                .orElse(price);
        return new Charge(start, end, perHour.signum() == 0 ? BigDecimal.ZERO : perHour.stripTrailingZeros(), currency);
    }

    private static BigDecimal price(String column, String text) {
        if (!NUMBER.matcher(text).matches()) {
            throw new BadValueException(
                    column + ": " + Quoted.shown(text) + " is not a number; FOCUS allows digits and one point");
        }
        BigDecimal price = new BigDecimal(text);
        if (price.signum() < 0) {
            throw new BadValueException(column + ": " + Quoted.shown(text) + " is negative");
        }
        return price;
    }

    /** ISO 8601 with an offset as FOCUS asks, and as BigQuery writes it into CSV, {@code 2026-01-31 12:00:00 UTC}. */
    private static Instant instant(String column, String text) {
        try {
            String iso =
                    text.endsWith(" UTC") ? text.substring(0, text.length() - 4).replace(' ', 'T') + "Z" : text;
            return OffsetDateTime.parse(iso).toInstant();
        } catch (DateTimeException e) {
            throw new BadValueException(
                    column + ": " + Quoted.shown(text) + " is not a time; FOCUS writes such as 2026-01-31T12:00:00Z");
        }
    }

    private String cell(List<String> row, String column) {
        Integer index = columns.get(column);
        return index == null || index >= row.size() ? "" : row.get(index).strip();
    }

    private void error(int line, String message) {
        told++;
        problems.error(Origin.file(file.toString(), line), "", message);
    }

    private static final class TooLargeException extends IOException {
        private static final long serialVersionUID = 1;
    }

    /** Ends with an exception where a file is too large, however small it was before decompression. */
    private static final class Bounded extends FilterInputStream {
        private long left = LARGEST_BYTES;

        Bounded(InputStream in) {
            super(in);
        }

        @Override
        public int read() throws IOException {
            int read = super.read();
            count(read < 0 ? 0 : 1);
            return read;
        }

        @Override
        public int read(byte[] buffer, int offset, int length) throws IOException {
            int read = super.read(buffer, offset, length);
            count(Math.max(0, read));
            return read;
        }

        private void count(int bytes) throws TooLargeException {
            left -= bytes;
            if (left < 0) {
                throw new TooLargeException();
            }
        }
    }
}
