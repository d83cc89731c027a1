package dev.whetstone.datasets.pack;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;

/**
 * Fills one pack after the other to the last token: the longest rows that are left, then those of
 * which the sum is just the room. Where many rows are short beside a pack, it leaves less room than
 * {@link BestFit}, which can only choose among the packs that are open. (The idea is that of
 * "minimum bin slack": Gupta and Ho, Production Planning and Control 10, 1999.) Rows are never cut.
 * Equal input gives equal packs.
 */
final class ExactFit {
  /** Rows that may be chosen together to end a pack. */
  private static final int LAST_ROWS = 3;

  /** Sums that are tried for the end of a pack; then the best of them is taken. */
  private static final int TRIES = 2000;

  /** Rows of a length as a linked list, in their own order. */
  private final int[] first;

  private final int[] next;
  private final int[] left;
  private final BitSet present;

  private ExactFit(int[] lengths, int capacity) {
    first = new int[capacity + 1];
    Arrays.fill(first, -1);
    next = new int[lengths.length];
    left = new int[capacity + 1];
    present = new BitSet(capacity + 1);
    for (int row = lengths.length - 1; row >= 0; row--) {
      next[row] = first[lengths[row]];
      first[lengths[row]] = row;
      left[lengths[row]]++;
      present.set(lengths[row]);
    }
  }

  /**
   * Packs rows; see {@link BestFit#pack}.
   *
   * @param lengths tokens of each row, in 1..capacity; not changed
   */
  static List<int[]> pack(int[] lengths, int capacity) {
    var fit = new ExactFit(lengths, capacity);
    List<int[]> packs = new ArrayList<>();
    for (int packed = 0; packed < lengths.length; ) {
      int[] pack = fit.next(capacity);
      packed += pack.length;
      packs.add(pack);
    }
    return packs;
  }

  private int[] next(int capacity) {
    int[] rows = new int[8];
    int count = 0;
    int room = capacity;
    while (room > 0) {
      int longest = present.previousSetBit(room);
      if (longest < 0) {
        break;
      }
      // So many of the longest would leave room: the end of the pack is not near.
      int[] chosen =
          (long) longest * LAST_ROWS < room ? new int[] {longest} : new Ending(room).best();
      for (int length : chosen) {
        if (count == rows.length) {
          rows = Arrays.copyOf(rows, 2 * count);
        }
        rows[count++] = take(length);
        room -= length;
      }
    }
    return Arrays.copyOf(rows, count);
  }

  private int take(int length) {
    int row = first[length];
    first[length] = next[row];
    if (--left[length] == 0) {
      present.clear(length);
    }
    return row;
  }

  /** Looks for at most {@link #LAST_ROWS} rows that fill the room, the longest first. */
  private final class Ending {
    private final int room;
    private final int[] chosen = new int[LAST_ROWS];
    private int[] best = {};
    private int bestSum;
    private int tries;

    Ending(int room) {
      this.room = room;
    }

    int[] best() {
      search(0, room, room);
      return best;
    }

    /** Whether the room is filled to the last token. */
    private boolean search(int count, int rest, int longest) {
      for (int length = present.previousSetBit(Math.min(rest, longest));
          length >= 0 && tries < TRIES;
          length = present.previousSetBit(length - 1)) {
        if (length == 0 || used(count, length) == left[length]) {
          continue;
        }
        if (bestSum + (rest - room) >= (long) length * (LAST_ROWS - count)) {
          return false; // shorter rows cannot reach more than the best sum
        }
        tries++;
        chosen[count] = length;
        int sum = room - rest + length;
        if (sum > bestSum) {
          bestSum = sum;
          best = Arrays.copyOf(chosen, count + 1);
        }
        if (sum == room) {
          return true;
        }
        if (count + 1 < LAST_ROWS) {
          int exact = rest - length;
          boolean last = count + 2 == LAST_ROWS;
          if (last ? ends(count + 1, exact, length) : search(count + 1, exact, length)) {
            return true;
          }
        }
      }
      return false;
    }

    /** The last row: that of just this length, else the longest that fits. */
    private boolean ends(int count, int rest, int longest) {
      int length = present.previousSetBit(Math.min(rest, longest));
      while (length > 0 && used(count, length) == left[length]) {
        length = present.previousSetBit(length - 1);
      }
      if (length <= 0) {
        return false;
      }
      chosen[count] = length;
      int sum = room - rest + length;
      if (sum > bestSum) {
        bestSum = sum;
        best = Arrays.copyOf(chosen, count + 1);
      }
      return sum == room;
    }

    private int used(int count, int length) {
      int used = 0;
      for (int i = 0; i < count; i++) {
        used += chosen[i] == length ? 1 : 0;
      }
      return used;
    }
  }
}
