package io.mlflowexporter.cost.pricing;

import io.mlflowexporter.config.ConfigReference;
import io.mlflowexporter.settings.Place;
import io.mlflowexporter.settings.Setting;
import io.mlflowexporter.settings.SettingsSchema;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** Writes {@code docs/cost-book.md} out of the {@link Setting} declarations. */
final class PricingFileReference {
    private static final String INTRODUCTION = """
            # The cost book

            <!-- Generated from the @Setting declarations; do not edit. Regenerate with
                 mvn -q test -Dtest=PricingFileReferenceTest -Dregenerate=true -->

            A YAML file of its own, named by `cost.file` in the [configuration](configuration.md), that says what computing
            costs, which run used what, and what may be spent. [cost-book.example.yaml](cost-book.example.yaml) is one to
            start from.

            `check-config` and `serve` refuse a book with problems and tell all of them at once, each with its line.
            Numbers are written as digits with at most one point, without quotes; durations, files and patterns as in the
            configuration. A date such as `2026-01-31` is that day's first instant in the book's time zone; a time such
            as `2026-01-31T12:00:00Z` has its own offset. A quantity is a number, or where on the run it stands: `tag:NAME`
            or `param:NAME`, with `else NUMBER` for runs that lack it, such as `tag:resource.gpu.count else 1`.

            ## Reloading

            The book is read again when it or a FOCUS file it names has changed, and at once on SIGHUP and, where `web.reload` is
            true, on `POST /-/reload` at the web listener. The next refresh computes with it. It is all or nothing: a book with
            a problem is logged (and answered with 400), and the one in force stays. `mlflow_exporter_config_last_reload_successful` is
            then 0, and `mlflow_exporter_file_reloads_total{file="pricing",outcome="failed"}` has grown. Replace the file as a
            whole: write another one beside it and rename it.

            ## How a price is made

            A resource has prices, each for its own time; times must not overlap, and what no price covers is reported as
            unpriced, never as free. A price is made in one of three ways, and then multiplied by all its factors:

            | way | per hour |
            |---|---|
            | `per_hour` | the amount itself |
            | `rates` | a price for each vCPU, GiB and GPU; the rules say how many a run had |
            | `owned` | purchase_price ÷ (lifetime in hours × share_of_use) + watts ÷ 1000 × pue × price_per_kwh |

            In `mlflow_price_per_hour` a resource priced by rates is one resource for each rate: `NAME/vcpu`, `NAME/gib` and
            `NAME/gpu:MODEL`.

            Currencies are never added. With `report_currency` each price is converted at the rate that holds at the time the
            run ran; while none holds it stays in its own currency. Only the rates given are used: neither the inverse of
            a rate nor a chain of two is implied.

            ## Prices from FOCUS files

            `focus` reads a CSV file with the columns of FOCUS 1.0 or later, the
            [FinOps Open Cost and Usage Specification](https://focus.finops.org), which cloud providers write as cost
            export; also gzipped, up to 64 MiB when decompressed.

            - Read are the rows with the `SkuId`, and with the `SkuPriceId` and `RegionId` where those are set. Rows whose
              `ChargeCategory` is not `Usage`, whose `ChargeClass` is `Correction` or that have no price are passed over.
            - The price is `ListUnitPrice` or `ContractedUnitPrice`, in the `BillingCurrency`.
            - `PricingUnit` must be hours: `Hours`, `Hour`, `Hrs`, `Hr` or `h` in any letter case, also with a number
              before it (`100 Hours`).
            - A price holds from `ChargePeriodStart` of its first row until a row has another price. It holds on through
              times without rows, and the last one for ever: that nothing was bought says nothing of the price.
            - Two prices at the same time are an error.
            """;

    private final StringBuilder out = new StringBuilder(INTRODUCTION);

    private PricingFileReference() {}

    static String markdown() {
        PricingFileReference reference = new PricingFileReference();
        reference.section("The book", "", "", PricingFile.class);
        return reference.out.toString();
    }

    private void section(String title, String about, String path, Class<?> type) {
        out.append("\n## ").append(title).append("\n\n");
        if (!about.isEmpty()) {
            out.append(about).append("\n\n");
        }
        out.append("| key | default | meaning | allowed |\n|---|---|---|---|\n");
        List<RecordComponent> settings = Arrays.stream(type.getRecordComponents())
                .filter(component -> component.getType() != Place.class)
                .toList();
        for (RecordComponent component : settings) {
            Setting setting = SettingsSchema.setting(component);
            ConfigReference.row(
                    out,
                    ConfigReference.code(SettingsSchema.key(component)),
                    byDefault(component),
                    setting.value(),
                    ConfigReference.allowed(new SettingsSchema.Leaf("", setting, component.getGenericType())));
        }
        List<RecordComponent> inner = new ArrayList<>(settings);
        inner.removeIf(component -> element(component.getGenericType()).isEmpty());
        for (RecordComponent component : inner) {
            // What runs use is one thing, wherever it stands.
            if (component.getName().equals("defaultUses")) {
                continue;
            }
            boolean list = SettingsSchema.isList(component.getGenericType())
                    || SettingsSchema.isList(SettingsSchema.argument(component.getGenericType(), 0));
            String innerPath = (path.isEmpty() ? "" : path + ".") + SettingsSchema.key(component) + (list ? "[]" : "");
            section(
                    (list ? "Each of `" : "`") + innerPath.replaceAll("\\[]$", "") + "`"
                            + (component.getName().equals("uses") ? " and of `default_uses`" : ""),
                    SettingsSchema.setting(component).value(),
                    innerPath,
                    element(component.getGenericType()).orElseThrow());
        }
    }

    /** The record whose settings a setting's value, or each element of it, has. */
    private static Optional<Class<?>> element(Type type) {
        if (SettingsSchema.isSection(type)) {
            return Optional.of(SettingsSchema.raw(type));
        }
        return SettingsSchema.isList(type) || SettingsSchema.raw(type) == Optional.class
                ? element(SettingsSchema.argument(type, 0))
                : Optional.empty();
    }

    private static String byDefault(RecordComponent component) {
        String text = SettingsSchema.setting(component).byDefault();
        Class<?> raw = SettingsSchema.raw(component.getGenericType());
        if (!text.isEmpty()) {
            return ConfigReference.code(text);
        }
        return raw == List.class
                ? "`[]`"
                : raw == Optional.class ? "unset" : raw.getSimpleName().equals("Map") ? "`{}`" : "required";
    }
}
