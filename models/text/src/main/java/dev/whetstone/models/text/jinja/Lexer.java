package dev.whetstone.models.text.jinja;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** From a template's source to tokens, white space control included. */
final class Lexer {
  enum Kind {
    TEXT,
    PRINT_BEGIN,
    PRINT_END,
    BLOCK_BEGIN,
    BLOCK_END,
    NAME,
    STRING,
    INTEGER,
    FLOAT,
    OPERATOR,
    END
  }

  record Token(Kind kind, String text, int line) {
    boolean is(Kind wanted, String wantedText) {
      return kind == wanted && text.equals(wantedText);
    }
  }

  /** Longest first, so that the first match is right. */
  private static final List<String> OPERATORS =
      List.of(
          "**", "//", "==", "!=", "<=", ">=", "+", "-", "*", "/", "%", "~", "<", ">", "=", "(", ")",
          "[", "]", "{", "}", ",", ".", ":", "|");

  private static final Pattern END_RAW = Pattern.compile("\\{%([-+]?)\\s*endraw\\s*([-+]?)%\\}");

  private final Environment environment;
  private final String source;
  private final List<Token> tokens = new ArrayList<>();
  private int at;
  private int line = 1;
  private boolean stripNext; // the last tag ended with "-"
  private boolean trimNext; // the last tag was a block or comment, and trim_blocks is on

  private Lexer(String source, Environment environment) {
    String text = source.replace("\r\n", "\n").replace('\r', '\n');
    if (!environment.keepTrailingNewline() && text.endsWith("\n")) {
      text = text.substring(0, text.length() - 1);
    }
    this.source = text;
    this.environment = environment;
  }

  static List<Token> tokens(String source, Environment environment) {
    var lexer = new Lexer(source, environment);
    lexer.run();
    return lexer.tokens;
  }

  private void run() {
    while (at < source.length()) {
      int tag = nextTag(at);
      text(at, tag);
      if (tag == source.length()) {
        break;
      }
      char kind = source.charAt(tag + 1);
      at = tag + 2;
      if (at < source.length() && (source.charAt(at) == '-' || source.charAt(at) == '+')) {
        at++;
      }
      if (kind == '#') {
        comment();
      } else {
        code(kind == '{');
      }
    }
    add(Kind.END, "");
  }

  private int nextTag(int from) {
    for (int i = from; i + 1 < source.length(); i++) {
      if (source.charAt(i) == '{' && "{%#".indexOf(source.charAt(i + 1)) >= 0) {
        return i;
      }
    }
    return source.length();
  }

  /** Text between tags: what the tags at both ends leave of it. */
  private void text(int from, int to) {
    String whole = source.substring(from, to);
    String text = trimNext && whole.startsWith("\n") ? whole.substring(1) : whole;
    if (stripNext) {
      text = PythonText.strip(text, null, true, false);
    }
    if (to < source.length()) {
      char kind = source.charAt(to + 1);
      char sign = to + 2 < source.length() ? source.charAt(to + 2) : 0;
      if (sign == '-') {
        text = PythonText.rstrip(text);
      } else if (sign != '+' && kind != '{' && environment.lstripBlocks()) {
        int start = whole.lastIndexOf('\n') + 1;
        boolean lineStart = start > 0 || from == 0 || source.charAt(from - 1) == '\n';
        String tail = whole.substring(start);
        if (lineStart && tail.chars().allMatch(PythonText::isSpace) && text.endsWith(tail)) {
          text = text.substring(0, text.length() - tail.length());
        }
      }
    }
    if (!text.isEmpty()) {
      add(Kind.TEXT, text);
    }
    count(whole);
    stripNext = false;
    trimNext = false;
  }

  private void comment() {
    int end = source.indexOf("#}", at);
    if (end < 0) {
      throw error("Missing end of comment tag");
    }
    char sign = source.charAt(end - 1);
    // "{#-" and "{#+" have been stepped over; in "{#-#}" the sign belongs to the opening.
    boolean signed = end > at && (sign == '-' || sign == '+');
    stripNext = signed && sign == '-';
    trimNext = environment.trimBlocks() && !signed;
    count(source.substring(at, end));
    at = end + 2;
  }

  private void code(boolean print) {
    int first = tokens.size();
    int begun = line;
    add(print ? Kind.PRINT_BEGIN : Kind.BLOCK_BEGIN, "");
    int depth = 0;
    String end = print ? "}}" : "%}";
    while (true) {
      while (at < source.length() && PythonText.isSpace(source.charAt(at))) {
        line += source.charAt(at++) == '\n' ? 1 : 0;
      }
      if (at >= source.length()) {
        throw error("unexpected end of template");
      }
      if (depth == 0 && source.startsWith(end, at)) {
        at += 2;
        trimNext = !print && environment.trimBlocks();
        break;
      }
      char c = source.charAt(at);
      if (depth == 0 && (c == '-' || c == '+') && source.startsWith(end, at + 1)) {
        at += 3;
        stripNext = c == '-';
        break;
      }
      depth += token(c);
    }
    add(print ? Kind.PRINT_END : Kind.BLOCK_END, "");
    if (!print && tokens.size() == first + 3 && tokens.get(first + 1).is(Kind.NAME, "raw")) {
      tokens.subList(first, tokens.size()).clear();
      raw(begun);
    }
  }

  /** One token; returns how it changes the depth of brackets. */
  private int token(char c) {
    int from = at;
    if (Character.isLetter(c) || c == '_') {
      while (at < source.length()
          && (Character.isLetterOrDigit(source.charAt(at)) || source.charAt(at) == '_')) {
        at++;
      }
      add(Kind.NAME, source.substring(from, at));
      return 0;
    }
    if (c >= '0' && c <= '9') {
      number(from);
      return 0;
    }
    if (c == '\'' || c == '"') {
      string(c);
      return 0;
    }
    for (String operator : OPERATORS) {
      if (source.startsWith(operator, at)) {
        add(Kind.OPERATOR, operator);
        at += operator.length();
        return "([{".contains(operator) ? 1 : ")]}".contains(operator) ? -1 : 0;
      }
    }
    throw error("unexpected char '" + c + "'");
  }

  private void number(int from) {
    digits();
    boolean fraction = at + 1 < source.length() && source.charAt(at) == '.' && digit(at + 1);
    if (fraction) {
      at++;
      digits();
    }
    boolean exponent = false;
    if (at + 1 < source.length() && (source.charAt(at) == 'e' || source.charAt(at) == 'E')) {
      int sign = source.charAt(at + 1) == '+' || source.charAt(at + 1) == '-' ? 1 : 0;
      if (digit(at + 1 + sign)) {
        exponent = true;
        at += 1 + sign;
        digits();
      }
    }
    add(
        fraction || exponent ? Kind.FLOAT : Kind.INTEGER,
        source.substring(from, at).replace("_", ""));
  }

  private boolean digit(int i) {
    return i < source.length() && source.charAt(i) >= '0' && source.charAt(i) <= '9';
  }

  private void digits() {
    while (digit(at) || (at < source.length() && source.charAt(at) == '_')) {
      at++;
    }
  }

  private void string(char quote) {
    var value = new StringBuilder();
    int begun = line;
    int end = PythonStrings.read(source, at, quote, value);
    if (end < 0) {
      throw error("unterminated string");
    }
    count(source.substring(at, end));
    tokens.add(new Token(Kind.STRING, value.toString(), begun));
    at = end;
  }

  private void raw(int begun) {
    Matcher end = END_RAW.matcher(source);
    if (!end.find(at)) {
      throw new JinjaException("Missing end of raw directive", begun);
    }
    // Neither trim_blocks nor a line start apply at the beginning of a raw body.
    String body = source.substring(at, end.start());
    String text = stripNext ? PythonText.strip(body, null, true, false) : body;
    if (end.group(1).equals("-")) {
      text = PythonText.rstrip(text);
    } else if (end.group(1).isEmpty() && environment.lstripBlocks()) {
      int start = text.lastIndexOf('\n') + 1;
      if (start > 0 && text.substring(start).chars().allMatch(PythonText::isSpace)) {
        text = text.substring(0, start);
      }
    }
    add(Kind.TEXT, text);
    count(source.substring(at, end.end()));
    at = end.end();
    stripNext = end.group(2).equals("-");
    trimNext = environment.trimBlocks() && end.group(2).isEmpty();
  }

  private void add(Kind kind, String text) {
    tokens.add(new Token(kind, text, line));
  }

  private void count(String text) {
    line += (int) text.chars().filter(c -> c == '\n').count();
  }

  private JinjaException error(String message) {
    return new JinjaException(message, line);
  }
}
