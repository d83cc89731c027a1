package dev.whetstone.datasets.clean;

import dev.whetstone.datasets.rows.Conversation;
import dev.whetstone.datasets.rows.Message;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.UnaryOperator;
import java.util.regex.Pattern;

/**
 * Rules on the text of a turn. A new rule is a function {@code String -> String} and one line in
 * {@link #rules}. None of them may change what a text says.
 */
public final class CleanText {
  /**
   * @param changes names of the rules that changed a turn
   */
  public record Cleaned(Conversation conversation, Set<String> changes) {}

  record Rule(String name, UnaryOperator<String> apply) {}

  // Line breaks and tabs are text; the byte order mark, other control characters and characters
  // that Unicode promises never to assign are not. Joiners (U+200C, U+200D) carry meaning.
  private static final Pattern CONTROL =
      Pattern.compile(
          "[\\x{0}-\\x{8}\\x{B}\\x{C}\\x{E}-\\x{1F}\\x{7F}-\\x{9F}\\x{FEFF}\\x{FFFE}\\x{FFFF}]");
  private static final Pattern LINE_BREAK = Pattern.compile("\\r\\n?");

  private CleanText() {}

  /** The rules in order: what was misread holds control characters that are part of letters. */
  static List<Rule> rules(CleanRules chosen, Conversation row) {
    List<Rule> rules = new ArrayList<>();
    if (chosen.mojibake()) {
      rules.add(new Rule("mojibake", t -> repaired(t, row)));
    }
    rules.add(new Rule("line breaks", t -> LINE_BREAK.matcher(t).replaceAll("\n")));
    rules.add(new Rule("control characters", CleanText::withoutControls));
    if (chosen.lookAlikes()) {
      rules.add(new Rule("look-alike ideographs", LookAlikes::unified));
    }
    if (chosen.invisible()) {
      rules.add(new Rule("invisible characters", InvisibleCharacters::removed));
    }
    CleanRules.Form form = chosen.unicode();
    rules.add(new Rule("Unicode " + form.name(), form::normalized));
    rules.add(new Rule("outer white space", CleanText::trimmed));
    return rules;
  }

  /** The row with every rule applied to every turn. Calls of tools stay as they are. */
  public static Cleaned of(Conversation row, CleanRules chosen) {
    List<Rule> rules = rules(chosen, row);
    Set<String> changes = new TreeSet<>();
    List<Message> messages = cleaned(row.messages(), rules, changes);
    List<Message> rejected = cleaned(row.rejected(), rules, changes);
    return new Cleaned(row.withMessages(messages, rejected), changes);
  }

  private static List<Message> cleaned(List<Message> turns, List<Rule> rules, Set<String> changes) {
    List<Message> messages = new ArrayList<>();
    for (Message message : turns) {
      String text = message.content();
      for (Rule rule : isPlain(text) ? rules.subList(rules.size() - 1, rules.size()) : rules) {
        String cleaned = rule.apply().apply(text);
        if (!cleaned.equals(text)) {
          changes.add(rule.name());
          text = cleaned;
        }
      }
      messages.add(message.withContent(text));
    }
    return messages;
  }

  /**
   * Whether all of it is printable ASCII, tabs and line feeds, as most English is: then no rule but
   * the last, on its ends, has anything to do.
   */
  static boolean isPlain(String text) {
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c >= 0x7F || (c < ' ' && c != '\n' && c != '\t')) {
        return false;
      }
    }
    return true;
  }

  /** Whether a row speaks of encodings is asked last: few texts are repaired. */
  private static String repaired(String text, Conversation row) {
    String repaired = Mojibake.repaired(text);
    return repaired.equals(text) || Mojibake.isSubject(row) ? text : repaired;
  }

  private static String withoutControls(String text) {
    String kept = CONTROL.matcher(text).replaceAll("");
    // A lone surrogate is no character and has no UTF-8 form.
    boolean whole = true;
    for (int i = 0; i < kept.length() && whole; i += Character.charCount(kept.codePointAt(i))) {
      int c = kept.codePointAt(i);
      whole = c < Character.MIN_SURROGATE || c > Character.MAX_SURROGATE;
    }
    if (whole) {
      return kept;
    }
    return kept.codePoints()
        .filter(c -> c < Character.MIN_SURROGATE || c > Character.MAX_SURROGATE)
        .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
        .toString();
  }

  /** White space and no-break spaces go from both ends. */
  private static String trimmed(String text) {
    int start = 0;
    int end = text.length();
    while (start < end && blank(text.charAt(start))) {
      start++;
    }
    while (end > start && blank(text.charAt(end - 1))) {
      end--;
    }
    return text.substring(start, end);
  }

  private static boolean blank(char c) {
    return Character.isWhitespace(c) || Character.isSpaceChar(c) || c == '\u200B';
  }
}
