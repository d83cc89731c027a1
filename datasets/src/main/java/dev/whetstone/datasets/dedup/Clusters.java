package dev.whetstone.datasets.dedup;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Clusters of near duplicates out of pairs, on one machine, and what is said of each row that goes.
 */
public final class Clusters {
  /** Two rows, by position and id, and how similar they are. */
  public record Pair(long low, String lowId, long high, String highId, double jaccard) {}

  /**
   * A row that goes.
   *
   * @param kept first row of the cluster, which stays
   * @param viaId the row of the cluster that it is most similar to: the kept one if it is similar
   *     to that at all
   */
  public record Gone(long position, long kept, String keptId, String viaId, double jaccard) {
    /** One line for people. */
    public String detail() {
      return keptId.equals(viaId)
          ? "near %s, Jaccard %.3f".formatted(keptId, jaccard)
          : "in a cluster with %s, by way of %s, Jaccard %.3f".formatted(keptId, viaId, jaccard);
    }
  }

  private Clusters() {}

  /** All rows of all clusters but the first of each, by position. */
  public static List<Gone> of(List<Pair> pairs) {
    Map<Long, Long> parents = new HashMap<>();
    Map<Long, String> ids = new TreeMap<>();
    for (Pair pair : pairs) {
      ids.put(pair.low(), pair.lowId());
      ids.put(pair.high(), pair.highId());
      long low = root(parents, pair.low());
      long high = root(parents, pair.high());
      parents.put(Math.max(low, high), Math.min(low, high)); // the least is the root
    }
    Map<Long, Pair> best = new HashMap<>();
    for (Pair pair : pairs) {
      better(best, pair.low(), pair, parents);
      better(best, pair.high(), pair, parents);
    }
    List<Gone> gone = new ArrayList<>();
    ids.forEach(
        (position, id) -> {
          long kept = root(parents, position);
          if (kept != position) {
            Pair pair = best.get(position);
            String via = pair.low() == position ? pair.highId() : pair.lowId();
            gone.add(new Gone(position, kept, ids.get(kept), via, pair.jaccard()));
          }
        });
    return gone;
  }

  /**
   * A pair with the row that stays beats all others; of the rest the most similar one, of equal
   * ones that with the earlier row.
   */
  private static void better(
      Map<Long, Pair> best, long position, Pair pair, Map<Long, Long> parents) {
    Pair known = best.get(position);
    if (known == null) {
      best.put(position, pair);
      return;
    }
    long kept = root(parents, position);
    int order = Boolean.compare(other(pair, position) == kept, other(known, position) == kept);
    if (order == 0) {
      order = Double.compare(pair.jaccard(), known.jaccard());
    }
    if (order == 0) {
      order = Long.compare(other(known, position), other(pair, position));
    }
    if (order > 0) {
      best.put(position, pair);
    }
  }

  private static long other(Pair pair, long position) {
    return pair.low() == position ? pair.high() : pair.low();
  }

  private static long root(Map<Long, Long> parents, long node) {
    long at = node;
    while (parents.getOrDefault(at, at) != at) {
      long parent = parents.get(at);
      parents.put(at, parents.getOrDefault(parent, parent)); // halves the path
      at = parent;
    }
    return at;
  }
}
