package dev.whetstone.models.text;

import com.fasterxml.jackson.databind.JsonNode;
import dev.whetstone.artifacts.BadInputException;
import dev.whetstone.artifacts.InputFile;
import dev.whetstone.artifacts.Json;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.OptionalInt;

/**
 * Text to token ids and back, by Hugging Face's tokenizers, never cut and never padded.
 * Thread-safe: share one per JVM. Close it when done.
 */
public interface Tokenizer extends AutoCloseable {
  /**
   * Opens the {@code tokenizer.json} and {@code tokenizer_config.json} of a model folder; without
   * the former, ChatGLM3's {@code tokenizer.model}.
   */
  static Tokenizer open(Path modelFolder) {
    Path json = modelFolder.resolve("tokenizer.json");
    Path model = modelFolder.resolve("tokenizer.model");
    Path config = modelFolder.resolve("tokenizer_config.json");
    boolean pieces = !Files.exists(json) && Files.exists(model);
    InputFile.check(pieces ? model : json, "a tokenizer");
    byte[] bytes = InputFile.bytes(pieces ? model : json, "a tokenizer");
    JsonNode settings = Files.exists(config) ? Json.read(config) : Json.mapper().createObjectNode();
    try {
      return pieces ? ChatGlmTokenizer.open(bytes, settings) : of(bytes, settings);
    } catch (BadInputException e) {
      throw new BadInputException(modelFolder + ": " + e.getMessage(), e);
    }
  }

  /**
   * A tokenizer from the contents of its two files, for processes that have no model folder.
   *
   * @throws BadInputException if {@code tokenizer.json} is not one, or one that the native library
   *     would crash on, never finish with, or need more than its share of memory for
   */
  static Tokenizer of(byte[] tokenizerJson, JsonNode tokenizerConfig) {
    return new NativeTokenizer(tokenizerJson, tokenizerConfig);
  }

  /**
   * Token ids, [T].
   *
   * @param special whether the tokenizer adds its own special tokens: what the post-processor of
   *     {@code tokenizer.json} says, as in transformers 5.23, which does not read {@code
   *     add_bos_token} of the configuration beside it. A text that begins with BOS or ends with EOS
   *     already gets no second one
   * @throws BadInputException if the tokenizer has no token for a part of the text, not even one
   *     for the unknown
   */
  int[] encode(String text, boolean special);

  /**
   * Token ids, as {@link #encode}, with the span of each in the text.
   *
   * @return ids [T] and, per token, first and last-plus-one character (UTF-16 unit)
   */
  Encoded encodeWithOffsets(String text, boolean special);

  /** Text of ids; {@code skipSpecial} leaves special tokens out. */
  String decode(int[] tokens, boolean skipSpecial);

  OptionalInt bos();

  OptionalInt eos();

  OptionalInt pad();

  /** Text of the special token with this id. */
  String tokenText(int token);

  int vocabularySize();

  /**
   * The bytes that each token adds to a text, by its id; empty for special tokens. Several tokens
   * may share a character.
   *
   * @throws BadInputException if tokens of this kind of tokenizer have no bytes of their own
   */
  List<byte[]> tokenBytes();

  /** SHA-256 of {@code tokenizer.json}, in hexadecimal. */
  String sha256();

  @Override
  void close();

  /** Ids and spans of one text; arrays of one length, not to be changed. */
  record Encoded(int[] tokens, int[] starts, int[] ends) {}
}
