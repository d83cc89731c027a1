package dev.whetstone.training.loop;

import ai.djl.ndarray.NDArray;
import dev.whetstone.artifacts.BadInputException;
import dev.whetstone.artifacts.run.RunFolder.StepMetrics;
import dev.whetstone.artifacts.tensors.Safetensors.FloatTensor;
import dev.whetstone.models.engine.TrainableModel;
import dev.whetstone.models.engine.TrainableModel.PackedRow;
import dev.whetstone.models.engine.TrainableModel.Parameter;
import dev.whetstone.training.TrainConfig;
import dev.whetstone.training.checkpoint.Checkpoints;
import dev.whetstone.training.optimizer.AdamW;
import dev.whetstone.training.optimizer.AdamWConfig;
import dev.whetstone.training.plan.Batches;
import dev.whetstone.training.plan.TrainingRows;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.BooleanSupplier;

/**
 * Optimizer steps over a model. Owns the optimizer's state; the model belongs to the caller. Not
 * thread-safe.
 */
public final class TrainingLoop implements AutoCloseable {
  /** Sees every finished step; the step's number, its metrics, and how many there are in all. */
  public interface Listener {
    void stepped(StepMetrics metrics, int total);
  }

  private final TrainConfig config;
  private final TrainableModel model;
  private final TrainingRows rows;
  private final Batches batches;
  private final int totalSteps;
  private final AdamW optimizer;
  private long tokens;
  private double secondsBefore;

  public TrainingLoop(TrainConfig config, TrainableModel model, TrainingRows rows) {
    this.config = config;
    this.model = model;
    this.rows = rows;
    this.batches = new Batches(rows.packs().size(), config.batch().packs(), config.seed());
    this.totalSteps = steps(config, rows, batches);
    this.optimizer =
        new AdamW(
            new AdamWConfig(config.beta1(), config.beta2(), config.epsilon(), config.weightDecay()),
            model.parameters().stream().map(Parameter::value).toList());
  }

  private static int steps(TrainConfig config, TrainingRows rows, Batches batches) {
    if (config.steps() != null) {
      return config.steps();
    }
    if (config.tokens() != null) {
      return batches.stepsForTokens(
          config.tokens(), rows.packs().stream().map(pack -> pack.tokens().length).toList());
    }
    return (int) Math.ceil(config.epochs() * batches.stepsPerEpoch());
  }

  public int totalSteps() {
    return totalSteps;
  }

  /** Tokens of all steps of the run. */
  public long totalTokens() {
    long total = 0;
    for (int step = 0; step < totalSteps; step++) {
      total += tokensOf(step);
    }
    return total;
  }

  private long tokensOf(int step) {
    return batches.step(step).stream()
        .mapToLong(pack -> rows.packs().get(pack).tokens().length)
        .sum();
  }

  /** Goes on from a checkpoint, bit for bit. */
  public void restore(Checkpoints.State state) {
    List<Parameter> parameters = model.parameters();
    if (parameters.size() != state.adapter().size()) {
      throw new BadInputException(
          "the checkpoint of step %d has %d tensors, the adapter has %d; start the run anew with --overwrite."
              .formatted(state.step(), state.adapter().size(), parameters.size()));
    }
    for (int i = 0; i < parameters.size(); i++) {
      FloatTensor saved = state.adapter().get(i);
      if (!saved.name().equals(parameters.get(i).name())) {
        throw new BadInputException(
            "the checkpoint holds %s where %s was expected; start the run anew with --overwrite."
                .formatted(saved.name(), parameters.get(i).name()));
      }
      model.set(i, saved.values());
    }
    optimizer.restore(state.step(), state.firstMoments(), state.secondMoments());
    secondsBefore = state.seconds();
    for (int step = 0; step < state.step(); step++) {
      tokens += tokensOf(step);
    }
  }

  /**
   * Trains until the last step, or until {@code stop} says so after a step.
   *
   * @return whether the run is complete
   */
  public boolean run(Listener listener, Checkpoints checkpoints, BooleanSupplier stop) {
    long start = System.nanoTime();
    while (optimizer.taken() < totalSteps) {
      StepMetrics metrics = step(start);
      listener.stepped(metrics, totalSteps);
      boolean last = metrics.step() == totalSteps;
      boolean stopped = stop.getAsBoolean();
      if (!last && (stopped || metrics.step() % config.checkpoint().every() == 0)) {
        checkpoints.save(state(metrics.seconds()));
      }
      if (stopped && !last) {
        return false;
      }
    }
    return true;
  }

  private StepMetrics step(long start) {
    long begun = System.nanoTime();
    int taken = optimizer.taken();
    List<PackedRow> packs = batches.step(taken).stream().map(rows.packs()::get).toList();
    long targets = packs.stream().mapToLong(TrainingRows::targets).sum();
    if (targets == 0) {
      throw new BadInputException(
          "step %d has no token to learn from: every label is ignored.".formatted(taken + 1));
    }
    model.zeroGradients();
    double lossNats = 0;
    for (PackedRow pack : packs) {
      // Summed, and divided once by the targets of the whole step: a short pack then weighs what it
      // holds.
      lossNats += model.accumulate(pack, 1.0 / targets);
    }
    double loss = lossNats / targets;
    double learningRate = config.learningRate() * config.schedule().factor(taken, totalSteps);
    AdamW.Outcome outcome = optimizer.step(learningRate, config.clip());
    if (!Double.isFinite(loss) || outcome.notFinite().isPresent()) {
      throw new BadInputException(
          "step %d: the loss is %s and %s; lower the learning rate or look at the rows of this step."
              .formatted(
                  taken + 1,
                  loss,
                  outcome.notFinite().isPresent()
                      ? "the gradient of "
                          + model.parameters().get(outcome.notFinite().getAsInt()).name()
                          + " is not finite"
                      : "the gradient is finite"));
    }
    if (outcome.norm() == 0) {
      throw new BadInputException(
          "step %d: all gradients are zero, so nothing would be learnt.".formatted(taken + 1));
    }
    long stepTokens = packs.stream().mapToLong(pack -> pack.tokens().length).sum();
    tokens += stepTokens;
    long now = System.nanoTime();
    return new StepMetrics(
        optimizer.taken(),
        loss,
        outcome.norm(),
        learningRate,
        tokens,
        targets,
        secondsBefore + (now - start) / 1e9,
        stepTokens / ((now - begun) / 1e9));
  }

  private Checkpoints.State state(double seconds) {
    return new Checkpoints.State(
        optimizer.taken(), seconds, adapter(), optimizer.firstMoments(), optimizer.secondMoments());
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

  /** Mean loss in nats over up to {@code packs} packs, without training. */
  public static double meanLoss(TrainableModel model, List<PackedRow> packs) {
    double lossNats = 0;
    long targets = 0;
    for (PackedRow pack : packs) {
      lossNats += model.loss(pack);
      targets += TrainingRows.targets(pack);
    }
    return lossNats / targets;
  }

  @Override
  public void close() {
    optimizer.close();
  }
}
