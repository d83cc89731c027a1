package dev.whetstone.models.engine;

import static dev.whetstone.models.engine.TorchScriptProgram.named;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import dev.whetstone.artifacts.BadInputException;
import dev.whetstone.artifacts.model.AdapterFolder;
import dev.whetstone.artifacts.model.ModelFolder;
import dev.whetstone.artifacts.tensors.TensorSource;
import dev.whetstone.models.engine.DecoderWeights.Storage;
import dev.whetstone.models.engine.family.DecoderConfig;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;
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
  private final ModelFolder model;
  private final boolean bfloat16;
  private final TorchScriptProgram program;
  private final DecoderWeights weights;
  private Optional<AdapterFolder> merged = Optional.empty();

  private Decoder(
      NDManager manager,
      DecoderConfig config,
      ModelFolder model,
      UnaryOperator<TensorSource> change,
      boolean bfloat16) {
    this.manager = manager;
    this.config = config;
    this.model = model;
    this.bfloat16 = bfloat16;
    this.program = DecoderProgram.load(manager, config, bfloat16);
    Storage storage = bfloat16 ? Storage.BFLOAT16 : Storage.FLOAT32_TURNED;
    this.weights = DecoderWeights.load(model, change, config, program, storage, manager);
  }

  /**
   * Loads a model; an adapter is merged into its weights in float32, which costs nothing later.
   *
   * @throws BadInputException if the family is unknown, or tensors of model or adapter do not fit
   */
  static Decoder load(ModelFolder model, Optional<AdapterFolder> adapter, Numerics numerics) {
    String where = model.path() + "/config.json";
    DecoderConfig config = DecoderConfig.of(model.config(), where);
    return load(model, config, adapter, numerics.isBfloat16(model.config(), where));
  }

  /** As the other one with a configuration in place of the model's. */
  static Decoder load(
      ModelFolder model, DecoderConfig config, Optional<AdapterFolder> adapter, boolean bfloat16) {
    return load(model, config, UnaryOperator.identity(), adapter, bfloat16);
  }

  /**
   * Loads changed weights of a model, in float32.
   *
   * @param config of the changed model
   * @param change given the model's weights, which are closed once all is loaded
   */
  static Decoder load(ModelFolder model, DecoderConfig config, UnaryOperator<TensorSource> change) {
    return load(model, config, change, Optional.empty(), false);
  }

  private static Decoder load(
      ModelFolder model,
      DecoderConfig config,
      UnaryOperator<TensorSource> change,
      Optional<AdapterFolder> adapter,
      boolean bfloat16) {
    NDManager manager = NDManager.newBaseManager(Device.cpu(), "PyTorch");
    try {
      var decoder = new Decoder(manager, config, model, change, bfloat16);
      decoder.use(adapter);
      return decoder;
    } catch (RuntimeException e) {
      manager.close();
      throw e;
    }
  }

  /**
   * Changes the adapter: what the last one changed is read anew, and the next one is merged.
   *
   * @throws BadInputException if the adapter does not fit or is damaged; the model is then without
   *     one
   */
  void use(Optional<AdapterFolder> adapter) {
    merged.ifPresent(last -> weights.restore(last, model, manager));
    merged = Optional.empty();
    if (bfloat16 && adapter.isPresent()) {
      throw new BadInputException(
          "%s: an adapter is merged in float32; numerics lm-eval computes %s in bfloat16. Merge it with the command merge, or leave --numerics out."
              .formatted(adapter.get().path(), model.path()));
    }
    try {
      adapter.ifPresent(next -> weights.merge(next, model.path(), manager));
      merged = adapter;
      tryOut();
    } catch (BadInputException e) {
      adapter.ifPresent(failed -> weights.restore(failed, model, manager));
      merged = Optional.empty();
      throw e;
    }
  }

  /** Whether log-probabilities, and their sums, are bfloat16 numbers. */
  boolean isBfloat16() {
    return bfloat16;
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
    return new Prefix(cache(0, scope, config.layers()), cache(0, scope, config.layers()));
  }

  /** Memory in the decoder's own type, with anything in it, [outer..., K, columns, S]. */
  private NDArray cache(int columns, NDManager scope, long... outer) {
    long[] shape = Arrays.copyOf(outer, outer.length + 3);
    shape[outer.length] = config.attention().keyValueHeads();
    shape[outer.length + 1] = columns;
    shape[outer.length + 2] = config.attention().headSize();
    try (NDArray sizes = named("sizes", scope.create(shape))) {
      return program.call("allocate", new NDList(sizes)).get(0);
    }
  }

  /**
   * Runs a row behind a prefix.
   *
   * @param context tokens of the texts that the row belongs to: some rotary embeddings turn by it
   * @param at rows whose predictions are read, [N]
   * @param rows per target an index into {@code at}, ascending, [M]
   * @param targets token ids, [M]
   * @param logits indices into {@code at} of positions whose logits are read, ascending, [L]
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
      int context,
      NDManager scope) {
    try (NDManager step = scope.newSubManager()) {
      // A cap or a window needs the scores of prefix and row together. Otherwise the prefix is
      // attended to by all, and each part of the row by itself.
      boolean slides = config.attention().slides(prefix.length() + row.length());
      boolean together = config.attention().cap() != 0 || slides;
      int[] parts = together ? new int[0] : row.parts();
      boolean causal = row.isChain() && !(together && (slides || prefix.length() > 0));
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
              named("parts", step.create(longs(parts))),
              named("pk", prefix.keys()),
              named("pv", prefix.values()),
              named("at", step.create(at)),
              named("rows", step.create(rows)),
              named("targets", step.create(targets)),
              named("wanted", step.create(logits)),
              frequencies(new int[] {context}, step));
      addModel(arguments, step, new long[] {CHUNK, keep.code});
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
      int context,
      NDManager scope) {
    return tree(row, prefix, at, rows, targets, keep, new long[] {}, context, scope);
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
      tree(row, noPrefix(scope), first, first, first, Keep.NOTHING, 1, scope);
    }
  }

  private void checkFinite(float[] logProbs) {
    for (float logProb : logProbs) {
      if (!Float.isFinite(logProb)) {
        throw new BadInputException(
            "%s: its weights compute a log-probability of %s, expected a finite one; the model or its adapter is damaged, fetch or train it again."
                .formatted(model.path(), logProb));
      }
    }
  }

  /**
   * An empty cache: keys or values of B sequences, [layers, B, K, capacity, S]. Columns take up
   * memory once they are written.
   */
  NDArray newCache(int sequences, int capacity, NDManager scope) {
    return cache(capacity, scope, config.layers(), sequences);
  }

  /**
   * Copies columns of kept keys or values to the front of one line of a cache.
   *
   * @param columns of {@code kept}, in the order of the sequence
   * @param filled columns of the longest line: those between are set to zero
   */
  void place(NDArray kept, int[] columns, NDArray cache, int line, int filled, NDManager scope) {
    try (NDManager step = scope.newSubManager()) {
      program.call(
          "place",
          new NDList(
              named("columns", step.create(longs(columns))),
              named("kept", kept),
              named("cache", cache),
              named("sizes", step.create(new long[] {line, filled}))));
    }
  }

  /** Copies the filled columns of a line of a cache over those of another. */
  void move(NDArray cache, int from, int to, int filled, NDManager scope) {
    try (NDManager step = scope.newSubManager()) {
      NDArray sizes = step.create(new long[] {from, to, filled});
      program.call("move", new NDList(named("sizes", sizes), named("cache", cache)));
    }
  }

  /** A larger cache with the filled columns of the first lines of {@code cache}. */
  NDArray grow(NDArray cache, int lines, int filled, int capacity, NDManager scope) {
    try (NDManager step = scope.newSubManager()) {
      NDArray sizes = step.create(new long[] {lines, filled, capacity});
      NDArray grown =
          program.call("grow", new NDList(named("sizes", sizes), named("cache", cache))).get(0);
      grown.attach(scope);
      return grown;
    }
  }

  /**
   * Feeds one token to each of B sequences and reads the most probable next ones.
   *
   * @param mask added to the attention scores over the cache's columns, [B, filled + 1]
   * @param near likewise in blocks with a window, over the prefix's columns and the cache's, [B, P
   *     + filled + 1]; empty where the window hides nothing
   * @param keys cache, [layers, lines, K, capacity, S], whose first B lines are read; column {@code
   *     filled} is written
   * @param values likewise
   * @param logits sequences whose logits are read, [L]
   */
  Step step(
      long[] tokens,
      long[] positions,
      float[] mask,
      float[] near,
      int filled,
      Prefix prefix,
      NDArray keys,
      NDArray values,
      long[] logits,
      NDManager scope) {
    int[] contexts = Arrays.stream(positions).mapToInt(p -> Math.toIntExact(p) + 1).toArray();
    try (NDManager step = scope.newSubManager()) {
      var arguments =
          new NDList(
              named("ids", step.create(tokens)),
              named("positions", step.create(positions)),
              named("mask", step.create(mask, new Shape(tokens.length, 1, 1, filled + 1L))),
              named("near", near(near, tokens.length, step)),
              named("pk", prefix.keys()),
              named("pv", prefix.values()),
              named("ck", keys),
              named("cv", values),
              named("wanted", step.create(logits)),
              frequencies(contexts, step));
      addModel(arguments, step, new long[] {filled});
      NDList results = program.call("step", arguments);
      return new Step(results.get(0).toLongArray(), rows(results.get(1), logits.length));
    }
  }

  private static NDArray near(float[] near, int sequences, NDManager step) {
    return near.length == 0
        ? step.zeros(new Shape(0))
        : step.create(near, new Shape(sequences, 1, 1, near.length / sequences));
  }

  /** Of the rotary embedding, [1, R / 2], or [B, R / 2] where contexts turn differently. */
  private NDArray frequencies(int[] contexts, NDManager step) {
    float[] table = config.rotary().table(contexts);
    int columns = config.rotary().size() / 2;
    return named("frequencies", step.create(table, new Shape(table.length / columns, columns)));
  }

  private void addModel(NDList arguments, NDManager step, long[] sizes) {
    arguments.add(named("embedding", weights.embedding()));
    arguments.add(named("final", weights.finalNorm()));
    // Where they are tied the head is the embedding, whose name would change with it.
    arguments.add(named("head", weights.head()));
    weights.addBlocks(arguments);
    arguments.add(named("sizes", step.create(sizes)));
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
