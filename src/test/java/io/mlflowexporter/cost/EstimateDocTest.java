package io.mlflowexporter.cost;

import static org.assertj.core.api.Assertions.assertThat;

import io.mlflowexporter.cost.pricing.PriceList;
import io.mlflowexporter.cost.pricing.PricingFileLoader;
import io.mlflowexporter.estimate.BadQuestionException;
import io.mlflowexporter.estimate.EstimateText;
import io.mlflowexporter.estimate.Estimates;
import io.mlflowexporter.estimate.NotNowException;
import io.mlflowexporter.estimate.RunHistory;
import io.mlflowexporter.estimate.RunHistoryReader;
import io.mlflowexporter.kpi.KpiFile;
import io.mlflowexporter.kpi.Kpis;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/**
 * Executes docs/estimate.md: under each heading, yaml blocks are cost books, csv blocks are runs, console blocks hold a
 * command and what it must print; -Dregenerate=true writes that anew.
 */
final class EstimateDocTest {
    private static final Path DOCUMENT = Path.of("docs/estimate.md");
    private static final Pattern SECTION = Pattern.compile("(?ms)^## ([^\n]+)\n(.*?)(?=^## |\\z)");
    private static final Pattern BLOCK = Pattern.compile("(?ms)^```(yaml|csv|console)\n(.*?)^```$");
    private static final String PROMPT = "$ mlflow-exporter estimate ";
    private static final Instant NOW = Instant.parse("2026-03-20T00:00:00Z");

    @TempDir
    private Path directory;

    @TestFactory
    Stream<DynamicTest> everyExampleIsTrue() throws IOException {
        Matcher section = SECTION.matcher(Files.readString(DOCUMENT));
        List<DynamicTest> tests = new ArrayList<>();
        while (section.find()) {
            String body = section.group(2);
            if (body.contains("```console")) {
                tests.add(DynamicTest.dynamicTest(section.group(1), () -> execute(body)));
            }
        }
        assertThat(tests).hasSizeGreaterThan(2);
        return tests.stream();
    }

    private void execute(String body) throws Exception {
        Scenario scenario = new Scenario(directory);
        Optional<PriceList> prices = Optional.empty();
        RunHistory.Source past = wanted -> {
            throw new NotNowException("no runs in this example");
        };
        Matcher block = BLOCK.matcher(body);
        while (block.find()) {
            switch (block.group(1)) {
                case "yaml" -> {
                    scenario.book(block.group(2));
                    Path file = Files.writeString(directory.resolve("prices.yaml"), block.group(2));
                    prices = Optional.of(
                            CostModel.of(PricingFileLoader.load(file)).prices());
                }
                case "csv" -> {
                    scenario.runs(block.group(2)).at(NOW.toString());
                    RunHistoryReader reader = new RunHistoryReader(
                            scenario.costs().catalog(),
                            scenario.costs().ledger(),
                            Kpis.of(KpiFile.EMPTY, true),
                            Costs.RULES,
                            Optional.empty());
                    past = wanted -> reader.read(wanted, NOW, NOW);
                }
                default -> told(block.group(2), prices, past);
            }
        }
    }

    private void told(String console, Optional<PriceList> prices, RunHistory.Source past)
            throws NotNowException, IOException {
        String[] parts = console.split("\n", 2);
        assertThat(parts[0]).startsWith(PROMPT);
        Map<String, List<String>> parameters = new LinkedHashMap<>();
        String[] words = parts[0].substring(PROMPT.length()).split(" ", -1);
        for (int i = 0; i < words.length; i += 2) {
            parameters
                    .computeIfAbsent(words[i].substring(2).replace('-', '_'), name -> new ArrayList<>())
                    .add(words[i + 1]);
        }
        String answer;
        try {
            answer = EstimateText.write(new Estimates(() -> prices, past, InstantSource.fixed(NOW)).answer(parameters));
        } catch (BadQuestionException e) {
            answer = String.join("\n", e.problems()) + "\n";
        }
        if (Boolean.getBoolean("regenerate")) {
            String document = Files.readString(DOCUMENT);
            Files.writeString(DOCUMENT, document.replace(console, parts[0] + "\n" + answer));
        } else {
            assertThat(answer).as(parts[0]).isEqualTo(parts[1]);
        }
    }
}
