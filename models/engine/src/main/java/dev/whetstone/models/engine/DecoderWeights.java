package dev.whetstone.models.engine;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import dev.whetstone.artifacts.BadInputException;
import dev.whetstone.artifacts.model.ModelFolder;
import dev.whetstone.artifacts.tensors.TensorSource;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;

/**
 * A decoder's weights in native memory, float32, in the order that the program takes them. The
 * manager that is given owns them.
 *
 * @param embedding [V, D]
 * @param finalNorm [D]
 * @param head [V, D]; the embedding itself where they are tied
 * @param blocks {@link DecoderTensors#PER_BLOCK} arrays a block, in the order of {@link
 *     DecoderTensors#blockNames}; [0] where the model has none
 * @param cosines of the rotary embedding, [positions, headSize]
 * @param sines likewise
 */
record DecoderWeights(
    NDArray embedding,
    NDArray finalNorm,
    NDArray head,
    List<NDArray> blocks,
    NDArray cosines,
    NDArray sines) {
  /**
   * A buffer that goes to libtorch holds fewer than 2^31 bytes; larger tensors are uploaded in
   * blocks of rows.
   */
  private static final long MAX_BLOCK_BYTES = 1L << 30;

  /** All ones in a float32 that is NaN or infinite (IEEE 754). */
  private static final int EXPONENT = 0x7f800000;

  /**
   * Loads all weights.
   *
   * @throws BadInputException if tensors are missing, surplus or of another shape: one sentence
   *     names them all
   */
  static DecoderWeights load(ModelFolder folder, DecoderConfig config, NDManager manager) {
    try (TensorSource source = folder.weights()) {
      DecoderTensors.check(
          config, DecoderTensors.shapesOf(source), folder.path().toString(), "config.json");
      var loaded = new LinkedHashMap<String, NDArray>();
      DecoderTensors.shapes(config)
          .keySet()
          .forEach(
              name -> loaded.put(name, upload(source, name, manager, folder.path().toString())));
      var blocks = new ArrayList<NDArray>();
      for (int block = 0; block < config.layers(); block++) {
        for (String name : DecoderTensors.blockNames(block)) {
          NDArray weight =
              loaded.containsKey(name) ? loaded.get(name) : manager.create(new Shape(0));
          blocks.add(TorchScriptProgram.named("W[]", weight));
        }
      }
      NDArray embedding = loaded.get(DecoderTensors.EMBEDDING);
      NDArray[] rotary = rotary(config, manager);
      return new DecoderWeights(
          embedding,
          loaded.get(DecoderTensors.FINAL_NORM),
          config.tied() ? embedding : loaded.get(DecoderTensors.HEAD),
          blocks,
          rotary[0],
          rotary[1]);
    }
  }

  /** The tail of every call of the program: the blocks as the list {@code W}. */
  void addBlocks(NDList arguments) {
    arguments.addAll(blocks);
  }

  /**
   * One tensor, widened to float32.
   *
   * @param where the file or folder, for messages
   * @throws BadInputException if a value is not finite: whatever is computed with it is not either
   */
  static NDArray upload(TensorSource source, String name, NDManager manager, String where) {
    List<Long> shape = source.shape(name);
    long rows = shape.get(0);
    long rowElements = shape.stream().skip(1).reduce(1L, Math::multiplyExact);
    long blockRows = Math.max(1, Math.min(rows, MAX_BLOCK_BYTES / (4 * rowElements)));
    var parts = new NDList();
    for (long first = 0; first < rows; first += blockRows) {
      long count = Math.min(blockRows, rows - first);
      // libtorch takes the buffer's memory itself, without a copy, so each part has its own.
      ByteBuffer bytes =
          ByteBuffer.allocateDirect(Math.toIntExact(4 * count * rowElements))
              .order(ByteOrder.nativeOrder());
      source.read(name, first * rowElements, bytes.asFloatBuffer());
      checkFinite(bytes, name, where);
      long[] dimensions = shape.stream().mapToLong(Long::longValue).toArray();
      dimensions[0] = count;
      try (NDArray borrowed = manager.create(bytes, new Shape(dimensions), DataType.FLOAT32)) {
        // A Java buffer begins anywhere; libtorch's own memory is aligned for its kernels, which
        // then run several times faster.
        parts.add(borrowed.duplicate());
      }
    }
    if (parts.size() == 1) {
      return parts.get(0);
    }
    NDArray whole = NDArrays.concat(parts);
    parts.close();
    return whole;
  }

  private static void checkFinite(ByteBuffer floats, String name, String where) {
    boolean finite = true;
    for (int at = 0; at < floats.capacity(); at += Float.BYTES) {
      finite &= (floats.getInt(at) & EXPONENT) != EXPONENT;
    }
    if (!finite) {
      throw new BadInputException(
          "%s: tensor %s holds a value that is not finite (NaN or infinity); the file is damaged, fetch or write it again."
              .formatted(where, name));
    }
  }

  /**
   * Cosines and sines in float32, of angles that are rounded to float32, as transformers has it.
   */
  private static NDArray[] rotary(DecoderConfig config, NDManager manager) {
    int size = config.headSize();
    int positions = config.maxPositions();
    float[] frequencies = config.rotary().frequencies();
    float scale = config.rotary().scale();
    float[] cosines = new float[Math.multiplyExact(positions, size)];
    float[] sines = new float[cosines.length];
    for (int i = 0; i < size / 2; i++) {
      for (int position = 0; position < positions; position++) {
        float angle = frequencies[i] * position;
        int at = position * size + i;
        cosines[at] = cosines[at + size / 2] = (float) Math.cos(angle) * scale;
        sines[at] = sines[at + size / 2] = (float) Math.sin(angle) * scale;
      }
    }
    var shape = new Shape(positions, size);
    return new NDArray[] {manager.create(cosines, shape), manager.create(sines, shape)};
  }
}
