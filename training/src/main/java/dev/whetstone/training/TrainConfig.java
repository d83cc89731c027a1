package dev.whetstone.training;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.whetstone.artifacts.EnumKeys;
import dev.whetstone.artifacts.Json;
import dev.whetstone.artifacts.model.LoraConfig;
import dev.whetstone.artifacts.model.LoraConfig.Bias;
import dev.whetstone.models.engine.Hardware;
import dev.whetstone.models.engine.LoraTargets;
import dev.whetstone.training.objective.Objective;
import dev.whetstone.training.optimizer.AdamWConfig;
import dev.whetstone.training.optimizer.Schedule;
import dev.whetstone.training.sweep.SweepConfig;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;

/**
 * Section {@code train} of a recipe, every default filled in. Exactly one of {@code steps}, {@code
 * epochs} and {@code tokens} says how long; none of them means one epoch.
 *
 * @param dataset folder that {@code prepare} wrote
 * @param model hub name or folder; empty: the recipe's
 * @param adapter folder of an adapter to go on from; empty: a fresh one
 * @param lora the adapter
 * @param objective {@code sft}, or a preference loss; its name or a mapping
 * @param lossOn which tokens are targets; {@code assistant} and {@code completion} must be what the
 *     dataset was prepared with
 * @param learningRate base rate, reached after warm-up
 * @param schedule how the rate changes
 * @param steps optimizer steps
 * @param epochs passes over the data
 * @param tokens token budget; the run ends with the step that reaches it
 * @param batch packs (or pairs, or labelled rows) a step
 * @param packLength which pack plan of the dataset; 0: its only one
 * @param weightDecay decoupled, on A and B alike
 * @param beta1 decay of the first moment
 * @param beta2 decay of the second moment
 * @param epsilon added to the root of the second moment
 * @param clip global norm of the gradient above which it is scaled down; 0: never
 * @param noise NEFTune's alpha; 0: none
 * @param checkpointing whether blocks are computed anew in the backward pass; {@code auto}: where
 *     memory asks for it
 * @param evaluate what is measured during the run
 * @param checkpoint when a run is saved
 * @param seed of the LoRA weights, of the order of rows and of dropout
 * @param dtype of the frozen weights; {@code auto}: bfloat16 on a GPU, float32 on a CPU
 * @param device {@code auto}: a GPU where there is one
 * @param equivalence how the finished adapter is compared with its merged forms
 * @param accept kinds of findings before a run that shall not stop it
 * @param sweep what {@code train --sweep} tries; no part of a single run
 */
public record TrainConfig(
    String dataset,
    String model,
    String adapter,
    Lora lora,
    Objective objective,
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
    Double noise,
    Switch checkpointing,
    Evaluate evaluate,
    Checkpoint checkpoint,
    Long seed,
    String dtype,
    String device,
    Equivalence equivalence,
    List<String> accept,
    SweepConfig sweep) {

  /** Enough to see a trend, seconds of work. */
  private static final int MEASURED_PACKS = 2;

  private static final int MEASURED_ANSWERS = 64;
  private static final List<String> DTYPES = List.of("auto", "float32", "bfloat16");
  private static final List<String> DEVICES = List.of("auto", "cpu", "gpu");
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

  /** Yes, no, or as the machine allows. */
  public enum Switch {
    ON,
    OFF,
    AUTO;

    /** YAML 1.1 reads {@code on} and {@code off} as truth values. */
    @JsonCreator
    static Switch of(Object value) {
      return value instanceof Boolean flag
          ? flag ? ON : OFF
          : EnumKeys.of(Switch.class, "unknown value", String.valueOf(value));
    }

    @JsonValue
    public String key() {
      return EnumKeys.key(this);
    }
  }

  /**
   * The adapter; keys that PEFT has mean what they mean there.
   *
   * @param rank R
   * @param alpha the update is scaled by alpha / rank
   * @param targets {@code all-linear}, a list of module names, or one regular expression for whole
   *     module paths
   * @param dropout on the adapter's input
   * @param layers blocks that are adapted, from 0; empty: all
   * @param rankPattern ranks by pattern
   * @param alphaPattern alphas by pattern
   * @param rslora scale by alpha / sqrt(rank)
   * @param dora DoRA
   * @param bias none, all, lora_only
   * @param modulesToSave modules trained as a whole
   * @param plus LoRA+ (arXiv 2402.12354): B's learning rate is so many times that of A; 1: equal
   */
  public record Lora(
      Integer rank,
      Double alpha,
      JsonNode targets,
      Double dropout,
      List<Integer> layers,
      Map<String, Integer> rankPattern,
      Map<String, Double> alphaPattern,
      Boolean rslora,
      Boolean dora,
      Bias bias,
      List<String> modulesToSave,
      Double plus) {
    private static final double MAX_PLUS = 1000;

    public Lora {
      rank = rank == null ? 16 : rank;
      alpha = alpha == null ? 2.0 * rank : alpha;
      dropout = dropout == null ? 0.0 : dropout;
      layers = layers == null ? List.of() : List.copyOf(layers);
      rankPattern = rankPattern == null ? Map.of() : rankPattern;
      alphaPattern = alphaPattern == null ? Map.of() : alphaPattern;
      rslora = rslora != null && rslora;
      dora = dora != null && dora;
      bias = bias == null ? Bias.NONE : bias;
      modulesToSave = modulesToSave == null ? List.of() : List.copyOf(modulesToSave);
      plus = plus == null ? 1.0 : plus;
      if (!(plus > 0 && plus <= MAX_PLUS)) {
        throw new IllegalArgumentException(
            "plus must be > 0 and at most %s: %s".formatted(MAX_PLUS, plus));
      }
      chosen(targets, layers);
      new LoraConfig(
          rank,
          alpha,
          dropout,
          LoraConfig.ALL_LINEAR,
          rankPattern,
          alphaPattern,
          rslora,
          dora,
          bias,
          modulesToSave);
    }

    /** Which modules are meant. */
    public LoraTargets chosen() {
      return chosen(targets, layers);
    }

    private static LoraTargets chosen(JsonNode targets, List<Integer> layers) {
      if (targets == null || targets.isNull() || targets.asText().equals("all-linear")) {
        return new LoraTargets(List.of(), "", layers);
      }
      if (!targets.isArray()) {
        return new LoraTargets(List.of(), targets.asText(), layers);
      }
      var names = new ArrayList<String>();
      targets.forEach(target -> names.add(target.asText()));
      if (names.isEmpty()) {
        throw new IllegalArgumentException("targets are empty; all-linear means all");
      }
      return new LoraTargets(names, "", layers);
    }

    /** The adapter's shape, of modules that {@link #chosen} named. */
    public LoraConfig config(List<String> modules) {
      return new LoraConfig(
          rank,
          alpha,
          dropout,
          modules,
          rankPattern,
          alphaPattern,
          rslora,
          dora,
          bias,
          modulesToSave);
    }
  }

  /**
   * @param rows packs (or pairs, or labelled rows) a micro-batch
   * @param accumulate micro-batches an optimizer step
   * @param atOnce packs that one pass computes, which changes nothing but speed and memory; {@code
   *     auto}: as memory allows
   */
  public record Batch(Integer rows, Integer accumulate, AtOnce atOnce) {
    public Batch {
      rows = rows == null ? 1 : rows;
      accumulate = accumulate == null ? 4 : accumulate;
      if (rows < 1 || accumulate < 1 || (long) rows * accumulate > Integer.MAX_VALUE) {
        throw new IllegalArgumentException(
            "rows and accumulate must be >= 1, their product below 2^31: %d, %d"
                .formatted(rows, accumulate));
      }
      atOnce = atOnce == null ? new AtOnce(rows) : atOnce;
    }

    /** Packs of one optimizer step. */
    public int packs() {
      return Math.multiplyExact(rows, accumulate);
    }
  }

  /**
   * @param packs 0: as memory allows
   */
  public record AtOnce(int packs) {
    public AtOnce {
      if (packs < 0) {
        throw new IllegalArgumentException("at_once must be >= 1 or auto: " + packs);
      }
    }

    @JsonCreator
    static AtOnce of(Object value) {
      if (value instanceof Integer packs && packs > 0) {
        return new AtOnce(packs);
      }
      if (!"auto".equals(value)) {
        throw new IllegalArgumentException("expected a number >= 1 or auto, found " + value);
      }
      return new AtOnce(0);
    }

    @JsonValue
    Object value() {
      return packs == 0 ? "auto" : packs;
    }
  }

  /**
   * What is measured on the validation split while training goes on.
   *
   * @param every steps between two measurements; 0: before the first and after the last step only
   * @param packs (or pairs, or labelled rows) of the split that are measured, from its start; 0:
   *     all; 2 packs or 64 of the others if nothing is said
   * @param patience measurements without a better loss after which the run ends early; 0: never
   * @param minDelta by how much a loss must be lower to count as better, nats
   * @param tasks benchmarks that the {@code eval} program scores at each measurement
   * @param includePath folder of task files
   * @param limit documents a task; 0: all
   */
  public record Evaluate(
      Integer every,
      Integer packs,
      Integer patience,
      Double minDelta,
      List<String> tasks,
      String includePath,
      Integer limit) {
    public Evaluate {
      every = every == null ? 0 : every;
      patience = patience == null ? 0 : patience;
      minDelta = minDelta == null ? 0.0 : minDelta;
      tasks = tasks == null ? List.of() : List.copyOf(tasks);
      includePath = includePath == null ? "" : includePath;
      limit = limit == null ? 0 : limit;
      if (every < 0
          || (packs != null && packs < 0)
          || patience < 0
          || limit < 0
          || !(minDelta >= 0)) {
        throw new IllegalArgumentException(
            "every, packs, patience, min_delta and limit must be >= 0: %d, %d, %d, %s, %d"
                .formatted(every, packs, patience, minDelta, limit));
      }
      if (every == 0 && (patience > 0 || !tasks.isEmpty())) {
        throw new IllegalArgumentException(
            "patience and tasks need evaluate.every, the steps between two measurements");
      }
    }

    private Evaluate withPacks(int some) {
      return new Evaluate(every, some, patience, minDelta, tasks, includePath, limit);
    }
  }

  /**
   * @param probes rows that the adapter, merged weights and rounded ones are compared on; 0: none
   * @param newTokens that each continues them by
   */
  public record Equivalence(Integer probes, Integer newTokens) {
    public Equivalence {
      probes = probes == null ? 4 : probes;
      newTokens = newTokens == null ? 16 : newTokens;
      if (probes < 0 || newTokens < 1) {
        throw new IllegalArgumentException(
            "probes must be >= 0 and new_tokens >= 1: " + probes + ", " + newTokens);
      }
    }
  }

  /**
   * @param every steps between two checkpoints
   * @param keep newest checkpoints that stay
   * @param best whether the adapter of the lowest validation loss is kept too and becomes the run's
   */
  public record Checkpoint(Integer every, Integer keep, Boolean best) {
    public Checkpoint {
      every = every == null ? 20 : every;
      keep = keep == null ? 3 : keep;
      best = best != null && best;
      if (every < 1 || keep < 1) {
        throw new IllegalArgumentException("every and keep must be >= 1: " + every + ", " + keep);
      }
    }
  }

  public TrainConfig {
    dataset = dataset == null ? "" : dataset;
    model = model == null ? "" : model;
    adapter = adapter == null ? "" : adapter;
    lora =
        lora == null
            ? new Lora(null, null, null, null, null, null, null, null, null, null, null, null)
            : lora;
    objective = objective == null ? Objective.named("sft") : objective;
    lossOn = lossOn == null ? LossOn.ASSISTANT : lossOn;
    learningRate = learningRate == null ? 2e-4 : learningRate;
    schedule = schedule == null ? new Schedule(null, null, null, null) : schedule;
    batch = batch == null ? new Batch(null, null, null) : batch;
    packLength = packLength == null ? 0 : packLength;
    weightDecay = weightDecay == null ? 0.0 : weightDecay;
    // torch/optim/adamw.py: the defaults of AdamW but for weight_decay, where transformers has 0.
    beta1 = beta1 == null ? 0.9 : beta1;
    beta2 = beta2 == null ? 0.999 : beta2;
    epsilon = epsilon == null ? 1e-8 : epsilon;
    clip = clip == null ? 1.0 : clip;
    noise = noise == null ? 0.0 : noise;
    checkpointing = checkpointing == null ? Switch.AUTO : checkpointing;
    evaluate = evaluate == null ? new Evaluate(null, null, null, null, null, null, null) : evaluate;
    if (evaluate.packs() == null) {
      evaluate =
          evaluate.withPacks(objective.kind().takesAnswers() ? MEASURED_ANSWERS : MEASURED_PACKS);
    }
    checkpoint = checkpoint == null ? new Checkpoint(null, null, null) : checkpoint;
    seed = seed == null ? 0L : seed;
    dtype = dtype == null ? "auto" : dtype;
    device = device == null ? "auto" : device;
    equivalence = equivalence == null ? new Equivalence(null, null) : equivalence;
    accept = accept == null ? List.of() : List.copyOf(accept);
    sweep = sweep == null ? new SweepConfig(null, null, null, null) : sweep;
    if (!DTYPES.contains(dtype)) {
      throw new IllegalArgumentException("unknown dtype \"" + dtype + "\"; known: " + DTYPES);
    }
    if (!DEVICES.contains(device)) {
      throw new IllegalArgumentException("unknown device \"" + device + "\"; known: " + DEVICES);
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
    if (!(noise >= 0 && noise < Double.POSITIVE_INFINITY)) {
      throw new IllegalArgumentException("noise must be >= 0 and finite: " + noise);
    }
    long lengths = Stream.of(steps, epochs, tokens).filter(Objects::nonNull).count();
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

  /** Whether frozen weights are bfloat16 on a piece of hardware. */
  public boolean isBfloat16(Hardware hardware) {
    return dtype.equals("bfloat16") || (dtype.equals("auto") && hardware == Hardware.GPU);
  }

  /** The optimizer's part. */
  public AdamWConfig adamW() {
    return new AdamWConfig(beta1, beta2, epsilon, weightDecay);
  }

  /** With places in place of those that the section has. */
  TrainConfig withPlaces(String newDataset, String newModel, String newAdapter) {
    ObjectNode tree = tree();
    tree.put("dataset", newDataset).put("model", newModel).put("adapter", newAdapter);
    return of(tree);
  }

  /** A single run's section: what only a sweep is asked for has no part in its id. */
  TrainConfig withoutSweep() {
    ObjectNode tree = tree();
    tree.remove("sweep");
    return of(tree);
  }

  /** One run of a sweep. */
  TrainConfig asTrial(double rate, int rank, int trialSteps) {
    ObjectNode tree = tree();
    tree.remove(List.of("sweep", "epochs", "tokens"));
    tree.put("learning_rate", rate).put("steps", trialSteps);
    ((ObjectNode) tree.get("lora"))
        .put("rank", rank)
        .put("alpha", lora.alpha() / lora.rank() * rank);
    return of(tree);
  }

  private ObjectNode tree() {
    return Json.mapper().valueToTree(this);
  }

  private static TrainConfig of(ObjectNode tree) {
    try {
      return Json.mapper().treeToValue(tree, TrainConfig.class);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a section could not be read back", e);
    }
  }
}
