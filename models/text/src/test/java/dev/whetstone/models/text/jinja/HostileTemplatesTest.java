package dev.whetstone.models.text.jinja;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Templates come from strangers: each ends in an error within a second, never in a hang. */
class HostileTemplatesTest {
  private static final Duration LIMIT = Duration.ofSeconds(1);

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{% for a in range(99999) %}{% for b in range(99999) %}{% endfor %}{% endfor %}",
        "{% for a in range(1000000000) %}x{% endfor %}",
        "{% set ns = namespace(s='x') %}{% for a in range(99) %}{% set ns.s = ns.s + ns.s %}{%"
            + " endfor %}",
        "{% set ns = namespace(s='x') %}{% for a in range(99) %}{% set ns.s = ns.s ~ ns.s %}{%"
            + " endfor %}",
        "{{ 'x' * 9999999999 }}",
        "{{ [0] * 999999999 }}",
        "{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}",
        "{{ 9 ** 9 ** 9 }}",
        "{{ 'a'.replace('a', 'b' * 1000000).replace('b', 'c' * 1000000) }}",
        "{{ ('a,' * 1000000).split(',') | join('b' * 100000) }}",
        "{{ '%999999999d' | format(1) }}",
        "{{ 'x' | indent(999999999, true) }}",
        "{{ [1] | tojson(indent=999999999) }}",
        "{{ messages.__class__ }}",
        "{{ ''.__class__.__mro__ }}",
        "{{ messages | attr('__class__') }}",
      })
  void endsInAnErrorWithinASecond(String source) {
    // Processor time: a busy machine must not fail the test.
    ThreadMXBean threads = ManagementFactory.getThreadMXBean();
    long start = threads.getCurrentThreadCpuTime();
    assertThatThrownBy(() -> render(source)).isInstanceOf(JinjaException.class);
    assertThat(Duration.ofNanos(threads.getCurrentThreadCpuTime() - start)).isLessThan(LIMIT);
  }

  private static String render(String source) {
    return JinjaTemplate.compile(source, Environment.chat())
        .render(Map.of("messages", List.of(Map.of("role", "user"))));
  }

  @Test
  @Timeout(5)
  void deepNestingIsAnErrorAndNotAStackOverflow() {
    for (String source :
        new String[] {
          "{{ " + "(".repeat(50_000) + "1" + ")".repeat(50_000) + " }}",
          "{{ " + "[".repeat(50_000) + "]".repeat(50_000) + " }}",
          "{{ " + "not ".repeat(50_000) + "1 }}",
          "{{ " + "-".repeat(50_000) + "1 }}",
          "{% if 1 %}".repeat(50_000) + "{% endif %}".repeat(50_000),
        }) {
      assertThatThrownBy(() -> render(source)).isInstanceOf(JinjaException.class);
    }
  }

  @Test
  @Timeout(20)
  void randomScrapsOfTemplatesRenderOrRaiseButNeverCrash() {
    String[] scraps = {
      "{{",
      "}}",
      "{%",
      "%}",
      "{#",
      "#}",
      "-",
      " for ",
      " in ",
      " if ",
      " else ",
      "endif",
      "endfor",
      "x",
      "messages",
      ".",
      "|",
      "(",
      ")",
      "[",
      "]",
      "'",
      "\"",
      "1",
      "1.5e3",
      "~",
      "==",
      ":",
      ",",
      " set ",
      "=",
      " is ",
      " not ",
      "\n",
      "raw",
      "endraw",
      "macro",
      "length",
      "{",
      "}",
      "\\",
      "😀"
    };
    for (long seed = 0; seed < 20_000; seed++) {
      var random = new Random(seed);
      var source = new StringBuilder(random.nextBoolean() ? "{{" : "{%");
      for (int n = random.nextInt(14); n > 0; n--) {
        source.append(scraps[random.nextInt(scraps.length)]);
      }
      try {
        String text = render(source.toString());
        assertThat(text).as("seed %d: %s", seed, source).isNotNull();
      } catch (JinjaException expected) {
        assertThat(expected).as("seed %d: %s", seed, source).hasMessageMatching("(?s).+");
      } catch (RuntimeException e) {
        throw new AssertionError("seed %d: %s".formatted(seed, source), e);
      }
    }
  }

  @Test
  void anErrorNamesItsLine() {
    assertThatThrownBy(() -> render("a\n\n{{ nope.x }}"))
        .isInstanceOfSatisfying(JinjaException.class, e -> assertThat(e.line()).isEqualTo(3));
    assertThatThrownBy(() -> render("a\n{{ x | nosuchfilter }}"))
        .isInstanceOfSatisfying(JinjaException.class, e -> assertThat(e.line()).isEqualTo(2))
        .hasMessageContaining("nosuchfilter");
  }
}
