package dev.whetstone.models.text;

import dev.whetstone.artifacts.BadInputException;
import java.util.regex.Pattern;

/**
 * Bounds what a stranger's regular expression can cost. The native side matches by trying
 * (Oniguruma), so a repetition within a repetition can take time exponential in the text, and a
 * reference back can as well. The patterns of all tokenizers in use do without both.
 */
final class PatternCheck {
  private static final int MAX_CHARACTERS = 16_384;
  private static final int MAX_DEPTH = 32;
  private static final int MAX_REPEATS = 1000;

  /** Unbounded repetitions one after another; k of them take time like the text to the power k. */
  private static final int MAX_IN_ROW = 3;

  /** What stands behind the "[" of a class such as [:alpha:]. */
  private static final Pattern POSIX = Pattern.compile(":\\^?[a-z]{1,10}:]");

  /** Classes of characters, single characters, and places. */
  private static final String ESCAPES = "dDsSwWhHpPRXxu0ntrfvaebBAzZG";

  private final String pattern;
  private final String where;
  private int at;

  private PatternCheck(String pattern, String where) {
    this.pattern = pattern;
    this.where = where;
  }

  static void check(String pattern, String where) {
    if (pattern.isEmpty() || pattern.length() > MAX_CHARACTERS) {
      throw new BadInputException(
          "tokenizer.json: %s: expected a pattern of 1 to %d characters, found %d."
              .formatted(where, MAX_CHARACTERS, pattern.length()));
    }
    var check = new PatternCheck(pattern, where);
    check.alternatives(0);
    if (check.at < pattern.length()) {
      throw check.fault("a parenthesis that opens before it closes");
    }
  }

  /**
   * What was read may take.
   *
   * @param unbounded most unbounded repetitions in a row
   * @param repeats how many times its parts stand in it at most, written out
   */
  private record Cost(int unbounded, long repeats) {}

  private Cost alternatives(int depth) {
    if (depth > MAX_DEPTH) {
      throw fault("at most " + MAX_DEPTH + " parentheses within one another");
    }
    int unbounded = 0;
    long repeats = 0;
    do {
      if (at < pattern.length() && pattern.charAt(at) == '|') {
        at++;
      }
      Cost cost = row(depth);
      unbounded = Math.max(unbounded, cost.unbounded());
      repeats += cost.repeats();
    } while (at < pattern.length() && pattern.charAt(at) == '|');
    return new Cost(unbounded, repeats);
  }

  private Cost row(int depth) {
    int unbounded = 0;
    long repeats = 0;
    while (at < pattern.length() && pattern.charAt(at) != '|' && pattern.charAt(at) != ')') {
      Cost cost = repeated(atom(depth));
      unbounded += cost.unbounded();
      repeats += cost.repeats();
      if (unbounded > MAX_IN_ROW) {
        throw fault("at most " + MAX_IN_ROW + " unbounded repetitions in a row");
      }
    }
    return new Cost(unbounded, repeats);
  }

  private Cost atom(int depth) {
    char c = pattern.charAt(at++);
    switch (c) {
      case '(' -> {
        return group(depth);
      }
      case '[' -> set(1);
      case '\\' -> escape();
      case '*', '+', '?' -> throw fault("something to repeat before \"" + c + "\"");
      default -> {}
    }
    return new Cost(0, 1);
  }

  private Cost group(int depth) {
    if (pattern.startsWith("*", at)) {
      throw fault("no call-outs");
    }
    if (pattern.startsWith("?", at)) {
      at++;
      int begin = at;
      while (at < pattern.length() && "ims-".indexOf(pattern.charAt(at)) >= 0) {
        at++;
      }
      String flags = pattern.substring(begin, at);
      if (pattern.startsWith(":", at) || (!flags.isEmpty() && pattern.startsWith(")", at))) {
        at += pattern.charAt(at) == ':' ? 1 : 0;
      } else if (flags.isEmpty()
          && (pattern.startsWith("<=", at) || pattern.startsWith("<!", at))) {
        at += 2;
      } else if (flags.isEmpty()
          && at < pattern.length()
          && "=!>".indexOf(pattern.charAt(at)) >= 0) {
        at++;
      } else {
        throw fault("groups of the kinds (?:, (?i:, (?=, (?!, (?<=, (?<!, (?> only");
      }
    }
    Cost cost = alternatives(depth + 1);
    if (!pattern.startsWith(")", at)) {
      throw fault("a parenthesis that closes");
    }
    at++;
    return cost;
  }

  /** A set of characters; sets may stand in sets. */
  private void set(int depth) {
    if (depth > MAX_DEPTH) {
      throw fault("at most " + MAX_DEPTH + " sets within one another");
    }
    at += pattern.startsWith("^", at) ? 1 : 0;
    at += pattern.startsWith("]", at) ? 1 : 0; // the first one is a character
    while (at < pattern.length()) {
      char c = pattern.charAt(at++);
      if (c == ']') {
        return;
      }
      if (c == '\\') {
        escape();
      } else if (c == '[' && POSIX.matcher(pattern).region(at, pattern.length()).lookingAt()) {
        at = pattern.indexOf("]", at) + 1;
      } else if (c == '[') {
        set(depth + 1);
      }
    }
    throw fault("a set that closes");
  }

  private void escape() {
    if (at == pattern.length()) {
      throw fault("a character after \"\\\"");
    }
    char c = pattern.charAt(at++);
    // Not: references back (\\1, \\k), calls (\\g), and what takes the next character as its own
    // (\\c).
    if (Character.isLetterOrDigit(c) && ESCAPES.indexOf(c) < 0) {
      throw fault("no references to other groups, and of the escapes only those of " + ESCAPES);
    }
    if ((c == 'p' || c == 'P' || c == 'x') && pattern.startsWith("{", at)) {
      int end = pattern.indexOf('}', at);
      if (end < 0) {
        throw fault("a brace that closes");
      }
      at = end + 1;
    }
  }

  private Cost repeated(Cost cost) {
    Cost repeated = cost;
    while (at < pattern.length()) {
      long most;
      char c = pattern.charAt(at);
      if (c == '*' || c == '+') {
        most = Long.MAX_VALUE;
        at++;
      } else if (c == '?') {
        most = 1;
        at++;
      } else if (c == '{') {
        most = interval();
        if (most < 0) {
          return repeated; // a brace that is a character
        }
      } else {
        return repeated;
      }
      if (most > 1 && repeated.unbounded() > 0) {
        // The mark of a possessive or lazy repetition repeats nothing.
        if (c == '+'
            && (pattern.charAt(at - 2) == '+'
                || pattern.charAt(at - 2) == '*'
                || pattern.charAt(at - 2) == '?')) {
          continue;
        }
        throw fault("no unbounded repetition within another");
      }
      if (most == Long.MAX_VALUE) {
        repeated = new Cost(1, repeated.repeats());
      } else {
        repeated = new Cost(repeated.unbounded(), repeated.repeats() * Math.max(1, most));
      }
      if (repeated.repeats() > MAX_REPEATS * 10L) {
        throw fault("at most " + MAX_REPEATS * 10 + " repetitions in all");
      }
    }
    return repeated;
  }

  /** Upper bound of {@code {n,m}}; -1 where the brace is a character, and nothing is read. */
  private long interval() {
    int end = pattern.indexOf('}', at);
    if (end < 0 || !pattern.substring(at + 1, end).matches("\\d{0,9}(,\\d{0,9})?")) {
      return -1;
    }
    String inside = pattern.substring(at + 1, end);
    if (inside.isEmpty() || inside.equals(",")) {
      return -1;
    }
    at = end + 1;
    if (inside.endsWith(",")) {
      bounded(inside.substring(0, inside.length() - 1));
      return Long.MAX_VALUE;
    }
    return bounded(inside.substring(inside.indexOf(',') + 1));
  }

  private long bounded(String number) {
    long repeats = Long.parseLong(number);
    if (repeats > MAX_REPEATS) {
      throw fault("at most " + MAX_REPEATS + " repetitions");
    }
    return repeats;
  }

  private BadInputException fault(String expected) {
    return new BadInputException(
        "tokenizer.json: %s: expected %s, found otherwise at character %d."
            .formatted(where, expected, at));
  }
}
