package io.mlflowexporter.cost.pricing;

import static org.assertj.core.api.Assertions.assertThat;

import io.mlflowexporter.cost.pricing.Resource.Price;
import io.mlflowexporter.cost.pricing.Resource.Provenance;
import io.mlflowexporter.settings.SettingsException;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Prices out of cost exports, as the cost book's loader reads them. */
final class FocusFileTest {
    private static final String HEADER =
            "BilledCost,SkuId,ChargePeriodStart,ChargePeriodEnd,PricingUnit,ListUnitPrice,ContractedUnitPrice,"
                    + "BillingCurrency,SkuPriceId,RegionId,ChargeCategory,ChargeClass,ChargeDescription\n";

    @TempDir
    private Path directory;

    private String focus = "sku_id: GPU1";

    private static String row(String start, String end, String unit, String price) {
        return "9.9,GPU1," + start + "," + end + "," + unit + "," + price
                + ",1.5,USD,P1,R1,Usage,,\"GPU, \"\"big\"\"\"\n";
    }

    private static String january(int from, int until, String price) {
        return row("2026-01-%02dT00:00:00Z".formatted(from), "2026-01-%02dT00:00:00Z".formatted(until), "Hours", price);
    }

    private List<Price> prices(String csv) throws IOException, SettingsException {
        Files.writeString(directory.resolve("cost.csv"), csv);
        return load("cost.csv");
    }

    private List<Price> load(String file) throws IOException, SettingsException {
        return PricingFileLoader.load(Files.writeString(directory.resolve("book.yaml"), """
                resources:
                  - name: gpu
                    focus: {file: %s, %s}
                default_uses: [{resource: gpu}]
                """.formatted(file, focus)))
                .focusPrices()
                .get("gpu");
    }

    private String problems(String csv) throws IOException {
        try {
            return prices(csv).toString();
        } catch (SettingsException e) {
            return e.getMessage().replace(directory + "/", "");
        }
    }

    /** Each price with its time and the line it stands in. */
    private static List<String> shown(List<Price> prices) {
        return prices.stream()
                .map(price -> price.perHour().orElseThrow().toPlainString() + " "
                        + price.currency().orElseThrow() + " from "
                        + price.validFrom().orElseThrow()
                        + price.validUntil().map(until -> " until " + until).orElse("") + " line "
                        + price.place().line())
                .toList();
    }

    @Test
    void aPriceHoldsFromItsFirstChargeUntilAnotherAndTheLastForEver() throws IOException, SettingsException {
        List<Price> prices = prices(HEADER
                + january(20, 21, "3.0")
                + january(2, 3, "2.50")
                + january(1, 2, "2.5")
                + january(5, 6, "2.5")
                + january(5, 6, "2.5")
                + january(21, 22, "3"));

        assertThat(shown(prices))
                .containsExactly(
                        "2.5 USD from 2026-01-01T00:00:00Z until 2026-01-20T00:00:00Z line 4",
                        "3 USD from 2026-01-20T00:00:00Z line 2");
        assertThat(prices).allMatch(price -> price.source() == Provenance.LIST);
        assertThat(prices.get(0).note()).contains("FOCUS, SkuId GPU1");
    }

    @Test
    void otherSkusAndChargesThatAreNotByUseArePassedOver() throws IOException, SettingsException {
        String good = january(1, 2, "2.5");
        assertThat(shown(prices(HEADER
                        + good.replace("GPU1", "GPU2").replace("2.5", "nonsense")
                        + good.replace("Usage", "Tax").replace("2.5", "99")
                        + good.replace("Usage", "Purchase").replace("2.5", "99")
                        + good.replace("Usage,", "Usage,Correction").replace("2.5", "-99")
                        + good.replace("2.5", "")
                        + "\n"
                        + good.replace("2.5", "null")
                        + good)))
                .containsExactly("2.5 USD from 2026-01-01T00:00:00Z line 9");
    }

    @ParameterizedTest
    @CsvSource({"Hours,2", "hrs,2", "Hour,2", "h,2", "1 Hour,2", "100 Hours,0.02"})
    void hoursAreWrittenInManyWays(String unit, String perHour) throws IOException, SettingsException {
        assertThat(prices(HEADER + row("2026-01-01 00:00:00 UTC", "2026-01-02T00:00:00+00:00", unit, "2"))
                        .get(0)
                        .perHour()
                        .orElseThrow())
                .isEqualByComparingTo(perHour);
    }

    @Test
    void columnAndPriceAndRegionChooseAmongThePricesOfAnSku() throws IOException, SettingsException {
        String csv = HEADER
                + january(1, 2, "2.5")
                + january(1, 2, "9").replace("P1", "P2")
                + january(1, 2, "8").replace("R1", "R2");
        focus = "sku_id: GPU1, sku_price_id: P1, region_id: R1, column: contracted_unit_price";

        List<Price> prices = prices(csv);

        assertThat(shown(prices)).containsExactly("1.5 USD from 2026-01-01T00:00:00Z line 2");
        assertThat(prices.get(0).source()).isEqualTo(Provenance.CONTRACT);
    }

    @Test
    void gzipAndByteOrderMarkAndCarriageReturnsAreFine() throws IOException, SettingsException {
        byte[] csv =
                ("\uFEFF" + HEADER + january(1, 2, "2.5")).replace("\n", "\r\n").getBytes(StandardCharsets.UTF_8);
        try (OutputStream out = new GZIPOutputStream(Files.newOutputStream(directory.resolve("cost.csv.gz")))) {
            out.write(csv);
        }
        assertThat(shown(load("cost.csv.gz"))).containsExactly("2.5 USD from 2026-01-01T00:00:00Z line 2");
    }

    @Test
    void aBookCanHaveItsOwnPricesBesides() throws IOException, SettingsException {
        Files.writeString(directory.resolve("cost.csv"), HEADER + january(1, 2, "2.5"));
        Files.writeString(directory.resolve("book.yaml"), """
                resources:
                  - name: gpu
                    focus: {file: cost.csv, sku_id: GPU1}
                    prices:
                      - {per_hour: 1, currency: EUR, valid_until: 2026-01-01}
                      - {per_hour: 1, currency: EUR, valid_from: 2030-01-01}
                default_uses: [{resource: gpu}]
                """);
        assertThat(org.assertj.core.api.Assertions.catchThrowableOfType(
                                SettingsException.class, () -> PricingFileLoader.load(directory.resolve("book.yaml")))
                        .getMessage()
                        .replace(directory + "/", ""))
                .isEqualTo("book.yaml:6: resources[0].prices[1]: its time overlaps that of cost.csv:2; set valid_from"
                        + " and valid_until so that only one holds");
    }

    @Test
    void everyBadRowIsToldWithItsLine() throws IOException {
        String good = january(1, 2, "2.5");
        assertThat(problems(HEADER
                        + good.replace("Hours", "GB-Hours")
                        + good.replace("2.5", "2 5")
                        + good.replace("2.5", "-2.5")
                        + good.replace("2.5", "1e3")
                        + good.replace("USD", "Credits")
                        + good.replace("2026-01-01T00:00:00Z", "01/01/2026")
                        + good.replace("2026-01-02", "2026-01-01")))
                .isEqualTo("""
                        cost.csv:2: PricingUnit: "GB-Hours" is not hours; only what is priced by the hour can be used
                        cost.csv:3: ListUnitPrice: "2 5" is not a number; FOCUS allows digits and one point
                        cost.csv:4: ListUnitPrice: "-2.5" is negative
                        cost.csv:5: ListUnitPrice: "1e3" is not a number; FOCUS allows digits and one point
                        cost.csv:6: BillingCurrency: "Credits" is no currency of ISO 4217
                        cost.csv:7: ChargePeriodStart: "01/01/2026" is not a time; FOCUS writes such as\
                         2026-01-31T12:00:00Z
                        cost.csv:8: ChargePeriodEnd: is not after ChargePeriodStart""");
    }

    @Test
    void differentPricesAtTheSameTimeAreRefused() throws IOException {
        assertThat(problems(HEADER + january(1, 5, "2.5") + january(7, 8, "2") + january(4, 5, "3")))
                .isEqualTo(
                        "cost.csv:4: the price of SkuId \"GPU1\", 3 USD, holds at the same time as 2.5 USD in line 2:"
                                + " one price must be chosen, with sku_price_id or region_id");
    }

    @Test
    void aFileThatDoesNotHaveThePricesIsToldAsSuch() throws IOException {
        assertThat(problems("")).isEqualTo("cost.csv: is empty");
        assertThat(problems("SkuId,BillingCurrency\nGPU1,USD\n"))
                .isEqualTo("cost.csv:1: has no column PricingUnit, ChargePeriodStart, ChargePeriodEnd, ListUnitPrice;"
                        + " FOCUS writes the names just so");
        assertThat(problems(HEADER + january(1, 2, "1").replace("GPU1", "X")))
                .isEqualTo("book.yaml:2: gpu.focus: cost.csv has no row with SkuId \"GPU1\"");
        assertThat(problems(HEADER + january(1, 2, "")))
                .isEqualTo("book.yaml:2: gpu.focus: cost.csv has no row with SkuId \"GPU1\" that is charged by use and"
                        + " has a price");
        assertThat(problems(HEADER + january(1, 2, "1").replace("big", "\"big")))
                .startsWith("cost.csv:2: is not valid CSV here");
        Files.delete(directory.resolve("cost.csv"));
        Files.createDirectory(directory.resolve("cost.csv"));
        assertThat(told()).isEqualTo("cost.csv: is a directory, not a file");
        Files.delete(directory.resolve("cost.csv"));
        assertThat(told()).isEqualTo("cost.csv: no such file");
        Files.write(directory.resolve("cost.csv"), new byte[] {0x1f, (byte) 0x8b, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10});
        assertThat(told()).isEqualTo("cost.csv: is not valid gzip");
    }

    @Test
    void whatIsTooLargeOnceDecompressedIsRefusedAndNotKept() throws IOException {
        byte[] rows = january(1, 2, "1").replace("GPU1", "X").repeat(1000).getBytes(StandardCharsets.UTF_8);
        try (OutputStream out = new GZIPOutputStream(Files.newOutputStream(directory.resolve("cost.csv")))) {
            out.write(HEADER.getBytes(StandardCharsets.UTF_8));
            for (long written = 0; written <= FocusFile.LARGEST_BYTES; written += rows.length) {
                out.write(rows);
            }
        }
        assertThat(told()).isEqualTo("cost.csv: is larger than 64MiB; cut it down to the rows of the SKUs needed");
    }

    @Test
    void ofAFileFullOfProblemsTheFirstAreTold() throws IOException {
        assertThat(problems(HEADER + january(1, 2, "x").repeat(1000)).lines())
                .hasSize(21)
                .contains("cost.csv: has more problems; the rest of it was not read");
    }

    private String told() throws IOException {
        try {
            return load("cost.csv").toString();
        } catch (SettingsException e) {
            return e.getMessage().replace(directory + "/", "");
        }
    }
}
