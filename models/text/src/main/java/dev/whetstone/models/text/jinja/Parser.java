package dev.whetstone.models.text.jinja;

import dev.whetstone.models.text.jinja.Lexer.Kind;
import dev.whetstone.models.text.jinja.Lexer.Token;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.UnaryOperator;

/**
 * From tokens to a tree of closures: a statement writes, an expression gives a value. Unknown tags,
 * filters and tests are errors here, before anything is rendered.
 */
final class Parser {
  /**
   * Nesting of expressions and statements that the parser follows; deeper templates are refused.
   */
  private static final int MAX_NESTING = 200;

  interface Expression {
    Object value(Scope scope);
  }

  interface Statement {
    void run(Scope scope, StringBuilder out);
  }

  private interface Call extends Expression {
    Object call(Scope scope, Map<String, Object> more);

    @Override
    default Object value(Scope scope) {
      return call(scope, Map.of());
    }
  }

  private record Parameters(List<String> names, Map<String, Expression> defaults) {}

  private record Given(
      List<Expression> positional,
      List<Boolean> starred,
      Map<String, Expression> named,
      Expression starStar) {
    static final Given NONE = new Given(List.of(), List.of(), Map.of(), null);

    Arguments arguments(Scope scope, Map<String, Object> more) {
      var values = new ArrayList<Object>();
      for (int i = 0; i < positional.size(); i++) {
        Object value = positional.get(i).value(scope);
        if (starred.get(i)) {
          values.addAll(Values.iterate(value));
        } else {
          values.add(value);
        }
      }
      var keywords = new LinkedHashMap<String, Object>();
      named.forEach((name, expression) -> keywords.put(name, expression.value(scope)));
      if (starStar != null) {
        if (!(starStar.value(scope) instanceof Map<?, ?> map)) {
          throw new JinjaException("argument after ** must be a mapping");
        }
        map.forEach((key, value) -> keywords.put(Values.print(key), value));
      }
      keywords.putAll(more);
      return new Arguments(values, keywords, scope.rendering);
    }
  }

  /** Leaves a loop's body; no stack trace, since it is control flow. */
  private static final class Jump extends RuntimeException {
    private static final long serialVersionUID = 1L;
    private final boolean endsLoop;

    private Jump(boolean endsLoop) {
      super(null, null, false, false);
      this.endsLoop = endsLoop;
    }
  }

  private final List<Token> tokens;
  private int at;
  private int nesting;
  private int loops;

  private Parser(List<Token> tokens) {
    this.tokens = tokens;
  }

  /** The template as a statement. */
  static Statement parse(List<Token> tokens) {
    var parser = new Parser(tokens);
    return parser.body(Set.of());
  }

  /** The expression of a template that is one print statement and nothing else, or null. */
  static Expression singleExpression(List<Token> tokens) {
    if (tokens.size() < 4
        || tokens.get(0).kind() != Kind.PRINT_BEGIN
        || tokens.get(tokens.size() - 2).kind() != Kind.PRINT_END) {
      return null;
    }
    var parser = new Parser(tokens);
    parser.at = 1;
    Expression expression = parser.tuple();
    return parser.at == tokens.size() - 2 ? expression : null;
  }

  // ---- statements

  private Statement body(Set<String> ends) {
    nest();
    var statements = new ArrayList<Statement>();
    while (true) {
      Token token = peek();
      if (token.kind() == Kind.END) {
        if (!ends.isEmpty()) {
          throw error(
              "Unexpected end of template, looking for "
                  + String.join(" or ", ends.stream().sorted().toList()));
        }
        break;
      }
      at++;
      if (token.kind() == Kind.TEXT) {
        statements.add((scope, out) -> scope.rendering.append(out, token.text()));
      } else if (token.kind() == Kind.PRINT_BEGIN) {
        Expression printed = tuple();
        expect(Kind.PRINT_END, "end of print statement");
        statements.add(
            placed(
                token.line(),
                (scope, out) -> scope.rendering.append(out, Values.print(printed.value(scope)))));
      } else if (ends.contains(peek().text())) {
        break;
      } else {
        statements.add(placed(token.line(), statement()));
      }
    }
    nesting--;
    Statement[] all = statements.toArray(Statement[]::new);
    return (scope, out) -> {
      for (Statement statement : all) {
        statement.run(scope, out);
      }
    };
  }

  /** Adds the line to errors, and counts a step. */
  private static Statement placed(int line, Statement statement) {
    return (scope, out) -> {
      try {
        scope.rendering.step();
        statement.run(scope, out);
      } catch (JinjaException e) {
        throw e.at(line);
      }
    };
  }

  private Statement statement() {
    Token tag = peek();
    String name = name();
    return switch (name) {
      case "if" -> branches();
      case "for" -> loop();
      case "set" -> assignment();
      case "break" -> jump(true, tag);
      case "continue" -> jump(false, tag);
      case "generation" -> generation();
      case "macro" -> macroDefinition();
      case "call" -> callBlock();
      case "filter" -> filterBlock();
      case "with" -> with();
      default -> throw new JinjaException("Encountered unknown tag '" + name + "'.", tag.line());
    };
  }

  private Statement jump(boolean endsLoop, Token tag) {
    if (loops == 0) {
      throw new JinjaException("'" + tag.text() + "' outside a loop", tag.line());
    }
    blockEnd();
    return (scope, out) -> {
      throw new Jump(endsLoop);
    };
  }

  private Statement branches() {
    var conditions = new ArrayList<Expression>();
    var bodies = new ArrayList<Statement>();
    Statement otherwise = null;
    conditions.add(tuple());
    blockEnd();
    bodies.add(body(Set.of("elif", "else", "endif")));
    while (true) {
      String name = name();
      if (name.equals("elif")) {
        conditions.add(tuple());
        blockEnd();
        bodies.add(body(Set.of("elif", "else", "endif")));
      } else if (name.equals("else")) {
        blockEnd();
        otherwise = body(Set.of("endif"));
      } else {
        blockEnd();
        break;
      }
    }
    Statement last = otherwise;
    return (scope, out) -> {
      for (int i = 0; i < conditions.size(); i++) {
        if (Values.truth(conditions.get(i).value(scope))) {
          bodies.get(i).run(scope, out);
          return;
        }
      }
      if (last != null) {
        last.run(scope, out);
      }
    };
  }

  private Statement loop() {
    boolean bracket = eat("(");
    List<String> targets = names();
    if (bracket) {
      need(")");
    }
    if (!eatName("in")) {
      throw error("expected 'in', found '" + peek().text() + "'");
    }
    Expression elements = tupleOf(this::or);
    Expression condition = eatName("if") ? expression() : null;
    if (eatName("recursive")) {
      throw error("recursive loops are not supported");
    }
    blockEnd();
    loops++;
    Statement body = body(Set.of("endfor", "else"));
    loops--;
    Statement otherwise = null;
    if (name().equals("else")) {
      blockEnd();
      otherwise = body(Set.of("endfor"));
      name();
    }
    blockEnd();
    Statement empty = otherwise;
    return (scope, out) -> runLoop(scope, out, targets, elements, condition, body, empty);
  }

  private static void runLoop(
      Scope scope,
      StringBuilder out,
      List<String> targets,
      Expression elements,
      Expression condition,
      Statement body,
      Statement empty) {
    List<Object> values = new ArrayList<>();
    for (Object value : Values.iterate(elements.value(scope))) {
      Scope inner = scope.inner();
      bind(inner, targets, value);
      if (condition == null || Values.truth(condition.value(inner))) {
        values.add(value);
      }
    }
    if (values.isEmpty()) {
      if (empty != null) {
        empty.run(scope, out);
      }
      return;
    }
    var loop = new Loop(values);
    for (loop.at = 0; loop.at < values.size(); loop.at++) {
      scope.rendering.step();
      Scope inner = scope.inner(); // assignments in a body die with the iteration
      inner.set("loop", loop);
      bind(inner, targets, values.get(loop.at));
      try {
        body.run(inner, out);
      } catch (Jump jump) {
        if (jump.endsLoop) {
          break;
        }
      }
    }
  }

  private static void bind(Scope scope, List<String> targets, Object value) {
    if (targets.size() == 1) {
      scope.set(targets.get(0), value);
      return;
    }
    List<Object> parts = Values.iterate(value);
    if (parts.size() != targets.size()) {
      throw new JinjaException(
          "cannot unpack %d values into %d names".formatted(parts.size(), targets.size()));
    }
    for (int i = 0; i < parts.size(); i++) {
      scope.set(targets.get(i), parts.get(i));
    }
  }

  private Statement assignment() {
    if (ahead(1).is(Kind.OPERATOR, ".")) {
      String name = name();
      need(".");
      String attribute = name();
      if (attribute.startsWith("_")) {
        throw error("a namespace attribute must not begin with '_'");
      }
      need("=");
      Expression value = tuple();
      blockEnd();
      return (scope, out) -> {
        if (!(scope.get(name) instanceof Namespace namespace)) {
          throw new JinjaException("cannot assign attribute on non-namespace object");
        }
        namespace.put(attribute, value.value(scope));
      };
    }
    List<String> targets = names();
    if (eat("=")) {
      Expression value = tuple();
      blockEnd();
      return (scope, out) -> bind(scope, targets, value.value(scope));
    }
    UnaryOperator<Expression> filter =
        peek().is(Kind.OPERATOR, "|") ? filters(false) : UnaryOperator.identity();
    blockEnd();
    Statement body = closed("endset");
    return (scope, out) -> {
      String text = captured(scope, body);
      scope.set(targets.get(0), filter.apply(ignored -> text).value(scope));
    };
  }

  private Statement generation() {
    blockEnd();
    Statement body = closed("endgeneration");
    return (scope, out) -> {
      Rendering rendering = scope.rendering;
      String text = captured(scope, body);
      // Inside a macro or a set block the text's final place is not known; transformers tracks none
      // there either.
      if (out == rendering.out) {
        rendering.spans.add(new Span(out.length(), out.length() + text.length()));
      }
      rendering.append(out, text);
    };
  }

  private Statement macroDefinition() {
    String name = name();
    Parameters parameters = parameters();
    blockEnd();
    int outer = loops;
    loops = 0;
    Statement body = closed("endmacro");
    loops = outer;
    return (scope, out) -> scope.set(name, macro(name, parameters, body, scope));
  }

  private Statement callBlock() {
    Parameters parameters =
        peek().is(Kind.OPERATOR, "(") ? parameters() : new Parameters(List.of(), Map.of());
    if (!(expression() instanceof Call call)) {
      throw error("expected a call");
    }
    blockEnd();
    Statement body = closed("endcall");
    return (scope, out) ->
        scope.rendering.append(
            out,
            Values.print(
                call.call(scope, Map.of("caller", macro("caller", parameters, body, scope)))));
  }

  private Statement filterBlock() {
    UnaryOperator<Expression> filter = filters(true);
    blockEnd();
    Statement body = closed("endfilter");
    return (scope, out) -> {
      String text = captured(scope, body);
      scope.rendering.append(out, Values.print(filter.apply(ignored -> text).value(scope)));
    };
  }

  private Statement with() {
    var names = new ArrayList<String>();
    var values = new ArrayList<Expression>();
    while (peek().kind() != Kind.BLOCK_END) {
      names.add(name());
      need("=");
      values.add(expression());
      if (!eat(",")) {
        break;
      }
    }
    blockEnd();
    Statement body = closed("endwith");
    return (scope, out) -> {
      Scope inner = scope.inner();
      for (int i = 0; i < names.size(); i++) {
        inner.set(names.get(i), values.get(i).value(scope));
      }
      body.run(inner, out);
    };
  }

  private Statement closed(String end) {
    Statement body = body(Set.of(end));
    at++;
    blockEnd();
    return body;
  }

  private static String captured(Scope scope, Statement body) {
    var text = new StringBuilder();
    body.run(scope.inner(), text);
    return text.toString();
  }

  private static Function macro(
      String name, Parameters parameters, Statement body, Scope definition) {
    return arguments -> {
      Scope scope = definition.inner();
      List<String> names = parameters.names();
      if (arguments.positional().size() > names.size()) {
        throw new JinjaException(
            "macro '%s' takes not more than %d argument(s)".formatted(name, names.size()));
      }
      for (int i = 0; i < names.size(); i++) {
        String parameter = names.get(i);
        Object value;
        if (i < arguments.positional().size()) {
          value = arguments.positional().get(i);
        } else if (arguments.named().containsKey(parameter)) {
          value = arguments.named().get(parameter);
        } else if (parameters.defaults().containsKey(parameter)) {
          value = parameters.defaults().get(parameter).value(scope);
        } else {
          value = definition.rendering.undefined("parameter '" + parameter + "' was not provided");
        }
        scope.set(parameter, value);
      }
      for (var named : arguments.named().entrySet()) {
        if (named.getKey().equals("caller")) {
          scope.set("caller", named.getValue());
        } else if (!names.contains(named.getKey())) {
          throw new JinjaException(
              "macro '%s' takes no keyword argument '%s'".formatted(name, named.getKey()));
        }
      }
      definition.rendering.enter();
      try {
        var text = new StringBuilder();
        body.run(scope, text);
        return text.toString();
      } finally {
        definition.rendering.leave();
      }
    };
  }

  private Parameters parameters() {
    need("(");
    var names = new ArrayList<String>();
    var defaults = new HashMap<String, Expression>();
    while (!peek().is(Kind.OPERATOR, ")")) {
      String name = name();
      names.add(name);
      if (eat("=")) {
        defaults.put(name, expression());
      }
      if (!eat(",")) {
        break;
      }
    }
    need(")");
    return new Parameters(names, defaults);
  }

  // ---- expressions, from the loosest binding to the tightest

  private Expression tuple() {
    return tupleOf(this::expression);
  }

  private Expression tupleOf(java.util.function.Supplier<Expression> element) {
    Expression first = element.get();
    if (!peek().is(Kind.OPERATOR, ",")) {
      return first;
    }
    var elements = new ArrayList<>(List.of(first));
    while (eat(",")) {
      if (peek().kind() == Kind.PRINT_END
          || peek().kind() == Kind.BLOCK_END
          || peek().is(Kind.OPERATOR, ")")) {
        break;
      }
      elements.add(element.get());
    }
    return scope ->
        new Tuple(
            elements.stream()
                .map(e -> e.value(scope))
                .collect(ArrayList::new, ArrayList::add, ArrayList::addAll));
  }

  private Expression expression() {
    nest();
    Expression value = or();
    while (eatName("if")) {
      Expression then = value;
      Expression condition = or();
      Expression otherwise = eatName("else") ? expression() : null;
      value =
          scope -> {
            if (Values.truth(condition.value(scope))) {
              return then.value(scope);
            }
            return otherwise == null
                ? scope.rendering.undefined(
                    "the inline if-expression evaluated to false and no else section was defined.")
                : otherwise.value(scope);
          };
    }
    nesting--;
    return value;
  }

  private Expression or() {
    Expression value = and();
    while (eatName("or")) {
      Expression left = value;
      Expression right = and();
      value =
          scope -> {
            Object first = left.value(scope);
            return Values.truth(first) ? first : right.value(scope);
          };
    }
    return value;
  }

  private Expression and() {
    Expression value = not();
    while (eatName("and")) {
      Expression left = value;
      Expression right = not();
      value =
          scope -> {
            Object first = left.value(scope);
            return Values.truth(first) ? right.value(scope) : first;
          };
    }
    return value;
  }

  private Expression not() {
    if (!eatName("not")) {
      return comparison();
    }
    nest();
    Expression negated = not();
    nesting--;
    return scope -> !Values.truth(negated.value(scope));
  }

  private Expression comparison() {
    Expression first = sum();
    var operators = new ArrayList<String>();
    var operands = new ArrayList<Expression>();
    while (true) {
      Token token = peek();
      if (token.kind() == Kind.OPERATOR
          && List.of("==", "!=", "<", ">", "<=", ">=").contains(token.text())) {
        at++;
        operators.add(token.text());
      } else if (eatName("in")) {
        operators.add("in");
      } else if (token.is(Kind.NAME, "not") && ahead(1).is(Kind.NAME, "in")) {
        at += 2;
        operators.add("not in");
      } else {
        break;
      }
      operands.add(sum());
    }
    if (operators.isEmpty()) {
      return first;
    }
    return scope -> {
      Object left = first.value(scope);
      for (int i = 0; i < operators.size(); i++) {
        Object right = operands.get(i).value(scope);
        if (!Values.compare(operators.get(i), left, right)) {
          return false;
        }
        left = right;
      }
      return true;
    };
  }

  private Expression sum() {
    Expression value = concatenation();
    while (peek().is(Kind.OPERATOR, "+") || peek().is(Kind.OPERATOR, "-")) {
      value = binary(value, this::concatenation);
    }
    return value;
  }

  private Expression concatenation() {
    Expression value = product();
    while (eat("~")) {
      Expression left = value;
      Expression right = product();
      value =
          scope -> {
            String joined = Values.print(left.value(scope)) + Values.print(right.value(scope));
            Rendering.grown(joined.length());
            return joined;
          };
    }
    return value;
  }

  private Expression product() {
    Expression value = unary(true);
    while (peek().kind() == Kind.OPERATOR && List.of("*", "/", "//", "%").contains(peek().text())) {
      value = binary(value, () -> unary(true));
    }
    return value;
  }

  private Expression binary(Expression left, java.util.function.Supplier<Expression> operand) {
    String operator = peek().text();
    at++;
    Expression right = operand.get();
    return scope -> Values.arithmetic(operator, left.value(scope), right.value(scope));
  }

  private Expression unary(boolean filtered) {
    nest();
    Expression value;
    if (eat("-")) {
      Expression negated = unary(false);
      value = scope -> Values.arithmetic("-", 0L, negated.value(scope));
    } else if (eat("+")) {
      value = unary(false);
    } else {
      value = postfix(primary());
    }
    if (eat("**")) {
      Expression base = value;
      Expression power = unary(true);
      value = scope -> Values.arithmetic("**", base.value(scope), power.value(scope));
    }
    nesting--;
    return filtered ? filtersAndTests(value) : value;
  }

  private Expression primary() {
    Token token = peek();
    at++;
    return switch (token.kind()) {
      case NAME -> named(token.text());
      case STRING -> strings(token.text());
      case INTEGER -> {
        Object integer =
            token.text().length() < 19
                ? (Object) Long.parseLong(token.text())
                : new BigInteger(token.text());
        yield scope -> integer;
      }
      case FLOAT -> {
        Object number = Double.parseDouble(token.text());
        yield scope -> number;
      }
      case OPERATOR ->
          switch (token.text()) {
            case "(" -> brackets();
            case "[" -> list();
            case "{" -> dictionary();
            default -> throw unexpected(token);
          };
      case TEXT, PRINT_BEGIN, PRINT_END, BLOCK_BEGIN, BLOCK_END, END -> throw unexpected(token);
    };
  }

  private static JinjaException unexpected(Token token) {
    return new JinjaException("unexpected '" + token.text() + "'", token.line());
  }

  /** Literals that stand together are one. */
  private Expression strings(String first) {
    var joined = new StringBuilder(first);
    while (peek().kind() == Kind.STRING) {
      joined.append(peek().text());
      at++;
    }
    String text = joined.toString();
    return scope -> text;
  }

  private static Expression named(String name) {
    return switch (name) {
      case "true", "True" -> scope -> true;
      case "false", "False" -> scope -> false;
      case "none", "None" -> scope -> null;
      default -> scope -> scope.get(name);
    };
  }

  private Expression brackets() {
    if (eat(")")) {
      return scope -> new Tuple(List.of());
    }
    Expression inside = tuple();
    need(")");
    return inside;
  }

  private Expression list() {
    var elements = new ArrayList<Expression>();
    while (!peek().is(Kind.OPERATOR, "]")) {
      elements.add(expression());
      if (!eat(",")) {
        break;
      }
    }
    need("]");
    return scope -> {
      var values = new ArrayList<Object>(elements.size());
      elements.forEach(element -> values.add(element.value(scope)));
      return values;
    };
  }

  private Expression dictionary() {
    var keys = new ArrayList<Expression>();
    var values = new ArrayList<Expression>();
    while (!peek().is(Kind.OPERATOR, "}")) {
      keys.add(expression());
      need(":");
      values.add(expression());
      if (!eat(",")) {
        break;
      }
    }
    need("}");
    return scope -> {
      var map = new LinkedHashMap<Object, Object>();
      for (int i = 0; i < keys.size(); i++) {
        map.put(keys.get(i).value(scope), values.get(i).value(scope));
      }
      return map;
    };
  }

  private Expression postfix(Expression start) {
    Expression value = start;
    while (true) {
      Expression of = value;
      if (eat(".")) {
        if (peek().kind() == Kind.INTEGER) {
          Object index = Long.parseLong(peek().text());
          at++;
          value = scope -> Values.item(of.value(scope), index, scope.rendering);
        } else {
          String name = name();
          value = scope -> Values.attribute(of.value(scope), name, scope.rendering);
        }
      } else if (eat("[")) {
        value = subscript(of);
      } else if (peek().is(Kind.OPERATOR, "(")) {
        value = call(of);
      } else {
        return value;
      }
    }
  }

  private Expression subscript(Expression of) {
    Expression from = null;
    if (!peek().is(Kind.OPERATOR, ":")) {
      from = expression();
      if (eat("]")) {
        Expression key = from;
        return scope -> Values.item(of.value(scope), key.value(scope), scope.rendering);
      }
    }
    need(":");
    Expression to =
        peek().is(Kind.OPERATOR, "]") || peek().is(Kind.OPERATOR, ":") ? null : expression();
    Expression by = eat(":") && !peek().is(Kind.OPERATOR, "]") ? expression() : null;
    need("]");
    Expression first = from;
    return scope ->
        Values.slice(
            of.value(scope),
            first == null ? null : first.value(scope),
            to == null ? null : to.value(scope),
            by == null ? null : by.value(scope),
            scope.rendering);
  }

  private Call call(Expression called) {
    Given given = given();
    return (scope, more) -> {
      Object function = called.value(scope);
      if (function instanceof Undefined undefined) {
        throw undefined.raised();
      }
      if (!(function instanceof Function callable)) {
        throw new JinjaException("'" + Values.typeName(function) + "' object is not callable");
      }
      scope.rendering.step();
      return callable.call(given.arguments(scope, more));
    };
  }

  private Given given() {
    need("(");
    var positional = new ArrayList<Expression>();
    var starred = new ArrayList<Boolean>();
    var named = new LinkedHashMap<String, Expression>();
    Expression starStar = null;
    while (!peek().is(Kind.OPERATOR, ")")) {
      if (eat("**")) {
        starStar = expression();
      } else if (peek().kind() == Kind.NAME && ahead(1).is(Kind.OPERATOR, "=")) {
        String name = name();
        at++;
        named.put(name, expression());
      } else {
        starred.add(eat("*"));
        positional.add(expression());
      }
      if (!eat(",")) {
        break;
      }
    }
    need(")");
    return new Given(positional, starred, named, starStar);
  }

  private Expression filtersAndTests(Expression start) {
    Expression value = start;
    while (true) {
      if (peek().is(Kind.OPERATOR, "|")) {
        value = filters(false).apply(value);
      } else if (eatName("is")) {
        value = test(value);
      } else if (peek().is(Kind.OPERATOR, "(")) {
        value = call(value);
      } else {
        return value;
      }
    }
  }

  private Expression test(Expression tested) {
    boolean negated = eatName("not");
    Token nameToken = peek();
    String name = name();
    Tests.Test test = Tests.find(name);
    if (test == null) {
      throw new JinjaException("No test named '" + name + "'.", nameToken.line());
    }
    Given given = Given.NONE;
    Token next = peek();
    if (next.is(Kind.OPERATOR, "(")) {
      given = given();
    } else if ((next.kind() == Kind.NAME
            && !Set.of("else", "or", "and", "is", "if", "in", "not").contains(next.text()))
        || next.kind() == Kind.STRING
        || next.kind() == Kind.INTEGER
        || next.kind() == Kind.FLOAT
        || next.is(Kind.OPERATOR, "[")
        || next.is(Kind.OPERATOR, "{")) {
      given = new Given(List.of(postfix(primary())), List.of(false), Map.of(), null);
    }
    Given arguments = given;
    return scope ->
        test.holds(tested.value(scope), arguments.arguments(scope, Map.of())) != negated;
  }

  /** A chain of filters; {@code bare}: the first stands without a bar, as in a filter block. */
  private UnaryOperator<Expression> filters(boolean bare) {
    UnaryOperator<Expression> chain = UnaryOperator.identity();
    boolean first = bare;
    while (first || eat("|")) {
      first = false;
      Token nameToken = peek();
      String name = name();
      Filters.Filter filter = Filters.find(name);
      if (filter == null) {
        throw new JinjaException("No filter named '" + name + "'.", nameToken.line());
      }
      Given given = peek().is(Kind.OPERATOR, "(") ? given() : Given.NONE;
      UnaryOperator<Expression> before = chain;
      chain =
          input -> {
            Expression filtered = before.apply(input);
            return scope -> {
              scope.rendering.step();
              return filter.apply(filtered.value(scope), given.arguments(scope, Map.of()));
            };
          };
    }
    return chain;
  }

  // ---- tokens

  private List<String> names() {
    var names = new ArrayList<String>();
    do {
      names.add(name());
    } while (eat(","));
    return names;
  }

  private Token peek() {
    return tokens.get(at);
  }

  private Token ahead(int by) {
    return tokens.get(Math.min(at + by, tokens.size() - 1));
  }

  private boolean eat(String operator) {
    boolean there = peek().is(Kind.OPERATOR, operator);
    at += there ? 1 : 0;
    return there;
  }

  private boolean eatName(String name) {
    boolean there = peek().is(Kind.NAME, name);
    at += there ? 1 : 0;
    return there;
  }

  private void need(String operator) {
    if (!eat(operator)) {
      throw error("expected '" + operator + "', found '" + peek().text() + "'");
    }
  }

  private String name() {
    if (peek().kind() != Kind.NAME) {
      throw error("expected a name, found '" + peek().text() + "'");
    }
    return tokens.get(at++).text();
  }

  private void blockEnd() {
    expect(Kind.BLOCK_END, "end of statement block");
  }

  private void expect(Kind kind, String what) {
    if (peek().kind() != kind) {
      throw error("expected " + what + ", found '" + peek().text() + "'");
    }
    at++;
  }

  private void nest() {
    if (++nesting > MAX_NESTING) {
      throw error("the template is nested more than " + MAX_NESTING + " levels deep");
    }
  }

  private JinjaException error(String message) {
    return new JinjaException(message, peek().line());
  }
}
