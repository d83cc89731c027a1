package dev.whetstone.models.text.jinja;

import java.time.Clock;
import java.time.ZoneId;
import java.time.ZonedDateTime;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** A compiled template. Immutable: threads may share one. */
public final class JinjaTemplate {
  /** Rendered text and the ranges that {@code generation} blocks wrote, in order. */
  public record Rendered(String text, List<Span> spans) {
    public Rendered {
      spans = List.copyOf(spans);
    }
  }

  private final Environment environment;
  private final Parser.Statement root;
  private final Parser.Expression single;
  private final Clock clock;

  private JinjaTemplate(
      Environment environment, Parser.Statement root, Parser.Expression single, Clock clock) {
    this.environment = environment;
    this.root = root;
    this.single = single;
    this.clock = clock;
  }

  /**
   * Compiles a template.
   *
   * @param clock tells {@code strftime_now}
   * @throws JinjaException with the line, if the source is not a template of the supported subset
   */
  public static JinjaTemplate compile(String source, Environment environment, Clock clock) {
    List<Lexer.Token> tokens = Lexer.tokens(source, environment);
    return new JinjaTemplate(
        environment, Parser.parse(tokens), Parser.singleExpression(tokens), clock);
  }

  /** As {@link #compile(String, Environment, Clock)}, with the system's time. */
  public static JinjaTemplate compile(String source, Environment environment) {
    return compile(source, environment, Clock.system(ZoneId.systemDefault()));
  }

  /** The text. Variables are plain values: strings, numbers, booleans, lists, maps, null. */
  public String render(Map<String, ?> variables) {
    return renderWithSpans(variables).text();
  }

  public Rendered renderWithSpans(Map<String, ?> variables) {
    var rendering = new Rendering(environment, ZonedDateTime.now(clock));
    try {
      root.run(scope(rendering, variables), rendering.out);
    } catch (StackOverflowError e) {
      throw new JinjaException("maximum recursion depth exceeded");
    } catch (ArithmeticException e) {
      throw new JinjaException("number out of range: " + e.getMessage());
    }
    return new Rendered(rendering.out.toString(), rendering.spans);
  }

  /**
   * The value of a template that is a single {@code {{ expression }}}, without the detour over
   * text; else the rendered text. Lists come back as {@code List}, numbers as {@code Long} or
   * {@code Double}.
   */
  public Object evaluate(Map<String, ?> variables) {
    if (single == null) {
      return render(variables);
    }
    var rendering = new Rendering(environment, ZonedDateTime.now(clock));
    Object value = single.value(scope(rendering, variables));
    if (value instanceof Undefined undefined) {
      undefined.use();
      return "";
    }
    return value;
  }

  private static Scope scope(Rendering rendering, Map<String, ?> variables) {
    var globals = new Scope(rendering, null);
    globals.set("raise_exception", (Function) JinjaTemplate::raise);
    globals.set("strftime_now", (Function) a -> Formats.time(rendering.now, a.needText(0)));
    globals.set("namespace", (Function) JinjaTemplate::namespace);
    globals.set("dict", (Function) JinjaTemplate::dictionary);
    globals.set("range", (Function) JinjaTemplate::range);
    Scope scope = globals.inner();
    variables.forEach((name, value) -> scope.set(name, Values.of(value)));
    return scope;
  }

  private static Object raise(Arguments arguments) {
    throw new JinjaException(Values.print(arguments.need(0)));
  }

  private static Object namespace(Arguments arguments) {
    var namespace = new Namespace();
    dictionary(arguments).forEach((name, value) -> namespace.put(Values.print(name), value));
    if (namespace.keySet().stream().anyMatch(name -> name.startsWith("_"))) {
      throw new JinjaException("a namespace attribute must not begin with '_'");
    }
    return namespace;
  }

  private static Map<Object, Object> dictionary(Arguments arguments) {
    var map = new LinkedHashMap<Object, Object>();
    for (Object argument : arguments.positional()) {
      if (argument instanceof Map<?, ?> other) {
        map.putAll(other);
      } else {
        for (Object pair : Values.iterate(argument)) {
          List<Object> parts = Values.iterate(pair);
          if (parts.size() != 2) {
            throw new JinjaException(
                "dictionary update sequence element has length "
                    + parts.size()
                    + "; 2 is required");
          }
          map.put(parts.get(0), parts.get(1));
        }
      }
    }
    map.putAll(arguments.named());
    return map;
  }

  private static Object range(Arguments a) {
    boolean two = a.positional().size() > 1;
    long from = two ? a.integer(0, "", 0) : 0;
    long to = a.integer(two ? 1 : 0, "", 0);
    long by = a.integer(2, "", 1);
    if (by == 0) {
      throw new JinjaException("range() arg 3 must not be zero");
    }
    var numbers = new ArrayList<Object>();
    for (long i = from; by > 0 ? i < to : i > to; i += by) {
      if (numbers.size() == Rendering.MAX_RANGE) {
        throw new JinjaException(
            "Range too big. The sandbox blocks ranges larger than " + Rendering.MAX_RANGE + ".");
      }
      numbers.add(i);
    }
    return numbers;
  }
}
