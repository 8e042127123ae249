package io.mlflowexporter.cost.pricing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.mlflowexporter.cost.pricing.Resource.Provenance;
import io.mlflowexporter.cost.pricing.Tariff.Given;
import io.mlflowexporter.cost.pricing.Tariff.Piece;
import io.mlflowexporter.settings.SettingsException;
import java.io.IOException;
import java.math.BigDecimal;
import java.math.MathContext;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Currency;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Tariffs of cost books as users write them, against figures computed by hand. */
final class TariffsTest {
    private static final double ULPS = 1e-15;

    @TempDir
    private Path directory;

    private Tariffs tariffs(String yaml) throws IOException, SettingsException {
        return Tariffs.of(PricingFileLoader.load(Files.writeString(directory.resolve("book.yaml"), yaml)));
    }

    private static long millis(String instant) {
        return Instant.parse(instant).toEpochMilli();
    }

    private static List<Double> prices(Tariff tariff) {
        return tariff.pieces().stream().map(Piece::perHour).toList();
    }

    @Test
    void datesAreOfTheBooksTimeZoneAndFactorsMultiply() throws IOException, SettingsException {
        Tariff tariff = tariffs("""
                time_zone: Europe/Berlin
                currency: EUR
                resources:
                  - name: a
                    prices:
                      - {per_hour: 3.06, valid_from: 2026-07-01, source: contract, currency: USD}
                      - {per_hour: 1.20, factors: {spot: 0.35, discount: 0.9}, valid_until: 2026-03-29}
                default_uses: [{resource: a}]
                """).byUnit().get("a");

        // Berlin is one hour ahead of UTC until the night of 29 March, then two. 1.20 × 0.35 × 0.9 = 0.378.
        assertThat(tariff)
                .isEqualTo(new Tariff(
                        "a",
                        List.of(
                                new Piece(
                                        Long.MIN_VALUE,
                                        millis("2026-03-28T23:00:00Z"),
                                        0.378,
                                        "EUR",
                                        Provenance.ESTIMATE),
                                new Piece(
                                        millis("2026-06-30T22:00:00Z"),
                                        Long.MAX_VALUE,
                                        3.06,
                                        "USD",
                                        Provenance.CONTRACT))));
    }

    @Test
    void eachRateIsAUnitOfItsOwn() throws IOException, SettingsException {
        Tariffs tariffs = tariffs("""
                currency: EUR
                resources:
                  - name: pool
                    prices:
                      - rates: {vcpu: 0.04, gib: 0.005, gpu: {A100: 2.5, T4: 0.3}}
                        factors: {discount: 0.5}
                        valid_until: 2026-01-01
                      - rates: {vcpu: 0.03, gib: 0.005, gpu: {A100: 2}}
                        valid_from: 2026-01-01
                default_uses: [{resource: pool, vcpus: 1, memory_gib: 1}]
                """);

        assertThat(tariffs.byUnit().keySet()).containsExactly("pool/vcpu", "pool/gib", "pool/gpu:A100", "pool/gpu:T4");
        assertThat(prices(tariffs.byUnit().get("pool/vcpu"))).containsExactly(0.02, 0.03);
        assertThat(prices(tariffs.byUnit().get("pool/gib"))).containsExactly(0.0025, 0.005);
        assertThat(prices(tariffs.byUnit().get("pool/gpu:A100"))).containsExactly(1.25, 2.0);
        assertThat(prices(tariffs.byUnit().get("pool/gpu:T4"))).containsExactly(0.15);
    }

    @Test
    void ownedHardwareCostsItsPurchaseOverUsedHoursAndItsPower() throws IOException, SettingsException {
        Tariff tariff = tariffs("""
                currency: EUR
                resources:
                  - name: dgx
                    prices:
                      - owned:
                          purchase_price: 250000
                          lifetime: 1460d
                          share_of_use: 0.6
                          watts: 6500
                          pue: 1.4
                          price_per_kwh: 0.28
                        factors: {subsidy: 0.8}
                default_uses: [{resource: dgx}]
                """).byUnit().get("dgx");

        // 4 years of 365 days are 35040 hours, of which 21024 are used: 11.8911…; 6.5 kW × 1.4 × 0.28 = 2.548.
        BigDecimal byHand = new BigDecimal(250_000)
                .divide(new BigDecimal(21_024), MathContext.DECIMAL64)
                .add(new BigDecimal("2.548"))
                .multiply(new BigDecimal("0.8"));
        assertThat(prices(tariff).get(0)).isCloseTo(byHand.doubleValue(), within(ULPS * 20));
        assertThat(prices(tariff).get(0)).isCloseTo(11.5513, within(0.0001));
    }

    @Test
    void conversionsApplyWhereTheyHoldAndElseAPriceStaysInItsCurrency() throws IOException, SettingsException {
        Tariffs tariffs = tariffs("""
                report_currency: EUR
                conversions:
                  - {from: USD, to: EUR, rate: 0.92, valid_from: 2026-01-01, valid_until: 2026-02-01}
                  - {from: USD, to: EUR, rate: 0.90, valid_from: 2026-03-01}
                  - {from: EUR, to: JPY, rate: 170}
                resources:
                  - name: a
                    prices:
                      - {per_hour: 2, currency: USD, source: list, valid_until: 2026-04-01}
                      - {per_hour: 3, currency: EUR, valid_from: 2026-04-01}
                default_uses: [{resource: a}]
                """);

        long january = millis("2026-01-01T00:00:00Z");
        long february = millis("2026-02-01T00:00:00Z");
        long march = millis("2026-03-01T00:00:00Z");
        long april = millis("2026-04-01T00:00:00Z");
        assertThat(tariffs.reported().byUnit().get("a").pieces())
                .containsExactly(
                        new Piece(Long.MIN_VALUE, january, 2, "USD", Provenance.LIST),
                        new Piece(january, february, 1.84, "EUR", Provenance.LIST, new Given(2, "USD")),
                        new Piece(february, march, 2, "USD", Provenance.LIST),
                        new Piece(march, april, 1.8, "EUR", Provenance.LIST, new Given(2, "USD")),
                        new Piece(april, Long.MAX_VALUE, 3, "EUR", Provenance.ESTIMATE));
        assertThat(tariffs.in(Currency.getInstance("USD")).byUnit())
                .as("no way back is implied")
                .isEqualTo(tariffs.byUnit());
        assertThat(prices(tariffs.in(Currency.getInstance("JPY")).byUnit().get("a")))
                .as("rates are not chained")
                .containsExactly(2.0, 510.0);
    }

    @Test
    void pricesOfAFocusFileAreAmongThem() throws IOException, SettingsException {
        Files.writeString(directory.resolve("cost.csv"), """
                SkuId,PricingUnit,BillingCurrency,ChargePeriodStart,ChargePeriodEnd,ListUnitPrice
                G,Hours,USD,2026-01-01T00:00:00Z,2026-01-02T00:00:00Z,2.5
                """);
        Tariff tariff = tariffs("""
                currency: EUR
                resources:
                  - name: a
                    focus: {file: cost.csv, sku_id: G}
                    prices: [{per_hour: 2, valid_until: 2026-01-01}]
                default_uses: [{resource: a}]
                """).byUnit().get("a");

        long january = millis("2026-01-01T00:00:00Z");
        assertThat(tariff.pieces())
                .containsExactly(
                        new Piece(Long.MIN_VALUE, january, 2, "EUR", Provenance.ESTIMATE),
                        new Piece(january, Long.MAX_VALUE, 2.5, "USD", Provenance.LIST));
    }
}
