package io.mlflowexporter.demo.traces;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;

/**
 * What a support agent did: a trace every so often, each a function of the seed and of its number alone, so that a million of them
 * take no memory. Trace {@code n} lies in the {@code n}-th of equal stretches of time, those after the start shorter by the speed.
 */
public final class AgentTraces {
    /** How far back they reach. */
    public static final long HISTORY = 3 * 86_400_000L;

    /** A text that stands in every preview, and so in nothing that is made of traces. */
    public static final String PREVIEW = "confidential-question";

    /** Between two traces once the history has ended, in simulated milliseconds, at most. */
    private static final long LIVING_PERIOD = 6_000;

    /** No trace takes longer, milliseconds. */
    static final long LONGEST = 90_000;

    /** One in so many is never finished: its process died. */
    private static final int LOST = 1_500;

    private static final long LATEST_FEEDBACK = 3_600_000;
    private static final List<String> NAMES =
            List.of("support-agent", "support-agent", "support-agent", "summarize", "rag-search");
    private static final List<String> USERS =
            List.of("ana", "ben", "chloe", "dmitri", "esra", "femi", "guest-1", "guest-2");
    private static final List<String> TEAMS = List.of("support", "support", "sales", "search");

    /**
     * A model.
     *
     * @param inputPrice USD per token; NaN where the server has no price
     */
    private record Model(String name, String provider, double inputPrice, double outputPrice, boolean cache) {}

    private static final Model MINI = new Model("gpt-4o-mini", "openai", 0.15e-6, 0.6e-6, false);
    private static final Model LARGE = new Model("gpt-4o", "openai", 2.5e-6, 10e-6, false);
    private static final Model SONNET = new Model("claude-sonnet-4-5", "anthropic", 3e-6, 15e-6, true);
    private static final Model OWN = new Model("llama-3.3-70b-instruct", "vllm", Double.NaN, Double.NaN, false);
    private static final List<Model> MODELS = List.of(MINI, MINI, MINI, MINI, LARGE, SONNET, SONNET, OWN, OWN, OWN);

    private final long seed;
    private final String experimentId;
    private final long started;
    private final long count;
    private final double period;
    private final double living;
    private final double speed;

    /**
     * Plans them.
     *
     * @param startedMillis where the history ends, Unix milliseconds
     * @param count how many the history holds; 0 for none, then and later
     * @param speed simulated seconds per second from the start on
     */
    public AgentTraces(long seed, String experimentId, long startedMillis, long count, double speed) {
        this.seed = seed;
        this.experimentId = experimentId;
        this.started = startedMillis;
        this.count = count;
        this.speed = speed;
        this.period = count == 0 ? HISTORY : (double) HISTORY / count;
        this.living = Math.max(1, Math.min(period, LIVING_PERIOD) / speed);
    }

    String experimentId() {
        return experimentId;
    }

    /** The number of the first that may have started at a time or after it. */
    long firstAt(long millis) {
        double number = millis < started
                ? Math.max(0, (millis - (started - HISTORY)) / period)
                : count + (millis - started) / living;
        return Math.max(0, (long) number - 1);
    }

    /** When it starts: later than the one before. */
    long start(long number) {
        double in = random(number).nextDouble();
        return (long)
                (number < count
                        ? started - HISTORY + (number + in) * period
                        : started + (number - count + in) * living);
    }

    /** Whether there are any. */
    boolean any() {
        return count > 0;
    }

    static String id(long seed, long number) {
        return String.format("tr-%016x%016x", new SplittableRandom(seed + number).nextLong(), number);
    }

    /** The number of the trace with an id; -1 for an id of another. */
    long number(String id) {
        if (!id.matches("tr-[0-9a-f]{32}") || !any()) {
            return -1;
        }
        long number = Long.parseUnsignedLong(id.substring(19), 16);
        return number >= 0 && id(seed, number).equals(id) ? number : -1;
    }

    /** Whether it has not ended; the same as its state says, for less. */
    boolean inProgress(long number, long nowMillis) {
        SplittableRandom random = random(number);
        random.nextDouble();
        long takes = takes(random, number);
        return random.nextInt(LOST) == 0 || start(number) + takes > nowMillis;
    }

    private SplittableRandom random(long number) {
        return new SplittableRandom(seed ^ (number * 0x9E3779B97F4A7C15L));
    }

    private long takes(SplittableRandom random, long number) {
        double pace = number < count ? 1 : speed;
        return (long) (Math.min(LONGEST, 300 - 4_000 * Math.log(1 - random.nextDouble())) / pace);
    }

    /** The trace of a number as it looks at a time that is not before its start. */
    DemoTrace at(long number, long nowMillis) {
        SplittableRandom random = random(number);
        random.nextDouble();
        long start = start(number);
        long takes = takes(random, number);
        boolean lost = random.nextInt(LOST) == 0;
        boolean failed = random.nextInt(30) == 0;
        boolean ended = !lost && start + takes <= nowMillis;
        String name = pick(NAMES, random);
        String user = pick(USERS, random);
        Map<String, String> tags = new LinkedHashMap<>();
        tags.put("mlflow.traceName", name);
        tags.put("team", pick(TEAMS, random));
        Map<String, String> metadata = new LinkedHashMap<>();
        metadata.put("mlflow.trace_schema.version", "3");
        metadata.put("mlflow.trace.user", user);
        metadata.put("mlflow.trace.session", user + "-" + number / 40);
        metadata.put("mlflow.traceInputs", "{\"question\": \"" + PREVIEW + " " + number + "\"}");
        List<DemoTrace.Call> calls = ended ? calls(random, failed) : List.of();
        if (!calls.isEmpty()) {
            Usage.put(calls, metadata);
        }
        return new DemoTrace(
                id(seed, number),
                experimentId,
                name,
                start,
                ended ? takes : DemoTrace.NONE,
                ended ? failed ? "ERROR" : "OK" : "IN_PROGRESS",
                metadata,
                tags,
                "{\"question\": \"" + PREVIEW + " " + number + "\"}",
                calls,
                ended && !failed ? feedback(random, number, start + takes, nowMillis) : List.of());
    }

    private static List<DemoTrace.Call> calls(SplittableRandom random, boolean failed) {
        if (failed && random.nextBoolean()) {
            return List.of();
        }
        List<DemoTrace.Call> calls = new ArrayList<>();
        Model model = pick(MODELS, random);
        for (int i = random.nextInt(3); i >= 0; i--) {
            long input = 150L + random.nextInt(4_000);
            long output = 20L + random.nextInt(600);
            long cached = model.cache() ? input / 2 : 0;
            calls.add(new DemoTrace.Call(
                    model.name(),
                    model.provider(),
                    input,
                    output,
                    cached,
                    input * model.inputPrice(),
                    output * model.outputPrice()));
        }
        return calls;
    }

    private List<DemoTrace.Feedback> feedback(SplittableRandom random, long number, long end, long nowMillis) {
        List<DemoTrace.Feedback> all = new ArrayList<>();
        int quality = 60 + random.nextInt(41);
        add(all, random, number, 12, "thumbs_up", "feedback", Boolean.toString(quality > 68), "HUMAN", end, "");
        add(
                all,
                random,
                number,
                25,
                "relevance",
                "feedback",
                Double.toString(quality / 100.0),
                "LLM_JUDGE",
                end,
                "0.0004");
        add(all, random, number, 10, "has_citation", "feedback", quality > 75 ? "\"yes\"" : "\"no\"", "CODE", end, "");
        add(all, random, number, 3, "expected_answer", "expectation", "\"" + PREVIEW + "\"", "HUMAN", end, "");
        all.removeIf(one -> one.createdMillis() > nowMillis);
        return all;
    }

    private void add(
            List<DemoTrace.Feedback> all,
            SplittableRandom random,
            long number,
            int percent,
            String name,
            String kind,
            String value,
            String source,
            long end,
            String cost) {
        boolean given = random.nextInt(100) < percent;
        double pace = number < count ? 1 : speed;
        long created = end + (long) (random.nextLong(1, LATEST_FEEDBACK) / pace);
        if (given) {
            String id = String.format("a-%016x%016x", name.hashCode(), number);
            all.add(new DemoTrace.Feedback(id, name, kind, value, source, created, cost));
        }
    }

    private static <T> T pick(List<T> from, SplittableRandom random) {
        return from.get(random.nextInt(from.size()));
    }
}
