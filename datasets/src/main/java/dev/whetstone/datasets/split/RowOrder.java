package dev.whetstone.datasets.split;

import dev.whetstone.artifacts.ContentHash;

/**
 * Place and split of a row, from its content and a seed alone: neither its id, its file nor how
 * many tasks worked on it matter. Rows of the same prompt always land in the same split: a question
 * that is trained on says nothing where it is asked again.
 *
 * @param order rows of a split stand in ascending order of it; even over 0..2^63-1
 * @param split {@code train} or {@code validation}
 */
public record RowOrder(long order, String split) {
  public static final String TRAIN = "train";
  public static final String VALIDATION = "validation";

  /** The order is cut into this many equal ranges: the largest number of shards of a split. */
  public static final int RANGES = 4096;

  private static final double SPAN = 0x1p63;

  /**
   * The place of the row with this content.
   *
   * @param prompt hash of what the row asks; rows of the same are not separated
   * @param validation share of rows for the validation split, in 0..1
   */
  public static RowOrder of(String content, String prompt, long seed, double validation) {
    long order = number("row-order/1", content, seed);
    // Another hash than the order's: else the validation rows would all come from one end of it.
    double draw = number("row-split/2", prompt, seed) / SPAN;
    return new RowOrder(order, draw < validation ? VALIDATION : TRAIN);
  }

  /** The range of the order that this row is in, from 0. */
  public int range() {
    return (int) (order >>> 51);
  }

  private static long number(String kind, String content, long seed) {
    String hash = ContentHash.of(kind).add(seed).add(content).finish();
    return Long.parseUnsignedLong(hash.substring("sha256:".length()).substring(0, 16), 16) >>> 1;
  }
}
