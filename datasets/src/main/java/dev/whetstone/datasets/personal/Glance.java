package dev.whetstone.datasets.personal;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * A text with what one pass over it saw: a pattern costs a hundred times as much, and most texts
 * hold nothing that a pattern could find.
 */
final class Glance {
  private static final byte PLAIN = 0;
  private static final byte DIGIT = 1;
  private static final byte AT = 2;
  private static final byte COLON = 3;
  private static final byte MARKED = 4;

  /** What an ASCII character is to this pass; a colon is the anchor of marks too. */
  private static final byte[] KINDS = new byte[0x80];

  static {
    for (char c = 0; c < KINDS.length; c++) {
      KINDS[c] = Secrets.MARKS.hasAnchor(c) ? MARKED : PLAIN;
    }
    for (char c = '0'; c <= '9'; c++) {
      KINDS[c] = DIGIT;
    }
    KINDS['@'] = AT;
    KINDS[':'] = COLON;
  }

  private final String text;
  private boolean at;
  private boolean colon;
  private long marks;
  private int[] starts = new int[8]; // of runs of digits
  private int[] ends = new int[8];
  private int runs;

  private Glance(String text) {
    this.text = text;
    byte[] bytes = text.getBytes(StandardCharsets.ISO_8859_1);
    // Two units that are one character are one byte; else units and bytes have the same places.
    boolean placed = bytes.length == text.length();
    int last = -2; // the digit seen last
    for (int i = 0; i < text.length(); i++) {
      int c = placed ? bytes[i] : text.charAt(i);
      if (c < 0 || c >= KINDS.length) {
        continue;
      }
      switch (KINDS[c]) {
        case DIGIT -> {
          last = digit(i, last);
          marks = Secrets.MARKS.hasAnchor((char) c) ? Secrets.MARKS.at(text, i, marks) : marks;
        }
        case AT -> at = true;
        case COLON -> {
          colon = true;
          marks = Secrets.MARKS.at(text, i, marks);
        }
        case MARKED -> marks = Secrets.MARKS.at(text, i, marks);
        default -> {
          // nothing that anyone looks for
        }
      }
    }
  }

  private int digit(int i, int last) {
    if (last == i - 1) {
      ends[runs - 1] = i + 1;
      return i;
    }
    if (runs == starts.length) {
      starts = Arrays.copyOf(starts, 2 * runs);
      ends = Arrays.copyOf(ends, 2 * runs);
    }
    starts[runs] = i;
    ends[runs++] = i + 1;
    return i;
  }

  static Glance of(String text) {
    return new Glance(text);
  }

  String text() {
    return text;
  }

  /** Whether there is an at sign. */
  boolean hasAt() {
    return at;
  }

  /** Whether there is a colon. */
  boolean hasColon() {
    return colon;
  }

  /** The groups of {@link Secrets#MARKS} of which a mark is there, a bit for each. */
  long marks() {
    return marks;
  }

  /** Whether four short runs of digits stand with one dot between each two. */
  boolean hasFourDotted() {
    int dotted = 0;
    for (int run = 0; run < runs; run++) {
      boolean fits = ends[run] - starts[run] <= 3;
      boolean joined =
          dotted > 0 && starts[run] - ends[run - 1] == 1 && text.charAt(ends[run - 1]) == '.';
      dotted = fits ? (joined ? dotted + 1 : 1) : 0;
      if (dotted == 4) {
        return true;
      }
    }
    return false;
  }

  /**
   * Digits with little between them: where a number can stand. Each chain from its first digit to
   * its last, in order.
   *
   * @param least digits of a chain that counts
   * @param gap the most characters between two digits of a chain
   * @param joints which characters these may be
   */
  List<Span> chains(int least, int gap, String joints) {
    List<Span> chains = List.of();
    int first = 0; // run of the chain
    int digits = 0;
    for (int run = 0; run < runs; run++) {
      if (run > first && !joined(run, gap, joints)) {
        first = run;
        digits = 0;
      }
      digits += ends[run] - starts[run];
      boolean goesOn = run + 1 < runs && joined(run + 1, gap, joints);
      if (!goesOn && digits >= least) {
        chains = chains.isEmpty() ? new ArrayList<>() : chains;
        chains.add(new Span(starts[first], ends[run]));
      }
    }
    return chains;
  }

  /** Whether what stands between a run of digits and the one before joins them. */
  private boolean joined(int run, int gap, String joints) {
    int from = ends[run - 1];
    int to = starts[run];
    if (to - from > gap) {
      return false;
    }
    for (int i = from; i < to; i++) {
      if (joints.indexOf(text.charAt(i)) < 0) {
        return false;
      }
    }
    return true;
  }
}
