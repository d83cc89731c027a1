package dev.whetstone.datasets.pack;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.function.BiFunction;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class BestFitTest {
  private static Stream<BiFunction<int[], Integer, List<int[]>>> ways() {
    return Stream.of(BestFit::pack, ExactFit::pack, FewestPacks::of);
  }

  @ParameterizedTest
  @MethodSource("ways")
  void everyRowIsPackedOnceAndNoPackIsTooLong(BiFunction<int[], Integer, List<int[]>> way) {
    for (long seed = 0; seed < 300; seed++) {
      Random random = new Random(seed);
      int capacity = random.nextInt(1, 200);
      int longest = random.nextInt(1, capacity + 1);
      int[] lengths = random.ints(random.nextInt(0, 300), 1, longest + 1).toArray();
      List<int[]> packs = way.apply(lengths, capacity);
      int[] rows = packs.stream().flatMapToInt(Arrays::stream).sorted().toArray();
      assertThat(rows).as("seed %d", seed).isEqualTo(indices(lengths.length));
      for (int[] pack : packs) {
        assertThat(tokens(pack, lengths)).as("seed %d", seed).isBetween(1, capacity);
      }
    }
  }

  @Test
  void shortRowsFillTheirPacksNearlyWhole() {
    for (long seed = 0; seed < 5; seed++) {
      Random random = new Random(seed);
      int[] lengths =
          random.doubles(5000).mapToInt(d -> (int) (60 + 500 * d * d * d + 40 * d)).toArray();
      int tokens = Arrays.stream(lengths).sum();
      assertThat(FewestPacks.of(lengths, 2048))
          .as("seed %d", seed)
          .hasSizeLessThanOrEqualTo((tokens + 2047) / 2048 + 1)
          .hasSizeLessThanOrEqualTo(BestFit.pack(lengths, 2048).size());
    }
  }

  @Test
  void packsAreWhatTheSlowTwinMakes() {
    for (long seed = 0; seed < 200; seed++) {
      Random random = new Random(seed);
      int capacity = random.nextInt(5, 100);
      int[] lengths = random.ints(random.nextInt(0, 120), 1, capacity + 1).toArray();
      assertThat(BestFit.pack(lengths, capacity))
          .as("seed %d", seed)
          .hasSize(bestFit(lengths, capacity));
      assertThat(BestFit.pack(lengths, capacity))
          .as("seed %d", seed)
          .hasSizeLessThanOrEqualTo(firstFit(lengths, capacity));
    }
  }

  @Test
  void aRowThatFitsNowhereIsAnError() {
    assertThatThrownBy(() -> BestFit.pack(new int[] {3, 9}, 8))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("row 1 has 9 tokens, expected 1 to 8");
  }

  /** Rows in their own order, each into the first pack with room. */
  private static int firstFit(int[] lengths, int capacity) {
    List<Integer> rooms = new ArrayList<>();
    for (int length : lengths) {
      int at = 0;
      while (at < rooms.size() && rooms.get(at) < length) {
        at++;
      }
      if (at == rooms.size()) {
        rooms.add(capacity);
      }
      rooms.set(at, rooms.get(at) - length);
    }
    return rooms.size();
  }

  /** The longest first, each into the pack with the least room that suffices. */
  private static int bestFit(int[] lengths, int capacity) {
    List<Integer> rooms = new ArrayList<>();
    int[] sorted = Arrays.stream(lengths).sorted().toArray();
    for (int i = sorted.length - 1; i >= 0; i--) {
      int best = -1;
      for (int pack = 0; pack < rooms.size(); pack++) {
        boolean fits = rooms.get(pack) >= sorted[i];
        if (fits && (best < 0 || rooms.get(pack) < rooms.get(best))) {
          best = pack;
        }
      }
      if (best < 0) {
        rooms.add(capacity);
        best = rooms.size() - 1;
      }
      rooms.set(best, rooms.get(best) - sorted[i]);
    }
    return rooms.size();
  }

  private static int tokens(int[] pack, int[] lengths) {
    return Arrays.stream(pack).map(row -> lengths[row]).sum();
  }

  private static int[] indices(int count) {
    int[] indices = new int[count];
    Arrays.setAll(indices, i -> i);
    return indices;
  }
}
