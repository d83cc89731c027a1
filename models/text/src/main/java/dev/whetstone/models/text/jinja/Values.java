package dev.whetstone.models.text.jinja;

import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.StringJoiner;

/**
 * Python's rules for plain values: truth, printing, equality, order, attributes, items, slices,
 * arithmetic.
 */
final class Values {
  private Values() {}

  /** A caller's value in the interpreter's types. */
  static Object of(Object value) {
    if (value instanceof Integer || value instanceof Short || value instanceof Byte) {
      return ((Number) value).longValue();
    }
    if (value instanceof Float number) {
      return number.doubleValue();
    }
    if (value instanceof Map<?, ?> map) {
      var copy = new LinkedHashMap<Object, Object>();
      map.forEach((key, element) -> copy.put(of(key), of(element)));
      return copy;
    }
    if (value instanceof Tuple) {
      return value;
    }
    if (value instanceof Collection<?> elements) {
      var copy = new ArrayList<Object>(elements.size());
      elements.forEach(element -> copy.add(of(element)));
      return copy;
    }
    if (value == null
        || value instanceof String
        || value instanceof Long
        || value instanceof Double
        || value instanceof Boolean
        || value instanceof BigInteger) {
      return value;
    }
    throw new JinjaException("a template cannot see a " + value.getClass().getName());
  }

  static boolean truth(Object value) {
    if (value instanceof Undefined undefined) {
      undefined.use();
      return false;
    }
    if (value == null) {
      return false;
    }
    if (value instanceof Boolean flag) {
      return flag;
    }
    if (value instanceof String text) {
      return !text.isEmpty();
    }
    if (value instanceof Number number) {
      return number.doubleValue() != 0;
    }
    if (value instanceof Namespace) {
      return true;
    }
    if (value instanceof Collection<?> elements) {
      return !elements.isEmpty();
    }
    return !(value instanceof Map<?, ?> map) || !map.isEmpty();
  }

  /** {@code str(value)}. */
  static String print(Object value) {
    if (value instanceof String text) {
      return text;
    }
    if (value instanceof Undefined undefined) {
      undefined.use();
      return "";
    }
    return repr(value);
  }

  static String repr(Object value) {
    if (value == null) {
      return "None";
    }
    if (value instanceof String text) {
      return PythonText.repr(text);
    }
    if (value instanceof Boolean flag) {
      return flag ? "True" : "False";
    }
    if (value instanceof Double number) {
      return PythonText.number(number);
    }
    if (value instanceof Undefined) {
      return "Undefined";
    }
    if (value instanceof List<?> list) {
      boolean tuple = value instanceof Tuple;
      var joined =
          new StringJoiner(", ", tuple ? "(" : "[", tuple ? (list.size() == 1 ? ",)" : ")") : "]");
      list.forEach(element -> joined.add(repr(element)));
      return joined.toString();
    }
    if (value instanceof Map<?, ?> map) {
      var joined = new StringJoiner(", ", "{", "}");
      map.forEach((key, element) -> joined.add(repr(key) + ": " + repr(element)));
      return joined.toString();
    }
    return value.toString();
  }

  static String typeName(Object value) {
    if (value == null) {
      return "NoneType";
    }
    if (value instanceof String) {
      return "str";
    }
    if (value instanceof Boolean) {
      return "bool";
    }
    if (value instanceof Long || value instanceof BigInteger) {
      return "int";
    }
    if (value instanceof Double) {
      return "float";
    }
    if (value instanceof Tuple) {
      return "tuple";
    }
    if (value instanceof List) {
      return "list";
    }
    if (value instanceof Namespace) {
      return "Namespace";
    }
    if (value instanceof Map) {
      return "dict";
    }
    return value instanceof Undefined ? "Undefined" : "object";
  }

  /** Code points as strings. */
  static List<Object> characters(String text) {
    var characters = new ArrayList<Object>(text.length());
    text.codePoints().forEach(c -> characters.add(Character.toString(c)));
    return characters;
  }

  static List<Object> iterate(Object value) {
    if (value instanceof Undefined undefined) {
      undefined.use();
      return List.of();
    }
    if (value instanceof List<?> list) {
      return new ArrayList<>(list);
    }
    if (value instanceof Map<?, ?> map && !(value instanceof Namespace)) {
      return new ArrayList<>(map.keySet());
    }
    if (value instanceof String text) {
      return characters(text);
    }
    throw new JinjaException("'" + typeName(value) + "' object is not iterable");
  }

  static Object attribute(Object value, String name, Rendering rendering) {
    if (value instanceof Undefined undefined) {
      throw undefined.raised();
    }
    if (name.startsWith("_")) {
      throw new JinjaException(
          "access to attribute '" + name + "' of '" + typeName(value) + "' object is unsafe.");
    }
    if (value instanceof Loop loop) {
      return loop.attribute(name, rendering);
    }
    if (value instanceof Namespace namespace) {
      return namespace.containsKey(name)
          ? namespace.get(name)
          : rendering.undefined("namespace has no attribute '" + name + "'");
    }
    Function method = Methods.find(value, name);
    if (method != null) {
      return method;
    }
    if (value instanceof Map<?, ?> map && map.containsKey(name)) {
      return map.get(name);
    }
    return rendering.undefined("'" + typeName(value) + " object' has no attribute '" + name + "'");
  }

  static Object item(Object value, Object key, Rendering rendering) {
    if (value instanceof Undefined undefined) {
      throw undefined.raised();
    }
    if (value instanceof Map<?, ?> map && !(value instanceof Namespace) && map.containsKey(key)) {
      return map.get(key);
    }
    if (key instanceof Long index && (value instanceof List || value instanceof String)) {
      List<Object> elements = value instanceof String text ? characters(text) : iterate(value);
      long at = index < 0 ? index + elements.size() : index;
      return at >= 0 && at < elements.size()
          ? elements.get((int) at)
          : rendering.undefined("'" + typeName(value) + " object' has no element " + index);
    }
    if (key instanceof String name
        && value != null
        && !(value instanceof Map)
        && !name.startsWith("_")) {
      return attribute(value, name, rendering);
    }
    if (key instanceof String name && value instanceof Map && Methods.find(value, name) != null) {
      return Methods.find(value, name);
    }
    return rendering.undefined("'" + typeName(value) + " object' has no attribute " + repr(key));
  }

  static Object slice(Object value, Object from, Object to, Object by, Rendering rendering) {
    if (value instanceof Undefined undefined) {
      throw undefined.raised();
    }
    boolean text = value instanceof String;
    if (!text && !(value instanceof List)) {
      return rendering.undefined("'" + typeName(value) + "' object cannot be sliced");
    }
    List<Object> elements = iterate(value);
    int size = elements.size();
    int step = by == null ? 1 : Math.toIntExact((Long) by);
    if (step == 0) {
      throw new JinjaException("slice step cannot be zero");
    }
    int first = from == null ? (step > 0 ? 0 : size - 1) : bound(from, size, step);
    int end = to == null ? (step > 0 ? size : -1) : bound(to, size, step);
    var chosen = new ArrayList<Object>();
    for (int i = first; step > 0 ? i < end : i > end; i += step) {
      chosen.add(elements.get(i));
    }
    if (!text) {
      return value instanceof Tuple ? new Tuple(chosen) : chosen;
    }
    var joined = new StringBuilder();
    chosen.forEach(joined::append);
    return joined.toString();
  }

  private static int bound(Object index, int size, int step) {
    if (!(index instanceof Long number)) {
      throw new JinjaException(
          "slice indices must be integers or None or have an __index__ method");
    }
    long at = number < 0 ? number + size : number;
    return (int)
        (step > 0 ? Math.max(0, Math.min(at, size)) : Math.max(-1, Math.min(at, size - 1)));
  }

  static boolean equal(Object left, Object right) {
    if (left instanceof Undefined || right instanceof Undefined) {
      use(left);
      use(right);
      return left instanceof Undefined && right instanceof Undefined;
    }
    Object a = number(left);
    Object b = number(right);
    if (a instanceof Number x && b instanceof Number y && a.getClass() != b.getClass()) {
      return x.doubleValue() == y.doubleValue();
    }
    if (a instanceof List<?> x && b instanceof List<?> y) {
      if (x.size() != y.size() || (a instanceof Tuple) != (b instanceof Tuple)) {
        return false;
      }
      for (int i = 0; i < x.size(); i++) {
        if (!equal(x.get(i), y.get(i))) {
          return false;
        }
      }
      return true;
    }
    if (a instanceof Map<?, ?> x && b instanceof Map<?, ?> y) {
      return x.size() == y.size()
          && x.entrySet().stream()
              .allMatch(e -> y.containsKey(e.getKey()) && equal(e.getValue(), y.get(e.getKey())));
    }
    return Objects.equals(a, b);
  }

  private static void use(Object value) {
    if (value instanceof Undefined undefined) {
      undefined.use();
    }
  }

  /** Python's bool is an int. */
  private static Object number(Object value) {
    return value instanceof Boolean flag ? (Object) (flag ? 1L : 0L) : value;
  }

  static int order(String operator, Object left, Object right) {
    if (left instanceof Undefined undefined) {
      throw undefined.raised();
    }
    if (right instanceof Undefined undefined) {
      throw undefined.raised();
    }
    Object a = number(left);
    Object b = number(right);
    if (a instanceof Long x && b instanceof Long y) {
      return x.compareTo(y);
    }
    if (a instanceof Number x && b instanceof Number y) {
      return Double.compare(x.doubleValue(), y.doubleValue());
    }
    if (a instanceof String x && b instanceof String y) {
      return Arrays.compare(x.codePoints().toArray(), y.codePoints().toArray());
    }
    if (a instanceof List<?> x && b instanceof List<?> y) {
      for (int i = 0; i < Math.min(x.size(), y.size()); i++) {
        if (!equal(x.get(i), y.get(i))) {
          return order(operator, x.get(i), y.get(i));
        }
      }
      return Integer.compare(x.size(), y.size());
    }
    throw new JinjaException(
        "'%s' not supported between instances of '%s' and '%s'"
            .formatted(operator, typeName(left), typeName(right)));
  }

  static boolean compare(String operator, Object left, Object right) {
    return switch (operator) {
      case "==" -> equal(left, right);
      case "!=" -> !equal(left, right);
      case "in" -> contains(right, left);
      case "not in" -> !contains(right, left);
      case "<" -> order(operator, left, right) < 0;
      case "<=" -> order(operator, left, right) <= 0;
      case ">" -> order(operator, left, right) > 0;
      case ">=" -> order(operator, left, right) >= 0;
      default -> throw new IllegalArgumentException(operator);
    };
  }

  static boolean contains(Object container, Object value) {
    if (container instanceof String text) {
      if (value instanceof Undefined undefined) {
        throw undefined.raised();
      }
      if (!(value instanceof String part)) {
        throw new JinjaException(
            "'in <string>' requires string as left operand, not " + typeName(value));
      }
      return text.contains(part);
    }
    if (container instanceof Map<?, ?> map && !(container instanceof Namespace)) {
      return map.containsKey(value);
    }
    if (container == null || container instanceof Number || container instanceof Boolean) {
      throw new JinjaException("argument of type '" + typeName(container) + "' is not iterable");
    }
    return iterate(container).stream().anyMatch(element -> equal(value, element));
  }

  static Object arithmetic(String operator, Object left, Object right) {
    if (left instanceof Undefined undefined) {
      throw undefined.raised();
    }
    if (right instanceof Undefined undefined) {
      throw undefined.raised();
    }
    if (operator.equals("+") && left instanceof String x) {
      if (right instanceof String y) {
        Rendering.grown((long) x.length() + y.length());
        return x.concat(y);
      }
      throw new JinjaException("can only concatenate str (not \"" + typeName(right) + "\") to str");
    }
    if (operator.equals("+")
        && left instanceof List<?> x
        && right instanceof List<?> y
        && (left instanceof Tuple) == (right instanceof Tuple)) {
      Rendering.grown((long) x.size() + y.size());
      var joined = new ArrayList<Object>(x);
      joined.addAll(y);
      return left instanceof Tuple ? new Tuple(joined) : joined;
    }
    if (operator.equals("%") && left instanceof String format) {
      return Formats.percent(format, right);
    }
    if (operator.equals("*")) {
      Object repeated = repeated(left, right);
      if (repeated != null) {
        return repeated;
      }
    }
    Object a = number(left);
    Object b = number(right);
    if (integer(a) && integer(b)) {
      return integers(operator, big(a), big(b));
    }
    if (a instanceof Number x && b instanceof Number y) {
      return floats(operator, x.doubleValue(), y.doubleValue());
    }
    throw new JinjaException(
        "unsupported operand type(s) for %s: '%s' and '%s'"
            .formatted(operator, typeName(left), typeName(right)));
  }

  private static Object repeated(Object left, Object right) {
    Object value = left instanceof Long ? right : left;
    Object times = left instanceof Long ? left : right;
    if (!(times instanceof Long count)) {
      return null;
    }
    long n = Math.max(0, count);
    if (value instanceof String text) {
      Rendering.grown(
          Math.multiplyHigh(n, text.length()) != 0 ? Long.MAX_VALUE : n * text.length());
      return text.repeat((int) n);
    }
    if (value instanceof List<?> list) {
      Rendering.grown(Math.multiplyHigh(n, list.size()) != 0 ? Long.MAX_VALUE : n * list.size());
      var repeated = new ArrayList<Object>();
      Collections.nCopies((int) n, list).forEach(repeated::addAll);
      return repeated;
    }
    return null;
  }

  private static boolean integer(Object value) {
    return value instanceof Long || value instanceof BigInteger;
  }

  private static BigInteger big(Object value) {
    return value instanceof Long number ? BigInteger.valueOf(number) : (BigInteger) value;
  }

  private static Object integers(String operator, BigInteger x, BigInteger y) {
    if (y.signum() == 0
        && (operator.equals("/") || operator.equals("//") || operator.equals("%"))) {
      throw new JinjaException("division by zero");
    }
    return switch (operator) {
      case "+" -> small(x.add(y));
      case "-" -> small(x.subtract(y));
      case "*" -> small(x.multiply(y));
      case "/" -> x.doubleValue() / y.doubleValue();
      case "//" -> small(floorDivide(x, y));
      case "%" -> small(x.subtract(floorDivide(x, y).multiply(y)));
      case "**" -> {
        if (y.signum() < 0) {
          yield Math.pow(x.doubleValue(), y.doubleValue());
        }
        Rendering.grown(y.bitLength() > 31 ? Long.MAX_VALUE : x.bitLength() * y.longValue());
        yield small(x.pow(y.intValueExact()));
      }
      default -> throw new IllegalArgumentException(operator);
    };
  }

  private static BigInteger floorDivide(BigInteger x, BigInteger y) {
    BigInteger[] parts = x.divideAndRemainder(y);
    return parts[1].signum() != 0 && parts[1].signum() != y.signum()
        ? parts[0].subtract(BigInteger.ONE)
        : parts[0];
  }

  private static Object small(BigInteger value) {
    return value.bitLength() < 64 ? (Object) value.longValue() : value;
  }

  private static Object floats(String operator, double x, double y) {
    if (y == 0 && (operator.equals("/") || operator.equals("//") || operator.equals("%"))) {
      throw new JinjaException("float division by zero");
    }
    return switch (operator) {
      case "+" -> x + y;
      case "-" -> x - y;
      case "*" -> x * y;
      case "/" -> x / y;
      case "//" -> Math.floor(x / y);
      case "%" -> x - y * Math.floor(x / y);
      case "**" -> Math.pow(x, y);
      default -> throw new IllegalArgumentException(operator);
    };
  }

  /** Order of the filters {@code sort}, {@code dictsort}, {@code min} and {@code max}. */
  static int sortOrder(Object left, Object right, boolean caseSensitive) {
    Object a = !caseSensitive && left instanceof String x ? x.toLowerCase(Locale.ROOT) : left;
    Object b = !caseSensitive && right instanceof String x ? x.toLowerCase(Locale.ROOT) : right;
    return order("<", a, b);
  }
}
