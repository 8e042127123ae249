package io.mlflowexporter.it;

import com.fasterxml.jackson.core.type.TypeReference;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A Dockerfile's instructions, as far as this project's uses them. */
final class Dockerfile {
    private static final Pattern FROM = Pattern.compile("(\\S+)(?: AS (\\S+))?");
    private static final Pattern FLAG = Pattern.compile("--([a-z]+)=(\\S+)\\s+");
    private static final Pattern PAIR = Pattern.compile("(\\S+?)=(?:\"([^\"]*)\"|(\\S+))");

    private final List<Stage> stages;

    private Dockerfile(List<Stage> stages) {
        this.stages = stages;
    }

    /** What stands between one FROM and the next. */
    record Stage(String base, String name, List<Instruction> instructions) {
        /** The last instruction of that name. */
        Instruction only(String keyword) {
            List<Instruction> found = all(keyword);
            if (found.isEmpty()) {
                throw new AssertionError("the last stage has no " + keyword);
            }
            return found.get(found.size() - 1);
        }

        List<Instruction> all(String keyword) {
            return instructions.stream()
                    .filter(one -> one.keyword().equals(keyword))
                    .toList();
        }
    }

    /**
     * One instruction, continued lines joined.
     *
     * @param flags such as {@code from}, without dashes
     */
    record Instruction(String keyword, Map<String, String> flags, String text) {
        List<String> words() {
            return Arrays.asList(text.split("\\s+"));
        }

        /** The exec form's words. */
        List<String> exec() throws IOException {
            return HttpGet.JSON.readValue(text.substring(text.indexOf('[')), new TypeReference<List<String>>() {});
        }

        /** NAME=VALUE pairs. */
        Map<String, String> pairs() {
            Map<String, String> pairs = new LinkedHashMap<>();
            Matcher matcher = PAIR.matcher(text);
            while (matcher.find()) {
                pairs.put(matcher.group(1), matcher.group(2) == null ? matcher.group(3) : matcher.group(2));
            }
            return pairs;
        }
    }

    static Dockerfile read(Path file) throws IOException {
        List<Stage> stages = new ArrayList<>();
        String text = Files.readString(file).replaceAll("(?m)^#.*\n", "").replaceAll("\\\\\n", " ");
        for (String line : text.lines().filter(line -> !line.isBlank()).toList()) {
            String[] parts = line.strip().split("\\s+", 2);
            if (parts[0].equals("FROM")) {
                Matcher from = FROM.matcher(parts[1]);
                if (!from.matches()) {
                    throw new AssertionError(line);
                }
                stages.add(new Stage(from.group(1), String.valueOf(from.group(2)), new ArrayList<>()));
            } else if (!stages.isEmpty()) {
                stages.get(stages.size() - 1).instructions().add(instruction(parts[0], parts[1]));
            }
        }
        return new Dockerfile(stages);
    }

    private static Instruction instruction(String keyword, String rest) {
        Map<String, String> flags = new LinkedHashMap<>();
        Matcher flag = FLAG.matcher(rest);
        int end = 0;
        while (flag.find() && flag.start() == end) {
            flags.put(flag.group(1), flag.group(2));
            end = flag.end();
        }
        return new Instruction(keyword, flags, rest.substring(end).strip());
    }

    Stage stage(String name) {
        return stages.stream()
                .filter(stage -> stage.name().equals(name))
                .findFirst()
                .orElseThrow();
    }

    /** What the image is made of. */
    Stage last() {
        return stages.get(stages.size() - 1);
    }
}
