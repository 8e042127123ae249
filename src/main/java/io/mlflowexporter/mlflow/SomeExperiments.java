package io.mlflowexporter.mlflow;

import java.util.function.Predicate;

/** Of an MLflow some of the experiments; all else of it, the whole registry too. */
public final class SomeExperiments extends ForwardingSource {
    private final Predicate<Experiment> wanted;

    /** Those that are wanted. */
    public SomeExperiments(MlflowSource whole, Predicate<Experiment> wanted) {
        super(whole);
        this.wanted = wanted;
    }

    @Override
    public void experiments(String workspace, ViewType view, Predicate<String> tags, Listing<Experiment> sink)
            throws MlflowException {
        super.experiments(workspace, view, tags, new Listing<>() {
            @Override
            public void accept(Experiment experiment) {
                if (wanted.test(experiment)) {
                    sink.accept(experiment);
                }
            }

            @Override
            public void tooLarge(Experiment experiment) {
                if (wanted.test(experiment)) {
                    sink.tooLarge(experiment);
                }
            }

            @Override
            public boolean full() {
                return sink.full();
            }
        });
    }
}
