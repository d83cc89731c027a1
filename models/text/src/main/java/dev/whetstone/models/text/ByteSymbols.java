package dev.whetstone.models.text;

import java.util.ArrayList;
import java.util.List;

/** How byte-level vocabularies spell bytes. */
public final class ByteSymbols {
  private ByteSymbols() {}

  /** GPT-2's printable symbol for each byte, [256] (openai/gpt-2, encoder.py, bytes_to_unicode). */
  public static List<String> all() {
    var symbols = new ArrayList<String>();
    int next = 256;
    for (int b = 0; b < 256; b++) {
      boolean printable =
          (b >= '!' && b <= '~') || (b >= 0xA1 && b <= 0xAC) || (b >= 0xAE && b <= 0xFF);
      symbols.add(Character.toString(printable ? b : next++));
    }
    return symbols;
  }
}
