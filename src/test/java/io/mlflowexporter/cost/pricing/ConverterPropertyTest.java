package io.mlflowexporter.cost.pricing;

import static org.assertj.core.api.Assertions.assertThat;

import io.mlflowexporter.cost.pricing.Resource.Provenance;
import io.mlflowexporter.cost.pricing.Tariff.Piece;
import io.mlflowexporter.settings.SettingsException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.SortedSet;
import java.util.TreeSet;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

/** Whatever the prices and rates: at every instant a converted price is the price times the rate of that instant. */
final class ConverterPropertyTest {
    private static final LocalDate FIRST = LocalDate.of(2026, 1, 1);
    private static final int DAYS = 40;

    /** Something that holds from one day until before another; every second one is left out to make gaps. */
    record Dated(int from, int until, int number) {}

    @Provide
    Arbitrary<List<Dated>> dated() {
        Arbitrary<SortedSet<Integer>> cuts = Arbitraries.integers()
                .between(0, DAYS)
                .set()
                .ofMinSize(2)
                .ofMaxSize(8)
                .map(TreeSet::new);
        return Combinators.combine(
                        cuts, Arbitraries.integers().between(1, 100).list().ofSize(8), Arbitraries.of(1, 2))
                .as((days, numbers, step) -> {
                    List<Integer> list = List.copyOf(days);
                    List<Dated> dated = new ArrayList<>();
                    for (int i = 0; i + 1 < list.size(); i += step) {
                        dated.add(new Dated(list.get(i), list.get(i + 1), numbers.get(i)));
                    }
                    return dated;
                });
    }

    @Property(tries = 150)
    void atEveryInstantTheConvertedPriceIsThePriceTimesTheRate(
            @ForAll("dated") List<Dated> prices, @ForAll("dated") List<Dated> rates)
            throws IOException, SettingsException {
        Tariffs own = tariffs(prices, rates);
        Tariff converted = own.reported().byUnit().get("a");

        for (int halfDay = -1; halfDay <= 2 * DAYS + 1; halfDay++) {
            long millis = day(0) + halfDay * 43_200_000L;
            Optional<Piece> before = at(own.byUnit().get("a"), millis);
            Optional<Piece> after = at(converted, millis);
            OptionalDouble rate = own.converter().rates("USD", "EUR").at(millis);
            assertThat(after.isPresent()).isEqualTo(before.isPresent());
            before.ifPresent(piece -> {
                assertThat(after.orElseThrow().perHour()).isEqualTo(piece.perHour() * rate.orElse(1));
                assertThat(after.orElseThrow().currency()).isEqualTo(rate.isPresent() ? "EUR" : "USD");
                assertThat(after.orElseThrow().source()).isEqualTo(Provenance.CONTRACT);
            });
        }
    }

    @Property(tries = 50)
    void convertingChangesNoTimes(@ForAll("dated") List<Dated> prices, @ForAll("dated") List<Dated> rates)
            throws IOException, SettingsException {
        Tariffs own = tariffs(prices, rates);

        assertThat(covered(own.reported().byUnit().get("a")))
                .isEqualTo(covered(own.byUnit().get("a")));
    }

    private static long covered(Tariff tariff) {
        return tariff.pieces().stream()
                .mapToLong(piece -> piece.untilMillis() - piece.fromMillis())
                .sum();
    }

    private static Tariffs tariffs(List<Dated> prices, List<Dated> rates) throws IOException, SettingsException {
        StringBuilder yaml = new StringBuilder("currency: USD\nreport_currency: EUR\nconversions:\n");
        rates.forEach(rate -> yaml.append("  - {from: USD, to: EUR, rate: ")
                .append(rate.number() / 100.0)
                .append(times(rate)));
        yaml.append("resources:\n  - name: a\n    prices:\n");
        prices.forEach(price -> yaml.append("      - {source: contract, per_hour: ")
                .append(price.number())
                .append(times(price)));
        Path file = Files.createTempFile("book", ".yaml");
        try {
            return Tariffs.of(PricingFileLoader.load(Files.writeString(file, yaml)));
        } finally {
            Files.delete(file);
        }
    }

    private static String times(Dated dated) {
        return ", valid_from: " + FIRST.plusDays(dated.from()) + ", valid_until: " + FIRST.plusDays(dated.until())
                + "}\n";
    }

    private static long day(int day) {
        return FIRST.plusDays(day).atStartOfDay(ZoneOffset.UTC).toInstant().toEpochMilli();
    }

    private static Optional<Piece> at(Tariff tariff, long millis) {
        return tariff.pieces().stream()
                .filter(piece -> piece.fromMillis() <= millis && millis < piece.untilMillis())
                .findFirst();
    }
}
