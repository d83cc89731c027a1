package dev.whetstone.models.text.testing;

import dev.whetstone.artifacts.Json;
import dev.whetstone.models.text.ByteSymbols;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A small byte-level tokenizer with a chat template, written as the files of a model folder. It is
 * in the main sources because the hermetic tests of other rooms need it.
 *
 * <p>256 byte tokens (ids 0–255), three special tokens and a few merges. Every text can be encoded
 * and decodes to itself.
 */
public final class TinyTokenizer {
  public static final String END_OF_TEXT = "<|endoftext|>";
  public static final String TURN_START = "<|im_start|>";
  public static final String TURN_END = "<|im_end|>";

  private static final List<String> MERGES =
      List.of(
          "Ġ t", "t h", "i n", "e r", "a n", "Ġt h", "o n", "Ġth e", "o r", "Ġ a", "e n", "Ġ o",
          "r e", "Ġ 1", "\" :");

  private static final String TEMPLATE =
      """
      {% for message in messages %}{{ '<|im_start|>' + message['role'] + '\\n' + message['content'] + '<|im_end|>' + '\\n' }}\
      {% endfor %}{% if add_generation_prompt %}{{ '<|im_start|>assistant\\n' }}{% endif %}
      """;

  private TinyTokenizer() {}

  /** Number of tokens, special ones included. */
  public static int vocabularySize() {
    return 256 + MERGES.size() + 3;
  }

  /**
   * Writes {@code tokenizer.json}, {@code tokenizer_config.json} and {@code chat_template.jinja}
   * into {@code folder}.
   */
  public static void write(Path folder) {
    var vocabulary = new LinkedHashMap<String, Integer>();
    for (String symbol : ByteSymbols.all()) {
      vocabulary.put(symbol, vocabulary.size());
    }
    MERGES.forEach(merge -> vocabulary.put(merge.replace(" ", ""), vocabulary.size()));
    var added = new ArrayList<Map<String, Object>>();
    for (String token : List.of(END_OF_TEXT, TURN_START, TURN_END)) {
      int id = vocabulary.size();
      vocabulary.put(token, id);
      added.add(
          Map.of(
              "id",
              id,
              "content",
              token,
              "single_word",
              false,
              "lstrip",
              false,
              "rstrip",
              false,
              "normalized",
              false,
              "special",
              true));
    }
    var model = new LinkedHashMap<String, Object>();
    model.put("type", "BPE");
    model.put("vocab", vocabulary);
    model.put("merges", MERGES);
    var json = new LinkedHashMap<String, Object>();
    json.put("version", "1.0");
    json.put("truncation", null);
    json.put("padding", null);
    json.put("added_tokens", added);
    json.put("normalizer", null);
    json.put(
        "pre_tokenizer",
        Map.of(
            "type",
            "ByteLevel",
            "add_prefix_space",
            false,
            "trim_offsets",
            true,
            "use_regex",
            true));
    json.put("post_processor", null);
    json.put(
        "decoder",
        Map.of(
            "type",
            "ByteLevel",
            "add_prefix_space",
            true,
            "trim_offsets",
            true,
            "use_regex",
            true));
    json.put("model", model);
    try {
      Files.createDirectories(folder);
      Files.writeString(folder.resolve("tokenizer.json"), Json.pretty(json));
      Files.writeString(
          folder.resolve("tokenizer_config.json"),
          Json.pretty(
              Map.of(
                  "bos_token",
                  TURN_START,
                  "eos_token",
                  TURN_END,
                  "pad_token",
                  END_OF_TEXT,
                  "tokenizer_class",
                  "PreTrainedTokenizerFast")));
      Files.writeString(folder.resolve("chat_template.jinja"), TEMPLATE);
    } catch (IOException e) {
      throw new UncheckedIOException(folder + ": cannot be written", e);
    }
  }
}
