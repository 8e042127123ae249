package io.mlflowexporter.llm;

import io.mlflowexporter.checkpoint.fields.FieldReader;
import io.mlflowexporter.checkpoint.fields.FieldWriter;
import io.mlflowexporter.cost.CostModel;
import io.mlflowexporter.cost.budget.LlmSpending;
import io.mlflowexporter.cost.pricing.CalendarDays;
import io.mlflowexporter.cost.pricing.LlmPrices;
import io.mlflowexporter.cost.pricing.PricingFile;
import io.mlflowexporter.cost.pricing.PricingFile.Budget;
import io.mlflowexporter.llm.sums.Hours;
import io.mlflowexporter.llm.sums.Measure;
import io.mlflowexporter.llm.sums.TraceTotals;
import io.mlflowexporter.llm.sync.Tally;
import io.mlflowexporter.llm.sync.TraceSync;
import io.mlflowexporter.llm.sync.TraceSyncSettings;
import io.mlflowexporter.metric.Family;
import io.mlflowexporter.metric.FamilyDeclaration;
import io.mlflowexporter.metric.Times;
import io.mlflowexporter.mlflow.Experiment;
import io.mlflowexporter.mlflow.MlflowException;
import io.mlflowexporter.mlflow.MlflowSource;
import io.mlflowexporter.mlflow.TraceSource;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.IntUnaryOperator;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/** LLM traces from reading to families. Belongs to the refresh thread. */
public final class TraceEngine {
    /** Of the heap, for all sums of traces. */
    private static final int PART_OF_HEAP = 16;

    private static final long LEAST_BYTES = 2L << 20;

    private final TracesConfig config;
    private final TraceSyncSettings settings;
    private final Duration maxStaleness;
    private final Supplier<Optional<CostModel>> models;
    private final long bytes;
    private TraceTotals sums = new TraceTotals();
    private TraceSync sync;
    private Optional<CostModel> model = Optional.empty();
    private Tally.Rules rules = Tally.Rules.NONE;
    /** When traces were last read; {@link Times#ABSENT}: never, or the server has none. */
    private long readMillis = Times.ABSENT;

    private LongSupplier answers = () -> 0;
    private List<String> leftOut = List.of();
    private int agedHour = Integer.MIN_VALUE;

    /**
     * Begins with nothing read.
     *
     * @param models the pricing file in force, asked at each refresh
     * @param maxStaleness what was read longer ago is not told
     * @param heap what the heap may grow to, bytes
     */
    public TraceEngine(
            TracesConfig config,
            TraceSyncSettings settings,
            Supplier<Optional<CostModel>> models,
            Duration maxStaleness,
            long heap) {
        this.config = config;
        this.settings = settings;
        this.maxStaleness = maxStaleness;
        this.models = models;
        this.bytes = Math.max(LEAST_BYTES, heap / PART_OF_HEAP);
        this.sync = new TraceSync(settings, () -> answers.getAsLong(), sums);
    }

    /** All families about LLM traces. */
    public static List<FamilyDeclaration> declarations() {
        List<FamilyDeclaration> all = new ArrayList<>(TraceFamilies.declarations());
        all.addAll(LlmMoneyFamilies.declarations());
        return all;
    }

    /** All families about the reading of traces. */
    public static List<FamilyDeclaration> readingDeclarations() {
        return ReadingFamilies.declarations();
    }

    private boolean told(long nowMillis) {
        return readMillis != Times.ABSENT && nowMillis - readMillis <= maxStaleness.toMillis();
    }

    /**
     * Reads on.
     *
     * @return whether the server has traces that are wanted
     * @throws MlflowException if not all was read; what was read is kept
     */
    public boolean read(MlflowSource server, List<Experiment> experiments, long nowMillis) throws MlflowException {
        Optional<TraceSource> source = config.read() == TracesConfig.Read.OFF ? Optional.empty() : server.traces();
        if (source.isEmpty() || !source.get().hasTraces()) {
            if (config.read() == TracesConfig.Read.ON) {
                throw new MlflowException(
                        MlflowException.Kind.UNSUPPORTED,
                        "the server has no LLM traces, which need MLflow 3; set traces.read to auto or off");
            }
            readMillis = Times.ABSENT;
            return false;
        }
        answers = server::answerNanos;
        Optional<CostModel> newest = models.get();
        if (!newest.equals(model) || rules.equals(Tally.Rules.NONE)) {
            if (model.isPresent()) {
                sync.again();
            }
            model = newest;
            rules = rules(newest);
        }
        try {
            leftOut = sync.read(source.get(), experiments, new Tally(rules, sums), nowMillis);
        } finally {
            age(nowMillis);
        }
        readMillis = nowMillis;
        return true;
    }

    private Tally.Rules rules(Optional<CostModel> priced) {
        if (priced.isEmpty()) {
            return new Tally.Rules(
                    LlmPrices.SERVER_ONLY,
                    config.groupBy(),
                    config.hashGroups(),
                    Optional.empty(),
                    Optional.empty(),
                    List.of());
        }
        PricingFile book = priced.get().book();
        List<Budget> tagged = book.budgets().stream()
                .filter(budget -> budget.includes().contains(Budget.Spending.LLM)
                        && !budget.tags().isEmpty())
                .toList();
        return new Tally.Rules(
                priced.get().llmPrices(),
                config.groupBy(),
                config.hashGroups(),
                book.projectTag(),
                book.teamTag(),
                tagged);
    }

    private ZoneId zone() {
        return model.map(m -> m.book().timeZone()).orElse(ZoneOffset.UTC);
    }

    private void age(long nowMillis) {
        int hour = Hours.of(nowMillis);
        if (hour == agedHour && sums.weight() <= bytes) {
            return;
        }
        agedHour = hour;
        ZoneId zone = zone();
        IntUnaryOperator dayOf = h ->
                Hours.of(CalendarDays.start(LocalDate.ofInstant(Instant.ofEpochMilli(Hours.millis(h)), zone), zone));
        sums.age(hour, sync.thinBefore(nowMillis), dayOf, sync.used(), bytes);
    }

    /** All families, as far as traces were read. */
    public List<Family> families(long nowMillis) {
        if (!told(nowMillis)) {
            return List.of();
        }
        List<Family> all = new ArrayList<>(TraceFamilies.of(sums, sync.inProgress()));
        all.addAll(LlmMoneyFamilies.of(sums, LlmWindow.at(nowMillis, zone())));
        all.addAll(ReadingFamilies.of(sync));
        return all;
    }

    /** Kind of anomaly to the number of traces that show it, of the last 30 days. */
    public Map<String, Long> anomalies(long nowMillis) {
        Map<String, Long> all = new TreeMap<>();
        int[] from = {Hours.of(nowMillis) - TraceTotals.HOURS_HELD};
        sums.windows(from, (owner, window, measure, value) -> {
            if (measure.kind() == Measure.Kind.ANOMALIES) {
                all.merge(measure.labels().get(0), Math.round(value), Long::sum);
            }
        });
        return all;
    }

    /** What traces cost, for budgets and forecasts. */
    public LlmSpending spending() {
        return each -> sums.lasting((owner, hour, wholeDay, measure, value) -> {
            long from = Hours.millis(hour);
            long until = Hours.millis(hour + (wholeDay ? Hours.OF_DAY : 1));
            if (measure.kind() == Measure.Kind.SPEND) {
                each.spent(owner.workspace(), owner.name(), "", measure.labels().get(1), value, from, until);
            } else {
                each.spent(
                        owner.workspace(),
                        owner.name(),
                        measure.labels().get(0),
                        measure.labels().get(1),
                        value,
                        from,
                        until);
            }
        });
    }

    /** What people are shown; empty where no traces were read. */
    public Optional<LlmOverview> overview() {
        return readMillis == Times.ABSENT
                ? Optional.empty()
                : Optional.of(LlmOverview.of(sums, sync, LlmWindow.at(readMillis, zone())));
    }

    /** What is to be said of the reading, a line each. */
    public List<String> notices() {
        List<String> notices = new ArrayList<>(leftOut);
        if (readMillis == Times.ABSENT) {
            return notices;
        }
        int aggregated = sync.aggregated().size();
        if (aggregated > 0) {
            notices.add("LLM traces of " + aggregated + (aggregated == 1 ? " experiment are" : " experiments are")
                    + " read from the server's hourly sums, as there are more than traces.max_per_refresh: counts,"
                    + " tokens and cost are exact, durations, feedback and groups stay as they were.");
        }
        if (sync.pastToRead() > 0) {
            notices.add("LLM traces of the past are still being read.");
        }
        if (sync.lagMillis(readMillis) > 2 * settings.interval().toMillis()) {
            notices.add("LLM traces are counted late, as there are more than can be read in a refresh.");
        }
        if (sums.droppedBefore() > Integer.MIN_VALUE) {
            notices.add(
                    "The oldest LLM traces are left out of windows, as memory has no room; give more with java -Xmx, or"
                            + " set fewer traces.group_by.");
        }
        return notices;
    }

    /** What survives a restart. */
    public static final class Saved {
        private final TraceTotals sums;
        private final TraceSync.Saved sync;
        private final long readMillis;

        private Saved(TraceTotals sums, TraceSync.Saved sync, long readMillis) {
            this.sums = sums;
            this.sync = sync;
            this.readMillis = readMillis;
        }

        /** Nothing. */
        public static Saved nothing() {
            return new Saved(new TraceTotals(), TraceSync.Saved.nothing(), Times.ABSENT);
        }
    }

    /** Writes everything, for {@link #read(FieldReader)}. */
    public void write(FieldWriter out) throws IOException {
        out.number("readMillis", readMillis);
        out.object("sums", sums::write);
        out.object("sync", sync::write);
    }

    /**
     * What {@link #write} wrote.
     *
     * @throws IOException if it cannot be true
     */
    public static Saved read(FieldReader in) throws IOException {
        long read = Times.ABSENT;
        TraceTotals sums = new TraceTotals();
        TraceSync.Saved sync = TraceSync.Saved.nothing();
        while (in.next()) {
            switch (in.name()) {
                case "readMillis" -> read = in.number();
                case "sums" -> sums = in.object(TraceTotals::read);
                case "sync" -> sync = in.object(TraceSync::saved);
                default -> {
                    // Of another version.
                }
            }
        }
        return new Saved(sums, sync, read);
    }

    /** Goes on from what was known; whatever was read since the start is forgotten. */
    public void restore(Saved saved) {
        sums = saved.sums;
        sync = new TraceSync(settings, () -> answers.getAsLong(), sums, saved.sync);
        readMillis = saved.readMillis;
        sums.settle();
        agedHour = Integer.MIN_VALUE;
    }
}
