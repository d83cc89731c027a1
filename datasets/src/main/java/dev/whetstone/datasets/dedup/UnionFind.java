package dev.whetstone.datasets.dedup;

import java.util.HashMap;
import java.util.Map;

/** Connected components in memory: the least node of a component stands for it. */
public final class UnionFind {
  private final Map<Long, Long> parents = new HashMap<>();

  /** Puts two nodes into one component. */
  public void join(long one, long other) {
    long left = root(one);
    long right = root(other);
    parents.put(Math.max(left, right), Math.min(left, right));
  }

  /** Every node that was joined to another, by the least of its component. */
  public Map<Long, Long> roots() {
    Map<Long, Long> roots = new HashMap<>();
    parents.keySet().forEach(node -> roots.put(node, 0L));
    roots.replaceAll((node, unset) -> root(node));
    return roots;
  }

  private long root(long node) {
    long at = node;
    parents.putIfAbsent(at, at);
    while (parents.get(at) != at) {
      long parent = parents.get(at);
      parents.put(at, parents.get(parent)); // halves the path
      at = parents.get(at);
    }
    return at;
  }
}
