package io.mlflowexporter.cost.pricing;

import static java.nio.file.StandardCopyOption.REPLACE_EXISTING;
import static org.assertj.core.api.Assertions.assertThat;

import io.mlflowexporter.settings.SettingsException;
import io.mlflowexporter.settings.SettingsSchema;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Holds {@code docs/cost-book.md} to the declarations it is generated from, and the example to what it says of itself. */
final class PricingFileReferenceTest {
    private static final Path REFERENCE = Path.of("docs/cost-book.md");
    private static final Path EXAMPLE = Path.of("docs/cost-book.example.yaml");

    @TempDir
    private Path directory;

    @Test
    void referenceIsFresh() throws IOException {
        String fresh = PricingFileReference.markdown();
        if (Boolean.getBoolean("regenerate")) {
            Files.writeString(REFERENCE, fresh);
        }
        assertThat(Files.readString(REFERENCE))
                .as("stale; run: mvn -q test -Dtest=PricingFileReferenceTest -Dregenerate=true")
                .isEqualTo(fresh);
    }

    @Test
    void theExampleHasNoProblemAndNothingDoubtful() throws SettingsException {
        LoadedPricingFile example = PricingFileLoader.load(EXAMPLE);

        assertThat(example.warnings()).isEmpty();
        assertThat(example.book().resources())
                .flatExtracting(Resource::prices)
                .as("a price of a list or contract says of when it is")
                .allMatch(price -> price.source() == Resource.Provenance.ESTIMATE
                        || price.note().orElse("").matches(".*20[0-9]{2}.*"));
    }

    @Test
    void theExampleShowsEverySettingOfTheBook() throws IOException {
        List<String> lines = Files.readAllLines(EXAMPLE);
        assertThat(SettingsSchema.keys(PricingFile.class))
                .allSatisfy(key -> assertThat(lines).anyMatch(line -> line.startsWith(key + ":")));
    }

    @Test
    void whatTheExampleHasCommentedOutWorks() throws IOException, SettingsException {
        Files.writeString(directory.resolve("focus-export.csv.gz"), """
                SkuId,PricingUnit,BillingCurrency,ChargePeriodStart,ChargePeriodEnd,ContractedUnitPrice
                ABCDEFGHIJKLMNOP,Hours,USD,2026-01-01T00:00:00Z,2026-01-02T00:00:00Z,2.5
                """);
        List<String> lines = Files.readAllLines(EXAMPLE).stream()
                .map(line -> line.matches("  #(- |  ).*") ? line.replaceFirst("#", "") : line)
                .toList();
        Path file = Files.write(directory.resolve("book.yaml"), lines);

        assertThat(PricingFileLoader.load(file).focusPrices().get("contracted")).hasSize(1);
        Files.copy(EXAMPLE, file, REPLACE_EXISTING);
        assertThat(PricingFileLoader.load(file).focusPrices()).isEmpty();
    }
}
