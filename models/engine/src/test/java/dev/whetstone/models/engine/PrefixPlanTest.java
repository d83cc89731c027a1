package dev.whetstone.models.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.whetstone.models.engine.PrefixPlan.Step;
import dev.whetstone.models.engine.PrefixPlan.Wanted;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

class PrefixPlanTest {
  @Test
  void everyWantedPositionIsReadOnceBehindExactlyItsOwnTokens() {
    for (long seed = 0; seed < 300; seed++) {
      var random = new Random(seed);
      List<int[]> sequences =
          RandomRequests.sequences(random, 1 + random.nextInt(40), 200, 1 + random.nextInt(5));
      int[] first = sequences.stream().mapToInt(s -> random.nextInt(s.length)).toArray();
      int budget = PrefixPlan.MIN_SHARED + random.nextInt(100);
      PrefixPlan plan = PrefixPlan.of(sequences, first, budget);
      var read = new HashSet<Wanted>();
      plan.steps().forEach(step -> walk(step, List.of(), sequences, budget, read));
      var expected = new HashSet<Wanted>();
      for (int i = 0; i < first.length; i++) {
        for (int p = first[i]; p < sequences.get(i).length; p++) {
          expected.add(new Wanted(0, i, p));
        }
      }
      assertThat(read).as("seed %d", seed).isEqualTo(expected);
      assertThat(plan.tokens())
          .as("seed %d", seed)
          .isLessThanOrEqualTo(sequences.stream().mapToLong(s -> s.length).sum());
    }
  }

  private static void walk(
      Step step, List<Integer> prefix, List<int[]> sequences, int budget, Set<Wanted> read) {
    TreeRow row = step.row();
    assertThat(row.length()).isBetween(1, budget);
    var paths = new ArrayList<List<Integer>>();
    for (int i = 0; i < row.length(); i++) {
      assertThat(row.parents()[i]).isLessThan(i);
      var path = new ArrayList<>(row.parents()[i] < 0 ? prefix : paths.get(row.parents()[i]));
      path.add(row.tokens()[i]);
      assertThat(row.positions()[i]).isEqualTo(path.size() - 1);
      paths.add(path);
    }
    for (Wanted wanted : step.wanted()) {
      int[] sequence = sequences.get(wanted.sequence());
      List<Integer> path = paths.get(wanted.row());
      assertThat(path).hasSize(wanted.position() + 1);
      for (int p = 0; p < path.size(); p++) {
        assertThat(path.get(p)).isEqualTo(sequence[p]);
      }
      assertThat(read.add(new Wanted(0, wanted.sequence(), wanted.position()))).isTrue();
    }
    if (!step.children().isEmpty()) {
      assertThat(row.isChain()).isTrue();
    }
    for (Step child : step.children()) {
      walk(child, paths.get(paths.size() - 1), sequences, budget, read);
    }
  }

  @Test
  void aLongSharedPrefixIsFedOnce() {
    var sequences = new ArrayList<int[]>();
    for (int i = 0; i < 20; i++) {
      int[] sequence = new int[120];
      java.util.Arrays.fill(sequence, 100, 120, i + 1);
      sequences.add(sequence);
    }
    int[] first = new int[20];
    java.util.Arrays.fill(first, 119);
    assertThat(PrefixPlan.of(sequences, first, 64).tokens()).isEqualTo(100 + 20 * 20);
  }
}
