package dev.whetstone.datasets.pack;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;

/**
 * Best-fit decreasing: rows from the longest to the shortest, each into the fullest pack that still
 * has room ("Fewer Truncations Improve Language Modeling", arXiv 2404.10830), over the whole split
 * at once. Rows are never cut. Equal input gives equal packs.
 */
final class BestFit {
  private BestFit() {}

  /**
   * Packs rows.
   *
   * @param lengths tokens of each row, in 1..capacity; not changed
   * @param capacity tokens of a pack
   * @return the rows of each pack, in the order in which they were placed
   * @throws IllegalArgumentException if a row does not fit an empty pack
   */
  static List<int[]> pack(int[] lengths, int capacity) {
    int[] descending = descending(lengths, capacity);
    // Packs by room left: stacks in linked arrays, and a bit per room that has a pack.
    int[] top = new int[capacity + 1];
    Arrays.fill(top, -1);
    var rooms = new BitSet(capacity + 1);
    int[] below = new int[lengths.length];
    int[] lastRow = new int[lengths.length];
    int[] rowBefore = new int[lengths.length];
    int[] rows = new int[lengths.length];
    int packs = 0;
    for (int row : descending) {
      int length = lengths[row];
      int room = rooms.nextSetBit(length);
      int pack;
      if (room < 0) {
        pack = packs++;
        lastRow[pack] = -1;
        room = capacity;
      } else {
        pack = top[room];
        top[room] = below[pack];
        rooms.set(room, top[room] >= 0);
      }
      rowBefore[row] = lastRow[pack];
      lastRow[pack] = row;
      rows[pack]++;
      int left = room - length;
      below[pack] = top[left];
      top[left] = pack;
      rooms.set(left);
    }
    List<int[]> result = new ArrayList<>(packs);
    for (int pack = 0; pack < packs; pack++) {
      int[] members = new int[rows[pack]];
      for (int row = lastRow[pack], i = members.length - 1; row >= 0; row = rowBefore[row]) {
        members[i--] = row;
      }
      result.add(members);
    }
    return result;
  }

  /** Rows by length, longest first, equal ones in their own order: a counting sort. */
  private static int[] descending(int[] lengths, int capacity) {
    int[] start = new int[capacity + 2];
    for (int row = 0; row < lengths.length; row++) {
      if (lengths[row] < 1 || lengths[row] > capacity) {
        throw new IllegalArgumentException(
            "row %d has %d tokens, expected 1 to %d".formatted(row, lengths[row], capacity));
      }
      start[capacity - lengths[row] + 1]++;
    }
    for (int i = 1; i < start.length; i++) {
      start[i] += start[i - 1];
    }
    int[] order = new int[lengths.length];
    for (int row = 0; row < lengths.length; row++) {
      order[start[capacity - lengths[row]]++] = row;
    }
    return order;
  }
}
