package io.mlflowexporter.cost.pricing;

import static org.assertj.core.api.Assertions.assertThat;

import io.mlflowexporter.settings.Problem;
import io.mlflowexporter.settings.SettingsException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What a user is told of a cost book; the directory the file lies in is cut from it. */
final class PricingFileLoaderTest {
    @TempDir
    private Path directory;

    private LoadedPricingFile load(String yaml) throws IOException, SettingsException {
        return PricingFileLoader.load(Files.writeString(directory.resolve("book.yaml"), yaml));
    }

    /** Every problem, a line each. */
    private String problems(String yaml) throws IOException {
        try {
            load(yaml);
            return "";
        } catch (SettingsException e) {
            return told(e.problems());
        }
    }

    private String warnings(String yaml) throws IOException, SettingsException {
        return told(load(yaml).warnings());
    }

    private String told(List<Problem> problems) {
        return problems.stream()
                .map(problem -> problem.toString().replace(directory + "/", "") + "\n")
                .collect(Collectors.joining());
    }

    @Test
    void aSoundBookHasNothingToTell() throws IOException, SettingsException {
        LoadedPricingFile loaded = load("""
                time_zone: Europe/Berlin
                currency: EUR
                report_currency: EUR
                conversions:
                  - {from: USD, to: EUR, rate: 0.92, valid_until: 2026-01-01}
                  - {from: USD, to: EUR, rate: 0.90, valid_from: 2026-01-01}
                resources:
                  - name: m5.xlarge
                    prices:
                      - {per_hour: 0.192, currency: USD, source: list, valid_until: 2026-03-01}
                      - {per_hour: 0.188, currency: USD, source: contract, valid_from: 2026-03-01T00:00:00+01:00}
                  - name: pool
                    prices:
                      - rates: {vcpu: 0.03, gib: 0.004, gpu: {A100: 2.5, T4: 0.3}}
                rules:
                  - experiment: ["gpu-*"]
                    uses:
                      - {resource: pool, vcpus: "param:cpus else 8", memory_gib: 64, gpus: tag:gpus, gpu_model: A100}
                  - user: [ci]
                    uses: []
                default_uses:
                  - resource: m5.xlarge
                budgets:
                  - {name: all, amount: 1000}
                overheads:
                  - {category: software, monthly: 300}
                  - {category: data, gb: 500, per_gb_month: 0.02, currency: USD}
                  - {category: personnel, once: 1000, valid_from: 2026-02-01}
                carbon:
                  - {grams_per_kwh: 380}
                """);

        assertThat(loaded.warnings()).isEmpty();
        assertThat(loaded.summary()).isEqualTo("2 resources, 2 rules, 1 budget, 3 overheads");
        assertThat(loaded.book().resources().get(1).place().line()).isEqualTo(12);
        assertThat(loaded.book().rules().get(1).uses()).contains(List.of());
    }

    @Test
    void everyProblemIsToldAtOnceWithItsLine() throws IOException {
        assertThat(problems("""
                time_zone: Europe/Berlin
                report_currency: EUR
                resources:
                  - name: negative
                    prices:
                      - per_hour: -1
                  - name: text
                    prices:
                      - per_hour: "0.192"
                      - per_hour: cheap
                      - per_hour: 1e3
                  - name: money
                    prices:
                      - {per_hour: 1, currency: EURO}
                  - name: free
                  - name: several
                    prices:
                      - {per_hour: 1, rates: {vcpu: 1}, currency: EUR}
                      - {currency: EUR}
                      - {rates: {gpu: {}}, currency: EUR}
                rules:
                  - experiment: [a]
                  - uses: [{resource: negative}]
                  - {experiment: [b], uses: [{resource: negativ}]}
                  - {experiment: [c], uses: [{resource: moneyy, count: many}]}
                default_uses:
                  - {resource: tex}
                budgets:
                  - {name: b, amount: 0, currency: EUR}
                overheads:
                  - {category: beer, monthly: 1}
                colour: blue
                """)).isEqualTo("""
                book.yaml:6: resources[0].prices[0].per_hour: "-1" is negative or no number
                book.yaml:9: resources[1].prices[0].per_hour: is text in quotes; write the number without them
                book.yaml:10: resources[1].prices[1].per_hour: "cheap" is not a number; allowed: digits and one point,\
                 such as 0.192
                book.yaml:11: resources[1].prices[2].per_hour: "1e3" is not a number; allowed: digits and one point,\
                 such as 0.192
                book.yaml:14: resources[2].prices[0].currency: "EURO" is no currency; allowed: the codes of ISO 4217,\
                 such as EUR or USD
                book.yaml:15: resources[3].prices: are missing; give prices or focus (what costs nothing has the price\
                 0)
                book.yaml:18: resources[4].prices[0]: has per_hour and rates; give exactly one of: owned, per_hour, rates
                book.yaml:19: resources[4].prices[1]: has no amount; give exactly one of: owned, per_hour, rates
                book.yaml:20: resources[4].prices[2].rates: names no rate; give vcpu, gib or gpu
                book.yaml:22: rules[0].uses: is missing: the rule names no resource; write [] if such runs cost nothing
                book.yaml:23: rules[1]: has no condition and would match every run; write what all other runs used into\
                 default_uses, or give one of experiment, workspace, phase, user, source, run_name, tags and params
                book.yaml:24: rules[2].uses[0].resource: there is no resource "negativ"; did you mean "negative"?
                book.yaml:25: rules[3].uses[0].count: "many" is not a quantity; allowed: a number from 0 to 1000000,\
                 tag:NAME or param:NAME, the latter two also with `else NUMBER`
                book.yaml:27: default_uses[0].resource: there is no resource "tex"; did you mean "text"?
                book.yaml:29: budgets[0].amount: 0 is out of range; allowed: 0.01 to 1000000000000
                book.yaml:31: overheads[0].category: "beer" is unknown; allowed: infrastructure, data, personnel,\
                 software, operations
                book.yaml:32: colour: unknown key; allowed: time_zone, currency, report_currency, conversions,\
                 resources, rules, default_uses, trust_run_hints, project_tag, team_tag, budgets, overheads, carbon, pue,\
                 llm_prices
                """);
    }

    @Test
    void namesMustBeLabelsAndDiffer() throws IOException {
        assertThat(problems("""
                currency: EUR
                resources:
                  - {name: a/b, prices: [{per_hour: 1}]}
                  - {name: _other, prices: [{per_hour: 1}]}
                  - {name: "", prices: [{per_hour: 1}]}
                  - {name: twice, prices: [{per_hour: 1}]}
                  - {name: twice, prices: [{per_hour: 2}]}
                  - {name: gpus, prices: [{rates: {gpu: {a/b: 1}}}]}
                default_uses: [{resource: twice}]
                budgets:
                  - {name: b, amount: 1}
                  - {name: b, amount: 2}
                  - {name: "a\\nb", amount: 2}
                """)).isEqualTo("""
                book.yaml:3: resources[0].name: "a/b" cannot be a resource's name; allowed: up to 64 letters, digits,\
                 blanks and . _ : + @ ( ) -, the first a letter or a digit
                book.yaml:4: resources[1].name: _other is what the series budget sums up; choose another name
                book.yaml:5: resources[2].name: is empty; give a value or leave it out
                book.yaml:7: resources[4]: is named "twice", as is book.yaml:6
                book.yaml:8: resources[5].prices[0].rates.gpu: "a/b" cannot be a GPU's model; allowed: up to 64 letters,\
                 digits, blanks and . _ : + @ ( ) -, the first a letter or a digit
                book.yaml:12: budgets[1].name: is "b", as is that of book.yaml:11
                book.yaml:13: budgets[2].name: "a\\nb" cannot be a budget's name; allowed: up to 64 letters, digits,\
                 blanks and . _ : + @ ( ) -, the first a letter or a digit
                """);
    }

    @Test
    void timesThatOverlapOrNeverHoldAreRefused() throws IOException {
        assertThat(problems("""
                currency: EUR
                time_zone: Europe/Berlin
                conversions:
                  - {from: USD, to: EUR, rate: 0.9, valid_until: 2026-02-01}
                  - {from: USD, to: EUR, rate: 0.8, valid_from: 2026-01-31}
                  - {from: EUR, to: USD, rate: 1.1}
                  - {from: EUR, to: EUR, rate: 1}
                resources:
                  - name: a
                    prices:
                      - {per_hour: 1, valid_from: 2026-01-01, valid_until: 2026-03-01}
                      - {per_hour: 2, valid_from: 2026-02-01, valid_until: 2026-02-02}
                      - {per_hour: 3, valid_from: 2026-02-03, valid_until: 2026-02-04}
                      - {per_hour: 4, valid_from: 2026-05-01, valid_until: 2026-05-01}
                      - {per_hour: 5, valid_from: 2026-05-01, valid_until: 2026-05-01T00:00:00Z}
                      - {per_hour: 6, valid_until: 2026-01-01}
                  - name: b
                    prices:
                      - {per_hour: 1}
                      - {per_hour: 1}
                default_uses: [{resource: a}, {resource: b}]
                overheads:
                  - {category: data, monthly: 1, valid_from: 2026-02-01, valid_until: 2026-01-01}
                carbon:
                  - {grams_per_kwh: 300, valid_from: 2026-01-01}
                  - {grams_per_kwh: 400}
                """)).isEqualTo("""
                book.yaml:5: conversions[1]: its time overlaps that of book.yaml:4; set valid_from and valid_until so\
                 that only one holds
                book.yaml:7: conversions[3].to: is EUR, as is from; a currency needs no conversion to itself
                book.yaml:12: resources[0].prices[1]: its time overlaps that of book.yaml:11; set valid_from and\
                 valid_until so that only one holds
                book.yaml:13: resources[0].prices[2]: its time overlaps that of book.yaml:11; set valid_from and\
                 valid_until so that only one holds
                book.yaml:14: resources[0].prices[3]: never holds: valid_until, the first instant it no longer does, is\
                 not after valid_from
                book.yaml:20: resources[1].prices[1]: its time overlaps that of book.yaml:19; set valid_from and\
                 valid_until so that only one holds
                book.yaml:23: overheads[0]: never holds: valid_until, the first instant it no longer does, is not after\
                 valid_from
                book.yaml:26: carbon[1]: its time overlaps that of book.yaml:25; set valid_from and valid_until so that\
                 only one holds
                """);
    }

    @Test
    void everyAmountHasACurrencyAndEveryConversionNeededIsThere() throws IOException {
        assertThat(problems("""
                report_currency: EUR
                conversions:
                  - {from: EUR, to: USD, rate: 1.1}
                resources:
                  - name: a
                    prices:
                      - {per_hour: 1, currency: USD, valid_until: 2026-01-01}
                      - {per_hour: 1, valid_from: 2026-01-01}
                default_uses: [{resource: a}]
                budgets:
                  - {name: yen, amount: 1, currency: JPY}
                  - {name: none, amount: 1}
                  - {name: dollars, amount: 1, currency: USD, overheads: [data]}
                overheads:
                  - {category: data, monthly: 1, currency: CHF}
                  - {category: software, monthly: 1}
                """)).isEqualTo("""
                book.yaml:1: report_currency: there is no conversion from USD to EUR, which the price of book.yaml:7\
                 needs
                book.yaml:1: report_currency: there is no conversion from CHF to EUR, which the overhead of\
                 book.yaml:15 needs
                book.yaml:8: resources[0].prices[1].currency: is missing; give the currency here, or for the whole book\
                 at its top
                book.yaml:11: budgets[0].currency: there is no conversion from USD to JPY, which the price of\
                 book.yaml:7 needs
                book.yaml:12: budgets[1].currency: is missing; give the currency here, or for the whole book at its top
                book.yaml:13: budgets[2].currency: there is no conversion from CHF to USD, which the overhead of\
                 book.yaml:15 needs
                book.yaml:16: overheads[1].currency: is missing; give the currency here, or for the whole book at its top
                """);
    }

    @Test
    void aUseMustFitHowItsResourceIsPriced() throws IOException {
        assertThat(problems("""
                currency: EUR
                resources:
                  - {name: machine, prices: [{per_hour: 1}]}
                  - {name: pool, prices: [{rates: {vcpu: 1, gib: 1, gpu: {A100: 1}}}]}
                  - {name: cpus, prices: [{rates: {vcpu: 1}}]}
                  - {name: gpus, prices: [{rates: {gpu: {A100: 1}}}]}
                  - {name: mixed, prices: [{rates: {vcpu: 1}, valid_until: 2026-01-01}, {per_hour: 1, valid_from: 2026-01-01}]}
                default_uses:
                  - {resource: machine, vcpus: 4, gpus: 1, gpu_model: A100}
                  - {resource: pool}
                  - {resource: pool, vcpus: 1, memory_gib: 1, gpus: 1, gpu_model: A10}
                  - {resource: pool, vcpus: 1, memory_gib: 1, gpus: 1}
                  - {resource: pool, vcpus: 1, memory_gib: 1, gpu_model: A100}
                  - {resource: pool, vcpus: 1, memory_gib: 1}
                  - {resource: cpus, vcpus: 1, memory_gib: 1, gpus: 1, gpu_model: tag:gpu}
                  - {resource: gpus}
                  - {resource: gpus, gpus: 1, gpu_model: "tag:"}
                """)).isEqualTo("""
                book.yaml:7: resources[4]: has prices by rates and others; its prices must be all by rates or none: make\
                 two resources of it
                book.yaml:9: default_uses[0].gpus: "machine" is not priced by rates, so that only its count matters
                book.yaml:9: default_uses[0].vcpus: "machine" is not priced by rates, so that only its count matters
                book.yaml:10: default_uses[1].vcpus: is missing: "pool" has a rate for them; write 0 for none
                book.yaml:10: default_uses[1].memory_gib: is missing: "pool" has a rate for them; write 0 for none
                book.yaml:11: default_uses[2].gpu_model: "pool" has no rate for a GPU "A10"; did you mean "A100"?
                book.yaml:12: default_uses[3].gpu_model: is missing: gpus is given, and the model decides the rate
                book.yaml:13: default_uses[4].gpu_model: is given without gpus
                book.yaml:15: default_uses[6].memory_gib: "cpus" has no rate for them
                book.yaml:15: default_uses[6].gpus: "cpus" has no rate for them
                book.yaml:16: default_uses[7].gpus: is missing: "gpus" has a rate for them; write 0 for none
                book.yaml:17: default_uses[8].gpu_model: "tag:" lacks the name after the colon
                """);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "monthly: 1, once: 2, valid_from: 2026-01-01|: has monthly and once; give exactly one of:"
                        + " gb with per_gb_month, monthly, once",
                "name: x|: has no amount; give exactly one of: gb with per_gb_month, monthly, once",
                "gb: 1|.gb: is given without per_gb_month",
                "per_gb_month: 1|.per_gb_month: is given without gb",
                "once: 1|.once: is given without valid_from, the day from which it counts",
            })
    void anOverheadHasOneAmount(String keys, String expected) throws IOException {
        assertThat(problems("currency: EUR\nresources: []\noverheads:\n  - {category: data, " + keys + "}\n"))
                .isEqualTo("book.yaml:4: overheads[0]" + expected + "\n");
    }

    @Test
    void whatIsDoubtfulIsAWarning() throws IOException, SettingsException {
        assertThat(warnings("currency: EUR\nresources: []\n"))
                .isEqualTo("book.yaml:2: resources: there are none, so that nothing has a price\n");
        String resources = """
                currency: EUR
                resources:
                  - {name: a, prices: [{per_hour: 1}]}
                  - name: b
                    prices:
                      - {rates: {vcpu: 1, gib: 1}, valid_until: 2026-01-01}
                      - {rates: {vcpu: 1}, valid_from: 2026-01-01}
                """;
        String gap = """
                book.yaml:7: resources[1].prices[1].rates: has no rate for gib, as others of the resource have:\
                 unpriced while it holds
                """;
        assertThat(warnings(resources)).isEqualTo("""
                book.yaml:3: resources: no rule and no default use names any: nothing is priced
                """ + gap);
        assertThat(warnings(resources + "default_uses: [{resource: a}]\n")).isEqualTo("""
                book.yaml:4: resources[1]: "b" is used by no rule and no default use
                """ + gap);
        assertThat(warnings(resources + "trust_run_hints: true\n")).isEqualTo(gap);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "''|book.yaml: is empty; a cost book has at least resources",
                "'# nothing'|book.yaml: is empty; a cost book has at least resources",
                "'- a'|book.yaml:1: is a list, not a section; allowed keys: time_zone, currency, report_currency,"
                        + " conversions, resources, rules, default_uses, trust_run_hints, project_tag, team_tag,"
                        + " budgets, overheads, carbon, pue, llm_prices",
                "'resources: 3'|book.yaml:1: resources: is a single value; allowed: a list",
                "'resources: [a]'|book.yaml:1: resources[0]: is a single value, not a section; allowed keys: name,"
                        + " prices, focus, watts, gpu_watts",
                "'resources: [{name: a, per_hour: 1}]'|book.yaml:1: resources[0].per_hour: unknown key; did you mean"
                        + " resources[].prices[].per_hour? allowed: name, prices, focus, watts, gpu_watts",
                "'per_hour: 1'|book.yaml:1: per_hour: unknown key; did you mean resources[].prices[].per_hour?"
                        + " allowed: time_zone, currency, report_currency, conversions, resources, rules,"
                        + " default_uses, trust_run_hints, project_tag, team_tag, budgets, overheads, carbon, pue, llm_prices",
                "'rules: [{experiments: [a], uses: []}]'|book.yaml:1: rules[0].experiments: unknown key; did you mean"
                        + " experiment? allowed: name, experiment, workspace, phase, user, source, run_name, tags,"
                        + " params, uses, distributed_children, shared_by",
                "'time_zone: Berlin'|book.yaml:1: time_zone: \"Berlin\" is no time zone; allowed: IANA names, such as"
                        + " Europe/Berlin, and UTC",
                "'pue: 0.9'|book.yaml:1: pue: 0.9 is out of range; allowed: 1 to 5",
                "'carbon: [{grams_per_kwh: 1, valid_from: 1.2.2026}]'|book.yaml:1: carbon[0].valid_from: \"1.2.2026\" is"
                        + " not a time; allowed: a date such as 2026-01-31, or a date and time with an offset such as"
                        + " 2026-01-31T12:00:00Z or 2026-01-31T12:00:00+01:00",
            })
    void aFileThatIsNoCostBookIsOneCleanLine(String yaml, String expected) throws IOException {
        assertThat(problems(yaml)).isEqualTo(expected + "\n");
    }

    @Test
    void aMissingFileIsToldAsSuch() {
        assertThat(org.assertj.core.api.Assertions.catchThrowableOfType(
                                SettingsException.class, () -> PricingFileLoader.load(directory.resolve("none.yaml")))
                        .problems()
                        .get(0)
                        .message())
                .isEqualTo("no such file");
    }
}
