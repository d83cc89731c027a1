package dev.whetstone.datasets.personal;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Telephone numbers. Numbers of orders, articles and invoices, quantities, prices, dates and times
 * are none: bare digits count only behind a word such as "phone", and a number behind "order",
 * "invoice" and the like never does.
 */
final class PhoneNumbers {
  /** ITU-T E.164 allows 15 digits; seven is the shortest form in common use. */
  private static final int LEAST_DIGITS = 7;

  private static final int MOST_DIGITS = 15;

  private static final String SEPARATOR = "[ .\\-/\\u00A0\\u2011\\u2013]";

  /** Forms that are a telephone number by themselves. */
  static final List<Pattern> FORMS =
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
          // (555) 010-0123, 555-010-0123: the North American form; between spaces alone it must not
          // be part of a row of numbers
          Pattern.compile(
              "(?<![\\p{L}\\p{N}#.,\\-/+])(?:\\(\\d{3}\\) ?\\d{3}["
                  + " .\\-]\\d{4}|[2-9]\\d{2}(?:[.\\-]\\d{3}[ .\\-]\\d{4}| (?<!\\d"
                  + " ....)\\d{3}(?:[.\\-]\\d{4}| \\d{4}(?! \\d))))(?![\\p{L}\\p{N}]|[.,\\-/]\\d)"),
          // 0171 2345678, 030/1234567, 020 7946 0958: a trunk zero, then an area, then the rest
          Pattern.compile(
              "(?<![\\p{L}\\p{N}#.,\\-/+])\\(?0\\d{2,4}\\)?[ \\-/](?:\\d{5,9}|\\d{3,4}["
                  + " \\-]\\d{3,5})(?![\\p{L}\\p{N}]|[.,\\-/]\\d)"),
          // 13812345678: a mobile number of mainland China, whose second digit is 3 to 9
          Pattern.compile(
              "(?<![\\p{Alpha}\\p{N}#.,\\-/+_=])1[3-9]\\d{9}(?![\\p{Alpha}\\p{N}_]|[.,\\-/]\\d)"));

  /** Seven to fifteen digits that a word announces. */
  static final Pattern ANNOUNCED =
      Pattern.compile(
          "(?i)\\b(?:tele)?(?:phone|tel|mobile|cell|fax|whatsapp|handy|telefon|call|ring|text)\\b"
              + "(?:[ .:]*(?:me|us|him|her|them|back|number|no|nr|is|at|on|under|via)\\b){0,4}"
              + "[ .:#]{0,3}(\\+?\\(?\\d(?:"
              + SEPARATOR
              + "?\\)? ?\\(?\\d){6,14})(?![\\p{L}\\p{N}])");

  /** A word that makes the number behind it one of a business paper. */
  private static final Pattern PAPER =
      Pattern.compile(
          "(?i)\\b(?:order|invoice|article|item|sku|part|ref|reference|ticket|case|tracking|customer|account|isbn|serial|model|code|batch|po|id)["
              + " ]?(?:number|no|nr|num|#|id)?[ .:#\\-]{0,3}$");

  private static final int PAPER_WINDOW = 30;

  static final PersonalKind KIND =
      new PersonalKind("PHONE", "a telephone number", PhoneNumbers::find, PersonalKind::digits);

  /** What may stand between digits of any form, and how much of it: a bracket, a space, another. */
  private static final String JOINTS = " .-/\u00A0\u2011\u2013()";

  private static final int MOST_JOINTS = 4;

  private PhoneNumbers() {}

  private static List<Span> find(Glance glance) {
    String text = glance.text();
    List<Span> chains = glance.chains(LEAST_DIGITS, MOST_JOINTS, JOINTS);
    if (chains.isEmpty()) {
      return List.of();
    }
    // A number may begin with one character more: a plus or a bracket.
    List<Span> parts =
        chains.stream().map(c -> new Span(Math.max(0, c.start() - 1), c.end())).toList();
    List<Span> spans = new ArrayList<>();
    for (Pattern form : FORMS) {
      spans.addAll(Span.all(form, text, parts, PhoneNumbers::hasFittingDigits));
    }
    return withAnnounced(text, spans);
  }

  /** Numbers by their form and those that a word announces, without those on papers. */
  static List<Span> withAnnounced(String text, List<Span> byForm) {
    List<Span> spans = new ArrayList<>(byForm);
    Matcher announced = ANNOUNCED.matcher(text);
    while (announced.find()) {
      if (hasFittingDigits(announced.group(1))) {
        spans.add(new Span(announced.start(1), announced.end(1)));
      }
    }
    spans.removeIf(span -> isOnPaper(text, span.start()));
    return spans;
  }

  static boolean hasFittingDigits(String text) {
    int digits = PersonalKind.digits(text).length();
    return digits >= LEAST_DIGITS && digits <= MOST_DIGITS;
  }

  private static boolean isOnPaper(String text, int start) {
    return PAPER.matcher(text.substring(Math.max(0, start - PAPER_WINDOW), start)).find();
  }
}
