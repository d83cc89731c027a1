package dev.whetstone.models.engine;

import static dev.whetstone.models.engine.TorchScriptProgram.named;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import dev.whetstone.artifacts.BadInputException;
import dev.whetstone.artifacts.model.AdapterFolder;
import dev.whetstone.artifacts.model.ModelFolder;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * A decoder in native memory for inference: weights, an adapter merged into them, and the program.
 * Not thread-safe. Closing it frees everything.
 */
final class Decoder implements AutoCloseable {
  /** Positions whose logits exist at one time: 128 × 49,152 × 4 bytes are 25 MB. */
  private static final int CHUNK = 128;

  private final NDManager manager;
  private final DecoderConfig config;
  private final DecoderWeights weights;
  private final Path folder;
  private final TorchScriptProgram program;

  private Decoder(NDManager manager, DecoderConfig config, DecoderWeights weights, Path folder) {
    this.manager = manager;
    this.config = config;
    this.weights = weights;
    this.folder = folder;
    this.program = TorchScriptProgram.load(manager, Decoder.class, "decoder.py", "Decoder");
  }

  /**
   * Loads a model; an adapter is merged into its weights in float32, which costs nothing later.
   *
   * @throws BadInputException if the family is unknown, or tensors of model or adapter do not fit
   */
  static Decoder load(ModelFolder model, Optional<AdapterFolder> adapter) {
    DecoderConfig config = DecoderConfig.of(model.config(), model.path() + "/config.json");
    NDManager manager = NDManager.newBaseManager(Device.cpu(), "PyTorch");
    try {
      DecoderWeights weights = DecoderWeights.load(model, config, manager);
      adapter.ifPresent(folder -> AdapterMerge.into(weights, config, folder, model.path()));
      var decoder = new Decoder(manager, config, weights, model.path());
      decoder.tryOut();
      return decoder;
    } catch (RuntimeException e) {
      manager.close();
      throw e;
    }
  }

  DecoderConfig config() {
    return config;
  }

  /** A scope for one request or step; the caller closes it. */
  NDManager newScope() {
    return manager.newSubManager();
  }

  /**
   * Keys and values that other tokens attend to, after the rotation.
   *
   * @param keys [layers, K, P, D/H]
   * @param values [layers, K, P, D/H]
   */
  record Prefix(NDArray keys, NDArray values) {
    int length() {
      return Math.toIntExact(keys.getShape().get(2));
    }
  }

  /** What a row's keys and values are kept for. */
  enum Keep {
    NOTHING(0),
    /** Those of the row's own tokens. */
    OWN(1),
    /** Those of the prefix and of the row's own tokens, end to end. */
    ALL(2);

    private final int code; // as the program counts them

    Keep(int code) {
      this.code = code;
    }
  }

  /**
   * @param logProbs of the targets, in nats, [M]
   * @param greedy the most probable token after each position asked for, [N]
   * @param logits after the positions whose logits were asked for, [L][V]
   * @param kept empty if {@link Keep#NOTHING}
   */
  record Read(float[] logProbs, long[] greedy, List<float[]> logits, Optional<Prefix> kept) {}

  /**
   * @param greedy the most probable next token of each sequence, [B]
   * @param logits of the sequences whose logits were asked for, [L][V]
   */
  record Step(long[] greedy, List<float[]> logits) {}

  /** The prefix of no tokens. */
  Prefix noPrefix(NDManager scope) {
    var shape = new Shape(config.layers(), config.keyValueHeads(), 0, config.headSize());
    return new Prefix(scope.zeros(shape), scope.zeros(shape));
  }

  /**
   * Runs a row behind a prefix.
   *
   * @param at rows whose predictions are read, [N]
   * @param rows per target an index into {@code at}, ascending, [M]
   * @param targets token ids, [M]
   * @param logits indices into {@code at} of positions whose logits are read, [L]
   * @param scope owns what is kept
   */
  Read tree(
      TreeRow row,
      Prefix prefix,
      long[] at,
      long[] rows,
      long[] targets,
      Keep keep,
      long[] logits,
      NDManager scope) {
    try (NDManager step = scope.newSubManager()) {
      boolean causal = row.isChain() && prefix.length() == 0;
      int length = row.length();
      var arguments =
          new NDList(
              named("ids", step.create(longs(row.tokens()))),
              named("positions", step.create(longs(row.positions()))),
              named(
                  "mask",
                  causal
                      ? step.zeros(new Shape(0))
                      : step.create(row.mask(), new Shape(length, length))),
              named("pk", prefix.keys()),
              named("pv", prefix.values()),
              named("at", step.create(at)),
              named("rows", step.create(rows)),
              named("targets", step.create(targets)),
              named("wanted", step.create(logits)));
      addModel(
          arguments,
          step,
          new long[] {config.layers(), config.heads(), config.keyValueHeads(), CHUNK, keep.code});
      NDList results = program.call("tree", arguments);
      Optional<Prefix> kept = Optional.empty();
      if (keep != Keep.NOTHING) {
        results.get(3).attach(scope);
        results.get(4).attach(scope);
        kept = Optional.of(new Prefix(results.get(3), results.get(4)));
      }
      float[] logProbs = results.get(0).toFloatArray();
      checkFinite(logProbs);
      return new Read(
          logProbs, results.get(1).toLongArray(), rows(results.get(2), logits.length), kept);
    }
  }

  /** As the other, without logits. */
  Read tree(
      TreeRow row,
      Prefix prefix,
      long[] at,
      long[] rows,
      long[] targets,
      Keep keep,
      NDManager scope) {
    return tree(row, prefix, at, rows, targets, keep, new long[] {}, scope);
  }

  /** The rows of a matrix, [count, V]. */
  private List<float[]> rows(NDArray matrix, int count) {
    if (count == 0) {
      return List.of();
    }
    float[] values = matrix.toFloatArray();
    int width = values.length / count;
    return IntStream.range(0, count)
        .mapToObj(row -> Arrays.copyOfRange(values, row * width, (row + 1) * width))
        .toList();
  }

  /** Reads one token: weights that compute nothing finite are noticed before any answer. */
  private void tryOut() {
    var row = new TreeRow(new int[] {0}, new int[] {0}, new int[] {-1});
    long[] first = {0};
    try (NDManager scope = newScope()) {
      tree(row, noPrefix(scope), first, first, first, Keep.NOTHING, scope);
    }
  }

  private void checkFinite(float[] logProbs) {
    for (float logProb : logProbs) {
      if (!Float.isFinite(logProb)) {
        throw new BadInputException(
            "%s: its weights compute a log-probability of %s, expected a finite one; the model or its adapter is damaged, fetch or train it again."
                .formatted(folder, logProb));
      }
    }
  }

  /** An empty cache: keys or values of B sequences, [layers, B, K, capacity, D/H]. */
  NDArray newCache(int sequences, int capacity, NDManager scope) {
    return scope.zeros(
        new Shape(config.layers(), sequences, config.keyValueHeads(), capacity, config.headSize()),
        DataType.FLOAT32);
  }

  /**
   * Copies columns of kept keys or values to the front of one sequence's cache.
   *
   * @param columns of {@code kept}, in the order of the sequence
   */
  void place(NDArray kept, int[] columns, NDArray cache, int sequence, NDManager scope) {
    try (NDManager step = scope.newSubManager()) {
      program
          .call(
              "place",
              new NDList(
                  named("columns", step.create(longs(columns))),
                  named("kept", kept),
                  named("cache", cache),
                  named("sizes", step.create(new long[] {sequence}))))
          .close();
    }
  }

  /** A new cache of some sequences of {@code cache}, with {@code more} columns at its end. */
  NDArray keep(NDArray cache, int[] sequences, int more, NDManager scope) {
    try (NDManager step = scope.newSubManager()) {
      NDArray kept =
          program
              .call(
                  "keep",
                  new NDList(
                      named("rows", step.create(longs(sequences))),
                      named("cache", cache),
                      named("sizes", step.create(new long[] {more}))))
              .get(0);
      kept.attach(scope);
      return kept;
    }
  }

  /**
   * Feeds one token to each of B sequences and reads the most probable next ones.
   *
   * @param mask added to the attention scores over the cache's columns, [B, filled + 1]
   * @param keys cache, [layers, B, K, capacity, D/H]; column {@code filled} is written
   * @param values likewise
   * @param logits sequences whose logits are read, [L]
   */
  Step step(
      long[] tokens,
      long[] positions,
      float[] mask,
      int filled,
      Prefix prefix,
      NDArray keys,
      NDArray values,
      long[] logits,
      NDManager scope) {
    try (NDManager step = scope.newSubManager()) {
      var arguments =
          new NDList(
              named("ids", step.create(tokens)),
              named("positions", step.create(positions)),
              named("mask", step.create(mask, new Shape(tokens.length, 1, 1, filled + 1L))),
              named("pk", prefix.keys()),
              named("pv", prefix.values()),
              named("ck", keys),
              named("cv", values),
              named("wanted", step.create(logits)));
      addModel(
          arguments,
          step,
          new long[] {config.layers(), config.heads(), config.keyValueHeads(), filled});
      NDList results = program.call("step", arguments);
      return new Step(results.get(0).toLongArray(), rows(results.get(1), logits.length));
    }
  }

  private void addModel(NDList arguments, NDManager step, long[] sizes) {
    arguments.add(named("embedding", weights.embedding()));
    arguments.add(named("final", weights.finalNorm()));
    // Where they are tied the head is the embedding, whose name would change with it.
    arguments.add(named("head", weights.head()));
    arguments.add(named("cosines", weights.cosines()));
    arguments.add(named("sines", weights.sines()));
    weights.addBlocks(arguments);
    arguments.add(named("sizes", step.create(sizes)));
    arguments.add(
        named(
            "reals",
            step.create(new double[] {config.normEpsilon(), 1 / Math.sqrt(config.headSize())})));
  }

  /**
   * @throws BadInputException if a token is not of the vocabulary: libtorch would end the JVM's
   *     call with an index out of range
   */
  void check(int[] tokens) {
    for (int token : tokens) {
      if (token < 0 || token >= config.vocabulary()) {
        throw new BadInputException(
            "token id %d is not in the model's vocabulary of %d; was the text encoded by another model's tokenizer?"
                .formatted(token, config.vocabulary()));
      }
    }
  }

  private static long[] longs(int[] values) {
    return Arrays.stream(values).asLongStream().toArray();
  }

  @Override
  public void close() {
    program.close();
    manager.close();
  }
}
