package dev.whetstone.models.text.jinja;

import static java.util.Map.entry;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.StringJoiner;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;

/** What may stand after {@code |}. A new filter is one line in the table. */
final class Filters {
  interface Filter {
    Object apply(Object value, Arguments arguments);
  }

  private static final Map<String, Filter> ALL =
      Map.ofEntries(
          entry("tojson", Filters::json),
          entry("length", (v, a) -> length(v)),
          entry("count", (v, a) -> length(v)),
          entry(
              "trim",
              (v, a) -> PythonText.strip(Values.print(v), a.text(0, "chars", null), true, true)),
          entry("string", (v, a) -> Values.print(v)),
          // Nothing is escaped here, so these change nothing.
          entry("safe", (v, a) -> v),
          entry("items", Filters::items),
          entry("default", Filters::otherwise),
          entry("d", Filters::otherwise),
          entry("lower", (v, a) -> Values.print(v).toLowerCase(Locale.ROOT)),
          entry("upper", (v, a) -> Values.print(v).toUpperCase(Locale.ROOT)),
          entry("capitalize", (v, a) -> PythonText.capitalize(Values.print(v))),
          entry("title", (v, a) -> title(Values.print(v))),
          entry("join", Filters::join),
          entry("list", (v, a) -> Values.iterate(v)),
          entry("reverse", (v, a) -> reverse(v)),
          entry("first", (v, a) -> end(v, true, a)),
          entry("last", (v, a) -> end(v, false, a)),
          entry("select", (v, a) -> chosen(v, a, false, true)),
          entry("reject", (v, a) -> chosen(v, a, false, false)),
          entry("selectattr", (v, a) -> chosen(v, a, true, true)),
          entry("rejectattr", (v, a) -> chosen(v, a, true, false)),
          entry("map", Filters::map),
          entry("dictsort", Filters::sortedItems),
          entry("sort", Filters::sorted),
          entry("unique", (v, a) -> unique(v)),
          entry("min", (v, a) -> extreme(v, a, true)),
          entry("max", (v, a) -> extreme(v, a, false)),
          entry(
              "sum",
              (v, a) ->
                  Values.iterate(v).stream().reduce(0L, (x, y) -> Values.arithmetic("+", x, y))),
          entry("indent", Filters::indent),
          entry("int", Filters::integer),
          entry("float", Filters::decimal),
          entry("abs", (v, a) -> v instanceof Long n ? (Object) Math.abs(n) : Math.abs(number(v))),
          entry("round", Filters::round),
          entry("replace", Filters::replace),
          // lm-evaluation-harness, lm_eval/utils.py: regex_replace(string, pattern, repl, count=0).
          entry("regex_replace", Filters::regexReplace));

  private Filters() {}

  /** The filter called {@code name}, or null. */
  static Filter find(String name) {
    return ALL.get(name);
  }

  private static Object json(Object value, Arguments a) {
    Object indent = a.get(1, "indent", null);
    Object separators = a.get(2, "separators", null);
    String item = indent == null ? ", " : ",";
    String key = ": ";
    if (separators instanceof List<?> pair && pair.size() == 2) {
      item = Values.print(pair.get(0));
      key = Values.print(pair.get(1));
    }
    var out = new StringBuilder();
    int spaces = indent instanceof Long n ? Math.toIntExact(n) : -1;
    if (spaces > 64) {
      throw new JinjaException("indent is too large: " + spaces);
    }
    PythonText.json(
        out,
        value,
        new PythonText.Dumps(spaces, item, key, a.flag(0, "ensure_ascii"), a.flag(3, "sort_keys")),
        0);
    return out.toString();
  }

  private static long length(Object value) {
    if (value instanceof String text) {
      return text.codePointCount(0, text.length());
    }
    if (value instanceof Map<?, ?> map) {
      return map.size();
    }
    if (value instanceof List || value instanceof Undefined) {
      return Values.iterate(value).size();
    }
    throw new JinjaException("object of type '" + Values.typeName(value) + "' has no len()");
  }

  private static Object items(Object value, Arguments a) {
    if (value instanceof Undefined) {
      return List.of();
    }
    if (value instanceof Map<?, ?> map) {
      return Methods.items(map);
    }
    throw new JinjaException("Can only get item pairs from a mapping.");
  }

  private static Object otherwise(Object value, Arguments a) {
    boolean replace = value instanceof Undefined || (a.flag(1, "boolean") && !Values.truth(value));
    return replace ? a.get(0, "default_value", "") : value;
  }

  /**
   * Jinja's title: upper after white space and opening brackets, unlike Python's
   * (jinja2/filters.py, do_title).
   */
  private static String title(String text) {
    var result = new StringBuilder();
    boolean start = true;
    for (int c : text.codePoints().toArray()) {
      result.appendCodePoint(start ? Character.toUpperCase(c) : Character.toLowerCase(c));
      start = "-([{<".indexOf(c) >= 0 || PythonText.isSpace(c);
    }
    return result.toString();
  }

  private static Object join(Object value, Arguments a) {
    Object attribute = a.get(1, "attribute", null);
    var joined = new StringJoiner(Values.print(a.get(0, "d", "")));
    for (Object element : Values.iterate(value)) {
      joined.add(
          Values.print(attribute == null ? element : path(element, attribute, a.rendering())));
      Rendering.grown(joined.length());
    }
    return joined.toString();
  }

  private static Object reverse(Object value) {
    List<Object> elements = Values.iterate(value);
    Collections.reverse(elements);
    if (!(value instanceof String)) {
      return elements;
    }
    var text = new StringBuilder();
    elements.forEach(text::append);
    return text.toString();
  }

  private static Object end(Object value, boolean first, Arguments a) {
    List<Object> elements = Values.iterate(value);
    if (elements.isEmpty()) {
      return a.rendering()
          .undefined(
              first ? "No first item, sequence was empty." : "No last item, sequence was empty.");
    }
    return elements.get(first ? 0 : elements.size() - 1);
  }

  private static Object chosen(Object value, Arguments a, boolean byAttribute, boolean keep) {
    int testAt = byAttribute ? 1 : 0;
    Tests.Test test = null;
    if (a.positional().size() > testAt) {
      test = Tests.find(a.needText(testAt));
      if (test == null) {
        throw new JinjaException("No test named '" + a.needText(testAt) + "'.");
      }
    }
    var chosen = new ArrayList<Object>();
    for (Object element : Values.iterate(value)) {
      Object tested = byAttribute ? path(element, a.need(0), a.rendering()) : element;
      boolean holds = test == null ? Values.truth(tested) : test.holds(tested, a.from(testAt + 1));
      if (holds == keep) {
        chosen.add(element);
      }
    }
    return chosen;
  }

  private static Object map(Object value, Arguments a) {
    var mapped = new ArrayList<Object>();
    for (Object element : Values.iterate(value)) {
      if (a.named().containsKey("attribute")) {
        Object found = path(element, a.named().get("attribute"), a.rendering());
        mapped.add(
            found instanceof Undefined && a.named().containsKey("default")
                ? a.named().get("default")
                : found);
      } else {
        Filter filter = find(a.needText(0));
        if (filter == null) {
          throw new JinjaException("No filter named '" + a.needText(0) + "'.");
        }
        mapped.add(filter.apply(element, a.from(1)));
      }
    }
    return mapped;
  }

  private static Object path(Object value, Object path, Rendering rendering) {
    if (path instanceof Long) {
      return Values.item(value, path, rendering);
    }
    Object at = value;
    for (String part : Values.print(path).split("\\.", -1)) {
      boolean index =
          !part.isEmpty() && part.length() < 10 && part.chars().allMatch(Character::isDigit);
      at = Values.item(at, index ? (Object) Long.parseLong(part) : part, rendering);
    }
    return at;
  }

  private static Object sortedItems(Object value, Arguments a) {
    if (!(value instanceof Map<?, ?> map)) {
      throw new JinjaException("dictsort needs a mapping, found " + Values.typeName(value));
    }
    int by = "value".equals(a.get(1, "by", "key")) ? 1 : 0;
    boolean caseSensitive = a.flag(0, "case_sensitive");
    List<Object> items = Methods.items(map);
    items.sort((x, y) -> Values.sortOrder(((Tuple) x).get(by), ((Tuple) y).get(by), caseSensitive));
    if (a.flag(2, "reverse")) {
      Collections.reverse(items);
    }
    return items;
  }

  private static Object sorted(Object value, Arguments a) {
    Object attribute = a.get(2, "attribute", null);
    boolean caseSensitive = a.flag(1, "case_sensitive");
    Comparator<Object> order =
        (x, y) ->
            Values.sortOrder(
                attribute == null ? x : path(x, attribute, a.rendering()),
                attribute == null ? y : path(y, attribute, a.rendering()),
                caseSensitive);
    List<Object> elements = Values.iterate(value);
    elements.sort(a.flag(0, "reverse") ? order.reversed() : order);
    return elements;
  }

  private static Object unique(Object value) {
    var unique = new ArrayList<Object>();
    var seen = new ArrayList<Object>();
    for (Object element : Values.iterate(value)) {
      Object key = element instanceof String text ? text.toLowerCase(Locale.ROOT) : element;
      if (!Values.contains(seen, key)) {
        seen.add(key);
        unique.add(element);
      }
    }
    return unique;
  }

  private static Object extreme(Object value, Arguments a, boolean smallest) {
    List<Object> elements = Values.iterate(value);
    if (elements.isEmpty()) {
      return a.rendering().undefined("No aggregated item, sequence was empty.");
    }
    Comparator<Object> order = (x, y) -> Values.sortOrder(x, y, a.flag(0, "case_sensitive"));
    return smallest ? Collections.min(elements, order) : Collections.max(elements, order);
  }

  private static Object indent(Object value, Arguments a) {
    Object width = a.get(0, "width", 4L);
    if (width instanceof Long n && n > 1000) {
      throw new JinjaException("indent is too large: " + n);
    }
    String prefix =
        width instanceof Long n ? " ".repeat(Math.toIntExact(Math.max(0, n))) : Values.print(width);
    boolean first = a.flag(1, "first");
    boolean blank = a.flag(2, "blank");
    String text = Values.print(value);
    String[] lines = text.split("\n", -1);
    Rendering.grown(text.length() + (long) lines.length * prefix.length());
    var out = new StringBuilder();
    for (int i = 0; i < lines.length; i++) {
      out.append(i > 0 ? "\n" : "");
      boolean indented = i == 0 ? first : blank || !lines[i].isEmpty();
      out.append(indented ? prefix : "").append(lines[i]);
    }
    return out.toString();
  }

  private static Object integer(Object value, Arguments a) {
    if (value instanceof Long || value instanceof java.math.BigInteger) {
      return value;
    }
    if (value instanceof Boolean flag) {
      return flag ? 1L : 0L;
    }
    if (value instanceof Double number) {
      return number.longValue();
    }
    String text = PythonText.strip(Values.print(value), null, true, true);
    try {
      return Long.parseLong(text);
    } catch (NumberFormatException e) {
      try {
        return (long) Double.parseDouble(text);
      } catch (NumberFormatException f) {
        return a.get(0, "default", 0L);
      }
    }
  }

  private static Object decimal(Object value, Arguments a) {
    if (value instanceof Number number) {
      return number.doubleValue();
    }
    try {
      return Double.parseDouble(PythonText.strip(Values.print(value), null, true, true));
    } catch (NumberFormatException e) {
      return a.get(0, "default", 0.0);
    }
  }

  private static double number(Object value) {
    if (value instanceof Number number) {
      return number.doubleValue();
    }
    throw new JinjaException("a number is needed, found " + Values.typeName(value));
  }

  private static Object round(Object value, Arguments a) {
    int digits = Math.toIntExact(a.integer(0, "precision", 0));
    if (Math.abs(digits) > 300) {
      throw new JinjaException("precision is too large: " + digits);
    }
    RoundingMode mode =
        switch (Values.print(a.get(1, "method", "common"))) {
          case "common" -> RoundingMode.HALF_EVEN;
          case "ceil" -> RoundingMode.CEILING;
          case "floor" -> RoundingMode.FLOOR;
          default -> throw new JinjaException("method must be common, ceil or floor");
        };
    return new BigDecimal(number(value)).setScale(digits, mode).doubleValue();
  }

  private static Object replace(Object value, Arguments a) {
    var call = Methods.find(Values.print(value), "replace");
    return call.call(
        new Arguments(
            a.positional().size() > 2
                ? List.of(Values.print(a.need(0)), Values.print(a.need(1)), a.need(2))
                : List.of(Values.print(a.need(0)), Values.print(a.need(1))),
            a.named(),
            a.rendering()));
  }

  private static Object regexReplace(Object value, Arguments a) {
    long count = a.integer(2, "count", 0);
    try {
      // Python's . and $ know only \n as line end, and its classes are Unicode.
      var matcher =
          Pattern.compile(a.needText(0), Pattern.UNIX_LINES | Pattern.UNICODE_CHARACTER_CLASS)
              .matcher(Values.print(value));
      String replacement = a.needText(1).replace("$", "\\$").replaceAll("\\\\(\\d)", "\\$$1");
      var out = new StringBuilder();
      for (long done = 0; (count == 0 || done < count) && matcher.find(); done++) {
        matcher.appendReplacement(out, replacement);
      }
      return matcher.appendTail(out).toString();
    } catch (PatternSyntaxException e) {
      throw new JinjaException("regex_replace: " + e.getDescription());
    }
  }
}
