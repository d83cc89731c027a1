package dev.whetstone.models.text.jinja;

/**
 * A template that cannot be compiled or rendered, with the line where it happened; also {@code
 * raise_exception}.
 */
public final class JinjaException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final int line;

  JinjaException(String message) {
    this(message, 0);
  }

  JinjaException(String message, int line) {
    super(message);
    this.line = line;
  }

  /** Line of the template, from 1; 0 where none is known. */
  public int line() {
    return line;
  }

  /** The message without its position: what a template's {@code raise_exception} said. */
  public String reason() {
    return super.getMessage();
  }

  @Override
  public String getMessage() {
    return line == 0 ? super.getMessage() : super.getMessage() + " (template line " + line + ")";
  }

  JinjaException at(int where) {
    return line == 0 ? new JinjaException(super.getMessage(), where) : this;
  }
}
