package dev.whetstone.models.engine.hub;

import dev.whetstone.artifacts.BadInputException;
import dev.whetstone.artifacts.Json;
import dev.whetstone.models.text.Tokenizer;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** {@code tokenizer.json} and its companions from the metadata of a GGUF file. */
final class GgufTokenizer {
  /**
   * tokenizer.ggml.token_type: 3 is a control token, 4 one that users added (ggml, docs/gguf.md).
   */
  private static final long CONTROL = 3;

  private static final long USER_DEFINED = 4;

  private final Map<String, Object> metadata;
  private final Path file;

  GgufTokenizer(Map<String, Object> metadata, Path file) {
    this.metadata = metadata;
    this.file = file;
  }

  int vocabularySize() {
    return list("tokenizer.ggml.tokens").size();
  }

  /**
   * Checks the metadata, and that the native tokenizer takes what is made of them.
   *
   * @throws BadInputException if they make no tokenizer
   */
  void check() {
    byte[] json = Json.line(tokenizer()).getBytes(StandardCharsets.UTF_8);
    try {
      Tokenizer.of(json, Json.mapper().valueToTree(configuration())).close();
    } catch (BadInputException e) {
      throw new BadInputException(
          "%s: its metadata make no tokenizer: %s".formatted(file, e.getMessage()), e);
    }
  }

  void write(Path folder) throws IOException {
    Files.writeString(folder.resolve("tokenizer.json"), Json.pretty(tokenizer()));
    Files.writeString(folder.resolve("tokenizer_config.json"), Json.pretty(configuration()));
    if (metadata.get("tokenizer.chat_template") instanceof String template) {
      Files.writeString(folder.resolve("chat_template.jinja"), template);
    }
  }

  private Map<String, Object> tokenizer() {
    String kind = text("tokenizer.ggml.model");
    if (!kind.equals("gpt2")) {
      throw new BadInputException(
          "%s: tokenizer kind \"%s\" is not supported; known: gpt2.".formatted(file, kind));
    }
    List<String> tokens = texts("tokenizer.ggml.tokens");
    List<Long> types = integers("tokenizer.ggml.token_type");
    if (types.size() != tokens.size()) {
      throw new BadInputException(
          "%s: %d tokens but %d token types; they must match."
              .formatted(file, tokens.size(), types.size()));
    }
    var vocabulary = new LinkedHashMap<String, Integer>();
    var added = new ArrayList<Map<String, Object>>();
    for (int id = 0; id < tokens.size(); id++) {
      String token = tokens.get(id);
      vocabulary.put(token, id);
      long type = types.get(id);
      if (type == CONTROL || type == USER_DEFINED) {
        var entry = new LinkedHashMap<String, Object>();
        entry.put("id", id);
        entry.put("content", token);
        entry.put("single_word", false);
        entry.put("lstrip", false);
        entry.put("rstrip", false);
        entry.put("normalized", false);
        entry.put("special", type == CONTROL);
        added.add(entry);
      }
    }
    var model = new LinkedHashMap<String, Object>();
    model.put("type", "BPE");
    model.put("dropout", null);
    model.put("unk_token", null);
    model.put("continuing_subword_prefix", null);
    model.put("end_of_word_suffix", null);
    model.put("fuse_unk", false);
    model.put("byte_fallback", false);
    model.put("vocab", vocabulary);
    model.put("merges", texts("tokenizer.ggml.merges"));

    var json = new LinkedHashMap<String, Object>();
    json.put("version", "1.0");
    json.put("truncation", null);
    json.put("padding", null);
    json.put("added_tokens", added);
    json.put("normalizer", null);
    json.put("pre_tokenizer", preTokenizer(text("tokenizer.ggml.pre")));
    json.put("post_processor", postProcessor());
    json.put("decoder", byteLevel(true));
    json.put("model", model);
    return json;
  }

  /**
   * llama.cpp names the splitting rule (src/llama-vocab.cpp); smollm splits off every digit, then
   * follows GPT-2.
   */
  private Map<String, Object> preTokenizer(String rule) {
    return switch (rule) {
      case "smollm" ->
          Map.of(
              "type",
              "Sequence",
              "pretokenizers",
              List.of(Map.of("type", "Digits", "individual_digits", true), byteLevel(false)));
      case "gpt-2", "default" -> byteLevel(false);
      default ->
          throw new BadInputException(
              "%s: splitting rule \"%s\" of the tokenizer is not supported; known: default, gpt-2, smollm."
                  .formatted(file, rule));
    };
  }

  /** Adds BOS and EOS around a text where the file asks for them; {@code null} for neither. */
  private Map<String, Object> postProcessor() {
    var single = new ArrayList<Map<String, Object>>();
    var special = new LinkedHashMap<String, Object>();
    if (Boolean.TRUE.equals(metadata.get("tokenizer.ggml.add_bos_token"))) {
      single.add(special("bos", special));
    }
    single.add(Map.of("Sequence", Map.of("id", "A", "type_id", 0)));
    if (Boolean.TRUE.equals(metadata.get("tokenizer.ggml.add_eos_token"))) {
      single.add(special("eos", special));
    }
    if (special.isEmpty()) {
      return null;
    }
    var json = new LinkedHashMap<String, Object>();
    json.put("type", "TemplateProcessing");
    json.put("single", single);
    json.put(
        "pair",
        List.of(
            Map.of("Sequence", Map.of("id", "A", "type_id", 0)),
            Map.of("Sequence", Map.of("id", "B", "type_id", 1))));
    json.put("special_tokens", special);
    return json;
  }

  private Map<String, Object> special(String name, Map<String, Object> special) {
    String key = "tokenizer.ggml." + name + "_token_id";
    if (!(metadata.get(key) instanceof Long id)) {
      throw new BadInputException(
          "%s: expected %s as the id of a token, found %s."
              .formatted(file, key, metadata.get(key)));
    }
    String token = token(key, id);
    special.put(token, Map.of("id", token, "ids", List.of(id), "tokens", List.of(token)));
    return Map.of("SpecialToken", Map.of("id", token, "type_id", 0));
  }

  private static Map<String, Object> byteLevel(boolean prefixSpace) {
    return Map.of(
        "type",
        "ByteLevel",
        "add_prefix_space",
        prefixSpace,
        "trim_offsets",
        true,
        "use_regex",
        true);
  }

  private Map<String, Object> configuration() {
    var config = new LinkedHashMap<String, Object>();
    config.put("add_prefix_space", false);
    for (var entry :
        Map.of(
                "bos_token",
                "bos",
                "eos_token",
                "eos",
                "unk_token",
                "unknown",
                "pad_token",
                "padding")
            .entrySet()) {
      String key = "tokenizer.ggml." + entry.getValue() + "_token_id";
      if (metadata.get(key) instanceof Long id) {
        config.put(entry.getKey(), token(key, id));
      }
    }
    config.put("clean_up_tokenization_spaces", false);
    config.put("tokenizer_class", "PreTrainedTokenizerFast");
    return config;
  }

  private String text(String key) {
    if (metadata.get(key) instanceof String text) {
      return text;
    }
    throw new BadInputException(
        "%s: expected a text for %s, found %s.".formatted(file, key, metadata.get(key)));
  }

  private String token(String key, long id) {
    List<String> tokens = texts("tokenizer.ggml.tokens");
    if (id < 0 || id >= tokens.size()) {
      throw new BadInputException(
          "%s: expected %s as the id of one of %d tokens, found %d."
              .formatted(file, key, tokens.size(), id));
    }
    return tokens.get((int) id);
  }

  private List<String> texts(String key) {
    return elements(key, String.class);
  }

  private List<Long> integers(String key) {
    return elements(key, Long.class);
  }

  private <T> List<T> elements(String key, Class<T> type) {
    List<?> list = list(key);
    for (Object element : list) {
      if (!type.isInstance(element)) {
        throw new BadInputException(
            "%s: expected a list of %s for %s, found %s in it."
                .formatted(file, type == String.class ? "texts" : "integers", key, element));
      }
    }
    return list.stream().map(type::cast).toList();
  }

  private List<?> list(String key) {
    if (metadata.get(key) instanceof List<?> list) {
      return list;
    }
    throw new BadInputException("%s: expected a list for %s, found none.".formatted(file, key));
  }
}
