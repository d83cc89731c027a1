package dev.whetstone.datasets.quality;

import dev.whetstone.artifacts.ContentHash;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/** Which rows teach, which calibrate and which measure: by the hash of their prompt and a seed. */
public final class Draw {
  /** What a row is for. */
  public enum Part {
    TRAIN,
    CALIBRATE,
    MEASURE
  }

  private Draw() {}

  /** One cut; {@code heldOut} is the share that measures, and that which calibrates. */
  public static Map<Part, List<LabelledRow>> cut(
      List<LabelledRow> rows, double heldOut, long seed) {
    Map<Part, List<LabelledRow>> parts = empty();
    for (LabelledRow row : rows) {
      double place = place("quality-split/1", row, seed, 0);
      Part part =
          place < heldOut ? Part.MEASURE : place < 2 * heldOut ? Part.CALIBRATE : Part.TRAIN;
      parts.get(part).add(row);
    }
    return parts;
  }

  /**
   * One cut a fold: each row measures in one of them. The share {@code heldOut} of the others
   * calibrates.
   *
   * @param repeat which of many ways to cut, from 0
   */
  public static List<Map<Part, List<LabelledRow>>> folds(
      List<LabelledRow> rows, int folds, int repeat, double heldOut, long seed) {
    List<Map<Part, List<LabelledRow>>> cuts = new ArrayList<>();
    for (int fold = 0; fold < folds; fold++) {
      Map<Part, List<LabelledRow>> parts = empty();
      for (LabelledRow row : rows) {
        int own = (int) (place("quality-fold/1", row, seed, repeat) * folds);
        boolean calibrates = place("quality-split/1", row, seed, repeat) < heldOut;
        Part part = own == fold ? Part.MEASURE : calibrates ? Part.CALIBRATE : Part.TRAIN;
        parts.get(part).add(row);
      }
      cuts.add(parts);
    }
    return cuts;
  }

  private static Map<Part, List<LabelledRow>> empty() {
    Map<Part, List<LabelledRow>> parts = new EnumMap<>(Part.class);
    for (Part part : Part.values()) {
      parts.put(part, new ArrayList<>());
    }
    return parts;
  }

  /** Even over [0, 1). */
  private static double place(String kind, LabelledRow row, long seed, int repeat) {
    String hash = ContentHash.of(kind).add(seed).add(repeat).add(row.prompt()).finish();
    String digits = hash.substring("sha256:".length()).substring(0, 16);
    // The upper 53 bits: a double between 0 and 1 that rounding never makes 1.
    return (Long.parseUnsignedLong(digits, 16) >>> 11) * 0x1p-53;
  }
}
