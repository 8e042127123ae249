package io.mlflowexporter;

import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.Dependency;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** Holds the code to the table of packages in CONTRIBUTING.md: what each may use, and that none is missing. */
@AnalyzeClasses(packages = "io.mlflowexporter", importOptions = ImportOption.DoNotIncludeTests.class)
final class ArchitectureTest {
    private static final String BASE = "io.mlflowexporter.";
    private static final Path SOURCES = Path.of("src/main/java/io/mlflowexporter");
    private static final Pattern ROW = Pattern.compile("\\| `([a-z.]+)` \\| [^|]+ \\| ([^|]+) \\|");
    private static final Pattern NAME = Pattern.compile("`([a-z.]+)`");

    @ArchTest
    static void packagesUseOnlyWhatTheTableAllows(JavaClasses classes) throws IOException {
        Map<String, Set<String>> table = table();
        Set<String> violations = new TreeSet<>();
        for (JavaClass from : classes) {
            String row = row(table, from);
            for (Dependency dependency : from.getDirectDependenciesFromSelf()) {
                JavaClass to = dependency.getTargetClass().getBaseComponentType();
                if (!to.getPackageName().startsWith(BASE) || row(table, to).equals(row)) {
                    continue;
                }
                Set<String> allowed = table.get(row);
                boolean fine = allowed.contains("all")
                        || allowed.contains(row(table, to))
                        || (allowed.contains("records") && isValue(to));
                if (!fine) {
                    violations.add(row + " must not use " + row(table, to) + ": " + dependency.getDescription());
                }
            }
        }
        assertThat(violations).isEmpty();
    }

    @ArchTest
    static void everyPackageIsInTheTableAndSaysWhatItIsFor(JavaClasses classes) throws IOException {
        Map<String, Set<String>> table = table();
        Set<String> packages = new TreeSet<>();
        classes.forEach(type -> packages.add(type.getPackageName()));
        assertThat(packages).allSatisfy(name -> {
            assertThat(table.keySet())
                    .as("a row of CONTRIBUTING.md for " + name)
                    .anyMatch(row -> within(name.substring(BASE.length()), row));
            assertThat(SOURCES.resolve(name.substring(BASE.length()).replace('.', '/'))
                            .resolve("package-info.java"))
                    .exists();
        });
    }

    /** One thought a file, one subject a package: CONTRIBUTING.md. */
    @ArchTest
    static void noTwoClassesShareASimpleName(JavaClasses classes) throws IOException {
        try (Stream<Path> files = Files.walk(SOURCES)) {
            assertThat(files.map(file -> file.getFileName().toString())
                            .filter(name -> name.endsWith(".java") && !name.equals("package-info.java")))
                    .doesNotHaveDuplicates();
        }
    }

    /** A record of settings or of values, or a constant; nothing that computes. */
    private static boolean isValue(JavaClass type) {
        JavaClass outer = type;
        while (outer.getEnclosingClass().isPresent()) {
            outer = outer.getEnclosingClass().get();
        }
        return outer.isRecord() || outer.isEnum();
    }

    private static String row(Map<String, Set<String>> table, JavaClass type) {
        String name = type.getPackageName().substring(BASE.length());
        return table.keySet().stream()
                .filter(row -> within(name, row))
                .max((a, b) -> Integer.compare(a.length(), b.length()))
                .orElse(name);
    }

    private static boolean isRow(String allowed) {
        return !allowed.equals("all") && !allowed.equals("records");
    }

    private static boolean within(String name, String row) {
        return name.equals(row) || name.startsWith(row + ".");
    }

    private static Map<String, Set<String>> table() throws IOException {
        Map<String, Set<String>> table = new LinkedHashMap<>();
        Matcher rows = ROW.matcher(Files.readString(Path.of("CONTRIBUTING.md")));
        while (rows.find()) {
            Set<String> allowed = new LinkedHashSet<>();
            if (rows.group(2).strip().equals("all")) {
                allowed.add("all");
            }
            if (rows.group(2).contains("records of settings")) {
                allowed.add("records");
            }
            Matcher names = NAME.matcher(rows.group(2));
            while (names.find()) {
                allowed.add(names.group(1));
            }
            table.put(rows.group(1), allowed);
        }
        assertThat(table).containsKeys("metric", "catalog", "cli");
        // A row names only rows above it, so that there is no cycle.
        Set<String> above = new LinkedHashSet<>();
        table.forEach((row, allowed) -> {
            assertThat(above)
                    .as(row)
                    .containsAll(
                            allowed.stream().filter(ArchitectureTest::isRow).toList());
            above.add(row);
        });
        return table;
    }
}
