package dev.whetstone.models.engine.schema;

import dev.whetstone.models.engine.schema.Part.Reference;
import dev.whetstone.models.engine.schema.Terms.Term;
import java.util.List;
import java.util.Map;

/**
 * Turns the parts of a schema into languages over UTF-8 (RFC 8259; well-formed sequences: Unicode
 * 17.0, table 3-7).
 *
 * <p>White space is what models write: one blank after a colon, and after a bracket or comma a
 * blank or a line break with its indentation. Unlimited space would let a model write nothing else.
 */
final class Compilation {
  /** References that a document follows at most, one within the other. */
  static final int MAX_REFERENCES = 32;

  private static final int MAX_INDENTATION = 32;

  /** Every integer of so many digits is a long. */
  private static final int INTEGER_DIGITS = 18;

  /** Digits that a double holds faithfully (IEEE 754, DBL_DIG), before and after the point each. */
  private static final int NUMBER_DIGITS = 15;

  /** Digits of an exponent: 1e99 with 15 digits before its point is a double. */
  private static final int EXPONENT_DIGITS = 2;

  private final Terms terms = new Terms();
  private final Map<String, Part> targets;
  private final Map<String, Integer> heights;
  private final Term blank = terms.optional(terms.text(" "));
  private final Term space =
      terms.any(
          terms.empty,
          terms.text(" "),
          terms.sequence(terms.text("\n"), terms.repeated(terms.text(" "), 0, MAX_INDENTATION)));
  private final Term digit = terms.oneOf("0123456789");
  private final Term minus = terms.optional(terms.text("-"));
  private final Term character = character();

  /**
   * @param targets of references, by their pointers
   * @param heights of the targets
   */
  Compilation(Map<String, Part> targets, Map<String, Integer> heights) {
    this.targets = targets;
    this.heights = heights;
  }

  Terms terms() {
    return terms;
  }

  /** At most one blank. */
  Term blank() {
    return blank;
  }

  /** Nothing, a blank, or a new line and its indentation. */
  Term space() {
    return space;
  }

  Term integer() {
    return terms.sequence(minus, whole(INTEGER_DIGITS));
  }

  Term number() {
    return terms.sequence(
        minus,
        whole(NUMBER_DIGITS),
        terms.optional(terms.sequence(terms.text("."), terms.repeated(digit, 1, NUMBER_DIGITS))),
        terms.optional(
            terms.sequence(
                terms.oneOf("eE"),
                terms.optional(terms.oneOf("+-")),
                terms.repeated(digit, 1, EXPONENT_DIGITS))));
  }

  private Term whole(int digits) {
    return terms.any(
        terms.text("0"),
        terms.sequence(terms.oneOf("123456789"), terms.repeated(digit, 0, digits - 1)));
  }

  /** A string of some characters, counted as code points. */
  Term quoted(int least, int most) {
    return terms.sequence(
        terms.text("\""), terms.repeated(character, least, most), terms.text("\""));
  }

  /** One code point: raw, or escaped where it has an escape; half of a surrogate pair never. */
  private Term character() {
    Term hex = terms.oneOf("0123456789abcdefABCDEF");
    Term notSurrogate =
        terms.any(
            terms.sequence(terms.oneOf("0123456789abcefABCEF"), hex, hex, hex),
            terms.sequence(terms.oneOf("dD"), terms.oneOf("01234567"), hex, hex));
    Term next = terms.range(0x80, 0xBF);
    return terms.any(
        List.of(
            terms.range(0x20, 0x21),
            terms.range(0x23, 0x5B), // all of ASCII but controls, quote and backslash
            terms.range(0x5D, 0x7F),
            terms.sequence(
                terms.text("\\"),
                terms.any(
                    terms.oneOf("\"\\/bfnrt"), terms.sequence(terms.text("u"), notSurrogate))),
            terms.sequence(terms.range(0xC2, 0xDF), next),
            terms.sequence(terms.range(0xE0, 0xE0), terms.range(0xA0, 0xBF), next),
            terms.sequence(terms.range(0xE1, 0xEC), next, next),
            terms.sequence(terms.range(0xED, 0xED), terms.range(0x80, 0x9F), next),
            terms.sequence(terms.range(0xEE, 0xEF), next, next),
            terms.sequence(terms.range(0xF0, 0xF0), terms.range(0x90, 0xBF), next, next),
            terms.sequence(terms.range(0xF1, 0xF3), next, next, next),
            terms.sequence(terms.range(0xF4, 0xF4), terms.range(0x80, 0x8F), next, next)));
  }

  /** What a reference stands for, if its shallowest document is within the depth that is left. */
  Term follow(Reference reference, int depth) {
    if (depth + reference.height(heights) > MAX_REFERENCES) {
      return terms.nothing;
    }
    String pointer = reference.pointer();
    return terms.later(
        List.of(pointer, depth), () -> targets.get(pointer).language(this, depth + 1));
  }
}
