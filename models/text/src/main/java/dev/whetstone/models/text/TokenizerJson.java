package dev.whetstone.models.text;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Parts of a {@code tokenizer.json} for whoever makes one, keys in a fixed order: its bytes enter
 * the content hash of a model.
 */
public final class TokenizerJson {
  private TokenizerJson() {}

  /** A JSON object of keys and values in turn; values may be {@code null}. */
  public static Map<String, Object> object(Object... keysAndValues) {
    var object = new LinkedHashMap<String, Object>();
    for (int i = 0; i < keysAndValues.length; i += 2) {
      object.put((String) keysAndValues[i], keysAndValues[i + 1]);
    }
    return object;
  }

  /** An entry of {@code added_tokens}, found in a text as it stands. */
  public static Map<String, Object> addedToken(int id, String content, boolean special) {
    return object(
        "id", id,
        "content", content,
        "single_word", false,
        "lstrip", false,
        "rstrip", false,
        "normalized", false,
        "special", special);
  }

  /** A BPE model. {@code unknown} may be {@code null}: then nothing is unknown. */
  public static Map<String, Object> bpe(
      Map<String, Integer> vocabulary,
      List<?> merges,
      String unknown,
      boolean byteFallback,
      boolean wholeWords) {
    return object(
        "type",
        "BPE",
        "dropout",
        null,
        "unk_token",
        unknown,
        "continuing_subword_prefix",
        null,
        "end_of_word_suffix",
        null,
        "fuse_unk",
        unknown != null,
        "byte_fallback",
        byteFallback,
        "ignore_merges",
        wholeWords,
        "vocab",
        vocabulary,
        "merges",
        merges);
  }

  /** Bytes as printable symbols and back; {@code gpt2}: splits a text as GPT-2 does. */
  public static Map<String, Object> byteLevel(boolean prefixSpace, boolean gpt2) {
    return object(
        "type",
        "ByteLevel",
        "add_prefix_space",
        prefixSpace,
        "trim_offsets",
        true,
        "use_regex",
        gpt2);
  }

  /** Cuts a text at every match of a pattern; the match is a piece of its own. */
  public static Map<String, Object> split(String pattern) {
    return object(
        "type",
        "Split",
        "pattern",
        object("Regex", pattern),
        "behavior",
        "Isolated",
        "invert",
        false);
  }

  /** The whole of it. Parts may be {@code null}. */
  public static Map<String, Object> of(
      List<Map<String, Object>> addedTokens,
      Map<String, Object> normalizer,
      Map<String, Object> preTokenizer,
      Map<String, Object> postProcessor,
      Map<String, Object> decoder,
      Map<String, Object> model) {
    return object(
        "version", "1.0",
        "truncation", null,
        "padding", null,
        "added_tokens", addedTokens,
        "normalizer", normalizer,
        "pre_tokenizer", preTokenizer,
        "post_processor", postProcessor,
        "decoder", decoder,
        "model", model);
  }
}
