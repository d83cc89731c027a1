package dev.whetstone.datasets.decontaminate;

import dev.whetstone.artifacts.items.ItemsFolder.Item;
import dev.whetstone.datasets.dedup.Words;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * An item taken apart: what is asked, the options if the question lists them, what is right. As
 * words.
 *
 * @param question all of it as rendered, options and their letters too, without a label such as
 *     {@code Question:} before it and {@code Answer:} after it
 * @param stem the question without its options; the same list where it has none
 * @param answer what is right, in full: the option's text where the answer names its letter
 * @param label the letter of the right option; empty without one
 * @param plainAnswer the answer without the calculator notes of GSM8K (arXiv 2110.14168), {@code
 *     <<16-3=13>>}, which many copies leave out; the same list where there are none
 */
record ItemText(
    List<String> question,
    List<String> stem,
    List<String> answer,
    String label,
    List<String> plainAnswer) {
  /** {@code A. text}, {@code (A) text}, {@code A: text} or {@code - text}, a line of its own. */
  private static final Pattern OPTION = Pattern.compile("\\s*(?:\\(?([A-Z])[).:]|-)\\s+(\\S.*)");

  private static final Pattern LETTER = Pattern.compile("\\(?([A-Z])[).]?");
  private static final Pattern CALCULATOR_NOTE = Pattern.compile("<<[^<>]*>>");

  /** {@code Question:} before and {@code Answer:} after a question, which copies leave out. */
  private static final Pattern FIRST_LABEL = Pattern.compile("\\A\\s*\\p{L}{1,12}\\s*:");

  private static final Pattern LAST_LABEL = Pattern.compile("(?<!\\S)\\p{L}{1,12}\\s*:\\s*\\z");

  private record Option(String label, String text) {}

  static ItemText of(Item item) {
    String rendered = FIRST_LABEL.matcher(item.question()).replaceFirst("");
    rendered = LAST_LABEL.matcher(rendered).replaceFirst("");
    List<String> lines = rendered.lines().toList();
    List<Option> options = new ArrayList<>();
    int first = -1;
    int end = -1;
    for (int i = 0; i < lines.size() && end < 0; i++) {
      Matcher option = OPTION.matcher(lines.get(i));
      if (option.matches() && follows(options, option.group(1))) {
        first = first < 0 ? i : first;
        String label = option.group(1) == null ? "" : option.group(1);
        options.add(new Option(label, option.group(2).strip()));
      } else if (options.size() > 1) {
        end = i;
      } else {
        options.clear();
        first = -1;
      }
    }
    List<String> question = Words.of(rendered);
    List<String> stem = question;
    if (options.size() > 1) {
      List<String> before = Words.of(String.join("\n", lines.subList(0, first)));
      List<String> after =
          end < 0 ? List.of() : Words.of(String.join("\n", lines.subList(end, lines.size())));
      stem = before.size() >= after.size() ? before : after;
    }
    String gold = item.answers().isEmpty() ? "" : item.answers().get(0).strip();
    Optional<Option> right = Optional.empty();
    Matcher letter = LETTER.matcher(gold);
    if (letter.matches() && options.size() > 1) {
      right = options.stream().filter(o -> o.label().equals(letter.group(1))).findFirst();
    }
    String text = right.map(Option::text).orElse(gold);
    List<String> answer = Words.of(text);
    Matcher notes = CALCULATOR_NOTE.matcher(text);
    return new ItemText(
        question,
        stem,
        answer,
        right.map(Option::label).orElse(""),
        notes.find() ? Words.of(notes.replaceAll("")) : answer);
  }

  /** Options are lettered from A without gaps, or all of them dashes. */
  private static boolean follows(List<Option> options, String label) {
    if (options.isEmpty()) {
      return label == null || label.equals("A");
    }
    String last = options.get(options.size() - 1).label();
    return label == null
        ? last.isEmpty()
        : !last.isEmpty() && label.charAt(0) == last.charAt(0) + 1;
  }
}
