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
import java.util.Map;
import java.util.TreeSet;

/**
 * A decoder's weights in native memory, float32, in the order that the program takes them. The
 * manager that is given owns them.
 *
 * @param embedding [V, D]
 * @param finalNorm [D]
 * @param head [V, D]; the embedding itself where they are tied
 * @param blocks {@link #PER_BLOCK} arrays a block, in the order of {@link #blockNames}
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
  static final int PER_BLOCK = 9;

  /**
   * A buffer that goes to libtorch holds fewer than 2^31 bytes; larger tensors are uploaded in
   * blocks of rows.
   */
  private static final long MAX_BLOCK_BYTES = 1L << 30;

  private static final String EMBEDDING = "model.embed_tokens.weight";
  private static final String FINAL_NORM = "model.norm.weight";
  private static final String HEAD = "lm_head.weight";

  /** Names of a block's weights, as transformers has them, in the program's order. */
  static List<String> blockNames(int block) {
    String at = "model.layers." + block + ".";
    return List.of(
        at + "input_layernorm.weight",
        at + "self_attn.q_proj.weight",
        at + "self_attn.k_proj.weight",
        at + "self_attn.v_proj.weight",
        at + "self_attn.o_proj.weight",
        at + "post_attention_layernorm.weight",
        at + "mlp.gate_proj.weight",
        at + "mlp.up_proj.weight",
        at + "mlp.down_proj.weight");
  }

  /** Expected shapes by name, in loading order. */
  static Map<String, List<Long>> shapes(DecoderConfig config) {
    long d = config.hidden();
    long q = (long) config.heads() * config.headSize();
    long k = (long) config.keyValueHeads() * config.headSize();
    long i = config.intermediate();
    var shapes = new LinkedHashMap<String, List<Long>>();
    shapes.put(EMBEDDING, List.of((long) config.vocabulary(), d));
    for (int block = 0; block < config.layers(); block++) {
      List<List<Long>> expected =
          List.of(
              List.of(d),
              List.of(q, d),
              List.of(k, d),
              List.of(k, d),
              List.of(d, q),
              List.of(d),
              List.of(i, d),
              List.of(i, d),
              List.of(d, i));
      List<String> names = blockNames(block);
      for (int w = 0; w < PER_BLOCK; w++) {
        shapes.put(names.get(w), expected.get(w));
      }
    }
    shapes.put(FINAL_NORM, List.of(d));
    if (!config.tied()) {
      shapes.put(HEAD, List.of((long) config.vocabulary(), d));
    }
    return shapes;
  }

  /**
   * Loads all weights.
   *
   * @throws BadInputException if tensors are missing, surplus or of another shape: one sentence
   *     names them all
   */
  static DecoderWeights load(ModelFolder folder, DecoderConfig config, NDManager manager) {
    Map<String, List<Long>> shapes = shapes(config);
    try (TensorSource source = folder.weights()) {
      check(folder, config, shapes, source);
      var loaded = new LinkedHashMap<String, NDArray>();
      shapes.keySet().forEach(name -> loaded.put(name, upload(source, name, manager)));
      var blocks = new ArrayList<NDArray>();
      for (int block = 0; block < config.layers(); block++) {
        blockNames(block)
            .forEach(name -> blocks.add(TorchScriptProgram.named("W[]", loaded.get(name))));
      }
      NDArray embedding = loaded.get(EMBEDDING);
      NDArray[] rotary = rotary(config, manager);
      return new DecoderWeights(
          embedding,
          loaded.get(FINAL_NORM),
          config.tied() ? embedding : loaded.get(HEAD),
          blocks,
          rotary[0],
          rotary[1]);
    }
  }

  /** The tail of every call of the program: the blocks as the list {@code W}. */
  void addBlocks(NDList arguments) {
    arguments.addAll(blocks);
  }

  private static void check(
      ModelFolder folder,
      DecoderConfig config,
      Map<String, List<Long>> shapes,
      TensorSource source) {
    var faults = new ArrayList<String>();
    var missing = new TreeSet<>(shapes.keySet());
    missing.removeAll(source.names());
    missing.forEach(name -> faults.add(name + " is missing"));
    var surplus = new TreeSet<>(source.names());
    surplus.removeAll(shapes.keySet());
    // Old exports keep the rotary frequencies, and some keep a tied head.
    surplus.removeIf(
        name -> name.endsWith("rotary_emb.inv_freq") || (config.tied() && name.equals(HEAD)));
    surplus.forEach(name -> faults.add(name + " is not part of the model"));
    shapes.forEach(
        (name, expected) -> {
          if (!missing.contains(name) && !source.shape(name).equals(expected)) {
            faults.add("%s is %s, expected %s".formatted(name, source.shape(name), expected));
          }
        });
    if (!faults.isEmpty()) {
      int shown = Math.min(8, faults.size());
      throw new BadInputException(
          "%s: %d tensors do not fit config.json: %s%s. Do the weights belong to this configuration?"
              .formatted(
                  folder.path(),
                  faults.size(),
                  String.join("; ", faults.subList(0, shown)),
                  faults.size() > shown ? "; and " + (faults.size() - shown) + " more" : ""));
    }
  }

  /** One tensor, widened to float32. */
  static NDArray upload(TensorSource source, String name, NDManager manager) {
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

  /**
   * Cosines and sines in float32, step by step as transformers computes them
   * (modeling_rope_utils.py, default).
   */
  private static NDArray[] rotary(DecoderConfig config, NDManager manager) {
    int size = config.headSize();
    int positions = config.maxPositions();
    float[] cosines = new float[Math.multiplyExact(positions, size)];
    float[] sines = new float[cosines.length];
    for (int i = 0; i < size / 2; i++) {
      // Two roundings, as theirs: the power, then its reciprocal.
      float frequency = 1 / (float) Math.pow(config.rotaryBase(), (float) (2 * i) / size);
      for (int position = 0; position < positions; position++) {
        float angle = frequency * position;
        int at = position * size + i;
        cosines[at] = cosines[at + size / 2] = (float) Math.cos(angle);
        sines[at] = sines[at + size / 2] = (float) Math.sin(angle);
      }
    }
    var shape = new Shape(positions, size);
    return new NDArray[] {manager.create(cosines, shape), manager.create(sines, shape)};
  }
}
