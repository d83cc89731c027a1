package dev.whetstone.training.loop;

import static org.assertj.core.api.Assertions.assertThat;

import dev.whetstone.artifacts.Json;
import dev.whetstone.artifacts.model.LoraConfig;
import dev.whetstone.artifacts.model.ModelFolder;
import dev.whetstone.artifacts.testing.NativeMemory;
import dev.whetstone.models.engine.TrainableModel;
import dev.whetstone.models.engine.TrainableModel.PackedRow;
import dev.whetstone.models.engine.TrainableModel.Tuning;
import dev.whetstone.models.engine.testing.TinyModel;
import dev.whetstone.training.TrainConfig;
import dev.whetstone.training.plan.TrainingRows;
import dev.whetstone.training.plan.TrainingRows.TrainingPack;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Optimizer steps leave native memory flat: in a JVM whose heap is touched as a whole at its start,
 * so that what grows is not the heap.
 */
class NativeMemoryTest {
  private static final int STEPS = 1000;

  /** A leak shows in every one; what the JVM compiles or the allocator keeps only in some. */
  private static final int ROUNDS = 3;

  /** A leaked gradient alone would be 4 MB in so many steps. */
  private static final long ALLOWED_MEGABYTES = 2;

  @TempDir private Path folder;

  @Test
  void aThousandStepsLeaveNothingBehind() throws IOException, InterruptedException {
    TinyModel.write(folder.resolve("model"), 1);
    assertThat(NativeMemory.grownMegabytes(Loop.class, folder.resolve("model").toString()))
        .isLessThan(ALLOWED_MEGABYTES);
  }

  /** Prints by how many megabytes the process has grown in the round in which it grew least. */
  static final class Loop {
    private Loop() {}

    public static void main(String[] arguments) throws IOException {
      var lora =
          new LoraConfig(
              4,
              8,
              0.1,
              LoraConfig.ALL_LINEAR,
              Map.of(),
              Map.of(),
              false,
              false,
              LoraConfig.Bias.NONE,
              List.of());
      TrainConfig config =
          Json.mapper()
              .readValue(
                  "{\"steps\": %d, \"batch\": {\"rows\": 1, \"accumulate\": 1}}"
                      .formatted(STEPS * (ROUNDS + 1)),
                  TrainConfig.class);
      try (TrainableModel model =
              TrainableModel.load(ModelFolder.open(Path.of(arguments[0])), lora, Tuning.plain(0));
          var loop = new TrainingLoop(config, model, work(), 1)) {
        long[] before = {Long.MAX_VALUE};
        long[] least = {Long.MAX_VALUE};
        loop.run(
            (step, total) -> {
              if (step.step() % STEPS == 0) {
                long now = NativeMemory.residentMegabytes();
                least[0] = Math.min(least[0], step.step() == STEPS ? least[0] : now - before[0]);
                before[0] = now;
              }
              return true;
            });
        System.out.println(least[0]);
      }
    }

    private static Work work() {
      var random = new Random(1);
      var packs = new ArrayList<TrainingPack>();
      for (int i = 0; i < 8; i++) {
        int[] tokens = random.ints(20 + random.nextInt(30), 0, 40).toArray();
        double[] weights = new double[tokens.length - 1];
        Arrays.fill(weights, 1);
        packs.add(
            new TrainingPack(
                new PackedRow(tokens, tokens, new int[] {tokens.length}), weights, List.of("r")));
      }
      return new PackWork(new TrainingRows(packs, 64), 1);
    }
  }
}
