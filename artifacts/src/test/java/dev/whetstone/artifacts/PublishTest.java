package dev.whetstone.artifacts;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class PublishTest {
  @Test
  void strictestOfTwoShowsLess() {
    for (Publish one : Publish.values()) {
      assertThat(one.strictest(one)).isEqualTo(one);
      assertThat(one.strictest(Publish.NONE)).isEqualTo(Publish.NONE);
      assertThat(Publish.TEXT.strictest(one)).isEqualTo(one);
      assertThat(Publish.of(one.key())).isEqualTo(one);
    }
  }

  @Test
  void unknownValueListsTheKnownOnes() {
    assertThatThrownBy(() -> Publish.of("all"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("publish: unknown value \"all\"; known: text, hashes, none");
  }
}
