package dev.whetstone.leaderboard.page;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Marks what in an answer is not in the expected one: words beside a longest common subsequence.
 */
final class TextDifference {
  private static final Pattern WORD = Pattern.compile("[\\p{L}\\p{N}]+|\\s+|.", Pattern.DOTALL);

  /** Words of each text beyond which only the whole is marked: the table grows with the square. */
  private static final int MAX_WORDS = 600;

  private TextDifference() {}

  /** A piece of the answer; {@code differs} if the expected text lacks it there. */
  record Piece(String text, boolean differs) {}

  /** {@code answer} in pieces that, joined, are {@code answer}. */
  static List<Piece> pieces(String expected, String answer) {
    if (expected.equals(answer)) {
      return answer.isEmpty() ? List.of() : List.of(new Piece(answer, false));
    }
    List<String> want = words(expected);
    List<String> have = words(answer);
    if (want.size() > MAX_WORDS || have.size() > MAX_WORDS) {
      return List.of(new Piece(answer, true));
    }
    int[][] common = new int[want.size() + 1][have.size() + 1]; // of the suffixes from i and j on
    for (int i = want.size() - 1; i >= 0; i--) {
      for (int j = have.size() - 1; j >= 0; j--) {
        common[i][j] =
            want.get(i).equals(have.get(j))
                ? common[i + 1][j + 1] + 1
                : Math.max(common[i + 1][j], common[i][j + 1]);
      }
    }
    var pieces = new ArrayList<Piece>();
    int i = 0;
    for (int j = 0; j < have.size(); j++) {
      while (i < want.size()
          && !want.get(i).equals(have.get(j))
          && common[i + 1][j] >= common[i][j + 1]) {
        i++;
      }
      boolean same = i < want.size() && want.get(i).equals(have.get(j));
      if (same) {
        i++;
      }
      append(pieces, have.get(j), !same);
    }
    return pieces;
  }

  private static void append(List<Piece> pieces, String text, boolean differs) {
    int last = pieces.size() - 1;
    if (last >= 0 && pieces.get(last).differs() == differs) {
      pieces.set(last, new Piece(pieces.get(last).text() + text, differs));
    } else {
      pieces.add(new Piece(text, differs));
    }
  }

  private static List<String> words(String text) {
    var words = new ArrayList<String>();
    Matcher matcher = WORD.matcher(text);
    while (matcher.find()) {
      words.add(matcher.group());
    }
    return words;
  }
}
