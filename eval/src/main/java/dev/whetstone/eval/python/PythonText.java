package dev.whetstone.eval.python;

import java.math.BigDecimal;
import java.math.MathContext;
import java.math.RoundingMode;
import java.util.List;
import java.util.Map;
import java.util.StringJoiner;

/**
 * Python's {@code str()} and {@code repr()} of plain values (null, Boolean, Long, Double, String,
 * List, Map) and its idea of white space and digits. As CPython 3.11.
 */
public final class PythonText {
  private PythonText() {}

  /** {@code str(value)}. */
  public static String str(Object value) {
    return value instanceof String text ? text : repr(value);
  }

  /** {@code repr(value)}. */
  public static String repr(Object value) {
    if (value == null) {
      return "None";
    }
    if (value instanceof Boolean flag) {
      return flag ? "True" : "False";
    }
    if (value instanceof Double || value instanceof Float) {
      return number(((Number) value).doubleValue());
    }
    if (value instanceof Number number) {
      return number.toString();
    }
    if (value instanceof String text) {
      return quoted(text);
    }
    if (value instanceof Map<?, ?> map) {
      var entries = new StringJoiner(", ", "{", "}");
      map.forEach((key, element) -> entries.add(repr(key) + ": " + repr(element)));
      return entries.toString();
    }
    if (value instanceof List<?> list) {
      var elements = new StringJoiner(", ", "[", "]");
      list.forEach(element -> elements.add(repr(element)));
      return elements.toString();
    }
    throw new IllegalArgumentException("no Python text for a " + value.getClass().getName());
  }

  /**
   * A float as Python prints it: the fewest digits that read back equal, an exponent of at least
   * two digits below 1e-4 and from 1e16 on.
   */
  public static String number(double value) {
    if (Double.isNaN(value)) {
      return "nan";
    }
    if (Double.isInfinite(value)) {
      return value > 0 ? "inf" : "-inf";
    }
    if (value == 0) {
      return 1 / value < 0 ? "-0.0" : "0.0";
    }
    BigDecimal decimal = shortest(value);
    String digits = decimal.unscaledValue().abs().toString();
    int exponent = digits.length() - decimal.scale() - 1; // of the first digit
    String sign = value < 0 ? "-" : "";
    if (exponent < -4 || exponent >= 16) {
      String mantissa =
          digits.length() == 1 ? digits : digits.charAt(0) + "." + digits.substring(1);
      return "%s%se%s%02d".formatted(sign, mantissa, exponent < 0 ? "-" : "+", Math.abs(exponent));
    }
    if (exponent < 0) {
      return sign + "0." + "0".repeat(-exponent - 1) + digits;
    }
    if (digits.length() <= exponent + 1) {
      return sign + digits + "0".repeat(exponent + 1 - digits.length()) + ".0";
    }
    return sign + digits.substring(0, exponent + 1) + "." + digits.substring(exponent + 1);
  }

  // Double.toString of JDK 17 is not always the shortest (JDK-4511638: 2e23).
  private static BigDecimal shortest(double value) {
    var exact = new BigDecimal(value);
    for (int digits = 1; digits < 17; digits++) {
      BigDecimal rounded = exact.round(new MathContext(digits, RoundingMode.HALF_EVEN));
      if (rounded.doubleValue() == value) {
        return rounded.stripTrailingZeros();
      }
    }
    return exact.round(new MathContext(17, RoundingMode.HALF_EVEN)).stripTrailingZeros();
  }

  private static String quoted(String text) {
    char quote = text.indexOf('\'') >= 0 && text.indexOf('"') < 0 ? '"' : '\'';
    var result = new StringBuilder().append(quote);
    text.codePoints()
        .forEach(
            c -> {
              if (c == quote || c == '\\') {
                result.append('\\').append((char) c);
              } else if (c == '\n') {
                result.append("\\n");
              } else if (c == '\r') {
                result.append("\\r");
              } else if (c == '\t') {
                result.append("\\t");
              } else if (isPrintable(c)) {
                result.appendCodePoint(c);
              } else {
                String form = c <= 0xff ? "\\x%02x" : c <= 0xffff ? "\\u%04x" : "\\U%08x";
                result.append(form.formatted(c));
              }
            });
    return result.append(quote).toString();
  }

  private static boolean isPrintable(int c) {
    if (c < 0x7f) {
      return c >= 0x20;
    }
    return switch (Character.getType(c)) {
      case Character.CONTROL,
          Character.FORMAT,
          Character.SURROGATE,
          Character.PRIVATE_USE,
          Character.UNASSIGNED,
          Character.LINE_SEPARATOR,
          Character.PARAGRAPH_SEPARATOR,
          Character.SPACE_SEPARATOR ->
          false;
      default -> true;
    };
  }

  /** {@code str.isspace()} of one character. */
  public static boolean isSpace(int c) {
    return Character.isWhitespace(c) || c == 0x85 || c == 0xa0 || c == 0x2007 || c == 0x202f;
  }

  /** {@code text.strip()}. */
  public static String strip(String text) {
    int from = 0;
    while (from < text.length() && isSpace(text.charAt(from))) {
      from++;
    }
    return rstrip(text.substring(from));
  }

  /** {@code text.rstrip()}. */
  public static String rstrip(String text) {
    int to = text.length();
    while (to > 0 && isSpace(text.charAt(to - 1))) {
      to--;
    }
    return text.substring(0, to);
  }

  public static boolean startsWithSpace(String text) {
    return !text.isEmpty() && isSpace(text.charAt(0));
  }

  public static boolean endsWithSpace(String text) {
    return !text.isEmpty() && isSpace(text.charAt(text.length() - 1));
  }

  /**
   * Whether {@code text.isdigit()} and {@code ast.literal_eval} reads it as an int: decimal digits
   * 0 to 9, no leading zero but in a row of zeros. (Python's isdigit also takes superscripts and
   * other scripts' digits, on which literal_eval then fails.)
   */
  public static boolean isInteger(String text) {
    return text.matches("0+|[1-9][0-9]*");
  }
}
