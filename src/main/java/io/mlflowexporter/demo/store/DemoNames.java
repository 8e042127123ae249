package io.mlflowexporter.demo.store;

import java.util.List;
import java.util.SplittableRandom;

/** The words the simulated project is made of. */
public final class DemoNames {
    private static final List<String> ADJECTIVES = List.of(
            "bold",
            "calm",
            "dapper",
            "eager",
            "fierce",
            "gentle",
            "honest",
            "jolly",
            "keen",
            "lively",
            "mellow",
            "nimble",
            "proud",
            "quiet",
            "rapid",
            "sly",
            "thoughtful",
            "upset",
            "vivid",
            "wise");
    private static final List<String> ANIMALS = List.of(
            "mule", "otter", "crane", "yak", "lynx", "heron", "newt", "panda", "quail", "raven", "seal", "tapir",
            "vole", "wren", "bison", "carp", "dove", "eel", "finch", "goat");

    public static final List<String> USERS = List.of("ana", "bruno", "chen", "dalia", "svc-airflow");
    public static final List<String> COMMITS = List.of(
            "3f1c9a7be0d24c55b6e0a1f2837c9d4e5f60718a",
            "a90b17c3d5e842f6917b30c4d5e6f708192a3b4c",
            "7d20e4f1a6b35c8890d1e2f3a4b5c6d7e8f90a1b",
            "c4b8d2e6f0a1937b5c6d8e9f0a1b2c3d4e5f6071",
            "18e7f6a5b4c3d2e1f0a9b8c7d6e5f4a3b2c1d0e9");

    /** A class autologging names, and the short name it gives the estimator. */
    public record Estimator(String name, String className) {}

    public static final List<Estimator> REGRESSORS = List.of(
            new Estimator("Pipeline", "sklearn.pipeline.Pipeline"),
            new Estimator("RandomForestRegressor", "sklearn.ensemble._forest.RandomForestRegressor"),
            new Estimator(
                    "HistGradientBoostingRegressor",
                    "sklearn.ensemble._hist_gradient_boosting.gradient_boosting.HistGradientBoostingRegressor"),
            new Estimator("Ridge", "sklearn.linear_model._ridge.Ridge"));
    public static final List<Estimator> CLASSIFIERS = List.of(
            new Estimator("XGBClassifier", "xgboost.sklearn.XGBClassifier"),
            new Estimator("LGBMClassifier", "lightgbm.sklearn.LGBMClassifier"),
            new Estimator("LogisticRegression", "sklearn.linear_model._logistic.LogisticRegression"),
            new Estimator("RandomForestClassifier", "sklearn.ensemble._forest.RandomForestClassifier"));
    public static final Estimator SEARCH =
            new Estimator("GridSearchCV", "sklearn.model_selection._search.GridSearchCV");
    public static final List<String> DEPTHS = List.of("3", "4", "5", "6", "8", "10");
    public static final List<String> RATES = List.of("0.01", "0.03", "0.05", "0.1");
    public static final List<String> ESTIMATORS = List.of("100", "200", "300", "500");

    private DemoNames() {}

    /** As MLflow names runs that are given no name: {@code bold-mule-123}. */
    static String randomRunName(SplittableRandom random) {
        return pick(random, ADJECTIVES) + "-" + pick(random, ANIMALS) + "-" + random.nextInt(1000);
    }

    public static <T> T pick(SplittableRandom random, List<T> among) {
        return among.get(random.nextInt(among.size()));
    }
}
