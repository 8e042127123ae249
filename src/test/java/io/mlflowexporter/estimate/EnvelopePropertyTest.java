package io.mlflowexporter.estimate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.mlflowexporter.cost.CostModel;
import io.mlflowexporter.cost.pricing.PriceList;
import io.mlflowexporter.cost.pricing.PricingFileLoader;
import io.mlflowexporter.estimate.Estimate.Amount;
import io.mlflowexporter.estimate.Estimate.Envelope;
import java.io.IOException;
import java.math.BigDecimal;
import java.math.MathContext;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.EdgeCasesMode;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

/** Whatever is asked of whatever book, the envelope is what decimals on paper come to. */
final class EnvelopePropertyTest {
    private static final MathContext EXACT = MathContext.DECIMAL128;
    private static final LocalDate CHANGE = LocalDate.of(2026, 2, 1);

    /** A book in which every resource has one price before a day and another from then on. */
    record Book(
            List<BigDecimal> before,
            List<BigDecimal> after,
            List<String> currencies,
            BigDecimal rate,
            BigDecimal monthly) {
        String yaml() {
            StringBuilder yaml = new StringBuilder("currency: EUR\nreport_currency: EUR\nconversions:\n")
                    .append("  - {from: USD, to: EUR, rate: ")
                    .append(rate.toPlainString())
                    .append("}\noverheads:\n  - {category: software, monthly: ")
                    .append(monthly.toPlainString())
                    .append("}\nresources:\n");
            for (int i = 0; i < before.size(); i++) {
                yaml.append("  - name: r").append(i).append("\n    prices:\n");
                price(yaml, before.get(i), currencies.get(i), "valid_until");
                price(yaml, after.get(i), currencies.get(i), "valid_from");
            }
            return yaml.toString();
        }

        private static void price(StringBuilder yaml, BigDecimal perHour, String currency, String bound) {
            yaml.append("      - {per_hour: ")
                    .append(perHour.toPlainString())
                    .append(", currency: ")
                    .append(currency)
                    .append(", ")
                    .append(bound)
                    .append(": ")
                    .append(CHANGE)
                    .append("}\n");
        }
    }

    record Asked(List<Integer> resources, List<BigDecimal> counts, List<BigDecimal> hours, int runs, LocalDate at) {}

    private static Arbitrary<BigDecimal> decimal(String most, int scale) {
        return Arbitraries.bigDecimals()
                .between(BigDecimal.ZERO, new BigDecimal(most))
                .ofScale(scale);
    }

    @Provide
    Arbitrary<Book> books() {
        return Combinators.combine(
                        decimal("90", 4).list().ofSize(4),
                        decimal("90", 4).list().ofSize(4),
                        Arbitraries.of("EUR", "USD").list().ofSize(4),
                        Arbitraries.bigDecimals()
                                .between(new BigDecimal("0.01"), new BigDecimal("200"))
                                .ofScale(3),
                        decimal("100000", 2))
                .as(Book::new);
    }

    @Provide
    Arbitrary<Asked> questions() {
        return Arbitraries.integers()
                .between(1, 6)
                .flatMap(n -> Combinators.combine(
                                Arbitraries.integers().between(0, 3).list().ofSize(n),
                                decimal("1000", 2).list().ofSize(n),
                                decimal("500", 3).list().ofSize(n),
                                Arbitraries.integers().between(1, 1000),
                                Arbitraries.of(CHANGE.minusDays(1), CHANGE, CHANGE.plusDays(20)))
                        .as(Asked::new));
    }

    @Property(tries = 300, edgeCases = EdgeCasesMode.NONE)
    void itIsWhatDecimalsComeTo(@ForAll("books") Book book, @ForAll("questions") Asked asked) throws Exception {
        Envelope envelope = answer(book, asked).envelope().orElseThrow();

        BigDecimal compute = BigDecimal.ZERO;
        for (int i = 0; i < asked.resources().size(); i++) {
            int resource = asked.resources().get(i);
            BigDecimal perHour = (asked.at().isBefore(CHANGE) ? book.before() : book.after()).get(resource);
            BigDecimal cost = asked.hours()
                    .get(i)
                    .multiply(asked.counts().get(i))
                    .multiply(BigDecimal.valueOf(asked.runs()))
                    .multiply(perHour)
                    .multiply(book.currencies().get(resource).equals("USD") ? book.rate() : BigDecimal.ONE);
            close(envelope.lines().get(i).cost().amount(), cost);
            compute = compute.add(cost);
        }
        BigDecimal overheads = overheads(book, asked);
        close(sum(envelope.compute()), compute);
        close(sum(envelope.overhead()), overheads);
        close(sum(envelope.total()), compute.add(overheads));
        assertThat(envelope.total()).allMatch(amount -> amount.currency().equals("EUR"));
    }

    /** Month by month: the share of it that the runs, one after another, take. */
    private static BigDecimal overheads(Book book, Asked asked) {
        BigDecimal longest = asked.hours().stream().reduce(BigDecimal.ZERO, BigDecimal::max);
        long millis = longest.multiply(BigDecimal.valueOf(asked.runs()))
                .multiply(new BigDecimal(3_600_000))
                .longValue();
        Instant at = asked.at().atStartOfDay(ZoneOffset.UTC).toInstant();
        long end = at.toEpochMilli() + millis;
        BigDecimal sum = BigDecimal.ZERO;
        LocalDate month = asked.at().withDayOfMonth(1);
        while (start(month) < end) {
            long begin = Math.max(start(month), at.toEpochMilli());
            long length = start(month.plusMonths(1)) - start(month);
            long part = Math.min(end, start(month.plusMonths(1))) - begin;
            sum = sum.add(book.monthly().multiply(BigDecimal.valueOf(part)).divide(BigDecimal.valueOf(length), EXACT));
            month = month.plusMonths(1);
        }
        return sum;
    }

    private static long start(LocalDate day) {
        return day.atStartOfDay(ZoneOffset.UTC).toInstant().toEpochMilli();
    }

    private static double sum(List<Amount> amounts) {
        return amounts.stream().mapToDouble(Amount::amount).sum();
    }

    private static void close(double value, BigDecimal expected) {
        assertThat(value).isCloseTo(expected.doubleValue(), within(1e-9 * Math.max(1, expected.doubleValue())));
    }

    private static Estimate answer(Book book, Asked asked) throws Exception {
        Map<String, List<String>> parameters = new HashMap<>();
        List<String> resources = new ArrayList<>();
        asked.resources().forEach(number -> resources.add("r" + number));
        parameters.put("resource", resources);
        parameters.put(
                "count", asked.counts().stream().map(BigDecimal::toPlainString).toList());
        parameters.put(
                "hours", asked.hours().stream().map(BigDecimal::toPlainString).toList());
        parameters.put("runs", List.of(Integer.toString(asked.runs())));
        parameters.put("at", List.of(asked.at().toString()));
        PriceList prices = prices(book.yaml());
        return new Estimates(
                        () -> Optional.of(prices),
                        wanted -> {
                            throw new AssertionError("not asked");
                        },
                        InstantSource.fixed(Instant.EPOCH))
                .answer(parameters);
    }

    static PriceList prices(String yaml) throws Exception {
        Path file = Files.createTempFile("book", ".yaml");
        try {
            return CostModel.of(PricingFileLoader.load(Files.writeString(file, yaml)))
                    .prices();
        } catch (IOException e) {
            throw new AssertionError(e);
        } finally {
            Files.delete(file);
        }
    }
}
