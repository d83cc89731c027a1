package dev.whetstone.datasets.personal;

import java.util.List;
import java.util.regex.Pattern;

/**
 * Numbers of payment cards: 13 to 19 digits, in groups or not, that begin as one of the large
 * issuers' do and are as long (ISO/IEC 7812; American Express, Diners Club, Discover, JCB, Maestro,
 * Mastercard, UnionPay, Visa) and whose last digit is the right one (Luhn, US patent 2950048).
 */
final class CardNumbers {
  static final Pattern DIGITS =
      Pattern.compile(
          "(?<![\\p{Alpha}\\p{N}.,\\-+_])\\d(?:["
              + " \\-]?\\d){12,18}(?![\\p{Alpha}\\p{N}_]|[.,\\-]\\d)");

  /** Beginnings and lengths by issuer. */
  private static final Pattern ISSUER =
      Pattern.compile(
          String.join(
              "|",
              "4\\d{15}|4\\d{12}", // Visa
              "(?:5[1-5]\\d\\d|222[1-9]|22[3-9]\\d|2[3-6]\\d\\d|27[01]\\d|2720)\\d{12}", // Mastercard
              "3[47]\\d{13}", // American Express
              "(?:30[0-5]\\d|3[689]\\d\\d)\\d{10}", // Diners Club
              "(?:6011|64[4-9]\\d|65\\d\\d)\\d{12}", // Discover
              "35(?:2[89]|[3-8]\\d)\\d{12}", // JCB
              "62\\d{14,17}", // UnionPay
              "(?:5018|5020|5038|5893|6304|6759|676[1-3])\\d{12}")); // Maestro

  /** Groups as people write them: of four, American Express's 4-6-5 and Diners Club's 4-6-4. */
  private static final Pattern GROUPS =
      Pattern.compile(
          "\\d{13,19}|\\d{4}([ -])\\d{4}\\1\\d{4}(?:\\1\\d{1,4}){1,2}|\\d{4}(["
              + " -])\\d{6}\\2\\d{4,5}");

  static final PersonalKind KIND =
      new PersonalKind(
          "CARD", "the number of a payment card", CardNumbers::find, PersonalKind::digits);

  private CardNumbers() {}

  private static List<Span> find(Glance glance) {
    return Span.all(DIGITS, glance.text(), glance.chains(13, 1, " -"), CardNumbers::isCard);
  }

  static boolean isCard(String text) {
    String digits = PersonalKind.digits(text);
    return GROUPS.matcher(text).matches()
        && ISSUER.matcher(digits).matches()
        && luhn(digits)
        && digits.chars().distinct().count() > 2; // 4444 4444 4444 4448 is nobody's
  }

  /** From the right every second digit doubled, the digits of all summed up: a multiple of ten. */
  static boolean luhn(String digits) {
    int sum = 0;
    for (int i = 0; i < digits.length(); i++) {
      int digit = digits.charAt(digits.length() - 1 - i) - '0';
      int weighted = i % 2 == 0 ? digit : 2 * digit;
      sum += weighted > 9 ? weighted - 9 : weighted;
    }
    return sum % 10 == 0;
  }
}
