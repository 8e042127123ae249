package io.mlflowexporter.estimate;

import io.mlflowexporter.cost.pricing.PriceList;
import io.mlflowexporter.estimate.Estimate.DeploymentPace;
import io.mlflowexporter.estimate.Estimate.Envelope;
import io.mlflowexporter.estimate.Estimate.Expectation;
import io.mlflowexporter.estimate.Estimate.PhaseExpectation;
import io.mlflowexporter.estimate.RunHistory.Found;
import io.mlflowexporter.estimate.RunHistory.PhasePast;
import io.mlflowexporter.settings.value.Quoted;
import java.time.InstantSource;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.stream.Collectors;

/** Answers questions. Any thread may ask. */
public final class Estimates {
    private final Supplier<Optional<PriceList>> prices;
    private final RunHistory.Source past;
    private final InstantSource clock;

    /**
     * Sets out to answer.
     *
     * @param prices those in force; empty without a cost book
     */
    public Estimates(Supplier<Optional<PriceList>> prices, RunHistory.Source past, InstantSource clock) {
        this.prices = prices;
        this.past = past;
        this.clock = clock;
    }

    /** What can be asked for, in the order of the cost book. */
    public List<String> resources() {
        return prices.get().map(PriceList::names).orElse(List.of());
    }

    /**
     * Answers.
     *
     * @param parameters as in an address's query, see docs/estimate.md
     * @throws BadQuestionException if the question makes no sense, or asks for what is not there
     * @throws NotNowException if the history cannot be asked now
     */
    public Estimate answer(Map<String, List<String>> parameters) throws BadQuestionException, NotNowException {
        Optional<PriceList> list = prices.get();
        ZoneId zone = list.map(PriceList::zone).orElse(ZoneOffset.UTC);
        Question question = QuestionReader.read(parameters, zone, clock.instant());
        List<String> problems = new ArrayList<>();
        List<String> notes = new ArrayList<>();
        Optional<Envelope> envelope = Optional.empty();
        if (!question.items().isEmpty()) {
            if (list.isEmpty()) {
                problems.add("resource: there are no prices, as no cost book is configured; set cost.file");
            }
            envelope = list.flatMap(it -> new EnvelopeCalculator(it, question, problems).envelope());
        }
        Optional<Expectation> expectation = Optional.empty();
        List<DeploymentPace> deployments = List.of();
        if (question.ofHistory()) {
            RunHistory known =
                    past.past(new RunHistory.Wanted(question.workspace(), question.experiment(), question.model()));
            problems.addAll(known.missing());
            expectation = expectation(question, known, list, problems);
            deployments = deployments(question, known, problems, notes);
            if (problems.isEmpty()) {
                notes.add(
                        0,
                        "MLflow was read at " + ReadableNumbers.day(known.readAt(), zone) + ", " + zone.getId() + ".");
            }
            if (list.isEmpty() && expectation.isPresent()) {
                notes.add("No costs are told, as no cost book is configured; set cost.file.");
            }
        }
        if (!problems.isEmpty()) {
            throw new BadQuestionException(problems);
        }
        return new Estimate(question.at(), zone.getId(), envelope, expectation, deployments, notes);
    }

    private static Optional<Expectation> expectation(
            Question question, RunHistory known, Optional<PriceList> list, List<String> problems) {
        if (known.experiments().isEmpty()) {
            return Optional.empty();
        }
        if (known.experiments().size() > 1) {
            problems.add("experiment: " + Quoted.shown(question.experiment())
                    + " is in several workspaces; name one with workspace: "
                    + known.experiments().stream().map(Found::workspace).collect(Collectors.joining(", ")));
            return Optional.empty();
        }
        Found found = known.experiments().get(0);
        List<PhasePast> phases = found.phases().stream()
                .filter(phase -> question.phase().isEmpty() || phase.phase().equals(question.phase()))
                .toList();
        if (phases.isEmpty() && !question.phase().isEmpty()) {
            problems.add(
                    found.phases().isEmpty()
                            ? "phase: no run of " + Quoted.shown(found.experiment()) + " has finished yet"
                            : "phase: no run of " + Quoted.shown(found.experiment()) + " in phase "
                                    + Quoted.shown(question.phase()) + " has finished; there are finished runs of: "
                                    + found.phases().stream()
                                            .map(PhasePast::phase)
                                            .collect(Collectors.joining(", ")));
            return Optional.empty();
        }
        ExpectationCalculator calculator = new ExpectationCalculator(list, question.at(), question.runs());
        List<PhaseExpectation> expected = phases.stream().map(calculator::phase).toList();
        return Optional.of(
                new Expectation(found.workspace(), found.experiment(), known.readAt(), question.runs(), expected));
    }

    private static List<DeploymentPace> deployments(
            Question question, RunHistory known, List<String> problems, List<String> notes) {
        if (!question.model().isEmpty() && known.paces().isEmpty()) {
            problems.add("model: deployments are known to a running exporter only, which has watched them; ask it with"
                    + " --exporter");
            return List.of();
        }
        if (known.paces().isEmpty()) {
            notes.add(
                    "Deployments are known to a running exporter only, which has watched them; ask it with --exporter.");
        }
        List<DeploymentPace> paces = known.paces().orElse(List.of()).stream()
                .map(ExpectationCalculator::pace)
                .toList();
        if (paces.isEmpty() && known.paces().isPresent() && !question.model().isEmpty()) {
            notes.add("The model has no alias that counts as production; see delivery.production.");
        }
        return paces;
    }
}
