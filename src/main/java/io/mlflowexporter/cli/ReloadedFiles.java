package io.mlflowexporter.cli;

import io.mlflowexporter.config.LoadedConfig;
import io.mlflowexporter.cost.CostModel;
import io.mlflowexporter.cost.pricing.LoadedPricingFile;
import io.mlflowexporter.cost.pricing.PricingFileLoader;
import io.mlflowexporter.kpi.KpiFile;
import io.mlflowexporter.kpi.KpiFileLoader;
import io.mlflowexporter.reload.FileKind;
import io.mlflowexporter.reload.ReloadSource;
import io.mlflowexporter.reload.Reloads;
import io.mlflowexporter.reload.WatchedFile;
import io.mlflowexporter.settings.Problem;
import io.mlflowexporter.settings.SettingsException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** The pricing file and the file of KPIs in force; the next refresh computes with what they say. */
final class ReloadedFiles {
    private final Optional<WatchedFile<Pricing>> pricing;
    private final Optional<WatchedFile<KpiFile>> kpis;

    /** Begins with what was loaded with the configuration. */
    ReloadedFiles(LoadedConfig loaded, Reloads reloads) {
        pricing = loaded.costBook()
                .map(book ->
                        new WatchedFile<>(FileKind.PRICING, Pricing.of(book), new PricingSource(book.file()), reloads));
        kpis = loaded.config()
                .kpi()
                .file()
                .map(file -> new WatchedFile<>(FileKind.KPI, loaded.kpis(), new KpiSource(file), reloads));
    }

    /** Empty where no prices are configured. */
    Optional<CostModel> prices() {
        return pricing.map(file -> file.current().model());
    }

    KpiFile kpis() {
        return kpis.map(WatchedFile::current).orElse(KpiFile.EMPTY);
    }

    private record Pricing(LoadedPricingFile file, CostModel model) {
        static Pricing of(LoadedPricingFile file) {
            return new Pricing(file, CostModel.of(file));
        }
    }

    private record PricingSource(Path path) implements ReloadSource<Pricing> {
        @Override
        public Pricing read() throws SettingsException {
            return Pricing.of(PricingFileLoader.load(path));
        }

        @Override
        public List<Path> files(Pricing read) {
            return Stream.concat(
                            Stream.of(path),
                            read.file().book().resources().stream()
                                    .flatMap(resource -> resource.focus().stream())
                                    .map(focus -> focus.file())
                                    .distinct())
                    .toList();
        }

        @Override
        public String summary(Pricing read) {
            return read.file().summary();
        }

        @Override
        public List<Problem> warnings(Pricing read) {
            return read.file().warnings();
        }
    }

    private record KpiSource(Path path) implements ReloadSource<KpiFile> {
        @Override
        public KpiFile read() throws SettingsException {
            return KpiFileLoader.load(path);
        }

        @Override
        public List<Path> files(KpiFile read) {
            return List.of(path);
        }

        @Override
        public String summary(KpiFile read) {
            int count = read.kpis().size();
            return count + (count == 1 ? " KPI" : " KPIs");
        }
    }
}
