package dev.whetstone.models.text;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.whetstone.artifacts.BadInputException;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

/**
 * Checks a stranger's {@code tokenizer.json} before native code sees it. Hugging Face's tokenizers
 * (0.21.4, which DJL 0.36 binds) answer most faults with an error, some with a panic that ends the
 * JVM, and a few by computing for ever or without bounds; a file that passes here does none of the
 * latter. What is merely wrong is left to them.
 */
final class TokenizerCheck {
  /** Above any vocabulary in use by a factor of 60; arrays by id have this many entries at most. */
  static final int MAX_TOKENS = 1 << 24;

  /** Far above any token; cutting and joining take time with its square. */
  static final int MAX_TOKEN_CHARACTERS = 4096;

  /** Far above BERT's 100; WordPiece takes time with the square of a word. */
  private static final int MAX_WORD_CHARACTERS = 1000;

  private final Map<String, Integer> ids = new LinkedHashMap<>();

  private TokenizerCheck() {}

  /** A tokenizer.json that passed, and the id of every token of it. */
  record Checked(JsonNode json, Map<String, Integer> ids) {}

  /**
   * Checks a whole file.
   *
   * @return the document without truncation and padding, which are nobody's business here
   * @throws BadInputException with the place of the fault
   */
  static Checked check(JsonNode document) {
    if (!(document instanceof ObjectNode json)) {
      throw fault("expected a JSON object", document);
    }
    var check = new TokenizerCheck();
    check.model(need(json, "model"));
    int modelTokens = check.ids.size();
    check.addedTokens(json.path("added_tokens"), modelTokens);
    new TokenizerParts(check.ids.values().stream().mapToInt(id -> id).max().orElse(0)).check(json);
    json.putNull("truncation");
    json.putNull("padding");
    return new Checked(json, check.ids);
  }

  private void model(JsonNode model) {
    if (!model.isObject()) {
      throw fault("expected an object for model", model);
    }
    String type = model.has("type") ? text(model.path("type"), "model.type") : legacyType(model);
    switch (type) {
      case "BPE" -> bytePairs(model);
      case "WordPiece" -> {
        vocabulary(model.path("vocab"));
        unknownToken(model);
        optionalText(model, "continuing_subword_prefix");
        JsonNode longest = model.path("max_input_chars_per_word");
        if (!longest.isMissingNode()) {
          integer(longest, MAX_WORD_CHARACTERS, "model.max_input_chars_per_word");
        }
      }
      case "WordLevel" -> {
        vocabulary(model.path("vocab"));
        unknownToken(model);
      }
      case "Unigram" -> unigram(model);
      default ->
          throw new BadInputException(
              "tokenizer.json: unknown model \"%s\"; known: BPE, Unigram, WordLevel, WordPiece."
                  .formatted(type));
    }
  }

  /** Files of the first versions do not say. */
  private static String legacyType(JsonNode model) {
    if (model.has("merges")) {
      return "BPE";
    }
    if (model.path("vocab").isArray()) {
      return "Unigram";
    }
    return model.has("continuing_subword_prefix") ? "WordPiece" : "WordLevel";
  }

  private void vocabulary(JsonNode vocabulary) {
    if (!vocabulary.isObject() || vocabulary.isEmpty()) {
      throw fault("expected an object of tokens and ids for model.vocab", vocabulary);
    }
    Set<Integer> taken = new HashSet<>();
    for (var token : vocabulary.properties()) {
      String name = tokenText(token.getKey(), "model.vocab");
      int id = integer(token.getValue(), MAX_TOKENS - 1, "the id of token " + quoted(name));
      if (!taken.add(id)) {
        throw new BadInputException(
            "tokenizer.json: two tokens of model.vocab have the id %d, %s is one of them."
                .formatted(id, quoted(name)));
      }
      ids.put(name, id);
    }
  }

  private void unknownToken(JsonNode model) {
    String unknown = text(model.path("unk_token"), "model.unk_token");
    if (!ids.containsKey(unknown)) {
      throw new BadInputException(
          "tokenizer.json: model.unk_token %s is not in model.vocab.".formatted(quoted(unknown)));
    }
  }

  private void bytePairs(JsonNode model) {
    vocabulary(model.path("vocab"));
    JsonNode dropout = model.path("dropout");
    if (!isNone(dropout) && !(dropout.isNumber() && dropout.doubleValue() == 0)) {
      throw fault("expected no model.dropout: the same text would get other tokens", dropout);
    }
    String prefix = optionalText(model, "continuing_subword_prefix");
    optionalText(model, "end_of_word_suffix");
    optionalText(model, "unk_token");
    JsonNode merges = model.path("merges");
    if (!merges.isArray()) {
      throw fault("expected a list for model.merges", merges);
    }
    boolean pairs = merges.path(0).isArray();
    for (int i = 0; i < merges.size(); i++) {
      String[] pair = merge(merges.get(i), pairs, i);
      if (pair.length == 0) {
        continue;
      }
      if (!pair[1].startsWith(prefix)) {
        throw new BadInputException(
            "tokenizer.json: model.merges[%d]: expected %s to begin with continuing_subword_prefix %s."
                .formatted(i, quoted(pair[1]), quoted(prefix)));
      }
      String joined = pair[0] + pair[1].substring(prefix.length());
      for (String token : new String[] {pair[0], pair[1], joined}) {
        if (!ids.containsKey(token)) {
          throw new BadInputException(
              "tokenizer.json: model.merges[%d] needs the token %s, which is not in model.vocab."
                  .formatted(i, quoted(token)));
        }
      }
    }
  }

  /**
   * Left and right of a merge: a list of two, or one text with a space; a version line is empty.
   */
  private static String[] merge(JsonNode merge, boolean asList, int i) {
    if (asList && merge.isArray() && merge.size() == 2) {
      JsonNode left = merge.get(0);
      JsonNode right = merge.get(1);
      if (left.isTextual() && right.isTextual()) {
        return new String[] {left.textValue(), right.textValue()};
      }
    }
    if (!asList && merge.isTextual()) {
      if (merge.textValue().startsWith("#version")) {
        return new String[0];
      }
      String[] pair = merge.textValue().split(" ", -1);
      if (pair.length == 2) {
        return pair;
      }
    }
    throw fault("model.merges[%d]: expected two tokens".formatted(i), merge);
  }

  private void unigram(JsonNode model) {
    JsonNode vocabulary = model.path("vocab");
    if (!vocabulary.isArray() || vocabulary.isEmpty() || vocabulary.size() > MAX_TOKENS) {
      throw fault("expected a list of tokens and scores for model.vocab", vocabulary);
    }
    for (int id = 0; id < vocabulary.size(); id++) {
      JsonNode entry = vocabulary.get(id);
      if (!entry.isArray()
          || entry.size() != 2
          || !entry.get(1).isNumber()
          || !Double.isFinite(entry.get(1).doubleValue())) {
        throw fault("model.vocab[%d]: expected a token and a finite score".formatted(id), entry);
      }
      ids.put(tokenText(text(entry.get(0), "model.vocab[" + id + "]"), "model.vocab"), id);
    }
    JsonNode unknown = model.path("unk_id");
    if (!isNone(unknown)) {
      integer(unknown, vocabulary.size() - 1, "model.unk_id");
    }
  }

  /**
   * Tokens beside the model's. The native side gives one that the model has the model's id, and any
   * other the next free one: where the file says otherwise, tokens would move in silence.
   */
  private void addedTokens(JsonNode tokens, int modelTokens) {
    if (isNone(tokens)) {
      return;
    }
    if (!tokens.isArray()) {
      throw fault("expected a list for added_tokens", tokens);
    }
    Map<String, Integer> own = new HashMap<>();
    int last = -1;
    for (int i = 0; i < tokens.size(); i++) {
      JsonNode token = tokens.get(i);
      String where = "added_tokens[" + i + "]";
      String content =
          tokenText(text(token.path("content"), where + ".content"), where + ".content");
      int id = integer(token.path("id"), MAX_TOKENS - 1, where + ".id");
      for (String flag :
          new String[] {"single_word", "lstrip", "rstrip", "normalized", "special"}) {
        if (!token.path(flag).isBoolean()) {
          throw fault("expected true or false for %s.%s".formatted(where, flag), token.path(flag));
        }
      }
      if (own.put(content, id) != null) {
        throw new BadInputException(
            "tokenizer.json: the token %s occurs twice in added_tokens."
                .formatted(quoted(content)));
      }
      Integer inModel = ids.get(content);
      int given = inModel != null ? inModel : Math.max(modelTokens, last + 1);
      if (id != given) {
        throw new BadInputException(
            "tokenizer.json: %s %s has the id %d, where the vocabulary makes it %d."
                .formatted(where, quoted(content), id, given));
      }
      last = Math.max(last, id);
    }
    for (var token : own.entrySet()) {
      ids.put(token.getKey(), token.getValue());
    }
  }

  // Used by the checks of the other parts too.

  static boolean isNone(JsonNode node) {
    return node.isMissingNode() || node.isNull();
  }

  static JsonNode need(JsonNode object, String key) {
    if (isNone(object.path(key))) {
      throw new BadInputException(
          "tokenizer.json: expected a value for %s, found none.".formatted(key));
    }
    return object.get(key);
  }

  static String text(JsonNode node, String what) {
    if (!node.isTextual()) {
      throw fault("expected a text for " + what, node);
    }
    return wellFormed(node.textValue(), what);
  }

  private static String optionalText(JsonNode object, String key) {
    if (isNone(object.path(key))) {
      return "";
    }
    String text = text(object.get(key), "model." + key);
    // It is put to every character of a text.
    if (text.length() > TokenizerParts.MAX_TEXT_CHARACTERS) {
      throw fault(
          "expected at most %d characters for model.%s"
              .formatted(TokenizerParts.MAX_TEXT_CHARACTERS, key),
          object.get(key));
    }
    return text;
  }

  /** An integer from 0 to {@code most}. */
  static int integer(JsonNode node, int most, String what) {
    if (!node.isIntegralNumber()
        || !node.canConvertToInt()
        || node.intValue() < 0
        || node.intValue() > most) {
      throw fault("expected an integer from 0 to %d for %s".formatted(most, what), node);
    }
    return node.intValue();
  }

  private static String tokenText(String token, String what) {
    if (token.isEmpty() || token.length() > MAX_TOKEN_CHARACTERS) {
      throw new BadInputException(
          "tokenizer.json: expected tokens of 1 to %d characters in %s, found one of %d."
              .formatted(MAX_TOKEN_CHARACTERS, what, token.length()));
    }
    return wellFormed(token, what);
  }

  /** Half a surrogate pair cannot be handed on in UTF-8. */
  private static String wellFormed(String text, String what) {
    if (text.codePoints()
        .anyMatch(c -> c >= Character.MIN_SURROGATE && c <= Character.MAX_SURROGATE)) {
      throw new BadInputException(
          "tokenizer.json: expected Unicode text for %s, found half a surrogate pair."
              .formatted(what));
    }
    return text;
  }

  static BadInputException fault(String expected, JsonNode found) {
    return new BadInputException(
        "tokenizer.json: %s, found %s."
            .formatted(expected, found.isMissingNode() ? "none" : shortened(found.toString())));
  }

  static String quoted(String text) {
    return '"' + shortened(text) + '"';
  }

  private static String shortened(String text) {
    return text.length() <= 60 ? text : text.substring(0, 60) + "...";
  }
}
