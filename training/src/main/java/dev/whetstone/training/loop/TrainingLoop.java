package dev.whetstone.training.loop;

import ai.djl.ndarray.NDArray;
import dev.whetstone.artifacts.BadInputException;
import dev.whetstone.artifacts.run.RunFolder.StepMetrics;
import dev.whetstone.artifacts.tensors.Safetensors.FloatTensor;
import dev.whetstone.models.engine.TrainableModel;
import dev.whetstone.models.engine.TrainableModel.Parameter;
import dev.whetstone.training.TrainConfig;
import dev.whetstone.training.checkpoint.Checkpoints;
import dev.whetstone.training.objective.Objective.Kind;
import dev.whetstone.training.optimizer.AdamW;
import dev.whetstone.training.plan.Batches;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalDouble;

/**
 * Optimizer steps over a model. Owns the optimizer's state; the model belongs to the caller. Not
 * thread-safe.
 */
public final class TrainingLoop implements AutoCloseable {
  /** A preference loss that is so many times that of the first step has exploded. */
  private static final double EXPLODED = 20;

  /** Rows of a step that a sentence names. */
  private static final int NAMED = 20;

  /** Sees every finished step, and says whether to go on. */
  public interface Listener {
    /** The step's metrics, and how many steps there are in all. */
    boolean stepped(StepMetrics metrics, int total);
  }

  private final TrainConfig config;
  private final TrainableModel model;
  private final Work work;
  private final Batches batches;
  private final int totalSteps;
  private final long totalTokens;
  private final int atOnce;
  private final AdamW optimizer;
  private OptionalDouble firstLoss = OptionalDouble.empty();
  private long tokens;
  private double secondsBefore;

  /**
   * @param atOnce examples that a pass of {@code work} computes, for checkpoints to tell
   */
  public TrainingLoop(TrainConfig config, TrainableModel model, Work work, int atOnce) {
    this.atOnce = atOnce;
    this.config = config;
    this.model = model;
    this.work = work;
    this.batches = new Batches(work.examples(), config.batch().packs(), config.seed());
    this.totalSteps = steps(config, work, batches);
    this.totalTokens = tokensUntil(totalSteps);
    this.optimizer =
        new AdamW(
            config.adamW(),
            model.parameters().stream()
                .map(
                    parameter ->
                        AdamW.Trained.of(
                            parameter.name(),
                            parameter.value(),
                            parameter.gradient(),
                            config.lora().plus()))
                .toList());
  }

  private static int steps(TrainConfig config, Work work, Batches batches) {
    if (config.steps() != null) {
      return config.steps();
    }
    if (config.tokens() != null) {
      return batches.stepsForTokens(config.tokens(), work::tokens);
    }
    return (int) Math.ceil(config.epochs() * batches.stepsPerEpoch());
  }

  public int totalSteps() {
    return totalSteps;
  }

  /** Steps taken. */
  public int taken() {
    return optimizer.taken();
  }

  /** Tokens of all steps of the run. */
  public long totalTokens() {
    return totalTokens;
  }

  private long tokensUntil(int steps) {
    long total = 0;
    for (int step = 0; step < steps; step++) {
      total += tokensOf(step);
    }
    return total;
  }

  private long tokensOf(int step) {
    return batches.step(step).stream().mapToLong(work::tokens).sum();
  }

  /** Goes on from a checkpoint, bit for bit. */
  public void restore(Checkpoints.State state, List<StepMetrics> before) {
    model.setAll(state.adapter(), "the checkpoint of step " + state.step());
    optimizer.restore(state.step(), state.firstMoments(), state.secondMoments());
    secondsBefore = state.seconds();
    tokens = tokensUntil(state.step());
    firstLoss = before.stream().limit(1).mapToDouble(StepMetrics::lossNats).findFirst();
  }

  /**
   * Trains until the last step, or until the listener says to stop.
   *
   * @return whether the last step was taken
   */
  public boolean run(Listener listener) {
    long start = System.nanoTime();
    while (optimizer.taken() < totalSteps) {
      StepMetrics metrics = step(start);
      if (!listener.stepped(metrics, totalSteps)) {
        break;
      }
    }
    return optimizer.taken() == totalSteps;
  }

  private StepMetrics step(long start) {
    long begun = System.nanoTime();
    int taken = optimizer.taken();
    List<Integer> examples = batches.step(taken);
    long targets = examples.stream().mapToLong(work::targets).sum();
    if (targets == 0) {
      throw new BadInputException(
          "step %d has no token to learn from: every label is ignored. Its rows: %s."
              .formatted(taken + 1, rows(examples)));
    }
    model.zeroGradients();
    Work.Outcome done = work.accumulate(model, examples, Keys.of(config.seed(), taken));
    double learningRate = config.learningRate() * config.schedule().factor(taken, totalSteps);
    checkLoss(taken + 1, done.lossNats(), examples);
    AdamW.Outcome outcome = optimizer.step(learningRate, config.clip());
    if (outcome.notFinite().isPresent()) {
      throw new BadInputException(
          "step %d: the loss is %s and the gradient of %s is not finite; lower the learning rate or look at the rows of this step: %s."
              .formatted(
                  taken + 1,
                  done.lossNats(),
                  model.parameters().get(outcome.notFinite().getAsInt()).name(),
                  rows(examples)));
    }
    if (outcome.norm() == 0) {
      throw new BadInputException(
          "step %d: all gradients are zero, so nothing would be learnt; lower the learning rate or look at the rows of this step: %s."
              .formatted(taken + 1, rows(examples)));
    }
    long stepTokens = examples.stream().mapToLong(work::tokens).sum();
    tokens += stepTokens;
    long now = System.nanoTime();
    return new StepMetrics(
        optimizer.taken(),
        done.lossNats(),
        outcome.norm(),
        learningRate,
        tokens,
        targets,
        secondsBefore + (now - start) / 1e9,
        stepTokens / ((now - begun) / 1e9),
        done.more());
  }

  private void checkLoss(int step, double loss, List<Integer> examples) {
    if (!Double.isFinite(loss)) {
      throw new BadInputException(
          "step %d: the loss is %s; lower the learning rate or look at the rows of this step: %s. The last checkpoint stands."
              .formatted(step, loss, rows(examples)));
    }
    if (firstLoss.isEmpty()) {
      firstLoss = OptionalDouble.of(loss);
    }
    double most = bearable(firstLoss.getAsDouble());
    if (loss > most) {
      throw new BadInputException(
          "step %d: the loss has exploded to %.3f from %.3f in the first step; lower the learning rate or look at the rows of this step: %s. The last checkpoint stands."
              .formatted(step, loss, firstLoss.getAsDouble(), rows(examples)));
    }
  }

  /** A model that knows nothing has a cross-entropy of ln V; twice that is worse than nothing. */
  private double bearable(double first) {
    return config.objective().kind() == Kind.SFT
        ? 2 * Math.max(first, Math.log(model.vocabularySize()))
        : EXPLODED * Math.max(1, first);
  }

  private String rows(List<Integer> examples) {
    List<String> ids = examples.stream().flatMap(example -> work.rowIds(example).stream()).toList();
    return String.join(", ", ids.subList(0, Math.min(NAMED, ids.size())))
        + (ids.size() > NAMED ? " and %d more".formatted(ids.size() - NAMED) : "");
  }

  /** Everything that the rest of the run depends on. */
  public Checkpoints.State state(double seconds) {
    return new Checkpoints.State(
        optimizer.taken(),
        seconds,
        atOnce,
        adapter(),
        optimizer.firstMoments(),
        optimizer.secondMoments());
  }

  /** The adapter's tensors as they are now, copied. */
  public List<FloatTensor> adapter() {
    var tensors = new ArrayList<FloatTensor>();
    for (Parameter parameter : model.parameters()) {
      NDArray value = parameter.value();
      tensors.add(
          new FloatTensor(
              parameter.name(),
              Arrays.stream(value.getShape().getShape()).boxed().toList(),
              value.toFloatArray()));
    }
    return tensors;
  }

  @Override
  public void close() {
    optimizer.close();
  }
}
