package dev.whetstone.models.engine.hub;

import com.fasterxml.jackson.databind.JsonNode;
import dev.whetstone.artifacts.BadInputException;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * What of a GGUF file differs from family to family: one line each. Names and rules are those of
 * llama.cpp's converters (conversion/llama.py, conversion/qwen.py) and of gguf-py, constants.py.
 */
enum GgufFamily {
  /** Its converter interleaves the rows of queries and keys: {@link ReorderedTensors}. */
  LLAMA("llama", "LlamaForCausalLM", true),
  /** Query, key and value have biases. */
  QWEN2("qwen2", "Qwen2ForCausalLM", false),
  /** Queries and keys are normed by head. */
  QWEN3("qwen3", "Qwen3ForCausalLM", false);

  private static final Map<String, String> WHOLE =
      Map.of(
          "token_embd.weight", "model.embed_tokens.weight",
          "output_norm.weight", "model.norm.weight",
          "output.weight", "lm_head.weight");

  private static final Pattern IN_BLOCK = Pattern.compile("model\\.layers\\.(\\d+)\\.(.+)");

  private static final Map<String, String> PARTS = new HashMap<>();

  static {
    PARTS.put("attn_norm.weight", "input_layernorm.weight");
    PARTS.put("attn_output.weight", "self_attn.o_proj.weight");
    PARTS.put("ffn_norm.weight", "post_attention_layernorm.weight");
    PARTS.put("ffn_gate.weight", "mlp.gate_proj.weight");
    PARTS.put("ffn_up.weight", "mlp.up_proj.weight");
    PARTS.put("ffn_down.weight", "mlp.down_proj.weight");
    PARTS.put("attn_q_norm.weight", "self_attn.q_norm.weight");
    PARTS.put("attn_k_norm.weight", "self_attn.k_norm.weight");
    for (String part : List.of("q", "k", "v")) {
      PARTS.put("attn_" + part + ".weight", "self_attn." + part + "_proj.weight");
      PARTS.put("attn_" + part + ".bias", "self_attn." + part + "_proj.bias");
    }
  }

  private final String architecture;
  private final String transformersClass;
  private final boolean interleaved;

  GgufFamily(String architecture, String transformersClass, boolean interleaved) {
    this.architecture = architecture;
    this.transformersClass = transformersClass;
    this.interleaved = interleaved;
  }

  /**
   * The family that a file says it is of.
   *
   * @throws BadInputException if it is not known
   */
  static GgufFamily of(GgufMetadata metadata) {
    String found = metadata.text("general.architecture");
    return Arrays.stream(values())
        .filter(family -> family.architecture.equals(found))
        .findFirst()
        .orElseThrow(
            () ->
                metadata.fault(
                    "architecture \"%s\" cannot be converted yet; known: %s",
                    found, architectures()));
  }

  /**
   * The family that a model folder is written as. Mistral is a llama whose blocks may have a window
   * (conversion/llama.py).
   *
   * @param config its {@code config.json}, at {@code where}
   * @throws BadInputException if it is not known
   */
  static GgufFamily of(JsonNode config, String where) {
    String found = config.path("model_type").asText();
    return Arrays.stream(values())
        .filter(family -> family.architecture.equals(found.equals("mistral") ? "llama" : found))
        .findFirst()
        .orElseThrow(
            () ->
                new BadInputException(
                    "%s: a model of type \"%s\" cannot be written as GGUF yet; known: %s, mistral. Write safetensors-bf16 instead."
                        .formatted(where, found, architectures())));
  }

  private static String architectures() {
    return Arrays.stream(values())
        .map(family -> family.architecture)
        .collect(Collectors.joining(", "));
  }

  /** What stands before the first dot of this family's metadata; transformers' model_type too. */
  String architecture() {
    return architecture;
  }

  String transformersClass() {
    return transformersClass;
  }

  /** Settings of {@code config.json} that are false for every model of the family. */
  List<String> switchedOff() {
    return switch (this) {
      case LLAMA -> List.of("attention_bias", "mlp_bias");
      case QWEN2 -> List.of("use_sliding_window");
      case QWEN3 -> List.of("attention_bias", "use_sliding_window");
    };
  }

  /**
   * transformers' name of a tensor. One that no family has keeps its own name behind a word, so
   * that it cannot pass for another.
   */
  static String transformersName(String name) {
    if (WHOLE.containsKey(name)) {
      return WHOLE.get(name);
    }
    String[] pieces = name.split("\\.", 3);
    if (pieces.length == 3 && pieces[0].equals("blk") && PARTS.containsKey(pieces[2])) {
      return "model.layers." + pieces[1] + "." + PARTS.get(pieces[2]);
    }
    return "tensor " + name;
  }

  /** The name in a file of transformers' tensor; the inverse of {@link #transformersName}. */
  static Optional<String> fileName(String transformersName) {
    Matcher inBlock = IN_BLOCK.matcher(transformersName);
    Map<String, String> names = inBlock.matches() ? PARTS : WHOLE;
    String wanted = inBlock.matches() ? inBlock.group(2) : transformersName;
    String before = inBlock.matches() ? "blk." + inBlock.group(1) + "." : "";
    return names.entrySet().stream()
        .filter(name -> name.getValue().equals(wanted))
        .map(name -> before + name.getKey())
        .findFirst();
  }

  /**
   * Heads by the name of each matrix whose rows are interleaved: of a model, or B of an adapter's.
   */
  Map<String, Integer> interleaved(Iterable<String> names, int heads, int keyValueHeads) {
    var interleavedHeads = new LinkedHashMap<String, Integer>();
    for (String name : names) {
      String matrix = name.replaceFirst("\\.lora_b$", "");
      if (interleaved && matrix.endsWith(".attn_q.weight")) {
        interleavedHeads.put(name, heads);
      } else if (interleaved && matrix.endsWith(".attn_k.weight")) {
        interleavedHeads.put(name, keyValueHeads);
      }
    }
    return interleavedHeads;
  }
}
