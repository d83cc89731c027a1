package dev.whetstone.models.text.jinja;

import static java.util.Map.entry;

import java.util.List;
import java.util.Locale;
import java.util.Map;

/** What may stand after {@code is}. A new test is one line in the table. */
final class Tests {
  interface Test {
    boolean holds(Object value, Arguments arguments);
  }

  private static final Map<String, Test> ALL =
      Map.ofEntries(
          entry("defined", (v, a) -> !(v instanceof Undefined)),
          entry("undefined", (v, a) -> v instanceof Undefined),
          entry("none", (v, a) -> v == null),
          entry("string", (v, a) -> v instanceof String),
          entry("mapping", (v, a) -> v instanceof Map && !(v instanceof Namespace)),
          entry("sequence", (v, a) -> iterable(v)),
          entry("iterable", (v, a) -> iterable(v) || v instanceof Loop),
          entry("number", (v, a) -> v instanceof Number || v instanceof Boolean),
          entry("integer", (v, a) -> v instanceof Long || v instanceof java.math.BigInteger),
          entry("float", (v, a) -> v instanceof Double),
          entry("boolean", (v, a) -> v instanceof Boolean),
          entry("true", (v, a) -> Boolean.TRUE.equals(v)),
          entry("false", (v, a) -> Boolean.FALSE.equals(v)),
          entry("odd", (v, a) -> Values.equal(Values.arithmetic("%", v, 2L), 1L)),
          entry("even", (v, a) -> Values.equal(Values.arithmetic("%", v, 2L), 0L)),
          entry("divisibleby", (v, a) -> Values.equal(Values.arithmetic("%", v, a.need(0)), 0L)),
          entry("equalto", (v, a) -> Values.equal(v, a.need(0))),
          entry("eq", (v, a) -> Values.equal(v, a.need(0))),
          entry("ne", (v, a) -> !Values.equal(v, a.need(0))),
          entry("lt", (v, a) -> Values.compare("<", v, a.need(0))),
          entry("lessthan", (v, a) -> Values.compare("<", v, a.need(0))),
          entry("le", (v, a) -> Values.compare("<=", v, a.need(0))),
          entry("gt", (v, a) -> Values.compare(">", v, a.need(0))),
          entry("greaterthan", (v, a) -> Values.compare(">", v, a.need(0))),
          entry("ge", (v, a) -> Values.compare(">=", v, a.need(0))),
          entry("in", (v, a) -> Values.contains(a.need(0), v)),
          entry("callable", (v, a) -> v instanceof Function),
          entry(
              "sameas",
              (v, a) -> v == a.need(0) || (!(v instanceof List) && Values.equal(v, a.need(0)))),
          entry(
              "lower", (v, a) -> Values.print(v).equals(Values.print(v).toLowerCase(Locale.ROOT))),
          entry(
              "upper", (v, a) -> Values.print(v).equals(Values.print(v).toUpperCase(Locale.ROOT))));

  private Tests() {}

  /** The test called {@code name}, or null. */
  static Test find(String name) {
    return ALL.get(name);
  }

  private static boolean iterable(Object value) {
    return value instanceof String
        || value instanceof List
        || (value instanceof Map && !(value instanceof Namespace))
        || value instanceof Undefined;
  }
}
