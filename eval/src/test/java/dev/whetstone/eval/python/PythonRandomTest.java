package dev.whetstone.eval.python;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import org.junit.jupiter.api.Test;

/** Golden numbers are CPython 3.11.7's {@code random.Random(seed)}. */
class PythonRandomTest {
  @Test
  void samplesOfALargePopulationAreCPythons() {
    var random = new PythonRandom(1234);
    assertThat(random.sample(7473, 5)).containsExactly(6374, 3610, 957, 61, 742);
    assertThat(random.sample(7473, 5)).containsExactly(7462, 6610, 4769, 286, 5501);
    assertThat(random.sample(7473, 5)).containsExactly(5677, 687, 806, 6279, 2905);
  }

  @Test
  void samplesOfASmallPopulationAreCPythons() {
    var random = new PythonRandom(1234);
    assertThat(random.sample(20, 4)).containsExactly(14, 3, 0, 2);
    assertThat(random.sample(20, 4)).containsExactly(18, 1, 2, 3);
    assertThat(random.sample(20, 4)).containsExactly(11, 7, 0, 17);
    assertThat(new PythonRandom(1234).sample(30, 5)).containsExactly(24, 14, 3, 0, 2);
  }

  @Test
  void manyShotsOutOfAThousandAreCPythons() {
    assertThat(new PythonRandom(1234).sample(1119, 25))
        .startsWith(902, 239, 15, 185, 71)
        .endsWith(996, 511, 132, 1108)
        .hasSize(25);
  }

  @Test
  void fractionsAndChoicesAreCPythons() {
    var zero = new PythonRandom(0);
    assertThat(zero.random()).isEqualTo(0.8444218515250481);
    assertThat(zero.random()).isEqualTo(0.7579544029403025);
    assertThat(new PythonRandom(1).choices(10, 10)).containsExactly(1, 8, 7, 2, 4, 4, 6, 7, 0, 0);
  }

  @Test
  void aSampleHasNoElementTwice() {
    for (long seed = 0; seed < 100; seed++) {
      int[] sample = new PythonRandom(seed).sample(40, 20);
      assertThat(Arrays.stream(sample).distinct().count()).as("seed %d", seed).isEqualTo(20);
    }
  }

  @Test
  void moreThanThereIsCannotBeSampled() {
    assertThatThrownBy(() -> new PythonRandom(1).sample(2, 3)).hasMessageContaining("3 of 2");
  }
}
