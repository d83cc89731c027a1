package dev.whetstone.models.text.jinja;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Python's {@code ast.literal_eval} for strings, numbers, booleans, None, lists, tuples and
 * dictionaries.
 */
public final class PythonLiteral {
  private static final int MAX_DEPTH = 100;

  private final String text;
  private int at;
  private int depth;

  private PythonLiteral(String text) {
    this.text = text;
  }

  /**
   * The value of a literal: {@code String}, {@code Long}, {@code Double}, {@code Boolean}, {@code
   * null}, {@code List}, {@code Map}.
   *
   * @throws JinjaException if the text is not a literal
   */
  public static Object parse(String text) {
    var parser = new PythonLiteral(text);
    Object value = parser.value();
    parser.space();
    if (parser.at != text.length()) {
      throw parser.malformed();
    }
    return value;
  }

  private Object value() {
    space();
    if (at == text.length() || ++depth > MAX_DEPTH) {
      throw malformed();
    }
    char c = text.charAt(at);
    Object value;
    if (c == '[' || c == '(') {
      value = sequence(c == '[' ? ']' : ')');
    } else if (c == '{') {
      value = dictionary();
    } else if (c == '\'' || c == '"') {
      value = strings();
    } else {
      value = word();
    }
    depth--;
    return value;
  }

  private Object sequence(char end) {
    at++;
    var elements = new ArrayList<Object>();
    boolean comma = false;
    while (!ends(end)) {
      elements.add(value());
      comma = ends(',');
      if (comma) {
        at++;
      } else if (!ends(end)) {
        throw malformed();
      }
    }
    at++;
    if (end == ')') {
      return elements.size() == 1 && !comma ? elements.get(0) : new Tuple(elements);
    }
    return elements;
  }

  private Map<Object, Object> dictionary() {
    at++;
    var entries = new LinkedHashMap<Object, Object>();
    while (!ends('}')) {
      Object key = value();
      if (!ends(':')) {
        throw malformed();
      }
      at++;
      entries.put(key, value());
      if (ends(',')) {
        at++;
      } else if (!ends('}')) {
        throw malformed();
      }
    }
    at++;
    return entries;
  }

  private String strings() {
    var joined = new StringBuilder();
    do {
      int end = PythonStrings.read(text, at, text.charAt(at), joined);
      if (end < 0) {
        throw malformed();
      }
      at = end;
      space();
    } while (at < text.length() && (text.charAt(at) == '\'' || text.charAt(at) == '"'));
    return joined.toString();
  }

  private Object word() {
    int from = at;
    while (at < text.length()
        && (Character.isLetterOrDigit(text.charAt(at)) || "+-._".indexOf(text.charAt(at)) >= 0)) {
      at++;
    }
    String word = text.substring(from, at);
    return switch (word) {
      case "None" -> null;
      case "True" -> true;
      case "False" -> false;
      default -> number(word);
    };
  }

  private Object number(String word) {
    if (word.matches("[-+]?\\d[\\d_]{0,17}")) {
      return Long.parseLong(word.replace("_", ""));
    }
    if (word.matches("[-+]?(\\d+\\.?\\d*|\\.\\d+)([eE][-+]?\\d+)?")) {
      return Double.parseDouble(word);
    }
    throw malformed();
  }

  private boolean ends(char c) {
    space();
    if (at == text.length()) {
      throw malformed();
    }
    return text.charAt(at) == c;
  }

  private void space() {
    while (at < text.length() && PythonText.isSpace(text.charAt(at))) {
      at++;
    }
  }

  private JinjaException malformed() {
    String shown = text.length() > 60 ? text.substring(0, 60) + "..." : text;
    return new JinjaException("not a Python literal (character " + (at + 1) + "): " + shown);
  }
}
