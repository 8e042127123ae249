package io.mlflowexporter.cost.pricing;

import static org.assertj.core.api.Assertions.assertThat;

import io.mlflowexporter.cost.pricing.FocusSeries.Charge;
import io.mlflowexporter.cost.pricing.Resource.Focus;
import io.mlflowexporter.cost.pricing.Resource.Price;
import io.mlflowexporter.settings.Place;
import io.mlflowexporter.settings.Problems;
import io.mlflowexporter.settings.SettingsException;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Currency;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;

/** What holds for every cost book and every cost export. */
final class PricingFilePropertyTest {
    private static final Path EXAMPLE = Path.of("docs/cost-book.example.yaml");
    private static final Currency EURO = Currency.getInstance("EUR");
    private static final long HOUR = 3600;

    @Provide
    Arbitrary<String> pieces() {
        return Arbitraries.oneOf(
                Arbitraries.of(
                        "",
                        "null",
                        "-1",
                        "[]",
                        "{}",
                        "1e9",
                        "\"1\"",
                        "- a",
                        "tag:",
                        "2026-01-01",
                        "EUR",
                        "*x",
                        "&x",
                        "!y",
                        "?",
                        "_other",
                        "a/b",
                        "99999999999999999999999999"),
                Arbitraries.strings().ofMaxLength(12));
    }

    /** However a book is spoilt, it is loaded or refused in words, each problem on one line and with its file. */
    @Property(tries = 400)
    void aSpoiltBookIsRefusedInWords(
            @ForAll @IntRange(max = 1_000_000) int at,
            @ForAll @IntRange(max = 3) int way,
            @ForAll("pieces") String piece)
            throws IOException {
        List<String> lines = new ArrayList<>(Files.readAllLines(EXAMPLE));
        int line = at % lines.size();
        String text = lines.get(line);
        switch (way) {
            case 0 -> lines.remove(line);
            case 1 -> lines.set(line, text.replaceFirst(": .*", "") + ": " + piece);
            case 2 -> lines.set(line, piece + text);
            default -> lines.add(line, text);
        }
        Path file = Files.createTempFile("book", ".yaml");
        try {
            Files.write(file, lines);
            PricingFileLoader.load(file);
        } catch (SettingsException e) {
            assertThat(e.problems()).isNotEmpty().allSatisfy(problem -> {
                assertThat(problem.where()).startsWith(file.toString());
                assertThat(problem.toString()).doesNotContainPattern("[\\p{Cntrl}\\u2028\\u202e]");
            });
        } finally {
            Files.delete(file);
        }
    }

    /** Whatever the rows' order and how often each stands there, the price at a charge's time is the charge's. */
    @Property(tries = 300)
    void chargesInAnyOrderGiveThePriceOfTheirTime(
            @ForAll @Size(min = 1, max = 20) List<@IntRange(min = 0, max = 3) Integer> pricesByHour,
            @ForAll @IntRange(max = 1_000_000) int seed) {
        List<Charge> charges = new ArrayList<>();
        for (int hour = 0; hour < pricesByHour.size(); hour++) {
            // 3 stands for an hour without a charge.
            if (pricesByHour.get(hour) < 3) {
                charges.add(charge(hour, pricesByHour.get(hour)));
            }
        }
        List<Charge> rows = new ArrayList<>(charges);
        rows.addAll(charges.subList(0, charges.size() / 2));
        Collections.shuffle(rows, new Random(seed));
        FocusSeries series = new FocusSeries(
                resource(),
                new Focus(Path.of("f.csv"), "S", Focus.Column.LIST_UNIT_PRICE, Optional.empty(), Optional.empty()));
        for (int i = 0; i < rows.size(); i++) {
            series.add(rows.get(i), i + 2);
        }
        Problems problems = new Problems();

        List<Price> prices = series.prices(problems);

        assertThat(problems.errorCount()).isEqualTo(charges.isEmpty() ? 1 : 0);
        Optional<BigDecimal> expected = Optional.empty();
        for (int hour = 0; hour < pricesByHour.size(); hour++) {
            if (pricesByHour.get(hour) < 3) {
                expected = Optional.of(BigDecimal.valueOf(pricesByHour.get(hour)));
            }
            assertThat(at(prices, hour)).isEqualTo(expected);
        }
        assertThat(at(prices, 1000)).isEqualTo(expected);
        for (int i = 1; i < prices.size(); i++) {
            assertThat(prices.get(i).perHour())
                    .as("equal neighbours are one price")
                    .isNotEqualTo(prices.get(i - 1).perHour());
        }
    }

    private static Charge charge(int hour, int price) {
        return new Charge(
                Instant.ofEpochSecond(hour * HOUR),
                Instant.ofEpochSecond((hour + 1) * HOUR),
                BigDecimal.valueOf(price),
                EURO);
    }

    private static Resource resource() {
        return new Resource(
                "r", List.of(), Optional.empty(), Optional.empty(), Optional.empty(), new Place("b.yaml", 1));
    }

    private static Optional<BigDecimal> at(List<Price> prices, int hour) {
        long millis = hour * HOUR * 1000;
        return prices.stream()
                .filter(price -> price.validFrom().orElseThrow().millis(ZoneOffset.UTC) <= millis
                        && price.validUntil()
                                .map(until -> millis < until.millis(ZoneOffset.UTC))
                                .orElse(true))
                .map(price -> price.perHour().orElseThrow())
                .findFirst();
    }
}
