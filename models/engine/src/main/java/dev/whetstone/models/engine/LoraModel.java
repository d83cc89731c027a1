package dev.whetstone.models.engine;

import static dev.whetstone.models.engine.TorchScriptProgram.named;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import dev.whetstone.artifacts.BadInputException;
import dev.whetstone.artifacts.model.ModelFolder;
import dev.whetstone.models.engine.DecoderWeights.Storage;
import dev.whetstone.models.engine.family.DecoderConfig;
import dev.whetstone.models.engine.family.DecoderTensors;
import dev.whetstone.models.engine.family.DecoderTensors.Expected;
import dev.whetstone.models.engine.family.Slot;
import dev.whetstone.models.text.LossMask;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.stream.IntStream;

/**
 * A frozen decoder with LoRA beside its projections, by the program {@code decoder.py}.
 *
 * <p>The vocabulary projection runs at target positions only and in chunks; its gradient is
 * computed by hand (softmax minus one at the target, times the head), so that logits of a whole row
 * never exist at once.
 */
final class LoraModel implements TrainableModel {
  /** Positions whose logits exist at one time: 256 × 49,152 × 4 bytes are 50 MB. */
  private static final int CHUNK = 256;

  /** A pair for each of the seven projections; [0] where it is not trained. */
  private static final int PER_BLOCK = 14;

  /** The projections in the order of {@link LoraConfig#ALL_LINEAR}. */
  private static final List<Slot> MODULES =
      List.of(Slot.QUERY, Slot.KEY, Slot.VALUE, Slot.OUTPUT, Slot.GATE, Slot.UP, Slot.DOWN);

  private final NDManager manager;
  private final TorchScriptProgram program;
  private final DecoderConfig config;
  private final DecoderWeights weights;
  private final NDList lora = new NDList();
  private final List<Parameter> parameters = new ArrayList<>();

  private LoraModel(
      NDManager manager, DecoderConfig config, ModelFolder model, LoraConfig adapter, long seed) {
    checkTargets(config, adapter, model);
    this.manager = manager;
    this.config = config;
    this.program = DecoderProgram.load(manager, config, false, adapter.alpha() / adapter.rank());
    this.weights = DecoderWeights.load(model, config, program, Storage.FLOAT32, manager);
    var random = new SplittableRandom(seed);
    for (int block = 0; block < config.layers(); block++) {
      for (int module = 0; module < LoraConfig.ALL_LINEAR.size(); module++) {
        add(block, module, adapter, random);
      }
    }
    assert lora.size() == PER_BLOCK * config.layers();
  }

  static LoraModel load(ModelFolder model, LoraConfig adapter, long seed) {
    DecoderConfig config = DecoderConfig.of(model.config(), model.path() + "/config.json");
    NDManager manager = NDManager.newBaseManager(Device.cpu(), "PyTorch");
    try {
      return new LoraModel(manager, config, model, adapter, seed);
    } catch (RuntimeException e) {
      manager.close();
      throw e;
    }
  }

  /**
   * @throws BadInputException if the model's files do not hold a target as a tensor of its own in
   *     every block, as the fused projections of some families and experts are not
   */
  private static void checkTargets(DecoderConfig config, LoraConfig adapter, ModelFolder model) {
    Map<String, Expected> tensors = DecoderTensors.expected(config);
    var missing = new ArrayList<String>();
    for (int module = 0; module < LoraConfig.ALL_LINEAR.size(); module++) {
      String target = LoraConfig.ALL_LINEAR.get(module);
      for (int block = 0; block < config.layers(); block++) {
        if (adapter.targets().contains(target)
            && !missing.contains(target)
            && !tensors.containsKey(name(block, module) + ".weight")) {
          missing.add(target);
        }
      }
    }
    if (!missing.isEmpty()) {
      throw new BadInputException(
          "%s: its files hold no %s of their own in every layer, so that LoRA cannot train them; leave them out of the targets."
              .formatted(model.path(), String.join(", ", missing)));
    }
  }

  private static String name(int block, int module) {
    return "model.layers.%d.%s.%s"
        .formatted(block, module < 4 ? "self_attn" : "mlp", LoraConfig.ALL_LINEAR.get(module));
  }

  private void add(int block, int module, LoraConfig adapter, SplittableRandom random) {
    if (!adapter.targets().contains(LoraConfig.ALL_LINEAR.get(module))) {
      lora.add(named("L[]", manager.zeros(new Shape(0))));
      lora.add(named("L[]", manager.zeros(new Shape(0))));
      return;
    }
    Shape base = weights.of(block, MODULES.get(module)).getShape();
    long out = base.get(0);
    long in = base.get(1);
    int rank = adapter.rank();
    float[] a = new float[Math.toIntExact(rank * in)];
    double bound = 1 / Math.sqrt((double) in);
    for (int i = 0; i < a.length; i++) {
      a[i] = (float) (bound * (2 * random.nextDouble() - 1));
    }
    NDArray down = named("L[]", manager.create(a, new Shape(rank, in)));
    NDArray up = named("L[]", manager.zeros(new Shape(out, rank)));
    lora.add(down);
    lora.add(up);
    down.setRequiresGradient(true);
    up.setRequiresGradient(true);
    String name = "base_model.model." + name(block, module);
    parameters.add(new Parameter(name + ".lora_A.weight", down));
    parameters.add(new Parameter(name + ".lora_B.weight", up));
  }

  @Override
  public double accumulate(PackedRow row, double scale) {
    return run(row, scale, true);
  }

  @Override
  public double loss(PackedRow row) {
    double loss = run(row, 1, false);
    if (!Double.isFinite(loss)) {
      throw new BadInputException(
          "the model computes a loss of %s, expected a finite one; its weights are damaged or training has diverged."
              .formatted(loss));
    }
    return loss;
  }

  private double run(PackedRow row, double gradientScale, boolean backward) {
    Targets targets = Targets.of(row, config);
    if (targets.at().length == 0) {
      return 0;
    }
    try (NDManager step = manager.newSubManager()) {
      var arguments =
          new NDList(
              named("ids", step.create(longs(row.tokens()))),
              named("positions", step.create(targets.positions())),
              named("lengths", step.create(longs(row.lengths()))),
              named("at", step.create(targets.at())),
              named("frequencies", frequencies(row.lengths(), step)),
              named("embedding", weights.embedding()),
              named("final", weights.finalNorm()));
      weights.addBlocks(arguments);
      lora.forEach(
          array -> arguments.add(named("L[]", array))); // an optimizer names them otherwise
      NDArray hidden =
          (backward
                  ? program.callWithGradients("hidden", arguments)
                  : program.call("hidden", arguments))
              .get(0); // [N, D]
      NDList lossAndGradient =
          program.call(
              "loss",
              new NDList(
                  named("hidden", hidden),
                  named("targets", step.create(targets.labels())),
                  named("head", weights.head()),
                  named("sizes", step.create(new long[] {CHUNK})),
                  named("reals", step.create(new double[] {gradientScale}))));
      if (backward) {
        TorchScriptProgram.backward(hidden, lossAndGradient.get(1));
      }
      return lossAndGradient.get(0).toDoubleArray()[0];
    }
  }

  /** Of the rotary embedding by the length of each token's document, [T, R / 2] or [1, R / 2]. */
  private NDArray frequencies(int[] lengths, NDManager step) {
    int[] contexts =
        Arrays.stream(lengths)
            .flatMap(length -> IntStream.generate(() -> length).limit(length))
            .toArray();
    float[] table = config.rotary().table(contexts);
    int columns = config.rotary().size() / 2;
    return step.create(table, new Shape(table.length / columns, columns));
  }

  /**
   * Which positions predict which targets.
   *
   * @param positions within each document, [T]
   * @param at indices of predicting positions, [N]
   * @param labels what they are to predict, [N]
   */
  record Targets(long[] positions, long[] at, long[] labels) {
    static Targets of(PackedRow row, DecoderConfig config) {
      int total = Arrays.stream(row.lengths()).sum();
      if (row.tokens().length != total || row.labels().length != total) {
        throw new IllegalArgumentException(
            "tokens, labels and the sum of lengths must be equal: %d, %d, %d"
                .formatted(row.tokens().length, row.labels().length, total));
      }
      long[] positions = new long[total];
      long[] at = new long[total];
      long[] labels = new long[total];
      int n = 0;
      int t = 0;
      for (int length : row.lengths()) {
        if (length > config.maxPositions()) {
          throw new IllegalArgumentException(
              "a document of %d tokens is longer than the model's context, %d"
                  .formatted(length, config.maxPositions()));
        }
        for (int i = 0; i < length; i++, t++) {
          positions[t] = i;
          if (i > 0 && row.labels()[t] != LossMask.IGNORED) {
            at[n] = t - 1L;
            labels[n++] = row.labels()[t];
          }
        }
      }
      return new Targets(positions, Arrays.copyOf(at, n), Arrays.copyOf(labels, n));
    }
  }

  private static long[] longs(int[] values) {
    return Arrays.stream(values).asLongStream().toArray();
  }

  @Override
  public List<Parameter> parameters() {
    return List.copyOf(parameters);
  }

  @Override
  public void set(int index, float[] values) {
    parameters.get(index).value().set(values);
  }

  @Override
  public void zeroGradients() {
    parameters.forEach(parameter -> TorchScriptProgram.zeroGradient(parameter.value()));
  }

  @Override
  public int vocabularySize() {
    return config.vocabulary();
  }

  @Override
  public int maxLength() {
    return config.maxPositions();
  }

  @Override
  public void close() {
    program.close();
    manager.close();
  }
}
