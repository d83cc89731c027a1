package dev.whetstone.datasets.decontaminate;

import java.util.Arrays;

/**
 * Runs of words and the places where they stand: open addressing over plain arrays, behind one bit
 * for each of many more runs, so that a run that is not there costs one look at a small array.
 */
final class RunTable {
  private static final long PHI = 0x9e3779b97f4a7c15L;

  /** Bits of the filter for each run: about 1 in 16 unknown runs passes it. */
  private static final int FILTER_BITS = 16;

  private final long[] keys; // 0: free
  private final int[] first; // of a key's places; -1 where the run is told nowhere
  private final int[] last;
  private final int[] places;
  private final int shift;
  private final long[] filter;
  private final int filterShift;

  /** Runs as they stand in texts; equal texts come one after the other. */
  static final class Builder {
    private long[] runs = new long[1024];
    private int[] texts = new int[1024];
    private int[] places = new int[1024];
    private int size;

    void add(long run, int text, int place) {
      if (size == runs.length) {
        runs = Arrays.copyOf(runs, 2 * size);
        texts = Arrays.copyOf(texts, 2 * size);
        places = Arrays.copyOf(places, 2 * size);
      }
      runs[size] = run;
      texts[size] = text;
      places[size++] = place;
    }

    /**
     * @param most texts that a run may stand in; one that stands in more is left out
     */
    RunTable build(int most) {
      return new RunTable(this, most);
    }
  }

  private RunTable(Builder from, int most) {
    int bits = bitsFor(2L * from.size);
    keys = new long[1 << bits];
    first = new int[1 << bits];
    last = new int[1 << bits];
    shift = 64 - bits;
    int[] texts = new int[1 << bits];
    int[] inTexts = new int[1 << bits];
    int distinct = 0;
    for (int i = 0; i < from.size; i++) {
      int slot = slot(from.runs[i]);
      if (keys[slot] == 0) {
        keys[slot] = from.runs[i];
        distinct++;
      }
      if (inTexts[slot] == 0 || texts[slot] != from.texts[i]) {
        texts[slot] = from.texts[i];
        inTexts[slot]++;
      }
      last[slot]++; // a count, for the time being
    }
    int filterBits = bitsFor((long) FILTER_BITS * distinct);
    filter = new long[1 << Math.max(0, filterBits - 6)];
    filterShift = 64 - filterBits;
    int at = 0;
    for (int slot = 0; slot < keys.length; slot++) {
      boolean told = keys[slot] != 0 && inTexts[slot] <= most;
      if (told) {
        int bit = bit(keys[slot]);
        filter[bit >>> 6] |= 1L << bit;
      }
      int count = told ? last[slot] : 0;
      first[slot] = told ? at : -1;
      last[slot] = told ? at : -1;
      at += count;
    }
    places = new int[at];
    for (int i = 0; i < from.size; i++) {
      int slot = slot(from.runs[i]);
      if (first[slot] >= 0) {
        places[last[slot]++] = from.places[i];
      }
    }
  }

  private static int bitsFor(long size) {
    return Math.max(6, 64 - Long.numberOfLeadingZeros(size));
  }

  private int bit(long run) {
    return (int) ((run * PHI) >>> filterShift);
  }

  private int slot(long run) {
    int slot = (int) ((run * PHI) >>> shift);
    while (keys[slot] != 0 && keys[slot] != run) {
      slot = (slot + 1) & (keys.length - 1);
    }
    return slot;
  }

  /** Where the places of a run are told, to be asked of {@link #first} and so on; -1: nowhere. */
  int find(long run) {
    int bit = bit(run);
    if ((filter[bit >>> 6] & (1L << bit)) == 0) {
      return -1;
    }
    int slot = slot(run);
    return keys[slot] == run && first[slot] >= 0 ? slot : -1;
  }

  int first(int slot) {
    return first[slot];
  }

  /** Past the last one. */
  int last(int slot) {
    return last[slot];
  }

  int place(int index) {
    return places[index];
  }
}
