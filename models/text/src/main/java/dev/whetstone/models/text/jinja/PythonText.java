package dev.whetstone.models.text.jinja;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/**
 * Python's text functions where Java's differ: white space, splitting, {@code repr}, floats, {@code
 * json.dumps}.
 */
public final class PythonText {
  private PythonText() {}

  /**
   * Python's {@code str.isspace} for one character, which Java splits over two methods and a few
   * exceptions.
   */
  public static boolean isSpace(int c) {
    return Character.isWhitespace(c) || c == 0x85 || c == 0xA0 || c == 0x2007 || c == 0x202F;
  }

  /** {@code str.strip()} on the chosen sides. {@code characters} null means white space. */
  public static String strip(String text, String characters, boolean left, boolean right) {
    int from = 0;
    int to = text.length();
    while (left && from < to && stripped(text.charAt(from), characters)) {
      from++;
    }
    while (right && to > from && stripped(text.charAt(to - 1), characters)) {
      to--;
    }
    return text.substring(from, to);
  }

  /** {@code str.rstrip()}. */
  public static String rstrip(String text) {
    return strip(text, null, false, true);
  }

  private static boolean stripped(char c, String characters) {
    return characters == null ? isSpace(c) : characters.indexOf(c) >= 0;
  }

  /**
   * {@code str.split(separator, limit)}; a null separator splits at runs of white space, a negative
   * limit means none.
   */
  static List<Object> split(String text, String separator, long limit) {
    var parts = new ArrayList<Object>();
    if (separator == null) {
      int at = 0;
      while (true) {
        while (at < text.length() && isSpace(text.charAt(at))) {
          at++;
        }
        if (at == text.length()) {
          return parts;
        }
        if (limit >= 0 && parts.size() >= limit) {
          parts.add(rstrip(text.substring(at)));
          return parts;
        }
        int end = at;
        while (end < text.length() && !isSpace(text.charAt(end))) {
          end++;
        }
        parts.add(text.substring(at, end));
        at = end;
      }
    }
    if (separator.isEmpty()) {
      throw new JinjaException("empty separator");
    }
    int at = 0;
    while (true) {
      int end = limit >= 0 && parts.size() >= limit ? -1 : text.indexOf(separator, at);
      if (end < 0) {
        parts.add(text.substring(at));
        return parts;
      }
      parts.add(text.substring(at, end));
      at = end + separator.length();
    }
  }

  /** {@code str.rsplit(separator, limit)} for a separator that is given. */
  static List<Object> rsplit(String text, String separator, long limit) {
    List<Object> all = split(text, separator, -1);
    if (limit < 0 || all.size() <= limit + 1) {
      return all;
    }
    int joined = Math.toIntExact(all.size() - limit);
    var head = new StringBuilder();
    for (int i = 0; i < joined; i++) {
      head.append(i > 0 && separator != null ? separator : i > 0 ? " " : "").append(all.get(i));
    }
    var parts = new ArrayList<Object>(List.of(head.toString()));
    parts.addAll(all.subList(joined, all.size()));
    return parts;
  }

  /** {@code str.replace(old, replacement, count)}; a negative count replaces all. */
  static String replace(String text, String old, String replacement, long count) {
    if (count < 0) {
      return text.replace(old, replacement);
    }
    var result = new StringBuilder();
    int at = 0;
    for (long left = count; left > 0; left--) {
      int found = text.indexOf(old, at);
      if (found < 0) {
        break;
      }
      result.append(text, at, found).append(replacement);
      at = found + old.length();
    }
    return result.append(text.substring(at)).toString();
  }

  /** {@code str.capitalize()}: the first letter upper, the rest lower. */
  static String capitalize(String text) {
    if (text.isEmpty()) {
      return text;
    }
    int first = text.offsetByCodePoints(0, 1);
    return text.substring(0, first).toUpperCase(Locale.ROOT)
        + text.substring(first).toLowerCase(Locale.ROOT);
  }

  /** {@code str.title()}: a letter after anything but a letter is upper. */
  static String title(String text) {
    var result = new StringBuilder();
    boolean start = true;
    for (int c : text.codePoints().toArray()) {
      result.appendCodePoint(start ? Character.toTitleCase(c) : Character.toLowerCase(c));
      start = !Character.isLetter(c);
    }
    return result.toString();
  }

  /**
   * A float as Python prints it: the shortest digits that round-trip, an exponent below 1e-4 and
   * from 1e16 on.
   *
   * <p>Digits are those of {@link Double#toString}, which on Java 17 are not the shortest for a few
   * values such as 2e23; these go through the shortest {@code %g} that reads back equal.
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
    var decimal = shortest(value);
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

  private static java.math.BigDecimal shortest(double value) {
    var exact = new java.math.BigDecimal(value);
    for (int digits = 1; digits < 17; digits++) {
      var rounded =
          exact.round(new java.math.MathContext(digits, java.math.RoundingMode.HALF_EVEN));
      if (rounded.doubleValue() == value) {
        return rounded.stripTrailingZeros();
      }
    }
    return exact
        .round(new java.math.MathContext(17, java.math.RoundingMode.HALF_EVEN))
        .stripTrailingZeros();
  }

  /** {@code repr} of a string: single quotes unless it holds one and no double quote. */
  static String repr(String text) {
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
              } else if (c < 0x20 || (c >= 0x7f && !isPrintable(c))) {
                result.append(
                    c <= 0xff
                        ? "\\x%02x".formatted(c)
                        : c <= 0xffff ? "\\u%04x".formatted(c) : "\\U%08x".formatted(c));
              } else {
                result.appendCodePoint(c);
              }
            });
    return result.append(quote).toString();
  }

  /**
   * Python's {@code str.isprintable}: no control, format, surrogate, private or unassigned
   * character, no separator but a space.
   */
  private static boolean isPrintable(int c) {
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

  /** {@code json.dumps}. */
  static void json(StringBuilder out, Object value, Dumps form, int level) {
    if (value == null) {
      out.append("null");
    } else if (value instanceof String text) {
      quote(out, text, form.ascii());
    } else if (value instanceof Boolean
        || value instanceof Long
        || value instanceof java.math.BigInteger) {
      out.append(value);
    } else if (value instanceof Double number) {
      out.append(
          Double.isNaN(number)
              ? "NaN"
              : Double.isInfinite(number)
                  ? (number > 0 ? "Infinity" : "-Infinity")
                  : number(number));
    } else if (value instanceof Map<?, ?> map && !(value instanceof Namespace)) {
      entries(out, map, form, level);
    } else if (value instanceof List<?> list) {
      elements(out, list, form, level);
    } else {
      throw new JinjaException(
          "Object of type " + Values.typeName(value) + " is not JSON serializable");
    }
  }

  /**
   * How {@code json.dumps} writes.
   *
   * @param indent spaces a level, -1 for one line
   */
  record Dumps(
      int indent, String itemSeparator, String keySeparator, boolean ascii, boolean sortKeys) {}

  private static void entries(StringBuilder out, Map<?, ?> map, Dumps form, int level) {
    if (map.isEmpty()) {
      out.append("{}");
      return;
    }
    Map<Object, Object> entries = new java.util.LinkedHashMap<>();
    map.forEach(
        (key, value) -> entries.put(key instanceof String ? key : Values.print(key), value));
    out.append('{');
    boolean first = true;
    for (var entry : (form.sortKeys() ? new TreeMap<>(entries) : entries).entrySet()) {
      out.append(first ? "" : form.itemSeparator());
      first = false;
      lineBreak(out, form, level + 1);
      quote(out, entry.getKey().toString(), form.ascii());
      out.append(form.keySeparator());
      json(out, entry.getValue(), form, level + 1);
    }
    lineBreak(out, form, level);
    out.append('}');
  }

  private static void elements(StringBuilder out, List<?> list, Dumps form, int level) {
    if (list.isEmpty()) {
      out.append("[]");
      return;
    }
    out.append('[');
    boolean first = true;
    for (Object element : list) {
      out.append(first ? "" : form.itemSeparator());
      first = false;
      lineBreak(out, form, level + 1);
      json(out, element, form, level + 1);
    }
    lineBreak(out, form, level);
    out.append(']');
  }

  private static void lineBreak(StringBuilder out, Dumps form, int level) {
    if (form.indent() >= 0) {
      out.append('\n').append(" ".repeat(form.indent() * level));
    }
  }

  private static void quote(StringBuilder out, String text, boolean ascii) {
    out.append('"');
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      switch (c) {
        case '"' -> out.append("\\\"");
        case '\\' -> out.append("\\\\");
        case '\n' -> out.append("\\n");
        case '\r' -> out.append("\\r");
        case '\t' -> out.append("\\t");
        case '\b' -> out.append("\\b");
        case '\f' -> out.append("\\f");
        default -> {
          if (c < 0x20 || (ascii && c > 0x7e)) {
            out.append("\\u%04x".formatted((int) c));
          } else {
            out.append(c);
          }
        }
      }
    }
    out.append('"');
  }
}
