package io.mlflowexporter.config;

import io.mlflowexporter.settings.ScalarValues;
import io.mlflowexporter.settings.Setting;
import io.mlflowexporter.settings.SettingsSchema;
import io.mlflowexporter.settings.value.Quoted;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/** Writes {@code docs/configuration.md} out of the {@link Setting} declarations. */
public final class ConfigReference {
    private static final String INTRODUCTION = """
            # Configuration

            <!-- Generated from the @Setting declarations; do not edit. Regenerate with
                 mvn -q test -Dtest=ConfigReferenceTest -Dregenerate=true -->

            Everything has a default; a configuration file is only needed for what differs.
            [config.example.yaml](config.example.yaml) shows every setting.

            ```
            mlflow-exporter check-config --config FILE          # every problem at once, with its line
            mlflow-exporter check-config --config FILE --show   # the effective configuration, and where each value is from
            ```

            `check-config` exits with 0 if the configuration is valid and with 2 if it is not; `serve` refuses the same
            configurations in the same words.

            An editor with a YAML language server completes and checks the file by [config.schema.json](config.schema.json) if the
            file's first line is `# yaml-language-server: $schema=` and the schema's path or address. There are schemas for the
            [cost book](cost-book.schema.json), the [file of KPIs](kpis.schema.json) and the
            [web configuration file](web-config.schema.json) too. `check-config` finds more: what does not go together.

            ## Where settings come from

            The strongest first:

            1. **flags**, where a setting has one. Secrets have none, since every process of a machine can read flags.
            2. **the exporter's environment variables**: `MLFLOW_EXPORTER_` and the setting's path in capitals, such as
               `MLFLOW_EXPORTER_REFRESH_INTERVAL` for `refresh.interval`. Every setting has one but those that are lists or
               sections of names. In lists, commas stand between the elements. A variable of this prefix that is no setting is an
               error, except those Kubernetes makes for services.
            3. **MLflow's own environment variables**, such as `MLFLOW_TRACKING_URI`.
            4. **the file**, UTF-8 YAML, one document, at most 1 MiB. Unknown and repeated keys are errors; anchors and
               aliases work, merging with `<<` and tags do not.
            5. **the defaults**.

            An empty variable counts as unset. What is given in different places must go together: a token in the
            environment and a password in the file are an error, because it could not be told which one is meant.

            ## How values are written

            | kind | written as |
            |---|---|
            | duration | whole numbers with units `ms`, `s`, `m`, `h`, `d`: `500ms`, `60s`, `1h30m`, `7d`; a number alone is an error |
            | size | bytes, or with a unit `KiB`, `MiB`, `GiB` (1024 each): `65536`, `64KiB`, `256MiB` |
            | HOST:PORT | `127.0.0.1:9818`, `[::1]:9818`, `0.0.0.0:9818` for all interfaces; port `0` takes any free one; `off` for no listener |
            | address | `http://` or `https://` with host, port and path prefix; also `databricks`, `databricks://PROFILE`, `azureml://…` and ARNs of SageMaker: see [connecting.md](connecting.md) |
            | file | a path; in the configuration file it is relative to that file's directory, elsewhere to the working directory |
            | pattern | a whole name, letter case ignored; `*` stands for any text, `?` for one character |
            | true or false | just so in the file; in variables also `1` and `0`, letter case ignored, as MLflow reads its own |
            | unset | leave the key out, or write `null` |

            Secrets are never logged or shown: in the output of `check-config --show` and on the status page `********` stands
            for them, as it does for user and password in an address.
            """;

    private final StringBuilder out = new StringBuilder(INTRODUCTION);

    private ConfigReference() {}

    static String markdown() {
        ConfigReference reference = new ConfigReference();
        for (RecordComponent component : Config.class.getRecordComponents()) {
            reference.section(
                    SettingsSchema.key(component), SettingsSchema.setting(component), component.getGenericType());
        }
        return reference.out.toString();
    }

    private void section(String path, Setting about, Type type) {
        out.append("\n## `").append(path).append("`\n\n").append(about.value()).append('\n');
        List<RecordComponent> sections = new ArrayList<>();
        List<RecordComponent> lists = new ArrayList<>();
        List<RecordComponent> leaves = new ArrayList<>();
        for (RecordComponent component : SettingsSchema.raw(type).getRecordComponents()) {
            Type inner = component.getGenericType();
            if (SettingsSchema.isSection(inner)) {
                sections.add(component);
            } else {
                leaves.add(component);
                if (element(inner).filter(SettingsSchema::isSection).isPresent()) {
                    lists.add(component);
                }
            }
        }
        if (!leaves.isEmpty()) {
            table(path, leaves);
        }
        sections.forEach(component -> section(
                path + "." + SettingsSchema.key(component),
                SettingsSchema.setting(component),
                component.getGenericType()));
        lists.forEach(component -> elements(path + "." + SettingsSchema.key(component), component));
    }

    private void table(String path, List<RecordComponent> leaves) {
        out.append("\n| key | default | meaning | allowed | set by |\n|---|---|---|---|---|\n");
        for (RecordComponent component : leaves) {
            Setting setting = SettingsSchema.setting(component);
            var leaf = new SettingsSchema.Leaf(
                    path + "." + SettingsSchema.key(component), setting, component.getGenericType());
            List<String> by = new ArrayList<>();
            if (Flags.BY_SETTING.containsKey(leaf.path())) {
                by.add(code(Flags.BY_SETTING.get(leaf.path())));
            }
            by.add(leaf.isTextual() ? code(leaf.variable()) : "the file only");
            Arrays.stream(setting.env()).map(ConfigReference::code).forEach(by::add);
            row(
                    code(SettingsSchema.key(component)),
                    byDefault(leaf),
                    setting.value() + (setting.secret() ? " **Secret.**" : ""),
                    allowed(leaf),
                    String.join(", ", by));
        }
    }

    /** What a list or a section of names holds. */
    private static Optional<Type> element(Type type) {
        return SettingsSchema.isList(type)
                ? Optional.of(SettingsSchema.argument(type, 0))
                : SettingsSchema.raw(type) == Map.class
                        ? Optional.of(SettingsSchema.argument(type, 1))
                        : Optional.empty();
    }

    private void elements(String path, RecordComponent list) {
        Class<?> element = SettingsSchema.raw(element(list.getGenericType()).orElseThrow());
        out.append("\n### Each of `").append(path).append("`\n\n");
        out.append("| key | meaning | allowed |\n|---|---|---|\n");
        for (RecordComponent component : element.getRecordComponents()) {
            Setting setting = SettingsSchema.setting(component);
            row(
                    code(SettingsSchema.key(component)),
                    setting.value() + (setting.secret() ? " **Secret.**" : ""),
                    allowed(new SettingsSchema.Leaf("", setting, component.getGenericType())));
        }
    }

    private static String byDefault(SettingsSchema.Leaf leaf) {
        String text = leaf.setting().byDefault();
        if (SettingsSchema.isList(leaf.type())) {
            return code(
                    text.isEmpty()
                            ? "[]"
                            : Arrays.stream(text.split(",", -1))
                                    .map(String::strip)
                                    .map(Quoted::yaml)
                                    .collect(Collectors.joining(", ", "[", "]")));
        }
        return text.isEmpty() ? "unset" : code(text);
    }

    public static String allowed(SettingsSchema.Leaf leaf) {
        String range = ScalarValues.range(leaf.setting());
        return SettingsSchema.typeName(leaf.type()) + (range.isEmpty() ? "" : ", " + range);
    }

    private void row(String... cells) {
        row(out, cells);
    }

    public static void row(StringBuilder out, String... cells) {
        out.append("| ")
                .append(Arrays.stream(cells)
                        .map(cell -> cell.replace("|", "\\|"))
                        .collect(Collectors.joining(" | ")))
                .append(" |\n");
    }

    public static String code(String text) {
        return "`" + text + "`";
    }
}
