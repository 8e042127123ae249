package io.mlflowexporter.bench;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/** What was measured. Each result is printed as soon as it is there, and all of them as a table at the end. */
final class Report {
    private record Line(String name, String value, String goal, String how) {}

    private final List<Line> lines = new ArrayList<>();

    void add(String name, double value, String goal, String how) {
        String text = Math.abs(value) >= 100
                ? String.format(Locale.ROOT, "%.0f", value)
                : String.format(Locale.ROOT, "%.2f", value);
        lines.add(new Line(name, text, goal, how));
        System.out.println("RATIO " + name + " " + text);
    }

    void skip(String name, String goal, String why) {
        lines.add(new Line(name, "–", goal, "not measured: " + why));
        System.out.println("SKIP " + name + ": " + why);
    }

    static void say(String text) {
        System.err.println("[bench] " + text);
    }

    void table() {
        System.out.println();
        System.out.println("| name | value | goal | how |");
        System.out.println("|---|---|---|---|");
        for (Line line : lines) {
            System.out.println("| " + line.name + " | " + line.value + " | " + line.goal + " | " + line.how + " |");
        }
    }

    static double median(double... values) {
        double[] sorted = values.clone();
        Arrays.sort(sorted);
        int middle = sorted.length / 2;
        return sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
    }
}
