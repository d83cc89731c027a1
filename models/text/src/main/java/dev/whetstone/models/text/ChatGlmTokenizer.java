package dev.whetstone.models.text;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.whetstone.artifacts.BadInputException;
import dev.whetstone.artifacts.Json;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * The tokenizer of a ChatGLM3 folder as it was released: SentencePiece's {@code tokenizer.model}
 * and {@code tokenizer_config.json}. Special tokens have the ids after the vocabulary, and every
 * text begins with two of them (THUDM/chatglm3-6b, tokenization_chatglm.py: SPTokenizer,
 * get_prefix_tokens). It becomes a {@code tokenizer.json} in memory, and is checked as one.
 */
final class ChatGlmTokenizer {
  /** In the order of their ids. Later configurations list them, the first did not. */
  private static final List<String> SPECIAL =
      List.of(
          "[MASK]",
          "[gMASK]",
          "[sMASK]",
          "sop",
          "eop",
          "<|system|>",
          "<|user|>",
          "<|assistant|>",
          "<|observation|>");

  private static final List<String> PREFIX = List.of("[gMASK]", "sop");

  private ChatGlmTokenizer() {}

  /**
   * Opens the contents of the two files.
   *
   * @throws BadInputException if the class of the configuration is another or the model is not
   *     SentencePiece's of the kind BPE
   */
  static Tokenizer open(byte[] model, JsonNode configuration) {
    String named = configuration.path("tokenizer_class").asText("");
    if (!named.equals("ChatGLMTokenizer")) {
      throw new BadInputException(
          "tokenizer_config.json: expected tokenizer_class ChatGLMTokenizer beside a"
              + " tokenizer.model"
              + " without tokenizer.json, found \"%s\"; save the tokenizer with transformers first."
                  .formatted(named));
    }
    SentencePieces pieces = SentencePieceModel.read(model);
    Map<String, Integer> special = special(configuration, pieces.pieces().size());
    Map<String, Object> json = pieces.tokenizerJson(prefix(special));
    var added = new ArrayList<Object>((List<?>) json.get("added_tokens"));
    special.entrySet().stream()
        .sorted(Map.Entry.comparingByValue())
        .forEach(
            token -> added.add(TokenizerJson.addedToken(token.getValue(), token.getKey(), true)));
    json.put("added_tokens", added);
    ObjectNode config = Json.mapper().createObjectNode();
    config.put("bos_token", "<s>").put("eos_token", "</s>").put("pad_token", "<unk>");
    configuration.properties().forEach(field -> config.set(field.getKey(), field.getValue()));
    return new NativeTokenizer(Json.line(json).getBytes(StandardCharsets.UTF_8), config);
  }

  /** Ids by token, those after the vocabulary: what the configuration lists, or the known ones. */
  private static Map<String, Integer> special(JsonNode configuration, int vocabulary) {
    var special = new TreeMap<String, Integer>();
    for (var token : configuration.path("added_tokens_decoder").properties()) {
      int id = id(token.getKey());
      if (id >= vocabulary) {
        special.put(TokenizerCheck.text(token.getValue().path("content"), "a special token"), id);
      }
    }
    if (special.isEmpty()) {
      for (int i = 0; i < SPECIAL.size(); i++) {
        special.put(SPECIAL.get(i), vocabulary + i);
      }
    }
    return special;
  }

  private static int id(String text) {
    try {
      return Integer.parseInt(text);
    } catch (NumberFormatException e) {
      throw new BadInputException(
          "tokenizer_config.json: expected ids of tokens in added_tokens_decoder, found \"%s\"."
              .formatted(text),
          e);
    }
  }

  private static Map<String, Object> prefix(Map<String, Integer> special) {
    var tokens = new ArrayList<TokenizerJson.Token>();
    for (String token : PREFIX) {
      Integer id = special.get(token);
      if (id == null) {
        throw new BadInputException(
            "tokenizer_config.json: expected %s in added_tokens_decoder, found none."
                .formatted(token));
      }
      tokens.add(new TokenizerJson.Token(token, id));
    }
    return TokenizerJson.around(tokens, List.of());
  }
}
