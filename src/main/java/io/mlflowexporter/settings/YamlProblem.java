package io.mlflowexporter.settings;

import java.util.LinkedHashMap;
import java.util.Map;
import org.yaml.snakeyaml.error.MarkedYAMLException;

/**
 * What to tell about text that is not YAML. The parser's own messages quote the text around, which may be a password,
 * so only those known to quote nothing are passed on.
 */
final class YamlProblem {
    private static final Map<String, String> BY_START = new LinkedHashMap<>();

    static {
        BY_START.put("found character '\\t(TAB)'", "a tab stands where YAML wants blanks; indent with blanks only");
        BY_START.put("found character", "a character stands here that starts no value; put the value in quotes");
        BY_START.put("could not find expected ':'", "a line without `key: value`; is the blank after the `:` missing?");
        BY_START.put(
                "mapping values are not allowed here",
                "a `: ` or a deeper indent stands where no section can begin; put the value in quotes, or check the"
                        + " indentation of this line and the one before");
        BY_START.put("mapping keys are not allowed here", "a `? ` stands where no key can; put the value in quotes");
        BY_START.put(
                "found undefined alias",
                "an alias (`*NAME`) without its anchor; put text that begins with `*` in quotes");
        BY_START.put(
                "found unknown escape character", "an unknown `\\` escape in double quotes; use single quotes instead");
        BY_START.put("found unexpected end of stream", "a quote is never closed");
        BY_START.put("found unexpected document separator", "a quote is never closed");
        BY_START.put(
                "Global tag is not allowed",
                "a tag (`!NAME`) is not supported; put text that begins with `!` in quotes");
        BY_START.put(
                "found undefined tag handle",
                "a tag (`!NAME`) is not supported; put text that begins with `!` in quotes");
        BY_START.put("but found another document", "a second document begins; a configuration is one document");
        BY_START.put("expected <block end>", "the indentation fits no line above, or the value before needs quotes");
        BY_START.put("expected ',' or ']'", "a list in `[…]` is not closed or misses a comma");
        BY_START.put("expected ',' or '}'", "a section in `{…}` is not closed or misses a comma");
    }

    private YamlProblem() {}

    static String of(MarkedYAMLException e) {
        String problem = e.getProblem() == null ? "" : e.getProblem();
        return "not valid YAML: "
                + BY_START.entrySet().stream()
                        .filter(entry -> problem.startsWith(entry.getKey()))
                        .map(Map.Entry::getValue)
                        .findFirst()
                        .orElse("the text cannot be understood from here on");
    }
}
