package io.mlflowexporter.demo.store;

import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * What one search endpoint's filters and orderings may name.
 *
 * @param entities words before the dot, each with the kind of thing it stands for
 * @param attributes names of attributes, aliases included
 * @param numeric those of the attributes that compare as numbers
 * @param listed attributes that may stand before {@code IN}
 * @param sortable names of attributes {@code order_by} may name
 */
public record SearchDialect(
        Set<Entity> entities, Set<String> attributes, Set<String> numeric, Set<String> listed, Set<String> sortable) {
    /** Kinds of things a clause compares. */
    public enum Entity {
        ATTRIBUTE,
        TAG,
        PARAMETER,
        METRIC;

        static Entity of(String word) {
            return switch (word) {
                case "attribute", "attributes", "attr", "run" -> ATTRIBUTE;
                case "tag", "tags" -> TAG;
                case "parameter", "parameters", "param", "params" -> PARAMETER;
                case "metric", "metrics" -> METRIC;
                default ->
                    throw ApiException.invalid("Invalid entity type '" + word
                            + "'. Valid values are ['metric', 'parameter', 'tag', 'attribute', 'dataset']");
            };
        }
    }

    public static final SearchDialect RUNS = new SearchDialect(
            Set.of(Entity.values()),
            Set.of(
                    "run_name",
                    "run name",
                    "Run name",
                    "Run Name",
                    "status",
                    "run_id",
                    "start_time",
                    "end_time",
                    "user_id",
                    "artifact_uri",
                    "created",
                    "Created"),
            Set.of("start_time", "end_time", "created", "Created"),
            Set.of("run_id"),
            Set.of("run_name", "status", "run_id", "start_time", "end_time", "user_id", "artifact_uri", "created"));

    public static final SearchDialect EXPERIMENTS = new SearchDialect(
            Set.of(Entity.ATTRIBUTE, Entity.TAG),
            Set.of("name", "experiment_id", "creation_time", "last_update_time"),
            Set.of("creation_time", "last_update_time"),
            Set.of("experiment_id"),
            Set.of("name", "experiment_id", "creation_time", "last_update_time"));

    public static final SearchDialect MODELS = new SearchDialect(
            Set.of(Entity.ATTRIBUTE, Entity.TAG),
            Set.of("name"),
            Set.of(),
            Set.of(),
            Set.of("name", "timestamp", "last_updated_timestamp"));

    public static final SearchDialect VERSIONS = new SearchDialect(
            Set.of(Entity.ATTRIBUTE, Entity.TAG),
            Set.of("name", "run_id", "source_path", "version_number"),
            Set.of("version_number"),
            Set.of("run_id"),
            Set.of("name", "version_number", "creation_timestamp", "last_updated_timestamp"));

    private static final Set<String> TRACE_TIMES =
            Set.of("timestamp", "timestamp_ms", "execution_time", "execution_time_ms");
    private static final Set<String> TRACE_TEXTS = Set.of("request_id", "status", "name", "run_id");

    /** Traces, where the server does not know the time they ended. */
    public static final SearchDialect EARLY_TRACES = new SearchDialect(
            Set.of(Entity.ATTRIBUTE, Entity.TAG, Entity.PARAMETER),
            union(TRACE_TIMES, TRACE_TEXTS),
            TRACE_TIMES,
            TRACE_TEXTS,
            union(union(TRACE_TIMES, TRACE_TEXTS), Set.of("experiment_id")));

    /** Traces; metadata stand as parameters. */
    public static final SearchDialect TRACES = new SearchDialect(
            EARLY_TRACES.entities,
            union(EARLY_TRACES.attributes, Set.of("end_time", "end_time_ms", "client_request_id")),
            union(TRACE_TIMES, Set.of("end_time", "end_time_ms")),
            union(TRACE_TEXTS, Set.of("client_request_id")),
            union(EARLY_TRACES.sortable, Set.of("end_time", "end_time_ms")));

    private static Set<String> union(Set<String> one, Set<String> other) {
        return Stream.concat(one.stream(), other.stream()).collect(Collectors.toUnmodifiableSet());
    }

    private Entity entity(String word) {
        boolean traces = sortable.contains("execution_time_ms");
        return switch (word) {
            case "trace" -> traces ? Entity.ATTRIBUTE : Entity.of(word);
            case "metadata", "request_metadata" -> traces ? Entity.PARAMETER : Entity.of(word);
            default -> Entity.of(word);
        };
    }

    /** The one name of an attribute that has several. */
    static String canonical(String attribute) {
        return switch (attribute) {
            case "created", "Created" -> "start_time";
            case "execution_time" -> "execution_time_ms";
            case "run name", "Run name", "Run Name" -> "run_name";
            default -> attribute;
        };
    }

    /** What stands left of a comparison. */
    public record Subject(Entity entity, String key) {
        boolean isAttribute(String name) {
            return entity == Entity.ATTRIBUTE && key.equals(name);
        }
    }

    /** Reads {@code tags.`x y`}, {@code attributes.start_time}, {@code start_time}. */
    Subject subject(String identifier, Set<String> validAttributes) {
        int dot = identifier.startsWith("`") || identifier.startsWith("\"") ? -1 : identifier.indexOf('.');
        Entity entity = dot < 0 ? Entity.ATTRIBUTE : entity(unquote(identifier.substring(0, dot)));
        String key = unquote(identifier.substring(dot + 1));
        if (!entities.contains(entity)) {
            throw ApiException.invalid("Invalid entity type '" + identifier.substring(0, dot)
                    + "'. Valid entity types are ('attribute', 'tag', 'tags')");
        }
        if (entity == Entity.ATTRIBUTE && !validAttributes.contains(key)) {
            throw ApiException.invalid(
                    "Invalid attribute key '" + key + "' specified. Valid keys are '" + validAttributes + "'");
        }
        return new Subject(entity, entity == Entity.ATTRIBUTE ? canonical(key) : key);
    }

    private static String unquote(String text) {
        if (text.length() >= 2 && "`'\"".indexOf(text.charAt(0)) >= 0 && text.endsWith(text.substring(0, 1))) {
            return text.substring(1, text.length() - 1);
        }
        return text;
    }
}
