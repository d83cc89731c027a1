package dev.whetstone.datasets.split;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

class RowOrderTest {
  @Test
  void theSeedAndTheContentDecideAlone() {
    assertThat(RowOrder.of("a", 1, 0.5)).isEqualTo(RowOrder.of("a", 1, 0.5));
    assertThat(RowOrder.of("a", 1, 0.5).order()).isNotEqualTo(RowOrder.of("a", 2, 0.5).order());
  }

  @Test
  void theShareIsKeptAndEveryRangeIsInOrder() {
    int validation = 0;
    for (int i = 0; i < 20_000; i++) {
      RowOrder place = RowOrder.of("row " + i, 0, 0.1);
      validation += place.split().equals(RowOrder.VALIDATION) ? 1 : 0;
      assertThat(place.order()).isNotNegative();
      assertThat(place.range()).isBetween(0, RowOrder.RANGES - 1);
    }
    assertThat(validation / 20_000.0).isCloseTo(0.1, within(0.01));
    assertThat(RowOrder.of("a", 0, 0).split()).isEqualTo(RowOrder.TRAIN);
    assertThat(RowOrder.of("a", 0, 1).split()).isEqualTo(RowOrder.VALIDATION);
  }
}
