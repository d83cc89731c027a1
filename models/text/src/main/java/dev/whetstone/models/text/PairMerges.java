package dev.whetstone.models.text;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Arrays;
import java.util.Map;

/**
 * The merges of a BPE model: of two neighbouring tokens those of the lowest rank become one, the
 * leftmost first, until none is left to merge (tokenizers, models/bpe/word.rs).
 *
 * <p>A hash table with open addressing: a large vocabulary has 300,000 of them.
 */
final class PairMerges {
  private static final int NONE = Integer.MAX_VALUE;

  /** Left and right id of a pair; -1 for a free place. */
  private final long[] pairs;

  private final int[] ranks;
  private final int[] joined;

  private PairMerges(int count) {
    int places = Integer.highestOneBit(Math.max(8, count)) * 4;
    pairs = new long[places];
    Arrays.fill(pairs, -1);
    ranks = new int[places];
    joined = new int[places];
  }

  /** From {@code model.merges}, which have been checked. */
  static PairMerges of(JsonNode merges, Map<String, Integer> ids) {
    var table = new PairMerges(merges.size());
    int rank = 0;
    for (JsonNode merge : merges) {
      String left;
      String right;
      if (merge.isArray()) {
        left = merge.get(0).textValue();
        right = merge.get(1).textValue();
      } else if (merge.textValue().startsWith("#version")) {
        continue;
      } else {
        int space = merge.textValue().indexOf(' ');
        left = merge.textValue().substring(0, space);
        right = merge.textValue().substring(space + 1);
      }
      int place = table.place(pair(ids.get(left), ids.get(right)));
      table.pairs[place] = pair(ids.get(left), ids.get(right));
      table.ranks[place] = rank++;
      table.joined[place] = ids.get(left + right);
    }
    return table;
  }

  private static long pair(int left, int right) {
    return ((long) left << 32) | right;
  }

  /** Where the pair stands, or would. */
  private int place(long pair) {
    long mixed = pair * 0x9E3779B97F4A7C15L; // 2^64 / golden ratio: Knuth, TAOCP 3, 6.4
    int mask = pairs.length - 1;
    int place = (int) (mixed >>> 32) & mask;
    while (pairs[place] != pair && pairs[place] != -1) {
      place = (place + 1) & mask;
    }
    return place;
  }

  private int find(int left, int right) {
    int place = place(pair(left, right));
    return pairs[place] == -1 ? -1 : place;
  }

  /**
   * Merges a word in place.
   *
   * @param tokens one per byte; the first of them hold the result
   * @param starts first byte of each token, and the end of the last; likewise
   * @return number of tokens that are left
   */
  int merge(int[] tokens, int[] starts) {
    int count = tokens.length;
    int[] places = new int[count];
    for (int t = 0; t + 1 < count; t++) {
      places[t] = find(tokens[t], tokens[t + 1]);
    }
    while (true) {
      int best = -1;
      int bestRank = NONE;
      for (int t = 0; t + 1 < count; t++) {
        if (places[t] >= 0 && ranks[places[t]] < bestRank) {
          best = t;
          bestRank = ranks[places[t]];
        }
      }
      if (best < 0) {
        return count;
      }
      tokens[best] = joined[places[best]];
      int moved = count - best - 2;
      System.arraycopy(tokens, best + 2, tokens, best + 1, moved);
      System.arraycopy(places, best + 2, places, best + 1, moved);
      System.arraycopy(starts, best + 2, starts, best + 1, moved + 1);
      count--;
      if (best + 1 < count) {
        places[best] = find(tokens[best], tokens[best + 1]);
      }
      if (best > 0) {
        places[best - 1] = find(tokens[best - 1], tokens[best]);
      }
    }
  }
}
