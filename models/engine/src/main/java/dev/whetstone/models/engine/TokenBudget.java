package dev.whetstone.models.engine;

import dev.whetstone.models.engine.family.DecoderConfig;

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
}
