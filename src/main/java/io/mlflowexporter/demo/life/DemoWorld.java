package io.mlflowexporter.demo.life;

import io.mlflowexporter.demo.store.MlflowStore;
import java.time.DayOfWeek;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.util.SplittableRandom;

/**
 * The life of the simulated server: 60 days of history up to the start, then whatever the clock makes due. The same
 * seed, start and options give the same world whenever it is looked at, however often: chance is drawn in the order of
 * events, never by the looker.
 */
public final class DemoWorld {
    /** How far back the history reaches. */
    public static final Duration HISTORY = Duration.ofDays(60);

    /** A world in which nothing happens. */
    public static final DemoWorld EMPTY = new DemoWorld();

    private static final long HOUR = 3_600_000;

    private final Agenda agenda;
    private final Runnable hour;

    private DemoWorld() {
        agenda = new Agenda(0, 1);
        hour = () -> {};
    }

    /** Builds the history up to a Unix millisecond. */
    public DemoWorld(MlflowStore store, SimulationOptions options, long startedMillis) {
        agenda = new Agenda(startedMillis, options.speed());
        long begin = startedMillis - HISTORY.toMillis();
        SplittableRandom random = new SplittableRandom(options.seed());
        DemoProject project = new DemoProject(store, agenda, random, options, begin);
        double average = averageWeight(begin, startedMillis);
        double perHour = options.runs() / DemoProject.RUNS_PER_WORK / HISTORY.toHours();
        hour = () -> {
            double weight = weight(agenda.now()) / average;
            double expected =
                    agenda.history() ? perHour * weight : Math.max(perHour * weight, options.livingWorkPerHour());
            for (int i = poisson(random, expected); i > 0; i--) {
                agenda.in(random.nextDouble() * HOUR / 1000, project::work);
            }
            nextHour();
        };
        agenda.at(begin + HOUR, hour);
        // Something is under way at the start, whatever the hour.
        agenda.at(startedMillis - 25 * 60_000, project::bikes);
        agenda.at(startedMillis - 10 * 60_000, project::recommendations);
        agenda.at(startedMillis - 2 * 60_000, project::churn);
        agenda.runTo(startedMillis);
        project.plantAnomalies(startedMillis);
    }

    private void nextHour() {
        agenda.in(HOUR / 1000.0, hour);
    }

    /** Lets everything happen that is due; a clock that went backwards changes nothing. */
    public void advanceTo(long clockMillis) {
        agenda.runTo(clockMillis);
    }

    /** How busy an hour is: office hours most, nights and weekends least. */
    private static double weight(long millis) {
        ZonedDateTime time = Instant.ofEpochMilli(millis).atZone(ZoneOffset.UTC);
        boolean weekend = time.getDayOfWeek() == DayOfWeek.SATURDAY || time.getDayOfWeek() == DayOfWeek.SUNDAY;
        boolean office = time.getHour() >= 8 && time.getHour() < 18;
        return (weekend ? 0.2 : 1) * (office ? 1 : 0.15);
    }

    private static double averageWeight(long from, long to) {
        double sum = 0;
        int hours = 0;
        for (long at = from + HOUR; at < to; at += HOUR) {
            sum += weight(at);
            hours++;
        }
        return sum / hours;
    }

    /** A random count with a given mean; the normal approximation above 50. */
    private static int poisson(SplittableRandom random, double mean) {
        if (mean > 50) {
            double gauss =
                    Math.sqrt(-2 * Math.log(1 - random.nextDouble())) * Math.cos(2 * Math.PI * random.nextDouble());
            return (int) Math.max(0, Math.round(mean + Math.sqrt(mean) * gauss));
        }
        double limit = Math.exp(-mean);
        int count = 0;
        for (double product = random.nextDouble(); product > limit; product *= random.nextDouble()) {
            count++;
        }
        return count;
    }
}
