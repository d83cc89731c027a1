package dev.whetstone.models.engine.family;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * How a family's files name their tensors.
 *
 * @param embedding [V, D]
 * @param finalNorm [D]
 * @param head [V, D]
 * @param block where the tensors of a block are, {@code %d} for its number
 * @param parts what follows {@code block}, and what the tensor is: the arrays whose rows lie in it
 *     end to end. {@code %d} is the number of an expert, whose tensor is that slice of the array
 */
public record Layout(
    String embedding, String finalNorm, String head, String block, Map<String, List<Slot>> parts) {

  /** The names of most families. */
  static final Layout USUAL =
      new Layout(
          "model.embed_tokens.weight",
          "model.norm.weight",
          "lm_head.weight",
          "model.layers.%d.",
          Map.ofEntries(
              part("input_layernorm.weight", Slot.INPUT_NORM),
              part("self_attn.q_proj.weight", Slot.QUERY),
              part("self_attn.k_proj.weight", Slot.KEY),
              part("self_attn.v_proj.weight", Slot.VALUE),
              part("self_attn.o_proj.weight", Slot.OUTPUT),
              part("self_attn.q_proj.bias", Slot.QUERY_BIAS),
              part("self_attn.k_proj.bias", Slot.KEY_BIAS),
              part("self_attn.v_proj.bias", Slot.VALUE_BIAS),
              part("self_attn.o_proj.bias", Slot.OUTPUT_BIAS),
              part("self_attn.q_norm.weight", Slot.QUERY_NORM),
              part("self_attn.k_norm.weight", Slot.KEY_NORM),
              part("post_attention_layernorm.weight", Slot.FEED_NORM),
              part("mlp.gate_proj.weight", Slot.GATE),
              part("mlp.up_proj.weight", Slot.UP),
              part("mlp.down_proj.weight", Slot.DOWN),
              part("mlp.gate_proj.bias", Slot.GATE_BIAS),
              part("mlp.up_proj.bias", Slot.UP_BIAS),
              part("mlp.down_proj.bias", Slot.DOWN_BIAS)));

  public Layout {
    parts = Map.copyOf(parts);
  }

  static Map.Entry<String, List<Slot>> part(String name, Slot... slots) {
    return Map.entry(name, List.of(slots));
  }

  /** This layout with other names for the slots of {@code more}. */
  @SafeVarargs
  final Layout with(Map.Entry<String, List<Slot>>... more) {
    var all = new LinkedHashMap<>(parts);
    for (Map.Entry<String, List<Slot>> part : more) {
      all.values().removeIf(slots -> slots.stream().anyMatch(part.getValue()::contains));
    }
    for (Map.Entry<String, List<Slot>> part : more) {
      all.put(part.getKey(), part.getValue());
    }
    return new Layout(embedding, finalNorm, head, block, all);
  }
}
