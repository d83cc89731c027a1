package dev.whetstone.models.text.jinja;

import static java.util.Map.entry;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.StringJoiner;

/**
 * The methods of strings, dictionaries and lists that templates may call. A new one is one line in
 * a table.
 */
final class Methods {
  private interface TextMethod {
    Object call(String text, Arguments arguments);
  }

  private interface MapMethod {
    Object call(Map<?, ?> map, Arguments arguments);
  }

  private interface ListMethod {
    Object call(List<?> list, Arguments arguments);
  }

  private static final Map<String, TextMethod> TEXT =
      Map.ofEntries(
          entry("strip", (text, a) -> PythonText.strip(text, a.text(0, "", null), true, true)),
          entry("lstrip", (text, a) -> PythonText.strip(text, a.text(0, "", null), true, false)),
          entry("rstrip", (text, a) -> PythonText.strip(text, a.text(0, "", null), false, true)),
          entry(
              "split",
              (text, a) ->
                  PythonText.split(text, a.text(0, "sep", null), a.integer(1, "maxsplit", -1))),
          entry(
              "rsplit",
              (text, a) ->
                  PythonText.rsplit(text, a.text(0, "sep", null), a.integer(1, "maxsplit", -1))),
          entry("splitlines", (text, a) -> lines(text)),
          entry("partition", (text, a) -> partition(text, a.needText(0))),
          entry("startswith", (text, a) -> affixes(a).stream().anyMatch(text::startsWith)),
          entry("endswith", (text, a) -> affixes(a).stream().anyMatch(text::endsWith)),
          entry(
              "removeprefix",
              (text, a) ->
                  text.startsWith(a.needText(0)) ? text.substring(a.needText(0).length()) : text),
          entry("removesuffix", (text, a) -> suffixRemoved(text, a.needText(0))),
          entry("upper", (text, a) -> text.toUpperCase(Locale.ROOT)),
          entry("lower", (text, a) -> text.toLowerCase(Locale.ROOT)),
          entry("title", (text, a) -> PythonText.title(text)),
          entry("capitalize", (text, a) -> PythonText.capitalize(text)),
          entry("replace", (text, a) -> replace(text, a)),
          entry("find", (text, a) -> found(text, text.indexOf(a.needText(0)))),
          entry("rfind", (text, a) -> found(text, text.lastIndexOf(a.needText(0)))),
          entry("index", (text, a) -> index(text, a.needText(0))),
          entry("count", (text, a) -> (long) PythonText.split(text, a.needText(0), -1).size() - 1),
          entry(
              "isdigit",
              (text, a) -> !text.isEmpty() && text.codePoints().allMatch(Character::isDigit)),
          entry(
              "isalpha",
              (text, a) -> !text.isEmpty() && text.codePoints().allMatch(Character::isLetter)),
          entry(
              "isspace",
              (text, a) -> !text.isEmpty() && text.codePoints().allMatch(PythonText::isSpace)),
          entry(
              "isupper",
              (text, a) ->
                  !text.equals(text.toLowerCase(Locale.ROOT))
                      && text.equals(text.toUpperCase(Locale.ROOT))),
          entry("join", (text, a) -> join(text, a.need(0))),
          entry("format", Formats::braces));

  private static final Map<String, MapMethod> MAP =
      Map.of(
          "items", (map, a) -> items(map),
          "keys", (map, a) -> new ArrayList<Object>(map.keySet()),
          "values", (map, a) -> new ArrayList<Object>(map.values()),
          "get",
              (map, a) ->
                  map.containsKey(a.need(0)) ? map.get(a.need(0)) : a.get(1, "default", null),
          "copy", (map, a) -> new LinkedHashMap<Object, Object>(map));

  private static final Map<String, ListMethod> LIST =
      Map.of(
          "index", (list, a) -> position(list, a.need(0)),
          "count",
              (list, a) ->
                  list.stream().filter(element -> Values.equal(element, a.need(0))).count(),
          "copy", (list, a) -> new ArrayList<Object>(list));

  /**
   * Methods that change their list or dictionary: Jinja's immutable sandbox refuses them
   * (jinja2/sandbox.py).
   */
  private static final Set<String> UNSAFE =
      Set.of(
          "append",
          "extend",
          "insert",
          "pop",
          "popitem",
          "remove",
          "clear",
          "update",
          "setdefault",
          "sort",
          "reverse");

  private Methods() {}

  /** The method {@code name} of {@code value}, or null. */
  static Function find(Object value, String name) {
    if (value instanceof String text && TEXT.containsKey(name)) {
      return arguments -> TEXT.get(name).call(text, arguments);
    }
    boolean map = value instanceof Map && !(value instanceof Namespace);
    if (map && MAP.containsKey(name)) {
      return arguments -> MAP.get(name).call((Map<?, ?>) value, arguments);
    }
    if (value instanceof List<?> list && LIST.containsKey(name)) {
      return arguments -> LIST.get(name).call(list, arguments);
    }
    if ((map || value instanceof List)
        && UNSAFE.contains(name)
        && !(map && ((Map<?, ?>) value).containsKey(name))) {
      return arguments -> {
        throw new JinjaException(
            "access to attribute '%s' of '%s' object is unsafe."
                .formatted(name, Values.typeName(value)));
      };
    }
    return null;
  }

  static List<Object> items(Map<?, ?> map) {
    var items = new ArrayList<Object>();
    map.forEach((key, value) -> items.add(new Tuple(Arrays.asList(key, value))));
    return items;
  }

  private static List<String> affixes(Arguments arguments) {
    if (arguments.need(0) instanceof Tuple tuple) {
      return tuple.stream().map(String.class::cast).toList();
    }
    return List.of(arguments.needText(0));
  }

  private static String suffixRemoved(String text, String suffix) {
    return !suffix.isEmpty() && text.endsWith(suffix)
        ? text.substring(0, text.length() - suffix.length())
        : text;
  }

  private static Object partition(String text, String separator) {
    int at = text.indexOf(separator);
    return new Tuple(
        at < 0
            ? List.of(text, "", "")
            : List.of(text.substring(0, at), separator, text.substring(at + separator.length())));
  }

  private static List<Object> lines(String text) {
    var lines =
        new ArrayList<Object>(
            List.of(
                (Object[]) text.split("\r\n|[\n\r\u000b\f\u001c-\u001e\u0085\u2028\u2029]", -1)));
    if (lines.get(lines.size() - 1).equals("")) {
      lines.remove(lines.size() - 1);
    }
    return lines;
  }

  private static String replace(String text, Arguments a) {
    String old = a.needText(0);
    String replacement = a.needText(1);
    long count = a.integer(2, "count", -1);
    if (!old.isEmpty()) {
      long times = ((long) text.length() - text.replace(old, "").length()) / old.length();
      Rendering.grown(text.length() + times * replacement.length());
    } else {
      Rendering.grown((text.length() + 1L) * (replacement.length() + 1L));
    }
    return PythonText.replace(text, old, replacement, count);
  }

  private static long found(String text, int at) {
    return at < 0 ? -1 : text.codePointCount(0, at);
  }

  private static long index(String text, String part) {
    int at = text.indexOf(part);
    if (at < 0) {
      throw new JinjaException("substring not found");
    }
    return text.codePointCount(0, at);
  }

  private static long position(List<?> list, Object wanted) {
    for (int i = 0; i < list.size(); i++) {
      if (Values.equal(list.get(i), wanted)) {
        return i;
      }
    }
    throw new JinjaException(Values.repr(wanted) + " is not in list");
  }

  private static String join(String separator, Object elements) {
    var joined = new StringJoiner(separator);
    for (Object element : Values.iterate(elements)) {
      if (!(element instanceof String text)) {
        throw new JinjaException(
            "sequence item: expected str instance, " + Values.typeName(element) + " found");
      }
      joined.add(text);
      Rendering.grown(joined.length());
    }
    return joined.toString();
  }
}
