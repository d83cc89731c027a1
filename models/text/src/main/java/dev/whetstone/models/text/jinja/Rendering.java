package dev.whetstone.models.text.jinja;

import java.time.ZonedDateTime;
import java.util.ArrayList;
import java.util.List;

/**
 * The changing half of a rendering: output, generation spans, and the limits that end a hostile
 * template: steps, characters, depth of calls.
 */
final class Rendering {
  static final int MAX_RANGE = 100_000;

  /** Keeps the worst template to a second of processor time (HostileTemplatesTest). */
  private static final long MAX_STEPS = 1_000_000;

  private static final int MAX_CHARACTERS = 20_000_000;
  private static final int MAX_DEPTH = 150;

  final StringBuilder out = new StringBuilder();
  final List<Span> spans = new ArrayList<>();
  final Environment environment;
  final ZonedDateTime now;
  private long steps;
  private int depth;

  Rendering(Environment environment, ZonedDateTime now) {
    this.environment = environment;
    this.now = now;
  }

  void step() {
    if (++steps > MAX_STEPS) {
      throw new JinjaException("the template ran more than " + MAX_STEPS + " steps");
    }
  }

  void enter() {
    if (++depth > MAX_DEPTH) {
      throw new JinjaException("maximum recursion depth exceeded");
    }
  }

  void leave() {
    depth--;
  }

  void append(StringBuilder to, String text) {
    grown((long) to.length() + text.length());
    to.append(text);
  }

  /** Checks the size of a text before it is made. */
  static void grown(long characters) {
    if (characters > MAX_CHARACTERS) {
      throw new JinjaException("the template wrote more than " + MAX_CHARACTERS + " characters");
    }
  }

  Undefined undefined(String hint) {
    return new Undefined(hint, environment.strictUndefined());
  }
}
