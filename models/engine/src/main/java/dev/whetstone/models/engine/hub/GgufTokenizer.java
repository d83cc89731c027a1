package dev.whetstone.models.engine.hub;

import dev.whetstone.artifacts.BadInputException;
import dev.whetstone.artifacts.Json;
import dev.whetstone.models.text.SentencePieces;
import dev.whetstone.models.text.SentencePieces.Kind;
import dev.whetstone.models.text.SentencePieces.Piece;
import dev.whetstone.models.text.Tokenizer;
import dev.whetstone.models.text.TokenizerJson;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * {@code tokenizer.json} and its companions from the metadata of a GGUF file: the kind "gpt2"
 * (byte-level BPE) and the kind "llama" (SentencePiece).
 */
final class GgufTokenizer {
  private static final String TOKENS = "tokenizer.ggml.tokens";
  private static final String TYPES = "tokenizer.ggml.token_type";

  /** Special tokens as gguf-py names them (constants.py), and as transformers does. */
  private static final List<Map.Entry<String, String>> SPECIAL =
      List.of(
          Map.entry("bos", "bos_token"),
          Map.entry("eos", "eos_token"),
          Map.entry("unknown", "unk_token"),
          Map.entry("padding", "pad_token"));

  private final GgufMetadata metadata;

  GgufTokenizer(GgufMetadata metadata) {
    this.metadata = metadata;
  }

  /**
   * Checks the metadata, and that the native tokenizer takes what is made of them.
   *
   * @throws BadInputException if they make no tokenizer
   */
  void check() {
    open().close();
  }

  /** The tokenizer itself; the caller closes it. Otherwise as {@link #check}. */
  Tokenizer open() {
    try {
      byte[] json = Json.line(tokenizer()).getBytes(StandardCharsets.UTF_8);
      return Tokenizer.of(json, Json.mapper().valueToTree(configuration()));
    } catch (BadInputException e) {
      String file = metadata.file().toString();
      throw e.getMessage().startsWith(file)
          ? e
          : new BadInputException(
              "%s: its metadata make no tokenizer: %s".formatted(file, e.getMessage()), e);
    }
  }

  void write(Path folder) throws IOException {
    Files.writeString(folder.resolve("tokenizer.json"), Json.pretty(tokenizer()));
    Files.writeString(folder.resolve("tokenizer_config.json"), Json.pretty(configuration()));
    if (metadata.values().get("tokenizer.chat_template") instanceof String template) {
      Files.writeString(folder.resolve("chat_template.jinja"), template);
    }
  }

  private Map<String, Object> tokenizer() {
    String kind = metadata.text("tokenizer.ggml.model");
    return switch (kind) {
      case "gpt2" -> byteLevel();
      case "llama" -> sentencePieces();
      default ->
          throw metadata.fault("tokenizer kind \"%s\" is not supported; known: gpt2, llama", kind);
    };
  }

  private Map<String, Object> byteLevel() {
    String name = metadata.text("tokenizer.ggml.pre");
    SplittingRule rule =
        SplittingRule.of(name)
            .orElseThrow(
                () ->
                    metadata.fault(
                        "splitting rule \"%s\" of the tokenizer is not supported; known: %s",
                        name, SplittingRule.known()));
    List<String> tokens = metadata.tokens();
    List<Kind> kinds = kinds(tokens.size());
    var vocabulary = new LinkedHashMap<String, Integer>();
    var added = new ArrayList<Map<String, Object>>();
    for (int id = 0; id < tokens.size(); id++) {
      vocabulary.put(tokens.get(id), id);
      if (kinds.get(id) == Kind.CONTROL || kinds.get(id) == Kind.USER_DEFINED) {
        added.add(TokenizerJson.addedToken(id, tokens.get(id), kinds.get(id) == Kind.CONTROL));
      }
    }
    Map<String, Object> model =
        TokenizerJson.bpe(
            vocabulary, metadata.texts("tokenizer.ggml.merges"), null, false, rule.wholeWords());
    return TokenizerJson.of(
        added,
        rule.normalizer(),
        rule.preTokenizer(),
        postProcessor(rule.begins()),
        TokenizerJson.byteLevel(true, true),
        model);
  }

  /** llama.cpp adds BOS and the space before a text unless the file says no (llama-vocab.cpp). */
  private Map<String, Object> sentencePieces() {
    List<String> tokens = metadata.tokens();
    List<Kind> kinds = kinds(tokens.size());
    List<Double> scores = metadata.reals("tokenizer.ggml.scores");
    requireSame(tokens.size(), scores.size(), "scores");
    var pieces = new ArrayList<Piece>();
    for (int id = 0; id < tokens.size(); id++) {
      pieces.add(new Piece(tokens.get(id), scores.get(id), kinds.get(id)));
    }
    boolean prefixSpace = metadata.flag("tokenizer.ggml.add_space_prefix", true);
    boolean singleSpaces = metadata.flag("tokenizer.ggml.remove_extra_whitespaces", false);
    return new SentencePieces(pieces, prefixSpace, singleSpaces, "")
        .tokenizerJson(postProcessor(true));
  }

  private List<Kind> kinds(int tokens) {
    List<Long> types = metadata.integers(TYPES);
    requireSame(tokens, types.size(), "token types");
    return types.stream().map(Kind::of).toList();
  }

  private void requireSame(int tokens, int found, String what) {
    if (found != tokens) {
      throw metadata.fault("%d tokens but %d %s; they must match", tokens, found, what);
    }
  }

  /**
   * Adds BOS and EOS around a text where the file asks for them; {@code null} for neither.
   *
   * @param begins whether BOS is added where the file has it but does not say
   */
  private Map<String, Object> postProcessor(boolean begins) {
    String addBos = "tokenizer.ggml.add_bos_token";
    boolean bos =
        metadata.has(addBos) ? metadata.flag(addBos, false) : begins && token("bos").isPresent();
    boolean eos = metadata.flag("tokenizer.ggml.add_eos_token", false);
    return bos || eos
        ? TokenizerJson.around(
            bos ? List.of(special("bos")) : List.of(), eos ? List.of(special("eos")) : List.of())
        : null;
  }

  private TokenizerJson.Token special(String name) {
    String key = "tokenizer.ggml." + name + "_token_id";
    String token =
        token(name)
            .orElseThrow(
                () ->
                    metadata.fault(
                        "expected %s as the id of a token, found %s",
                        key, metadata.values().get(key)));
    return new TokenizerJson.Token(token, (Long) metadata.values().get(key));
  }

  private Map<String, Object> configuration() {
    var config = new LinkedHashMap<String, Object>();
    config.put("add_prefix_space", false);
    for (Map.Entry<String, String> special : SPECIAL) {
      token(special.getKey()).ifPresent(text -> config.put(special.getValue(), text));
    }
    config.put("clean_up_tokenization_spaces", false);
    config.put("tokenizer_class", "PreTrainedTokenizerFast");
    return config;
  }

  /** Text of a special token; empty where the file names none. */
  private Optional<String> token(String name) {
    String key = "tokenizer.ggml." + name + "_token_id";
    if (!(metadata.values().get(key) instanceof Long id)) {
      return Optional.empty();
    }
    List<String> tokens = metadata.texts(TOKENS);
    if (id < 0 || id >= tokens.size()) {
      throw metadata.fault(
          "expected %s as the id of one of %d tokens, found %d", key, tokens.size(), id);
    }
    return Optional.of(tokens.get(id.intValue()));
  }
}
