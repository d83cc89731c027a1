package dev.whetstone.models.engine;

import dev.whetstone.models.engine.family.DecoderConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** How many tokens of a forward pass fit into memory. */
final class TokenBudget {
  /** With fewer a pass costs more than its tokens. */
  static final int LEAST = PrefixPlan.MIN_SHARED;

  private TokenBudget() {}

  /**
   * @param asked tokens
   * @param longest text, in tokens
   * @param freeBytes of memory, of which half may be used
   * @return {@code asked}, or the largest half, quarter and so on of it that fits, at least {@link
   *     #LEAST}
   */
  static int fitting(DecoderConfig config, int asked, int longest, long freeBytes) {
    int tokens = asked;
    while (tokens > LEAST && bytes(config, tokens, longest) > freeBytes / 2.0) {
      tokens = Math.max(LEAST, tokens / 2);
    }
    return tokens;
  }

  /** Of the last pass of the longest text: its arrays of one block, and all keys. */
  private static double bytes(DecoderConfig config, int tokens, int longest) {
    DecoderConfig.Attention attention = config.attention();
    double context = (double) longest + tokens;
    double key = (double) attention.keyValueHeads() * attention.headSize();
    double query = (double) attention.heads() * attention.headSize();
    // Keys and values of the prefix and, beside them, those that the pass appends to it.
    double kept = 2 * 2 * config.layers() * context * key;
    // Keys and values of a block, repeated for all heads, and the mask.
    double attended = context * (2 * query + tokens);
    double passing =
        tokens * (4.0 * config.hidden() + 3.0 * config.feed().intermediate() + 6 * query);
    return Float.BYTES * (kept + attended + passing);
  }

  /** Free bytes of this machine's memory, without what would have to be swapped out. */
  static long freeBytes() {
    try {
      return Files.readAllLines(Path.of("/proc/meminfo")).stream()
          .filter(line -> line.startsWith("MemAvailable:"))
          .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")) << 10)
          .findFirst()
          .orElse(Long.MAX_VALUE);
    } catch (IOException e) {
      return Long.MAX_VALUE; // no such file on this system: nothing is known
    }
  }
}
