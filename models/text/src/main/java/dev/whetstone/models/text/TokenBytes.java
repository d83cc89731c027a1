package dev.whetstone.models.text;

import com.fasterxml.jackson.databind.JsonNode;
import dev.whetstone.artifacts.BadInputException;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;

/**
 * The bytes that each token of a {@code tokenizer.json} adds to a text, as its decoder makes them
 * (Hugging Face tokenizers 0.22: decoders/byte_fallback.rs, pre_tokenizers/byte_level.rs). Several
 * tokens may share the bytes of a character.
 */
final class TokenBytes {
  /** What SentencePiece writes for a space. */
  private static final String SPACE = "\u2581";

  private static final byte[] NONE = {};

  private TokenBytes() {}

  /**
   * Bytes by id; empty for special tokens and ids that are no token.
   *
   * @param texts of tokens as {@code tokenizer.json} writes them, by id
   * @param addedTokens its {@code added_tokens}
   * @param decoder its {@code decoder}
   * @throws BadInputException if the decoder is none whose tokens have bytes of their own
   */
  static List<byte[]> of(Map<Integer, String> texts, JsonNode addedTokens, JsonNode decoder) {
    boolean byteLevel = hasDecoder(decoder, "ByteLevel");
    if (!byteLevel && !hasDecoder(decoder, "ByteFallback")) {
      throw new BadInputException(
          "tokenizer.json: expected a decoder with ByteLevel or ByteFallback, found %s; the bytes of its tokens are not known."
              .formatted(decoder.isMissingNode() ? "none" : decoder));
    }
    var special = new HashSet<Integer>();
    for (JsonNode token : addedTokens) {
      if (token.path("special").asBoolean()) {
        special.add(token.path("id").asInt());
      }
    }
    Map<Integer, Byte> bytesOfSymbols = bytesOfSymbols();
    int size = texts.keySet().stream().mapToInt(id -> id + 1).max().orElse(0);
    List<byte[]> bytes = new ArrayList<>(Collections.nCopies(size, NONE));
    texts.forEach(
        (id, text) -> {
          if (!special.contains(id)) {
            bytes.set(id, byteLevel ? byteLevel(text, bytesOfSymbols) : byteFallback(text));
          }
        });
    return Collections.unmodifiableList(bytes);
  }

  private static boolean hasDecoder(JsonNode decoder, String type) {
    if (decoder.path("type").asText().equals(type)) {
      return true;
    }
    for (JsonNode part : decoder.path("decoders")) {
      if (hasDecoder(part, type)) {
        return true;
      }
    }
    return false;
  }

  /** Symbols stand for bytes; a token with any other character stands for itself. */
  private static byte[] byteLevel(String token, Map<Integer, Byte> bytesOfSymbols) {
    var bytes = new ByteArrayOutputStream();
    for (int symbol : token.codePoints().toArray()) {
      Byte one = bytesOfSymbols.get(symbol);
      if (one == null) {
        return token.getBytes(StandardCharsets.UTF_8);
      }
      bytes.write(one);
    }
    return bytes.toByteArray();
  }

  /** {@code <0xE2>} is a byte, all else is text. */
  private static byte[] byteFallback(String token) {
    if (token.matches("<0x[0-9A-Fa-f]{2}>")) {
      return new byte[] {(byte) Integer.parseInt(token.substring(3, 5), 16)};
    }
    return token.replace(SPACE, " ").getBytes(StandardCharsets.UTF_8);
  }

  private static Map<Integer, Byte> bytesOfSymbols() {
    var bytes = new HashMap<Integer, Byte>();
    for (String symbol : ByteSymbols.all()) {
      bytes.put(symbol.codePointAt(0), (byte) bytes.size());
    }
    return bytes;
  }
}
