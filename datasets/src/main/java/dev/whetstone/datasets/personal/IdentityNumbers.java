package dev.whetstone.datasets.personal;

import java.time.DateTimeException;
import java.time.LocalDate;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * Identity numbers of citizens of China: six digits of a region, a date of birth, three digits, and
 * a check character (GB 11643-1999, ISO 7064 MOD 11-2).
 */
final class IdentityNumbers {
  static final Pattern NUMBER =
      Pattern.compile("(?<![\\p{Alpha}\\p{N}_])[1-9]\\d{16}[\\dXx](?![\\p{Alpha}\\p{N}_])");

  /** First two digits of a region (GB/T 2260), and 83, which is issued in Taiwan's name. */
  private static final Set<Integer> PROVINCES =
      Set.of(
          11, 12, 13, 14, 15, 21, 22, 23, 31, 32, 33, 34, 35, 36, 37, 41, 42, 43, 44, 45, 46, 50,
          51, 52, 53, 54, 61, 62, 63, 64, 65, 71, 81, 82, 83);

  private static final String CHECKS = "10X98765432";

  static final PersonalKind KIND =
      new PersonalKind(
          "IDENTITY", "an identity number", IdentityNumbers::find, t -> t.toUpperCase(Locale.ROOT));

  private IdentityNumbers() {}

  private static List<Span> find(Glance glance) {
    return glance.chains(17, 0, "").isEmpty()
        ? List.of()
        : Span.all(NUMBER, glance.text(), IdentityNumbers::isValid);
  }

  static boolean isValid(String number) {
    if (!PROVINCES.contains(Integer.parseInt(number.substring(0, 2)))
        || check(number) != Character.toUpperCase(number.charAt(17))) {
      return false;
    }
    try {
      LocalDate born =
          LocalDate.of(
              Integer.parseInt(number.substring(6, 10)),
              Integer.parseInt(number.substring(10, 12)),
              Integer.parseInt(number.substring(12, 14)));
      return born.getYear() >= 1880 && born.getYear() <= 2100;
    } catch (DateTimeException e) {
      return false;
    }
  }

  /** Weights are powers of two modulo eleven, from the left 2^17 to 2^1. */
  static char check(String number) {
    int sum = 0;
    for (int i = 0; i < 17; i++) {
      sum = (sum + (number.charAt(i) - '0') * ((1 << (17 - i)) % 11)) % 11;
    }
    return CHECKS.charAt(sum);
  }
}
