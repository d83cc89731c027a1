package dev.whetstone.training.plan;

import static org.assertj.core.api.Assertions.assertThat;

import dev.whetstone.models.engine.TrainableModel.PackedRow;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class BatchesTest {
  @Test
  void everyEpochGoesOverEveryPackOnceInAnOrderOfItsOwn() {
    for (long seed = 0; seed < 50; seed++) {
      var random = new Random(seed);
      int packs = 1 + random.nextInt(30);
      var batches = new Batches(packs, 1 + random.nextInt(7), seed);
      List<Integer> all = IntStream.range(0, packs).boxed().toList();
      List<List<Integer>> orders = new ArrayList<>();
      for (int epoch = 0; epoch < 2; epoch++) {
        List<Integer> seen = new ArrayList<>();
        for (int step = 0; step < batches.stepsPerEpoch(); step++) {
          seen.addAll(batches.step(epoch * batches.stepsPerEpoch() + step));
        }
        assertThat(seen).as("seed %d", seed).containsExactlyInAnyOrderElementsOf(all);
        orders.add(seen);
      }
      if (packs > 12) {
        assertThat(orders.get(1)).as("seed %d", seed).isNotEqualTo(orders.get(0));
      }
    }
  }

  @Test
  void theSameSeedGivesTheSameOrder() {
    assertThat(new Batches(20, 3, 7).step(4)).isEqualTo(new Batches(20, 3, 7).step(4));
    assertThat(new Batches(20, 20, 7).step(0)).isNotEqualTo(new Batches(20, 20, 8).step(0));
  }

  @Test
  void theLastStepOfAnEpochMayBeShort() {
    var batches = new Batches(5, 2, 0);
    assertThat(batches.stepsPerEpoch()).isEqualTo(3);
    assertThat(batches.step(2)).hasSize(1);
    assertThat(batches.step(3)).hasSize(2);
  }

  @Test
  void aTokenBudgetEndsWithTheStepThatReachesIt() {
    var batches = new Batches(4, 1, 0);
    List<Integer> sizes = Collections.nCopies(4, 100);
    assertThat(batches.stepsForTokens(1, sizes::get)).isEqualTo(1);
    assertThat(batches.stepsForTokens(250, sizes::get)).isEqualTo(3);
    assertThat(batches.stepsForTokens(300, sizes::get)).isEqualTo(3);
    assertThat(batches.stepsForTokens(1000, sizes::get)).isEqualTo(10);
  }

  @Test
  void theFirstLabelOfADocumentIsNoTarget() {
    var row =
        new PackedRow(new int[] {5, 6, 7, 8, 9}, new int[] {5, -100, 7, 8, 9}, new int[] {3, 2});
    assertThat(row.targets().length).isEqualTo(2);
  }
}
