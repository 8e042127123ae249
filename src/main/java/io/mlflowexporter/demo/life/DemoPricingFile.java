package io.mlflowexporter.demo.life;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.util.regex.Pattern;

/** The cost book that goes with the simulated history. */
public final class DemoPricingFile {
    private static final Pattern DAYS_AGO = Pattern.compile("@DAYS_AGO_([0-9]+)@");

    private DemoPricingFile() {}

    /** The book's text, for a history that ends today. */
    public static String text(LocalDate today) throws IOException {
        try (InputStream in = DemoPricingFile.class.getResourceAsStream("cost-book.yaml")) {
            if (in == null) {
                throw new IOException("the program's own cost-book.yaml is missing");
            }
            String template = new String(in.readAllBytes(), StandardCharsets.UTF_8);
            return DAYS_AGO.matcher(template)
                    .replaceAll(days ->
                            today.minusDays(Long.parseLong(days.group(1))).toString());
        }
    }

    /** Writes the book to a file that is deleted when the process ends. */
    public static Path file(LocalDate today) throws IOException {
        Path file = Files.createTempFile("mlflow-exporter-demo-cost-book", ".yaml");
        file.toFile().deleteOnExit();
        return Files.writeString(file, text(today));
    }
}
