package dev.whetstone.models.engine;

import dev.whetstone.artifacts.BadInputException;
import dev.whetstone.artifacts.tensors.TensorSource;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;

/** The tensors that a configuration asks for: names as transformers has them, and shapes. */
public final class DecoderTensors {
  /** Arrays a block; those that a configuration does not have are empty. */
  static final int PER_BLOCK = 14;

  static final String EMBEDDING = "model.embed_tokens.weight";
  static final String FINAL_NORM = "model.norm.weight";
  static final String HEAD = "lm_head.weight";

  private static final int NAMED_FAULTS = 8;

  private DecoderTensors() {}

  /**
   * Names of all weights that a block can have, in the order in which the program takes them: norm,
   * query, key, value, output, norm, gate, up, down, three biases, two norms of heads.
   */
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
        at + "mlp.down_proj.weight",
        at + "self_attn.q_proj.bias",
        at + "self_attn.k_proj.bias",
        at + "self_attn.v_proj.bias",
        at + "self_attn.q_norm.weight",
        at + "self_attn.k_norm.weight");
  }

  /** Expected shapes by name, in loading order. */
  static Map<String, List<Long>> shapes(DecoderConfig config) {
    long d = config.hidden();
    long q = (long) config.heads() * config.headSize();
    long k = (long) config.keyValueHeads() * config.headSize();
    long i = config.intermediate();
    List<Long> none = List.of();
    List<Long> normed = config.headNorms() ? List.of((long) config.headSize()) : none;
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
              List.of(d, i),
              config.biases() ? List.of(q) : none,
              config.biases() ? List.of(k) : none,
              config.biases() ? List.of(k) : none,
              normed,
              normed);
      List<String> names = blockNames(block);
      for (int w = 0; w < PER_BLOCK; w++) {
        if (!expected.get(w).isEmpty()) {
          shapes.put(names.get(w), expected.get(w));
        }
      }
    }
    shapes.put(FINAL_NORM, List.of(d));
    if (!config.tied()) {
      shapes.put(HEAD, List.of((long) config.vocabulary(), d));
    }
    return shapes;
  }

  /** The shapes of all tensors of a source, for {@link #check}. */
  public static Map<String, List<Long>> shapesOf(TensorSource source) {
    var shapes = new LinkedHashMap<String, List<Long>>();
    source.names().forEach(name -> shapes.put(name, source.shape(name)));
    return shapes;
  }

  /**
   * Checks that tensors are those of a configuration, before any of them is read.
   *
   * @param found shapes by transformers' names
   * @param where the file or folder, for messages
   * @param configuration what says the sizes, such as {@code config.json}
   * @throws BadInputException if tensors are missing, surplus or of another shape: one sentence
   *     names them
   */
  public static void check(
      DecoderConfig config, Map<String, List<Long>> found, String where, String configuration) {
    // A list of what is expected would not fit into memory if the number of layers were absurd.
    if (config.layers() > found.size()) {
      throw new BadInputException(
          "%s: %s has %d layers, the weights have %d tensors in all. Do the weights belong to this configuration?"
              .formatted(where, configuration, config.layers(), found.size()));
    }
    Map<String, List<Long>> shapes = shapes(config);
    var faults = new ArrayList<String>();
    var missing = new TreeSet<>(shapes.keySet());
    missing.removeAll(found.keySet());
    missing.forEach(name -> faults.add(name + " is missing"));
    var surplus = new TreeSet<>(found.keySet());
    surplus.removeAll(shapes.keySet());
    // Old exports keep the rotary frequencies, and some keep a tied head.
    surplus.removeIf(
        name -> name.endsWith("rotary_emb.inv_freq") || (config.tied() && name.equals(HEAD)));
    surplus.forEach(name -> faults.add(name + " is not part of the model"));
    shapes.forEach(
        (name, expected) -> {
          if (!missing.contains(name) && !found.get(name).equals(expected)) {
            faults.add("%s is %s, expected %s".formatted(name, found.get(name), expected));
          }
        });
    if (!faults.isEmpty()) {
      int shown = Math.min(NAMED_FAULTS, faults.size());
      throw new BadInputException(
          "%s: %d tensors do not fit %s: %s%s. Do the weights belong to this configuration?"
              .formatted(
                  where,
                  faults.size(),
                  configuration,
                  String.join("; ", faults.subList(0, shown)),
                  faults.size() > shown ? "; and " + (faults.size() - shown) + " more" : ""));
    }
  }
}
