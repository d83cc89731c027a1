package dev.whetstone.models.engine;

import static dev.whetstone.models.engine.TorchScriptProgram.named;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import dev.whetstone.artifacts.BadInputException;
import dev.whetstone.artifacts.model.AdapterFolder;
import dev.whetstone.artifacts.model.ModelFolder;
import dev.whetstone.artifacts.tensors.Safetensors;
import dev.whetstone.artifacts.tensors.TensorSource;
import dev.whetstone.models.engine.AdapterMerge.Change;
import dev.whetstone.models.engine.AdapterMerge.Pair;
import dev.whetstone.models.engine.family.DecoderConfig;
import dev.whetstone.models.engine.family.DecoderTensors;
import dev.whetstone.models.engine.family.DecoderTensors.Array;
import dev.whetstone.models.engine.family.DecoderTensors.BlockArray;
import dev.whetstone.models.engine.family.DecoderTensors.Ends;
import dev.whetstone.models.engine.family.DecoderTensors.Expected;
import dev.whetstone.models.engine.family.DecoderTensors.Piece;
import dev.whetstone.models.engine.family.Slot;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.UnaryOperator;

/**
 * A decoder's weights in native memory, in the program's type and order; norms are float32. The
 * manager that is given owns them.
 *
 * <p>Every array is made once, at its full size, and filled piece by piece from the mapped files:
 * loading takes one copy of the weights and one block of {@value #BLOCK_ELEMENTS} elements.
 */
final class DecoderWeights {
  /**
   * 64 MB of float32: a direct buffer holds fewer than 2^31 bytes, and larger ones gain nothing.
   */
  private static final int BLOCK_ELEMENTS = 1 << 24;

  /** All ones in a float32 that is NaN or infinite (IEEE 754). */
  private static final int EXPONENT = 0x7f800000;

  /** How matrices lie in memory; to the program each is [out, in]. */
  enum Storage {
    /** float32, row by row. */
    FLOAT32,
    /**
     * float32, those of the blocks column by column: oneDNN multiplies with them as they lie, where
     * it would copy the others for sixteen rows and more. Experts lie row by row.
     */
    FLOAT32_TURNED,
    /** bfloat16, row by row. */
    BFLOAT16
  }

  private final DecoderConfig config;
  private final TorchScriptProgram program;
  private final Storage storage;
  private final Map<String, Expected> tensors;
  private final Map<Array, NDArray> arrays = new HashMap<>();
  private final List<NDArray> blocks = new ArrayList<>();
  private boolean tied; // until an adapter parts them

  private DecoderWeights(
      DecoderConfig config, TorchScriptProgram program, Storage storage, NDManager manager) {
    this.config = config;
    this.storage = storage;
    this.program = program;
    this.tensors = DecoderTensors.expected(config);
    this.tied = config.tied();
    List<Long> table = List.of((long) config.vocabulary(), (long) config.hidden());
    arrays.put(Ends.EMBEDDING, allocate(table, false, manager));
    arrays.put(Ends.FINAL_NORM, manager.create(new Shape(config.hidden()), DataType.FLOAT32));
    if (!config.tied()) {
      arrays.put(Ends.HEAD, allocate(table, true, manager));
    }
    NDArray none = manager.create(new Shape(0), DataType.FLOAT32);
    List<Slot> slots = DecoderTensors.slots(config);
    for (int block = 0; block < config.layers(); block++) {
      for (Slot slot : slots) {
        List<Long> shape = DecoderTensors.shape(config, block, slot);
        NDArray array =
            shape.isEmpty() || slot.isNorm()
                ? manager.create(new Shape(shape.isEmpty() ? 0 : shape.get(0)), DataType.FLOAT32)
                : allocate(shape, shape.size() == 2, manager);
        arrays.put(new BlockArray(block, slot), array);
        blocks.add(array);
      }
      blocks.add(none); // what no block has: see DecoderProgram
    }
  }

  private NDArray allocate(List<Long> shape, boolean turns, NDManager manager) {
    long[] sizes = shape.stream().mapToLong(Long::longValue).toArray();
    if (storage == Storage.FLOAT32_TURNED && turns) {
      return manager.create(new Shape(sizes[1], sizes[0]), DataType.FLOAT32).transpose();
    }
    if (storage != Storage.BFLOAT16) {
      return manager.create(new Shape(sizes), DataType.FLOAT32);
    }
    // DJL knows no such type. What a program makes has no part in gradients, which nobody wants.
    try (NDArray asked = named("sizes", manager.create(sizes))) {
      return program.call("allocate", new NDList(asked)).get(0);
    }
  }

  /**
   * Loads all weights.
   *
   * @param program that copies them
   * @throws BadInputException if tensors are missing, surplus or of another shape: one sentence
   *     names them all; or if a value is not finite
   */
  static DecoderWeights load(
      ModelFolder folder,
      DecoderConfig config,
      TorchScriptProgram program,
      Storage storage,
      NDManager manager) {
    return load(folder, UnaryOperator.identity(), config, program, storage, manager);
  }

  /**
   * As the other one.
   *
   * @param change what becomes of the folder's weights before they are loaded
   */
  static DecoderWeights load(
      ModelFolder folder,
      UnaryOperator<TensorSource> change,
      DecoderConfig config,
      TorchScriptProgram program,
      Storage storage,
      NDManager manager) {
    try (TensorSource files = folder.weights()) {
      TensorSource source = change.apply(files);
      DecoderTensors.check(
          config, DecoderTensors.shapesOf(source), folder.path().toString(), "config.json");
      var weights = new DecoderWeights(config, program, storage, manager);
      weights.fill(weights.tensors, source, manager, folder.path());
      return weights;
    }
  }

  private void fill(
      Map<String, Expected> some, TensorSource source, NDManager manager, Path folder) {
    long largest = 1;
    int widest = 1;
    for (Expected expected : some.values()) {
      for (Piece piece : expected.pieces()) {
        largest = Math.max(largest, piece.count());
        widest = Math.max(widest, width(piece));
      }
    }
    int block = (int) Math.min(Math.max(BLOCK_ELEMENTS, widest), largest);
    ByteBuffer bytes =
        ByteBuffer.allocateDirect(Math.multiplyExact(Float.BYTES, block))
            .order(ByteOrder.nativeOrder());
    some.forEach(
        (name, expected) -> {
          for (Piece piece : expected.pieces()) {
            fill(piece, name, source, bytes, manager, folder);
          }
        });
  }

  private void fill(
      Piece piece,
      String name,
      TensorSource source,
      ByteBuffer bytes,
      NDManager manager,
      Path folder) {
    NDArray array = arrays.get(piece.array());
    boolean isNorm = config.normsFromOne() && isNorm(piece.array());
    int width = width(piece);
    int block = bytes.capacity() / Float.BYTES / width * width; // whole rows
    for (long done = 0; done < piece.count(); done += block) {
      int count = (int) Math.min(block, piece.count() - done);
      bytes.clear().limit(Float.BYTES * count);
      FloatBuffer values = bytes.asFloatBuffer();
      source.read(name, piece.first() + done, values);
      checkFinite(bytes, name, folder);
      for (int i = 0; isNorm && i < count; i++) {
        values.put(i, 1 + values.get(i));
      }
      // The array on top of the Java buffer lives for this call only.
      try (NDManager step = manager.newSubManager();
          NDArray borrowed = step.create(bytes, new Shape(count), DataType.FLOAT32)) {
        program.call(
            "fill",
            new NDList(
                named("values", borrowed),
                named("array", array),
                named("sizes", step.create(new long[] {piece.at() + done}))));
      }
    }
  }

  /** Elements of a row of a piece's array. */
  private int width(Piece piece) {
    Shape shape = arrays.get(piece.array()).getShape();
    return shape.dimension() == 1 ? 1 : Math.toIntExact(shape.get(shape.dimension() - 1));
  }

  private static boolean isNorm(Array array) {
    return array instanceof BlockArray block ? block.slot().isNorm() : array == Ends.FINAL_NORM;
  }

  /** [V, D] */
  NDArray embedding() {
    return arrays.get(Ends.EMBEDDING);
  }

  /** [D] */
  NDArray finalNorm() {
    return arrays.get(Ends.FINAL_NORM);
  }

  /** [V, D]; the embedding itself where they are tied. */
  NDArray head() {
    return arrays.get(tied ? Ends.EMBEDDING : Ends.HEAD);
  }

  /** An array of a block; [0] where the block has none. */
  NDArray of(int block, Slot slot) {
    return arrays.get(new BlockArray(block, slot));
  }

  /** Adds the blocks as the list {@code W}. */
  void addBlocks(NDList arguments) {
    blocks.forEach(array -> arguments.add(named("W[]", array))); // other calls name them otherwise
  }

  /** Adds one block as the list {@code W}. */
  void addBlock(int block, NDList arguments) {
    int each = blocks.size() / config.layers();
    blocks
        .subList(block * each, (block + 1) * each)
        .forEach(array -> arguments.add(named("W[]", array)));
  }

  /**
   * Merges an adapter, in float32: {@code W + scale * B A}, which DoRA stretches row by row. Where
   * it changes one of embedding and head that were one array, they become two.
   *
   * @throws BadInputException that names every tensor that does not fit
   */
  void merge(AdapterFolder adapter, Path model, NDManager manager) {
    try (TensorSource source = adapter.tensors()) {
      boolean unties = AdapterMerge.unties(source, config);
      DecoderConfig merged = unties ? config.untied() : config;
      AdapterMerge.check(source, DecoderTensors.shapes(merged), adapter.path(), model);
      if (unties) {
        untie(manager);
      }
      Map<String, Expected> expected = DecoderTensors.expected(merged);
      Map<String, Change> changes = AdapterMerge.changes(source, adapter.config().lora());
      var replacements = new HashMap<String, Expected>();
      changes.forEach(
          (name, change) ->
              change.replacement().ifPresent(other -> replacements.put(other, expected.get(name))));
      fill(replacements, source, manager, adapter.path());
      changes.forEach(
          (name, change) ->
              change
                  .pair()
                  .ifPresent(
                      pair -> add(pair, expected.get(name).pieces(), source, manager, adapter)));
    }
  }

  /** Gives the head an array of its own, with the embedding's values. */
  private void untie(NDManager manager) {
    List<Long> table = List.of((long) config.vocabulary(), (long) config.hidden());
    NDArray head = arrays.computeIfAbsent(Ends.HEAD, any -> allocate(table, true, manager));
    try (NDManager step = manager.newSubManager()) {
      program
          .call(
              "fill",
              new NDList(
                  named("values", embedding()),
                  named("array", head),
                  named("sizes", step.create(new long[] {0}))))
          .close(); // a second handle of the embedding
    }
    tied = false;
  }

  private void add(
      Pair pair,
      List<Piece> pieces,
      TensorSource source,
      NDManager manager,
      AdapterFolder adapter) {
    try (NDManager step = manager.newSubManager()) {
      NDArray a = upload(source, pair.down(), step, adapter.path()); // [R, I]
      NDArray b = upload(source, pair.up(), step, adapter.path()); // [O, R]
      NDArray update = b.matMul(a);
      Optional<NDArray> lengths =
          pair.magnitude().map(name -> upload(source, name, step, adapter.path())); // [O]
      for (Piece piece : pieces) {
        NDArray sizes = step.create(new long[] {piece.first(), piece.at(), piece.count()});
        NDArray array = arrays.get(piece.array());
        program.call(
            "merge",
            new NDList(
                named("values", update),
                named("array", array),
                named("sizes", sizes),
                named("reals", step.create(new double[] {pair.scale()}))));
        lengths.ifPresent(
            all ->
                program.call(
                    "stretch",
                    new NDList(
                        named("lengths", all), named("array", array), named("sizes", sizes))));
      }
    }
  }

  /** Reads anew what an adapter has changed. */
  void restore(AdapterFolder adapter, ModelFolder model, NDManager manager) {
    tied = config.tied(); // the array of a head that was untied is kept for the next one
    var changed = new HashMap<String, Expected>();
    try (TensorSource source = adapter.tensors()) {
      for (String name : AdapterMerge.changes(source, adapter.config().lora()).keySet()) {
        if (tensors.containsKey(name)) { // one that did not fit may name any
          changed.put(name, tensors.get(name));
        }
      }
    }
    try (TensorSource source = model.weights()) {
      fill(changed, source, manager, model.path());
    }
  }

  /** One tensor of an adapter. */
  private static NDArray upload(TensorSource source, String name, NDManager manager, Path folder) {
    List<Long> shape = source.shape(name);
    int count = Math.toIntExact(Safetensors.elements(shape));
    ByteBuffer bytes =
        ByteBuffer.allocate(Math.multiplyExact(Float.BYTES, count)).order(ByteOrder.nativeOrder());
    source.read(name, 0, bytes.asFloatBuffer());
    checkFinite(bytes, name, folder);
    var values = new float[count];
    bytes.asFloatBuffer().get(values);
    return manager.create(values, new Shape(shape.stream().mapToLong(Long::longValue).toArray()));
  }

  private static void checkFinite(ByteBuffer floats, String name, Path where) {
    boolean finite = true;
    for (int at = 0; at < floats.limit(); at += Float.BYTES) {
      finite &= (floats.getInt(at) & EXPONENT) != EXPONENT;
    }
    if (!finite) {
      throw new BadInputException(
          "%s: tensor %s holds a value that is not finite (NaN or infinity); the file is damaged, fetch or write it again."
              .formatted(where, name));
    }
  }
}
