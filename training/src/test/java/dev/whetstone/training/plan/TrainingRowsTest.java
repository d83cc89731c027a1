package dev.whetstone.training.plan;

import static org.assertj.core.api.Assertions.assertThat;

import dev.whetstone.artifacts.dataset.DatasetFolder;
import dev.whetstone.artifacts.testing.TinyStreams;
import dev.whetstone.training.TinyDataset;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TrainingRowsTest {
  @TempDir private Path folder;

  @Test
  void eachTargetCountsWhatItsRowSays() throws IOException {
    TinyDataset.write(folder, 1, 1);
    List<float[]> weights = new ArrayList<>();
    weights.add(null);
    weights.add(new float[] {3, 0, 0.5f, 2}); // nothing foretells the first token
    TinyStreams.weighted(
        TinyDataset.shard(folder, "train"),
        List.of(new int[] {1, 2, 3}, new int[] {4, 5, 6, 7}),
        List.of(new int[] {-100, 2, 3}, new int[] {4, -100, 6, 7}),
        weights);
    assertThat(weights(false)).containsExactly(1, 1, 0.5, 2);
    assertThat(weights(true)).containsExactly(1, 1, 1, 1, 1);
  }

  private double[] weights(boolean lossOnAll) {
    DatasetFolder dataset = DatasetFolder.open(folder);
    return TrainingRows.read(dataset, "train", TinyDataset.PACK_LENGTH, lossOnAll)
        .packs()
        .get(0)
        .weights();
  }
}
