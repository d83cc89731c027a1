package dev.whetstone.models.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.whetstone.artifacts.model.ModelFolder;
import dev.whetstone.artifacts.testing.NativeMemory;
import dev.whetstone.models.engine.LanguageModel.GenerateRequest;
import dev.whetstone.models.engine.LanguageModel.ScoreRequest;
import dev.whetstone.models.engine.testing.TinyModel;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Scoring and generation leave native memory flat: in a JVM whose heap is touched as a whole at its
 * start, so that what grows is not the heap.
 */
class NativeMemoryTest {
  private static final int SCORED = 100_000;
  private static final int GENERATED = 2_000;

  /** A leak shows in every one; what the JVM compiles or the allocator keeps only in some. */
  private static final int ROUNDS = 3;

  /** The keys and values that a round keeps for a moment take 15. */
  private static final long ALLOWED_MEGABYTES = 2;

  private static final int BUDGET = 64;

  @TempDir private Path folder;

  @Test
  void scoringAndGenerationLeaveNothingBehind() throws IOException, InterruptedException {
    TinyModel.write(folder.resolve("model"), 1);
    assertThat(NativeMemory.grownMegabytes(Loop.class, folder.resolve("model").toString()))
        .isLessThan(ALLOWED_MEGABYTES);
  }

  /** Prints by how many megabytes the process has grown in the round in which it grew least. */
  static final class Loop {
    private Loop() {}

    public static void main(String[] arguments) {
      try (LoadedModel model =
          LoadedModel.open(
              ModelFolder.open(Path.of(arguments[0])),
              Optional.empty(),
              BUDGET,
              Numerics.FLOAT32)) {
        work(model, 0);
        long least = Long.MAX_VALUE;
        for (int round = 1; round <= ROUNDS; round++) {
          long before = NativeMemory.residentMegabytes();
          work(model, round);
          least = Math.min(least, NativeMemory.residentMegabytes() - before);
        }
        System.out.println(least);
      }
    }

    private static void work(LoadedModel model, long seed) {
      var random = new Random(seed);
      int scored = 0;
      while (scored < SCORED) {
        // Longer than a pass, so that prefixes are kept.
        int[] shared = tokens(random, 150);
        var requests = new ArrayList<ScoreRequest>();
        for (int i = 0; i < 4; i++) {
          requests.add(new ScoreRequest(shared, tokens(random, 30 + random.nextInt(40))));
          scored += requests.get(i).continuation().length;
        }
        model.score(requests, done -> {});
      }
      int generated = 0;
      while (generated < GENERATED) {
        var requests = new ArrayList<GenerateRequest>();
        for (int i = 0; i < 10; i++) {
          requests.add(new GenerateRequest(tokens(random, 5 + random.nextInt(60)), 40, List.of()));
        }
        for (var generation : model.generate(requests, done -> {})) {
          generated += generation.tokens().length;
        }
      }
    }

    private static int[] tokens(Random random, int count) {
      return random.ints(count, 0, 200).toArray();
    }
  }
}
