package dev.whetstone.datasets.clean;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import dev.whetstone.datasets.rows.Conversation;
import dev.whetstone.datasets.rows.DropReason;
import dev.whetstone.datasets.rows.Message;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * E-mail addresses and telephone numbers in what users, assistants and tools say. System turns are
 * not searched: what an operator writes there for every conversation is public.
 *
 * <p>Numbers of orders, articles and invoices, quantities, prices, dates and times are not
 * telephone numbers: bare digits count only behind a word such as "phone", and a number behind
 * "order", "invoice" and the like never does. Names and addresses are not found.
 */
public final class PersonalData {
  /** What to do with a row that holds personal data. */
  public enum Policy {
    KEEP,
    /** Put {@code [EMAIL]} or {@code [PHONE]} in its place, in every turn alike. */
    REDACT,
    DROP;

    /** The policy that a recipe names. */
    @JsonCreator
    public static Policy ofKey(String key) {
      return Arrays.stream(values())
          .filter(p -> p.key().equals(key))
          .findFirst()
          .orElseThrow(
              () ->
                  new IllegalArgumentException(
                      "unknown value \"%s\"; known: keep, redact, drop".formatted(key)));
    }

    @JsonValue
    public String key() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  private enum Kind {
    EMAIL("an e-mail address"),
    PHONE("a telephone number");

    private final String words;

    Kind(String words) {
      this.words = words;
    }
  }

  private record Finding(Kind kind, int start, int end) {}

  private static final Pattern EMAIL =
      Pattern.compile(
          "(?<![\\p{L}\\p{N}._%+-])[\\p{L}\\p{N}_%+-][\\p{L}\\p{N}._%+-]{0,63}@"
              + "(?:[\\p{L}\\p{N}-]{1,63}\\.){1,8}\\p{L}{2,24}(?![\\p{L}\\p{N}-])");

  private static final String SEPARATOR = "[ .\\-/\\u00A0\\u2011\\u2013]";

  /** Forms that are a telephone number by themselves. */
  private static final List<Pattern> PHONES =
      List.of(
          // +49 171 2345678, +1 (555) 010-0123, also 00 in place of +
          Pattern.compile(
              "(?<![\\p{L}\\p{N}+])(?:\\+|00(?=[1-9]\\d?[ \\-/.(]))[1-9]\\d{0,2}"
                  + "(?:"
                  + SEPARATOR
                  + "?\\(\\d{1,4}\\))?(?:"
                  + SEPARATOR
                  + "?\\d){6,13}"
                  + "(?![\\p{L}\\p{N}])"),
          // (555) 010-0123, 555-010-0123: the North American form
          Pattern.compile(
              "(?<![\\p{L}\\p{N}#.,\\-/+])(?:\\([2-9]\\d{2}\\) ?|[2-9]\\d{2}[ .\\-])\\d{3}["
                  + " .\\-]\\d{4}(?![\\p{L}\\p{N}]|[.,\\-/]\\d)"),
          // 0171 2345678, 030/1234567, 020 7946 0958: a trunk zero, then an area, then the rest
          Pattern.compile(
              "(?<![\\p{L}\\p{N}#.,\\-/+])\\(?0\\d{2,4}\\)?[ \\-/](?:\\d{5,9}|\\d{3,4}["
                  + " \\-]\\d{3,5})(?![\\p{L}\\p{N}]|[.,\\-/]\\d)"));

  /** Seven to fifteen digits that a word announces. */
  private static final Pattern ANNOUNCED_PHONE =
      Pattern.compile(
          "(?i)\\b(?:tele)?(?:phone|tel|mobile|cell|fax|whatsapp|handy|telefon|call|ring|text)\\b"
              + "(?:[ .:]*(?:me|us|him|her|them|back|number|no|nr|is|at|on|under|via)\\b){0,4}"
              + "[ .:#(]{0,3}(\\+?\\(?\\d(?:"
              + SEPARATOR
              + "?\\)? ?\\(?\\d){6,14})(?![\\p{L}\\p{N}])");

  /** A word that makes the number behind it one of a business paper. */
  private static final Pattern PAPER =
      Pattern.compile(
          "(?i)\\b(?:order|invoice|article|item|sku|part|ref|reference|ticket|case|tracking|customer|account|isbn|serial|model|code|batch|po|id)["
              + " ]?(?:number|no|nr|num|#|id)?[ .:#\\-]{0,3}$");

  private static final int PAPER_WINDOW = 30;

  private PersonalData() {}

  /** The row as {@code policy} wants it. {@code changes} are those of earlier rules. */
  static Cleaning apply(Conversation row, Set<String> changes, Policy policy) {
    if (policy == Policy.KEEP) {
      return new Cleaning.Clean(row, changes);
    }
    List<Message> redacted = new ArrayList<>();
    String found = "";
    for (int i = 0; i < row.messages().size(); i++) {
      Message turn = row.messages().get(i);
      if (turn.role().equals(Message.SYSTEM)) {
        redacted.add(turn);
        continue;
      }
      List<Finding> inText = find(turn.content());
      List<Finding> inCalls = find(turn.toolCalls());
      if (found.isEmpty() && (!inText.isEmpty() || !inCalls.isEmpty())) {
        Finding first = inText.isEmpty() ? inCalls.get(0) : inText.get(0);
        found = "turn %d (%s): %s".formatted(i + 1, turn.role(), first.kind().words);
      }
      redacted.add(
          new Message(
              turn.role(), replaced(turn.content(), inText), replaced(turn.toolCalls(), inCalls)));
    }
    if (found.isEmpty()) {
      return new Cleaning.Clean(row, changes);
    }
    if (policy == Policy.DROP) {
      return new Cleaning.Dropped(DropReason.PERSONAL_DATA, found);
    }
    Set<String> all = new TreeSet<>(changes);
    all.add("personal data redacted");
    return new Cleaning.Clean(row.withMessages(redacted), all);
  }

  /** {@code text} with every finding replaced by its kind in brackets. */
  public static String redact(String text) {
    return replaced(text, find(text));
  }

  private static List<Finding> find(String text) {
    if (text.isEmpty()) {
      return List.of();
    }
    List<Finding> findings = new ArrayList<>();
    EMAIL.matcher(text).results().forEach(m -> add(findings, Kind.EMAIL, m.start(), m.end()));
    for (Pattern phone : PHONES) {
      phone
          .matcher(text)
          .results()
          .filter(m -> phoneDigits(m.group()) && !onPaper(text, m.start()))
          .forEach(m -> add(findings, Kind.PHONE, m.start(), m.end()));
    }
    Matcher announced = ANNOUNCED_PHONE.matcher(text);
    announced
        .results()
        .filter(m -> phoneDigits(m.group(1)) && !onPaper(text, m.start(1)))
        .forEach((MatchResult m) -> add(findings, Kind.PHONE, m.start(1), m.end(1)));
    findings.sort((a, b) -> Integer.compare(a.start(), b.start()));
    return findings;
  }

  /** Overlapping findings are one: the first rule that saw it names it. */
  private static void add(List<Finding> findings, Kind kind, int start, int end) {
    boolean overlaps = findings.stream().anyMatch(f -> start < f.end() && f.start() < end);
    if (!overlaps) {
      findings.add(new Finding(kind, start, end));
    }
  }

  /** ITU-T E.164 allows 15 digits; seven is the shortest form in common use. */
  private static boolean phoneDigits(String text) {
    long digits = text.chars().filter(Character::isDigit).count();
    return digits >= 7 && digits <= 15;
  }

  private static boolean onPaper(String text, int start) {
    return PAPER.matcher(text.substring(Math.max(0, start - PAPER_WINDOW), start)).find();
  }

  private static String replaced(String text, List<Finding> findings) {
    var out = new StringBuilder();
    int at = 0;
    for (Finding finding : findings) {
      out.append(text, at, finding.start()).append('[').append(finding.kind()).append(']');
      at = finding.end();
    }
    return at == 0 ? text : out.append(text, at, text.length()).toString();
  }
}
