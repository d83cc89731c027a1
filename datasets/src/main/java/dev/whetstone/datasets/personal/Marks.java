package dev.whetstone.datasets.personal;

import java.util.ArrayList;
import java.util.List;

/**
 * Short texts that are looked for in one pass over a long one: each where its rarest character, its
 * anchor, stands. They come in up to 64 groups.
 */
final class Marks {
  /** Characters of English text, programs and keys, the rarest first; others are rarer still. */
  private static final String RARE_FIRST =
      "_:/ZQXJKVGYUFHDNRPCMOEWLIASTB0123456789-zqxjkvbpygfwmucldrhsnioate. ";

  private record Mark(String text, int anchor, long group, boolean anyCase) {}

  private final List<List<Mark>> byAnchor = new ArrayList<>();

  Marks() {
    for (int c = 0; c < 0x80; c++) {
      byAnchor.add(new ArrayList<>());
    }
  }

  /**
   * With the marks of another group, a number below 64; ASCII letters are of either case or not.
   */
  void add(int group, List<String> marks, boolean anyCase) {
    for (String mark : marks) {
      int anchor = 0;
      for (int i = 1; i < mark.length(); i++) {
        if (rank(mark.charAt(i)) < rank(mark.charAt(anchor))) {
          anchor = i;
        }
      }
      var found = new Mark(mark, anchor, 1L << group, anyCase);
      char c = mark.charAt(anchor);
      byAnchor.get(c).add(found);
      if (anyCase && Character.toUpperCase(c) != c) {
        byAnchor.get(Character.toUpperCase(c)).add(found);
      }
    }
  }

  private static int rank(char c) {
    return RARE_FIRST.indexOf(c);
  }

  boolean hasAnchor(char c) {
    return !byAnchor.get(c).isEmpty();
  }

  /** The groups found so far, a bit for each, with those of which a mark has its anchor here. */
  long at(String text, int place, long found) {
    long all = found;
    for (Mark mark : byAnchor.get(text.charAt(place))) {
      if ((all & mark.group()) == 0
          && text.regionMatches(
              mark.anyCase(), place - mark.anchor(), mark.text(), 0, mark.text().length())) {
        all |= mark.group();
      }
    }
    return all;
  }
}
