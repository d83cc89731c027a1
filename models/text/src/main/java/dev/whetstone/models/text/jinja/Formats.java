package dev.whetstone.models.text.jinja;

import java.time.ZonedDateTime;
import java.time.format.TextStyle;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;

/** Python's three small format languages: {@code %}, {@code str.format}, {@code strftime}. */
final class Formats {
  private Formats() {}

  /** {@code format % value} with the conversions s, r, d, i, f, e, g, x. */
  static String percent(String format, Object value) {
    List<Object> values =
        value instanceof Tuple tuple ? tuple : new ArrayList<>(Collections.singletonList(value));
    var out = new StringBuilder();
    int used = 0;
    for (int i = 0; i < format.length(); i++) {
      char c = format.charAt(i);
      if (c != '%') {
        out.append(c);
        continue;
      }
      int end = i + 1;
      while (end < format.length() && "0123456789.-+ #".indexOf(format.charAt(end)) >= 0) {
        end++;
      }
      if (end == format.length()) {
        throw new JinjaException("incomplete format");
      }
      String flags = format.substring(i + 1, end);
      char conversion = format.charAt(end);
      i = end;
      if (conversion == '%') {
        out.append('%');
        continue;
      }
      if (used == values.size()) {
        throw new JinjaException("not enough arguments for format string");
      }
      out.append(one(flags, conversion, values.get(used++)));
    }
    if (used < values.size() && value instanceof Tuple) {
      throw new JinjaException("not all arguments converted during string formatting");
    }
    return out.toString();
  }

  private static String one(String flags, char conversion, Object value) {
    if (flags.length() > 8) {
      throw new JinjaException("unsupported format width");
    }
    try {
      return switch (conversion) {
        case 's' -> String.format("%" + flags + "s", Values.print(value));
        case 'r' -> String.format("%" + flags + "s", Values.repr(value));
        case 'd', 'i' ->
            String.format(
                "%" + flags + "d",
                value instanceof Boolean b ? (b ? 1L : 0L) : ((Number) value).longValue());
        case 'x' -> String.format("%" + flags + "x", ((Number) value).longValue());
        case 'f', 'e', 'g' ->
            String.format(Locale.ROOT, "%" + flags + conversion, ((Number) value).doubleValue());
        default -> throw new JinjaException("unsupported format character '" + conversion + "'");
      };
    } catch (ClassCastException | java.util.IllegalFormatException e) {
      throw new JinjaException(
          "%" + conversion + " format: a number is required, not " + Values.typeName(value));
    }
  }

  /** {@code format.format(...)} with plain fields: {@code {}}, {@code {0}}, {@code {name}}. */
  static String braces(String format, Arguments arguments) {
    var out = new StringBuilder();
    int used = 0;
    for (int i = 0; i < format.length(); i++) {
      char c = format.charAt(i);
      if ((c == '{' || c == '}') && i + 1 < format.length() && format.charAt(i + 1) == c) {
        out.append(c);
        i++;
      } else if (c == '{') {
        int end = format.indexOf('}', i);
        if (end < 0) {
          throw new JinjaException("expected '}' before end of string");
        }
        String field = format.substring(i + 1, end);
        if (field.isEmpty()) {
          out.append(Values.print(arguments.need(used++)));
        } else if (field.chars().allMatch(Character::isDigit) && field.length() < 4) {
          out.append(Values.print(arguments.need(Integer.parseInt(field))));
        } else if (arguments.named().containsKey(field)) {
          out.append(Values.print(arguments.named().get(field)));
        } else {
          throw new JinjaException("unsupported format field '" + field + "'");
        }
        i = end;
      } else {
        out.append(c);
      }
    }
    return out.toString();
  }

  /** {@code strftime} in the C locale. */
  static String time(ZonedDateTime time, String format) {
    var out = new StringBuilder();
    for (int i = 0; i < format.length(); i++) {
      if (format.charAt(i) != '%' || i + 1 == format.length()) {
        out.append(format.charAt(i));
        continue;
      }
      char c = format.charAt(++i);
      out.append(
          switch (c) {
            case 'd' -> "%02d".formatted(time.getDayOfMonth());
            case 'm' -> "%02d".formatted(time.getMonthValue());
            case 'Y' -> Integer.toString(time.getYear());
            case 'y' -> "%02d".formatted(time.getYear() % 100);
            case 'H' -> "%02d".formatted(time.getHour());
            case 'I' -> "%02d".formatted((time.getHour() + 11) % 12 + 1);
            case 'M' -> "%02d".formatted(time.getMinute());
            case 'S' -> "%02d".formatted(time.getSecond());
            case 'p' -> time.getHour() < 12 ? "AM" : "PM";
            case 'j' -> "%03d".formatted(time.getDayOfYear());
            case 'B' -> time.getMonth().getDisplayName(TextStyle.FULL, Locale.ENGLISH);
            case 'b', 'h' ->
                time.getMonth().getDisplayName(TextStyle.SHORT, Locale.ENGLISH).substring(0, 3);
            case 'A' -> time.getDayOfWeek().getDisplayName(TextStyle.FULL, Locale.ENGLISH);
            case 'a' -> time.getDayOfWeek().getDisplayName(TextStyle.SHORT, Locale.ENGLISH);
            case '%' -> "%";
            default -> throw new JinjaException("unsupported strftime directive '%" + c + "'");
          });
    }
    return out.toString();
  }
}
