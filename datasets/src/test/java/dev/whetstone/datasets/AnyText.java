package dev.whetstone.datasets;

import java.util.Random;

/** Texts of no language and of all: what a fast path must treat as its slow twin does. */
public final class AnyText {
  /** First and last code points of blocks that have rules of their own somewhere. */
  private static final int[][] BLOCKS = {
    {0x20, 0x7E}, // ASCII
    {0x00, 0x1F}, // controls
    {0x7F, 0xFF}, // Latin-1
    {0x100, 0x24F}, // Latin Extended
    {0x2B0, 0x36F}, // modifiers, combining marks
    {0x370, 0x3FF}, // Greek, final sigma
    {0x400, 0x4FF}, // Cyrillic
    {0x590, 0x6FF}, // Hebrew, Arabic
    {0x900, 0x97F}, // Devanagari
    {0xE00, 0xEFF}, // Thai, Lao
    {0x1000, 0x11FF}, // Myanmar, Hangul Jamo
    {0x1780, 0x17FF}, // Khmer
    {0x1E00, 0x1FFF}, // Latin and Greek with marks
    {0x2000, 0x214F}, // punctuation, letter-like signs
    {0x3000, 0x30FF}, // CJK punctuation, kana
    {0x4E00, 0x9FFF}, // CJK
    {0xAC00, 0xD7A3}, // Hangul
    {0xD800, 0xDFFF}, // lone surrogates
    {0xF900, 0xFFFF}, // compatibility forms
    {0x1D400, 0x1D7FF}, // mathematical letters
    {0x1F300, 0x1F64F}, // emoji
    {0x20000, 0x2A6DF} // CJK beyond the first plane
  };

  private static final String[] PIECES = {
    " ", "\n", "\n\n", ". ", "...", ", ", "-", "'", "the ", "and ", "Words ", "12", "3.5 ", "\t",
    "#", "\u2019", "{", "word ", "word "
  };

  private AnyText() {}

  /** Up to some 120 characters, mostly of two blocks and English pieces. */
  public static String of(Random random) {
    var text = new StringBuilder();
    int[][] chosen = {
      BLOCKS[0], BLOCKS[random.nextInt(BLOCKS.length)], BLOCKS[random.nextInt(BLOCKS.length)]
    };
    int length = random.nextInt(80);
    while (text.length() < length) {
      int kind = random.nextInt(10);
      if (kind < 5) {
        text.append(PIECES[random.nextInt(PIECES.length)]);
      } else {
        int[] block =
            kind < 9
                ? chosen[random.nextInt(chosen.length)]
                : BLOCKS[random.nextInt(BLOCKS.length)];
        for (int n = random.nextInt(1, 6); n > 0; n--) {
          text.appendCodePoint(random.nextInt(block[0], block[1] + 1));
        }
      }
    }
    return text.toString();
  }
}
