package dev.whetstone.models.text.jinja;

/**
 * The value of a name or attribute that does not exist. It prints as nothing, is false and has no
 * elements; under a strict environment all of these raise.
 *
 * @param hint what was missing, in Jinja's words
 */
record Undefined(String hint, boolean strict) {
  JinjaException raised() {
    return new JinjaException(hint);
  }

  /** Raises under a strict environment. */
  void use() {
    if (strict) {
      throw raised();
    }
  }
}
