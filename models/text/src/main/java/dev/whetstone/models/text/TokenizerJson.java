package dev.whetstone.models.text;

import java.util.ArrayList;
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

  /** A token and its id. */
  public record Token(String content, long id) {}

  /** A post-processor that puts tokens around a text. */
  public static Map<String, Object> around(List<Token> before, List<Token> after) {
    var single = new ArrayList<Map<String, Object>>();
    Map<String, Object> special = object();
    before.forEach(token -> single.add(special(token, special)));
    single.add(sequence("A", 0));
    after.forEach(token -> single.add(special(token, special)));
    return object(
        "type",
        "TemplateProcessing",
        "single",
        single,
        "pair",
        List.of(sequence("A", 0), sequence("B", 1)),
        "special_tokens",
        special);
  }

  private static Map<String, Object> sequence(String id, int type) {
    return object("Sequence", object("id", id, "type_id", type));
  }

  private static Map<String, Object> special(Token token, Map<String, Object> special) {
    String content = token.content();
    special.put(
        content, object("id", content, "ids", List.of(token.id()), "tokens", List.of(content)));
    return object("SpecialToken", object("id", content, "type_id", 0));
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
