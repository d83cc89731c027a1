package dev.whetstone.training;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import com.fasterxml.jackson.databind.JsonNode;
import dev.whetstone.artifacts.EnumKeys;
import dev.whetstone.models.engine.LoraConfig;
import dev.whetstone.training.optimizer.Schedule;
import java.util.ArrayList;
import java.util.List;

/**
 * Section {@code train} of a recipe, every default filled in. Exactly one of {@code steps}, {@code
 * epochs} and {@code tokens} says how long; none of them means one epoch.
 *
 * @param dataset folder that {@code prepare} wrote
 * @param model hub name or folder; empty: the recipe's
 * @param lora rank, alpha, targets, dropout
 * @param objective {@code sft}: next-token cross-entropy
 * @param lossOn which tokens are targets; {@code assistant} and {@code completion} must be what the
 *     dataset was prepared with
 * @param learningRate base rate, reached after warm-up
 * @param schedule how the rate changes
 * @param steps optimizer steps
 * @param epochs passes over the data
 * @param tokens token budget; the run ends with the step that reaches it
 * @param batch packs a step
 * @param packLength which pack plan of the dataset; 0: its only one
 * @param weightDecay decoupled, on A and B alike
 * @param beta1 decay of the first moment
 * @param beta2 decay of the second moment
 * @param epsilon added to the root of the second moment
 * @param clip global norm of the gradient above which it is scaled down; 0: never
 * @param checkpoint when a run is saved
 * @param seed of the LoRA weights and of the order of rows
 * @param dtype of the frozen weights; {@code auto}: float32 on a CPU
 */
public record TrainConfig(
    String dataset,
    String model,
    Lora lora,
    String objective,
    LossOn lossOn,
    Double learningRate,
    Schedule schedule,
    Integer steps,
    Double epochs,
    Long tokens,
    Batch batch,
    Integer packLength,
    Double weightDecay,
    Double beta1,
    Double beta2,
    Double epsilon,
    Double clip,
    Checkpoint checkpoint,
    Long seed,
    String dtype) {

  private static final double MAX_EPOCHS = 10_000;

  /** A hundred steps a second for a day; the plan is walked through before the first. */
  private static final int MAX_STEPS = 10_000_000;

  /** Which tokens are targets of the loss. */
  public enum LossOn {
    ASSISTANT,
    COMPLETION,
    ALL;

    @JsonCreator
    static LossOn of(String name) {
      return EnumKeys.of(LossOn.class, "unknown value", name);
    }

    @JsonValue
    public String key() {
      return EnumKeys.key(this);
    }
  }

  /**
   * The adapter.
   *
   * @param rank R
   * @param alpha the update is scaled by alpha / rank
   * @param targets {@code all-linear} or a list of module names
   * @param dropout on the adapter's input; only 0 is supported: libtorch's random state cannot be
   *     saved through DJL
   */
  public record Lora(Integer rank, Double alpha, JsonNode targets, Double dropout) {
    public Lora {
      rank = rank == null ? 16 : rank;
      alpha = alpha == null ? 2.0 * rank : alpha;
      dropout = dropout == null ? 0.0 : dropout;
      if (dropout != 0) {
        throw new IllegalArgumentException(
            "dropout must be 0.0, found " + dropout + ": a resumed run could not repeat its masks");
      }
      new LoraConfig(rank, alpha, modules(targets));
    }

    /** What the engine needs. */
    public LoraConfig config() {
      return new LoraConfig(rank, alpha, modules(targets));
    }

    private static List<String> modules(JsonNode targets) {
      if (targets == null || targets.isNull() || targets.asText().equals("all-linear")) {
        return LoraConfig.ALL_LINEAR;
      }
      var modules = new ArrayList<String>();
      targets.forEach(target -> modules.add(target.asText()));
      if (modules.isEmpty()) {
        modules.add(targets.asText());
      }
      return modules;
    }
  }

  /**
   * @param rows packs a micro-batch
   * @param accumulate micro-batches an optimizer step
   */
  public record Batch(Integer rows, Integer accumulate) {
    public Batch {
      rows = rows == null ? 1 : rows;
      accumulate = accumulate == null ? 4 : accumulate;
      if (rows < 1 || accumulate < 1 || (long) rows * accumulate > Integer.MAX_VALUE) {
        throw new IllegalArgumentException(
            "rows and accumulate must be >= 1, their product below 2^31: %d, %d"
                .formatted(rows, accumulate));
      }
    }

    /** Packs of one optimizer step. */
    public int packs() {
      return Math.multiplyExact(rows, accumulate);
    }
  }

  /**
   * @param every steps between two checkpoints
   * @param keep newest checkpoints that stay
   */
  public record Checkpoint(Integer every, Integer keep) {
    public Checkpoint {
      every = every == null ? 20 : every;
      keep = keep == null ? 3 : keep;
      if (every < 1 || keep < 1) {
        throw new IllegalArgumentException("every and keep must be >= 1: " + every + ", " + keep);
      }
    }
  }

  public TrainConfig {
    dataset = dataset == null ? "" : dataset;
    model = model == null ? "" : model;
    lora = lora == null ? new Lora(null, null, null, null) : lora;
    objective = objective == null ? "sft" : objective;
    lossOn = lossOn == null ? LossOn.ASSISTANT : lossOn;
    learningRate = learningRate == null ? 2e-4 : learningRate;
    schedule = schedule == null ? new Schedule(null, null) : schedule;
    batch = batch == null ? new Batch(null, null) : batch;
    packLength = packLength == null ? 0 : packLength;
    weightDecay = weightDecay == null ? 0.0 : weightDecay;
    // torch/optim/adamw.py: the defaults of AdamW but for weight_decay, where transformers has 0.
    beta1 = beta1 == null ? 0.9 : beta1;
    beta2 = beta2 == null ? 0.999 : beta2;
    epsilon = epsilon == null ? 1e-8 : epsilon;
    clip = clip == null ? 1.0 : clip;
    checkpoint = checkpoint == null ? new Checkpoint(null, null) : checkpoint;
    seed = seed == null ? 0L : seed;
    dtype = dtype == null ? "auto" : dtype;
    if (!objective.equals("sft")) {
      throw new IllegalArgumentException("unknown objective \"" + objective + "\"; known: sft");
    }
    if (!dtype.equals("auto") && !dtype.equals("float32")) {
      throw new IllegalArgumentException("unknown dtype \"" + dtype + "\"; known: auto, float32");
    }
    if (!(learningRate > 0 && learningRate < Double.POSITIVE_INFINITY)) {
      throw new IllegalArgumentException("learning_rate must be > 0 and finite: " + learningRate);
    }
    if (!(beta1 >= 0
        && beta1 < 1
        && beta2 >= 0
        && beta2 < 1
        && epsilon > 0
        && weightDecay >= 0
        && weightDecay < Double.POSITIVE_INFINITY
        && clip >= 0)) {
      throw new IllegalArgumentException(
          "beta1, beta2 must be in [0, 1), epsilon > 0, weight_decay and clip >= 0");
    }
    long lengths =
        java.util.stream.Stream.of(steps, epochs, tokens)
            .filter(java.util.Objects::nonNull)
            .count();
    if (lengths > 1) {
      throw new IllegalArgumentException("give one of steps, epochs and tokens, not several");
    }
    if (packLength < 0) {
      throw new IllegalArgumentException("pack_length must be >= 0: " + packLength);
    }
    epochs = lengths == 0 ? (Double) 1.0 : epochs;
    if ((steps != null && (steps < 1 || steps > MAX_STEPS))
        || (epochs != null && !(epochs > 0 && epochs <= MAX_EPOCHS))
        || (tokens != null && tokens < 1)) {
      throw new IllegalArgumentException(
          "steps, epochs and tokens must be > 0, steps at most %d, epochs at most %s"
              .formatted(MAX_STEPS, MAX_EPOCHS));
    }
  }

  /** With dataset and model where the section left them open. */
  TrainConfig with(String newDataset, String newModel) {
    return new TrainConfig(
        newDataset,
        newModel,
        lora,
        objective,
        lossOn,
        learningRate,
        schedule,
        steps,
        epochs,
        tokens,
        batch,
        packLength,
        weightDecay,
        beta1,
        beta2,
        epsilon,
        clip,
        checkpoint,
        seed,
        dtype);
  }
}
