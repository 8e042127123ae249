package io.mlflowexporter.mlflow.rest.hosts;

import java.net.URI;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * What a server can do, as far as its address and its answers have told.
 *
 * @param experimentsPerQuery experiments that may be named in one search for runs, at least 1
 * @param known what it was found to do, or not to do; what is missing is not known yet
 */
public record Capabilities(int experimentsPerQuery, Map<Ability, Boolean> known) {
    /** Nothing is known, so that everything is tried. */
    public static final Capabilities UNKNOWN = new Capabilities(Integer.MAX_VALUE, Map.of());

    private static final int DATABRICKS_EXPERIMENTS = 100;
    /** What a workspace allows of runs/search; more are answered with 429. */
    private static final int DATABRICKS_REQUESTS_PER_SECOND = 7;

    private static final Pattern DATABRICKS = Pattern.compile(
            "databricks|.*[.](?:azuredatabricks[.](?:net|us|cn)|databricks[.](?:com|us|azure[.](?:us|cn)))");
    private static final Pattern AZURE_ML = Pattern.compile(".*[.]api[.](?:azureml[.]ms|ml[.]azure[.](?:us|cn))");
    private static final Pattern GITLAB_PATH = Pattern.compile(".*/api/v4/projects/[^/]+/ml/mlflow/?");

    /** A server that does not sort is not {@code mlflow server}, and such ignore silently what they do not know. */
    private static final Set<Ability> WORTHLESS_UNORDERED = EnumSet.of(
            Ability.MANY_EXPERIMENTS, Ability.FILTER_BY_STATUS, Ability.FILTER_BY_END_TIME, Ability.FILTER_BY_RUN_ID);

    public Capabilities {
        Map<Ability, Boolean> sorted = new EnumMap<>(Ability.class);
        sorted.putAll(known);
        known = Collections.unmodifiableMap(sorted);
        experimentsPerQuery = Math.max(1, experimentsPerQuery);
    }

    /** Requests that a server of this address allows in a second at most. */
    public static int requestsPerSecond(URI address) {
        return isDatabricks(address) ? DATABRICKS_REQUESTS_PER_SECOND : Integer.MAX_VALUE;
    }

    private static boolean isDatabricks(URI address) {
        return "databricks".equals(address.getScheme())
                || DATABRICKS.matcher(host(address)).matches();
    }

    private static String host(URI address) {
        return (address.getHost() == null ? address.toString() : address.getHost()).toLowerCase(Locale.ROOT);
    }

    /** What an address alone tells; nothing for a server of one's own. */
    public static Capabilities of(URI address) {
        String lower = host(address);
        String path = address.getPath() == null ? "" : address.getPath();
        if (isDatabricks(address)) {
            return new Capabilities(DATABRICKS_EXPERIMENTS, Map.of());
        }
        if (AZURE_ML.matcher(lower).matches()) {
            return UNKNOWN.without(Ability.FILTER_BY_STATUS).without(Ability.FILTER_BY_END_TIME);
        }
        return GITLAB_PATH.matcher(path).matches() ? UNKNOWN.without(Ability.ORDER_RUNS) : UNKNOWN;
    }

    /** Whether it is worth asking for: it can, or that is not known yet. */
    public boolean can(Ability ability) {
        return known.getOrDefault(ability, true);
    }

    /** Whether it was seen to. */
    public boolean does(Ability ability) {
        return known.getOrDefault(ability, false);
    }

    /** It was seen to. */
    public Capabilities with(Ability ability) {
        return with(ability, true, experimentsPerQuery);
    }

    /** It was seen not to. */
    public Capabilities without(Ability ability) {
        if (ability != Ability.ORDER_RUNS) {
            return with(ability, false, experimentsPerQuery);
        }
        Capabilities unordered = with(ability, false, 1);
        for (Ability worthless : WORTHLESS_UNORDERED) {
            unordered = unordered.with(worthless, false, 1);
        }
        return unordered;
    }

    /** It takes so many experiments in one search for runs at most. */
    public Capabilities withExperimentsPerQuery(int most) {
        return with(Ability.MANY_EXPERIMENTS, false, most);
    }

    private Capabilities with(Ability ability, boolean can, int experiments) {
        Map<Ability, Boolean> more = new EnumMap<>(Ability.class);
        more.putAll(known);
        more.put(ability, can);
        return new Capabilities(experiments, more);
    }

    /** One line for each thing that it cannot do and that matters to whoever reads the numbers, with what is done instead. */
    public List<String> limits() {
        List<String> limits = new ArrayList<>();
        if (!can(Ability.ORDER_RUNS) || !can(Ability.FILTER_BY_START_TIME)) {
            limits.add("The server does not sort runs or filter them by start time: every refresh reads all runs"
                    + (experimentsPerQuery == 1 ? ", one experiment at a time" : "") + ".");
        } else {
            if (!can(Ability.FILTER_BY_STATUS) || !can(Ability.FILTER_BY_END_TIME)) {
                limits.add(
                        "The server does not filter runs by status or end time. New runs and the end of known runs are"
                                + " seen within one refresh; a run that is started again, or imported with old times, when the"
                                + " resync reads it.");
            }
            if (experimentsPerQuery < Integer.MAX_VALUE) {
                limits.add("The server takes at most " + experimentsPerQuery + " experiments in one request.");
            }
        }
        if (!can(Ability.FILTER_BY_RUN_ID)) {
            limits.add("The server does not filter runs by id: unfinished runs are asked for one by one.");
        }
        if (!can(Ability.REGISTRY)) {
            limits.add("The server has no model registry: none is read.");
        }
        return limits;
    }
}
