package dev.whetstone.models.text;

import java.nio.file.Path;
import java.util.OptionalInt;

/**
 * Text to token ids and back, by Hugging Face's tokenizers, never cut and never padded.
 * Thread-safe: share one per JVM. Close it when done.
 */
public interface Tokenizer extends AutoCloseable {
  /** Opens the {@code tokenizer.json} and {@code tokenizer_config.json} of a model folder. */
  static Tokenizer open(Path modelFolder) {
    throw new UnsupportedOperationException(modelFolder.toString());
  }

  /**
   * Token ids, [T]. {@code special}: whether the tokenizer adds its own special tokens (BOS where
   * it has one).
   */
  int[] encode(String text, boolean special);

  /**
   * Token ids with the span of each in the text.
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

  /** SHA-256 of {@code tokenizer.json}, in hexadecimal. */
  String sha256();

  @Override
  void close();

  /** Ids and spans of one text; arrays of one length, not to be changed. */
  record Encoded(int[] tokens, int[] starts, int[] ends) {}
}
