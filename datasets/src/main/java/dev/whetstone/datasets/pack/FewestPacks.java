package dev.whetstone.datasets.pack;

import java.util.List;

/** The better of two ways to pack; both are quick, and which one wins depends on the lengths. */
public final class FewestPacks {
  private FewestPacks() {}

  /**
   * Packs rows over the whole split at once. Rows are never cut. Equal input gives equal packs.
   *
   * @param lengths tokens of each row, in 1..capacity; not changed
   * @param capacity tokens of a pack
   * @return the rows of each pack; never more packs than {@link BestFit} makes
   * @throws IllegalArgumentException if a row does not fit an empty pack
   */
  public static List<int[]> of(int[] lengths, int capacity) {
    List<int[]> bestFit = BestFit.pack(lengths, capacity);
    List<int[]> exactFit = ExactFit.pack(lengths, capacity);
    return exactFit.size() < bestFit.size() ? exactFit : bestFit;
  }
}
