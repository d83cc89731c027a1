package dev.whetstone.models.text;

import dev.whetstone.artifacts.BadInputException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Base64;

/**
 * Checks SentencePiece's precompiled map of characters (normalizer.cc, DecodePrecompiledCharsMap):
 * the size of a double-array trie, the trie, and texts that end in 0 to which its leaves point. The
 * native side (spm_precompiled 0.1) follows the trie without looking where it leads.
 */
final class Charsmap {
  /** Of a unit of the trie (darts-clone, darts.h): marks a leaf, whose other bits are its value. */
  private static final int LEAF = 1 << 31;

  /** Of what one character becomes; the longest of NFKC has 33. */
  private static final int MAX_TEXT_BYTES = 256;

  private Charsmap() {}

  static void check(String base64) {
    byte[] bytes;
    try {
      bytes = Base64.getDecoder().decode(base64);
    } catch (IllegalArgumentException e) {
      throw fault("expected base64");
    }
    if (bytes.length < 4) {
      throw fault("expected a size and a trie");
    }
    ByteBuffer in = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    long trieBytes = in.getInt() & 0xffffffffL;
    if (trieBytes == 0 || trieBytes % 4 != 0 || trieBytes > in.remaining()) {
      throw fault("expected a trie of whole units within the map");
    }
    int[] units = new int[(int) trieBytes / 4];
    in.asIntBuffer().get(units);
    int textAt = 4 + (int) trieBytes;
    texts(bytes, textAt);
    for (int i = 0; i < units.length; i++) {
      if ((units[i] & LEAF) != 0) {
        continue;
      }
      int children = i ^ offset(units[i]);
      if (children < 0 || (children | 0xff) >= units.length) {
        throw fault("expected a trie whose branches stay within it");
      }
      boolean hasLeaf = (units[i] >>> 8 & 1) == 1;
      if (hasLeaf) {
        int text = units[children] & ~LEAF;
        // A text begins at a character.
        if (text > bytes.length - textAt
            || (text < bytes.length - textAt && (bytes[textAt + text] & 0xc0) == 0x80)) {
          throw fault("expected leaves that point to texts");
        }
      }
    }
  }

  private static void texts(byte[] bytes, int at) {
    try {
      StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes, at, bytes.length - at));
    } catch (CharacterCodingException e) {
      throw fault("expected texts in UTF-8");
    }
    int length = 0;
    for (int i = at; i < bytes.length; i++) {
      length = bytes[i] == 0 ? 0 : length + 1;
      if (length > MAX_TEXT_BYTES) {
        throw fault("expected texts of at most %d bytes".formatted(MAX_TEXT_BYTES));
      }
    }
  }

  private static int offset(int unit) {
    return (unit >>> 10) << ((unit & (1 << 9)) >>> 6);
  }

  private static BadInputException fault(String expected) {
    return new BadInputException(
        "tokenizer.json: precompiled_charsmap: %s, found other bytes.".formatted(expected));
  }
}
