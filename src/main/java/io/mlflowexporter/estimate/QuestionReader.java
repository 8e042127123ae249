package io.mlflowexporter.estimate;

import io.mlflowexporter.estimate.Question.Item;
import io.mlflowexporter.settings.Suggestions;
import io.mlflowexporter.settings.value.Quoted;
import java.math.BigDecimal;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDate;
import java.time.OffsetDateTime;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/** Reads a question from the parameters of an address; a command's options and a form's fields become the same. */
final class QuestionReader {
    /** All there are. */
    static final List<String> PARAMETERS = List.of(
            "resource",
            "count",
            "hours",
            "runs",
            "at",
            "overhead_days",
            "overhead_share",
            "workspace",
            "experiment",
            "phase",
            "model");

    private static final int MOST_ITEMS = 20;
    private static final int LONGEST = 512;
    private static final int LONGEST_NUMBER = 24;
    static final BigDecimal MOST = new BigDecimal(1_000_000);
    private static final BigDecimal MOST_DAYS = new BigDecimal(3650);
    private static final int LAST_YEAR = 9999;
    // No sign, no exponent: a short text with one could make a number that fills the memory.
    private static final Pattern NUMBER = Pattern.compile("[0-9]+(\\.[0-9]+)?");

    private final Map<String, List<String>> given;
    private final List<String> problems = new ArrayList<>();

    private QuestionReader(Map<String, List<String>> given) {
        this.given = given;
    }

    /**
     * Reads.
     *
     * @param zone where days begin
     * @throws BadQuestionException with everything that is wrong
     */
    static Question read(Map<String, List<String>> given, ZoneId zone, Instant now) throws BadQuestionException {
        return new QuestionReader(given).read(zone, now);
    }

    private Question read(ZoneId zone, Instant now) throws BadQuestionException {
        for (String name : given.keySet()) {
            if (!PARAMETERS.contains(name)) {
                problems.add(Quoted.shown(name) + " is no parameter"
                        + Suggestions.nearest(name, PARAMETERS)
                                .map(near -> "; did you mean " + near + "?")
                                .orElse(".")
                        + " There are: " + String.join(", ", PARAMETERS));
            }
        }
        List<Item> items = items();
        Question question = new Question(
                items,
                number("runs", one("runs"), BigDecimal.ONE, MOST)
                        .orElse(BigDecimal.ONE)
                        .longValue(),
                at(zone).orElse(now),
                number("overhead_days", one("overhead_days"), BigDecimal.ZERO, MOST_DAYS),
                number("overhead_share", one("overhead_share"), BigDecimal.ZERO, BigDecimal.ONE)
                        .orElse(BigDecimal.ONE),
                one("workspace"),
                one("experiment"),
                one("phase"),
                one("model"));
        if (!one("runs").isEmpty() && one("runs").contains(".")) {
            problems.add("runs: " + Quoted.shown(one("runs")) + " is not whole");
        }
        if (question.experiment().isEmpty() && !question.phase().isEmpty()) {
            problems.add("phase: is of an experiment; name one with experiment");
        }
        if (!question.ofHistory() && !question.workspace().isEmpty()) {
            problems.add("workspace: is of an experiment or a model; name one with experiment or model");
        }
        if (problems.isEmpty() && items.isEmpty() && !question.ofHistory()) {
            problems.add("nothing is asked: name a resource and hours, an experiment, or a model");
        }
        if (!problems.isEmpty()) {
            throw new BadQuestionException(problems);
        }
        return question;
    }

    private List<String> all(String name) {
        List<String> values = given.getOrDefault(name, List.of());
        if (values.size() > MOST_ITEMS) {
            problems.add(name + ": is given " + values.size() + " times; allowed: " + MOST_ITEMS);
            return List.of();
        }
        for (String value : values) {
            if (value.length() > LONGEST) {
                problems.add(name + ": is longer than " + LONGEST + " characters");
                return List.of();
            }
        }
        return values.stream().map(String::strip).toList();
    }

    private String one(String name) {
        List<String> values = all(name);
        if (values.size() > 1) {
            String problem = name + ": is given more than once";
            if (!problems.contains(problem)) {
                problems.add(problem);
            }
        }
        return values.isEmpty() ? "" : values.get(0);
    }

    /** A resource's count and hours stand at its place in their lists; one alone is for every resource. */
    private List<Item> items() {
        List<String> resources = all("resource");
        List<String> counts = all("count");
        List<String> hours = all("hours");
        List<Item> items = new ArrayList<>();
        check("count", counts, resources);
        check("hours", hours, resources);
        for (int i = 0; i < resources.size(); i++) {
            String resource = resources.get(i);
            String ofIt = at(hours, i);
            if (resource.isEmpty()) {
                if (hours.size() > 1 && !ofIt.isEmpty()) {
                    problems.add("resource: is missing for " + Quoted.shown(ofIt) + " hours");
                }
                continue;
            }
            if (ofIt.isEmpty()) {
                problems.add("hours: are missing for resource " + Quoted.shown(resource));
            }
            Optional<BigDecimal> count = number("count", at(counts, i), BigDecimal.ZERO, MOST);
            Optional<BigDecimal> time = number("hours", ofIt, BigDecimal.ZERO, MOST);
            items.add(new Item(resource, count.orElse(BigDecimal.ONE), time.orElse(BigDecimal.ZERO)));
        }
        if (resources.isEmpty() && !(counts.isEmpty() && hours.isEmpty())) {
            problems.add("resource: is missing; count and hours are those of a resource");
        }
        return items;
    }

    private void check(String name, List<String> values, List<String> resources) {
        if (values.size() > 1 && values.size() != resources.size() && !resources.isEmpty()) {
            problems.add(name + ": is given " + values.size() + " times for " + resources.size()
                    + " resources; give it once, or once for each");
        }
    }

    private static String at(List<String> values, int index) {
        if (values.size() == 1) {
            return values.get(0);
        }
        return index < values.size() ? values.get(index) : "";
    }

    private Optional<BigDecimal> number(String name, String text, BigDecimal least, BigDecimal most) {
        if (text.isEmpty()) {
            return Optional.empty();
        }
        Optional<BigDecimal> number = number(text).filter(it -> it.compareTo(least) >= 0 && it.compareTo(most) <= 0);
        if (number.isEmpty()) {
            problems.add(name + ": " + Quoted.shown(text) + " is not a number from " + least + " to " + most
                    + ", written without exponent");
        }
        return number;
    }

    /** A number as it may be asked; empty where the text is none. */
    static Optional<BigDecimal> number(String text) {
        return text.length() <= LONGEST_NUMBER && NUMBER.matcher(text).matches()
                ? Optional.of(new BigDecimal(text))
                : Optional.empty();
    }

    private Optional<Instant> at(ZoneId zone) {
        String text = one("at");
        if (text.isEmpty()) {
            return Optional.empty();
        }
        try {
            Instant instant = text.length() <= "2026-01-31".length()
                    ? LocalDate.parse(text).atStartOfDay(zone).toInstant()
                    : OffsetDateTime.parse(text).toInstant();
            int year = instant.atZone(zone).getYear();
            if (year >= 1970 && year <= LAST_YEAR) {
                return Optional.of(instant);
            }
        } catch (DateTimeException e) {
            // Told below, as a year out of range is.
        }
        problems.add(
                "at: " + Quoted.shown(text) + " is not a time; allowed: a date such as 2026-01-31, or a date and time"
                        + " with an offset such as 2026-01-31T12:00:00Z, from 1970 to 9999");
        return Optional.empty();
    }
}
