package dev.whetstone.models.text.jinja;

/** Python string literals with their escapes. */
final class PythonStrings {
  private PythonStrings() {}

  /**
   * Reads the literal whose opening quote is at {@code from}.
   *
   * @param value receives the text
   * @return position after the closing quote, or -1 if there is none
   */
  static int read(String source, int from, char quote, StringBuilder value) {
    int at = from + 1;
    while (at < source.length()) {
      char c = source.charAt(at++);
      if (c == quote) {
        return at;
      }
      if (c != '\\' || at == source.length()) {
        value.append(c);
        continue;
      }
      char escape = source.charAt(at++);
      switch (escape) {
        case 'n' -> value.append('\n');
        case 't' -> value.append('\t');
        case 'r' -> value.append('\r');
        case 'b' -> value.append('\b');
        case 'f' -> value.append('\f');
        case 'v' -> value.append('\u000b');
        case 'a' -> value.append('\u0007');
        case '0' -> value.append('\0');
        case '\\', '\'', '"' -> value.append(escape);
        case '\n' -> {}
        case 'x' -> at = code(source, at, 2, value);
        case 'u' -> at = code(source, at, 4, value);
        case 'U' -> at = code(source, at, 8, value);
        default -> value.append('\\').append(escape);
      }
    }
    return -1;
  }

  private static int code(String source, int from, int digits, StringBuilder value) {
    try {
      value.appendCodePoint(Integer.parseInt(source.substring(from, from + digits), 16));
      return from + digits;
    } catch (IndexOutOfBoundsException | IllegalArgumentException e) {
      throw new JinjaException("truncated escape in a string");
    }
  }
}
