package io.mlflowexporter.estimate;

import io.mlflowexporter.cost.pricing.PriceList;
import io.mlflowexporter.cost.pricing.PriceList.Price;
import io.mlflowexporter.cost.pricing.PriceList.Reported;
import io.mlflowexporter.estimate.Estimate.Amount;
import io.mlflowexporter.estimate.Estimate.Envelope;
import io.mlflowexporter.estimate.Estimate.Line;
import io.mlflowexporter.estimate.Estimate.Overhead;
import io.mlflowexporter.estimate.Question.Item;
import io.mlflowexporter.settings.Suggestions;
import io.mlflowexporter.settings.value.Quoted;
import java.math.BigDecimal;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** Resource × hours × count, priced by the list, and what is spent beside it meanwhile. */
final class EnvelopeCalculator {
    private static final double HOURS_PER_DAY = 24;
    private static final double MILLIS_PER_DAY = 86_400_000;
    private static final double MOST_DAYS = 36_500;

    private final PriceList prices;
    private final Question question;
    private final List<String> problems;

    EnvelopeCalculator(PriceList prices, Question question, List<String> problems) {
        this.prices = prices;
        this.question = question;
        this.problems = problems;
    }

    /** Empty where there are problems. */
    Optional<Envelope> envelope() {
        int before = problems.size();
        List<Line> lines =
                question.items().stream().flatMap(item -> line(item).stream()).toList();
        if (problems.size() > before) {
            return Optional.empty();
        }
        double days = question.overheadDays().map(BigDecimal::doubleValue).orElseGet(this::daysOfRuns);
        if (days > MOST_DAYS) {
            // Nobody knows what a hundred years of overheads are.
            days = MOST_DAYS;
        }
        double share = question.overheadShare().doubleValue();
        List<Overhead> overheads = overheads(days, share);
        List<Amount> compute = lines.stream().map(Line::cost).toList();
        List<Amount> overhead = overheads.stream().map(Overhead::cost).toList();
        List<Amount> both = new ArrayList<>(compute);
        both.addAll(overhead);
        return Optional.of(
                new Envelope(question.runs(), lines, days, share, overheads, sum(compute), sum(overhead), sum(both)));
    }

    /** The runs follow one another, and each takes as long as what it uses longest. */
    private double daysOfRuns() {
        double longest = question.items().stream()
                .mapToDouble(item -> item.hours().doubleValue())
                .max()
                .orElse(0);
        return longest * question.runs() / HOURS_PER_DAY;
    }

    private List<Overhead> overheads(double days, double share) {
        Instant until = question.at().plus(Duration.ofMillis(Math.round(days * MILLIS_PER_DAY)));
        List<Overhead> overheads = new ArrayList<>();
        prices.overheads(question.at(), until).forEach((category, amounts) -> {
            Map<String, Double> shown = new TreeMap<>();
            amounts.forEach((currency, amount) -> {
                Reported reported = prices.reported(amount * share, currency, question.at());
                shown.merge(reported.currency(), reported.amount(), Double::sum);
            });
            shown.forEach((currency, amount) -> overheads.add(
                    new Overhead(category.name().toLowerCase(Locale.ROOT), new Amount(amount, currency))));
        });
        return overheads;
    }

    private Optional<Line> line(Item asked) {
        Item item = counted(asked);
        if (prices.prices(item.resource()).isEmpty()) {
            problems.add(unknown(item.resource()));
            return Optional.empty();
        }
        Optional<Price> price = prices.at(item.resource(), question.at());
        if (price.isEmpty()) {
            problems.add("resource: " + item.resource() + " has no price on "
                    + ReadableNumbers.day(question.at(), prices.zone())
                    + "; it has prices "
                    + prices.prices(item.resource()).stream()
                            .map(one -> ReadableNumbers.validity(one, prices.zone()))
                            .collect(Collectors.joining(", ")));
        }
        return price.map(it -> line(item, it));
    }

    private Line line(Item item, Price price) {
        double count = item.count().doubleValue();
        double hours = item.hours().doubleValue();
        double inAll = hours * count * question.runs();
        Reported cost = prices.reported(inAll * price.perHour(), price.currency(), question.at());
        return new Line(
                item.resource(), count, hours, inAll, price, cost.rate(), new Amount(cost.amount(), cost.currency()));
    }

    /** A name may end in a colon and how many, unless there is something of just that name. */
    private Item counted(Item item) {
        int colon = item.resource().lastIndexOf(':');
        if (colon <= 0 || !prices.prices(item.resource()).isEmpty()) {
            return item;
        }
        String name = item.resource().substring(0, colon);
        return QuestionReader.number(item.resource().substring(colon + 1))
                .filter(number -> number.compareTo(QuestionReader.MOST) <= 0)
                .map(number -> new Item(name, item.count().multiply(number), item.hours()))
                .orElse(item);
    }

    private String unknown(String resource) {
        List<String> names = prices.names();
        List<String> parts =
                names.stream().filter(name -> name.startsWith(resource + "/")).toList();
        if (!parts.isEmpty()) {
            return "resource: " + resource + " is priced by its parts; ask for these: " + String.join(", ", parts);
        }
        return "resource: the cost book has no " + Quoted.shown(resource)
                + Suggestions.nearest(resource, names)
                        .map(near -> "; did you mean " + near + "?")
                        .orElse(".")
                + " There are: " + String.join(", ", names);
    }

    private static List<Amount> sum(List<Amount> amounts) {
        Map<String, Double> sums = new TreeMap<>();
        amounts.forEach(amount -> sums.merge(amount.currency(), amount.amount(), Double::sum));
        return sums.entrySet().stream()
                .map(sum -> new Amount(sum.getValue(), sum.getKey()))
                .toList();
    }
}
