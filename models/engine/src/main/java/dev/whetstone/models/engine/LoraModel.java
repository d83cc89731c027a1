package dev.whetstone.models.engine;

import static dev.whetstone.models.engine.TorchScriptProgram.named;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import dev.whetstone.artifacts.BadInputException;
import dev.whetstone.artifacts.model.LoraConfig;
import dev.whetstone.artifacts.model.ModelFolder;
import dev.whetstone.models.engine.DecoderProgram.Attention;
import dev.whetstone.models.engine.DecoderWeights.Storage;
import dev.whetstone.models.engine.family.DecoderConfig;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;

/**
 * A frozen decoder with LoRA beside its projections, by the programs {@code decoder.py} and {@code
 * tuning.py}. The backward pass is written out block by block (docs/decisions), so that a block
 * keeps what its own needs and nothing else, or its input alone.
 *
 * <p>The vocabulary projection runs at target positions only and in chunks; its gradient is
 * computed by hand (softmax minus one at the target, times the head), so that logits of a whole row
 * never exist at once.
 */
final class LoraModel implements TrainableModel {
  /** Positions whose logits exist at one time: 256 × 49,152 × 4 bytes are 50 MB. */
  static final int CHUNK = 256;

  /** Rows and columns of the product that measures the device, and how often it is taken. */
  private static final int PROBE = 1024;

  private static final int PROBES = 5;

  private final NDManager manager;
  private final TorchScriptProgram program;
  private final DecoderConfig config;
  private final DecoderWeights weights;
  private final LoraWeights lora;
  private final Tuning tuning;

  private LoraModel(
      NDManager manager,
      DecoderConfig config,
      ModelFolder model,
      LoraConfig lora,
      Tuning tuning,
      Attention attention) {
    this.manager = manager;
    this.config = config;
    this.tuning = tuning;
    List<LoraModules.Module> modules = LoraModules.chosen(config, lora, model.path());
    this.program =
        DecoderProgram.loadForTuning(
            manager, config, tuning.bfloat16(), tuning.hardware(), attention);
    this.weights =
        DecoderWeights.load(
            model,
            config,
            program,
            tuning.bfloat16() ? Storage.BFLOAT16 : Storage.FLOAT32_TURNED,
            manager);
    this.lora =
        new LoraWeights(manager, program, config, weights, lora, modules, tuning.seed(), model);
  }

  static LoraModel load(ModelFolder model, LoraConfig lora, Tuning tuning) {
    DecoderConfig config = DecoderConfig.of(model);
    return load(model, lora, tuning, Attention.of(config, tuning.bfloat16(), tuning.hardware()));
  }

  static LoraModel load(ModelFolder model, LoraConfig lora, Tuning tuning, Attention attention) {
    DecoderConfig config = DecoderConfig.of(model);
    NDManager manager = NDManager.newBaseManager(tuning.hardware().device(), "PyTorch");
    try {
      return new LoraModel(manager, config, model, lora, tuning, attention);
    } catch (RuntimeException e) {
      manager.close();
      throw e;
    }
  }

  @Override
  public Pass forward(PackedRow row, long key) {
    return new RowPass(row, key, true);
  }

  @Override
  public double[] nats(PackedRow row) {
    return evaluate(row, true);
  }

  @Override
  public double[] baseNats(PackedRow row) {
    return evaluate(row, false);
  }

  private double[] evaluate(PackedRow row, boolean adapted) {
    try (var pass = new RowPass(row, adapted)) {
      double[] nats = pass.nats();
      for (double each : nats) {
        if (!Double.isFinite(each)) {
          throw new BadInputException(
              "the model computes a loss of %s, expected a finite one; its weights are damaged or training has diverged."
                  .formatted(each));
        }
      }
      return nats;
    }
  }

  /** One row on its way through the blocks and back. */
  private final class RowPass implements Pass {
    private final NDManager scope = manager.newSubManager();
    private final PackedRow row;
    private final boolean adapted;
    private final boolean training;
    private final long key;
    private final int[] targets;
    private final NDArray ids;
    private final NDArray cos;
    private final NDArray sin;
    private final NDArray lengths;

    /** What the blocks need again; empty lists where they compute it anew. */
    private final List<NDList> kept = new ArrayList<>();

    /** The stream before each block, and after the last. */
    private final List<NDArray> streams = new ArrayList<>();

    private final NDArray hidden;

    /** For evaluation. */
    RowPass(PackedRow row, boolean adapted) {
      this(row, 0, adapted, false);
    }

    /** For training. */
    RowPass(PackedRow row, long key, boolean adapted) {
      this(row, key, adapted, true);
    }

    private RowPass(PackedRow row, long key, boolean adapted, boolean training) {
      this.row = row;
      this.key = key;
      this.adapted = adapted;
      this.training = training;
      this.targets = row.targets();
      try {
        ids = scope.create(longs(row.tokens()));
        lengths = scope.create(longs(row.lengths()));
        NDList begun =
            program.call(
                "begin",
                new NDList(
                    named("ids", ids),
                    named("noise", noise()),
                    named("positions", scope.create(positions())),
                    named("frequencies", frequencies()),
                    named("embedding", lora.embedding(adapted))));
        cos = begun.get(1);
        sin = begun.get(2);
        streams.add(begun.get(0));
        for (int block = 0; block < config.layers(); block++) {
          forward(block);
        }
        hidden =
            program
                .call(
                    "end",
                    new NDList(
                        named("x", streams.get(streams.size() - 1)),
                        named("at", at()),
                        named("final", weights.finalNorm())))
                .get(0);
      } catch (RuntimeException e) {
        scope.close();
        throw e;
      }
    }

    private void forward(int block) {
      NDArray x = streams.get(streams.size() - 1);
      NDList out = run(block, x);
      NDArray next = out.remove(0);
      if (training && !tuning.checkpointing()) {
        kept.add(out);
      } else {
        out.close();
        kept.add(new NDList());
      }
      if (!training) {
        x.close();
        streams.clear();
      }
      streams.add(next);
    }

    private NDList run(int block, NDArray x) {
      NDList arguments = arguments(x, block);
      weights.addBlock(block, arguments);
      lora.addBlock(block, adapted, arguments);
      drawAgain(block);
      return program.call("block", arguments);
    }

    /** Masks are a function of key and block, so that a backward pass draws the same. */
    private void drawAgain(int block) {
      if (dropout() > 0) {
        TorchScriptProgram.seed(mixed(block));
      }
    }

    private double dropout() {
      return training && adapted ? lora.dropout() : 0;
    }

    private long mixed(long which) {
      return new SplittableRandom(key * 0x9E3779B97F4A7C15L + which).nextLong();
    }

    private NDList arguments(NDArray x, int block) {
      boolean windowed = config.attention().windowed().get(block);
      return new NDList(
          named("x", x),
          named("cos", cos),
          named("sin", sin),
          named("lengths", lengths),
          named("sizes", scope.create(new long[] {windowed ? 1 : 0})),
          named("numbers", scope.create(lora.numbers(block, dropout()))));
    }

    @Override
    public double[] nats() {
      if (targets.length == 0) {
        return new double[0];
      }
      return doubles(
          program
              .call(
                  "nats",
                  new NDList(
                      named("hidden", hidden),
                      named("targets", labels()),
                      named("head", lora.head(adapted)),
                      named("sizes", scope.create(new long[] {CHUNK}))))
              .get(0));
    }

    @Override
    public double[] backward(double[] weight) {
      if (weight.length != targets.length) {
        throw new IllegalArgumentException(
            "expected %d weights, found %d".formatted(targets.length, weight.length));
      }
      if (targets.length == 0) {
        return new double[0];
      }
      NDList out =
          program.call(
              "unnats",
              new NDList(
                  named("hidden", hidden),
                  named("targets", labels()),
                  named("weights", scope.create(floats(weight))),
                  named("head", lora.head(adapted)),
                  named("sizes", scope.create(new long[] {CHUNK})),
                  named("G[]", lora.headGradient())));
      double[] nats = doubles(out.get(0));
      NDArray last = streams.get(streams.size() - 1);
      NDArray gradient =
          program
              .call(
                  "unend",
                  new NDList(
                      named("d", out.get(1)),
                      named("x", last),
                      named("at", at()),
                      named("final", weights.finalNorm())))
              .get(0);
      out.close();
      for (int block = config.layers() - 1; block >= 0; block--) {
        gradient = backward(block, gradient);
      }
      if (lora.trainsEmbedding()) {
        program.call(
            "unbegin",
            new NDList(
                named("d", gradient),
                named("ids", ids),
                named("gradient", lora.embeddingGradient())));
      }
      return nats;
    }

    private NDArray backward(int block, NDArray gradient) {
      NDArray x = streams.get(block);
      NDList own = kept.get(block);
      if (own.isEmpty()) {
        own = run(block, x);
        own.remove(0).close();
      }
      NDList arguments = arguments(x, block);
      arguments.add(0, named("d", gradient));
      own.forEach(array -> arguments.add(named("K[]", array)));
      weights.addBlock(block, arguments);
      lora.addBlock(block, adapted, arguments);
      lora.addGradients(block, arguments);
      drawAgain(block);
      NDArray before = program.call("unblock", arguments).get(0);
      own.close();
      gradient.close();
      streams.get(block + 1).close();
      return before;
    }

    private NDArray noise() {
      int count = row.tokens().length * config.hidden();
      if (!training || tuning.noise() == 0) {
        return scope.zeros(new Shape(0));
      }
      double bound =
          tuning.noise() / Math.sqrt((double) row.tokens().length * (double) config.hidden());
      var random = new SplittableRandom(mixed(-1));
      float[] values = new float[count];
      for (int i = 0; i < count; i++) {
        values[i] = (float) (bound * (2 * random.nextDouble() - 1));
      }
      return scope.create(values, new Shape(row.tokens().length, config.hidden()));
    }

    /** Of the rotary embedding by the length of each token's document, [T, R / 2] or [1, R / 2]. */
    private NDArray frequencies() {
      int[] contexts =
          Arrays.stream(row.lengths())
              .flatMap(length -> IntStream.generate(() -> length).limit(length))
              .toArray();
      float[] table = config.rotary().table(contexts);
      int columns = config.rotary().size() / 2;
      return scope.create(table, new Shape(table.length / columns, columns));
    }

    private long[] positions() {
      long[] positions = new long[row.tokens().length];
      int t = 0;
      for (int length : row.lengths()) {
        if (length > config.maxPositions()) {
          throw new IllegalArgumentException(
              "a document of %d tokens is longer than the model's context, %d"
                  .formatted(length, config.maxPositions()));
        }
        for (int i = 0; i < length; i++, t++) {
          positions[t] = i;
        }
      }
      return positions;
    }

    /** Positions that predict a target: those before it, [N]. */
    private NDArray at() {
      return scope.create(Arrays.stream(targets).mapToLong(t -> t - 1L).toArray());
    }

    private NDArray labels() {
      return scope.create(Arrays.stream(targets).mapToLong(t -> row.labels()[t]).toArray());
    }

    @Override
    public void close() {
      scope.close();
    }
  }

  private static double[] doubles(NDArray array) {
    float[] values = array.toFloatArray();
    return IntStream.range(0, values.length).mapToDouble(i -> values[i]).toArray();
  }

  private static float[] floats(double[] values) {
    float[] floats = new float[values.length];
    for (int i = 0; i < floats.length; i++) {
      floats[i] = (float) values[i];
    }
    return floats;
  }

  private static long[] longs(int[] values) {
    return Arrays.stream(values).asLongStream().toArray();
  }

  @Override
  public List<Parameter> parameters() {
    return lora.parameters();
  }

  @Override
  public void set(int index, float[] values) {
    // In place: DJL's own set would give the array other memory, of which no part is a view.
    try (NDManager step = manager.newSubManager()) {
      program.call(
          "put",
          new NDList(
              named("values", step.create(values)),
              named("array", parameters().get(index).value())));
    }
  }

  @Override
  public void takeAsBase() {
    lora.takeAsBase();
  }

  @Override
  public void zeroGradients() {
    var gradients = new NDList();
    parameters().forEach(parameter -> gradients.add(named("G[]", parameter.gradient())));
    program.call("clear", gradients).close();
  }

  @Override
  public double productsPerSecond() {
    double best = 0;
    try (NDManager scope = manager.newSubManager()) {
      NDArray square = scope.randomNormal(new Shape(PROBE, PROBE));
      NDArray other = square.duplicate();
      for (int i = 0; i < PROBES; i++) {
        long begun = System.nanoTime();
        program.call("product", new NDList(named("x", square), named("w", other))).close();
        best = Math.max(best, 2.0 * PROBE * PROBE * PROBE / ((System.nanoTime() - begun) / 1e9));
      }
    }
    return best;
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
