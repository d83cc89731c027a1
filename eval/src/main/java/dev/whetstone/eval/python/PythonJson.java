package dev.whetstone.eval.python;

import java.util.List;
import java.util.Map;

/** {@code json.dumps(value, ensure_ascii=False)}, on one line or with {@code indent=2}. */
public final class PythonJson {
  private PythonJson() {}

  /** On one line: {@code ", "} and {@code ": "} between. */
  public static String line(Object value) {
    var out = new StringBuilder();
    write(out, value, -1);
    return out.toString();
  }

  /** With {@code indent=2}; no line break at the end. */
  public static String indented(Object value) {
    var out = new StringBuilder();
    write(out, value, 0);
    return out.toString();
  }

  /** {@code level} below 0: one line. */
  private static void write(StringBuilder out, Object value, int level) {
    if (value == null) {
      out.append("null");
    } else if (value instanceof String text) {
      quote(out, text);
    } else if (value instanceof Double || value instanceof Float) {
      double number = ((Number) value).doubleValue();
      out.append(
          Double.isNaN(number)
              ? "NaN"
              : Double.isInfinite(number)
                  ? (number > 0 ? "Infinity" : "-Infinity")
                  : PythonText.number(number));
    } else if (value instanceof Boolean || value instanceof Number) {
      out.append(value);
    } else if (value instanceof Map<?, ?> map) {
      boolean first = true;
      out.append('{');
      for (Map.Entry<?, ?> entry : map.entrySet()) {
        separate(out, first, level);
        first = false;
        quote(out, (String) entry.getKey());
        out.append(": ");
        write(out, entry.getValue(), level < 0 ? level : level + 1);
      }
      close(out, map.isEmpty(), level, '}');
    } else if (value instanceof List<?> list) {
      boolean first = true;
      out.append('[');
      for (Object element : list) {
        separate(out, first, level);
        first = false;
        write(out, element, level < 0 ? level : level + 1);
      }
      close(out, list.isEmpty(), level, ']');
    } else {
      throw new IllegalArgumentException("no JSON for a " + value.getClass().getName());
    }
  }

  private static void separate(StringBuilder out, boolean first, int level) {
    if (level < 0) {
      out.append(first ? "" : ", ");
    } else {
      out.append(first ? "\n" : ",\n").append("  ".repeat(level + 1));
    }
  }

  private static void close(StringBuilder out, boolean empty, int level, char bracket) {
    if (!empty && level >= 0) {
      out.append('\n').append("  ".repeat(level));
    }
    out.append(bracket);
  }

  private static void quote(StringBuilder out, String text) {
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
          if (c < 0x20) {
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
