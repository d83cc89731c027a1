package dev.whetstone.models.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import dev.whetstone.artifacts.ArtifactFolder;
import dev.whetstone.artifacts.BadInputException;
import dev.whetstone.artifacts.model.AdapterFolder;
import dev.whetstone.artifacts.model.ModelFolder;
import dev.whetstone.artifacts.tensors.Safetensors;
import dev.whetstone.artifacts.tensors.TensorSource;
import dev.whetstone.models.engine.HostileFolders.Hostile;
import dev.whetstone.models.engine.family.DecoderConfig;
import dev.whetstone.models.engine.family.DecoderTensors;
import java.io.IOException;
import java.nio.FloatBuffer;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * All that is checked before anything native sees a model; {@link HostileModelsTest} goes on from
 * there.
 */
class HostileFoldersTest {
  private static final int FOLDERS = 400;
  private static final Duration LIMIT = Duration.ofSeconds(10);

  @TempDir Path folder;

  @Test
  void spoiltFoldersAreReadOrRefusedInASentence() throws IOException {
    var folders = new HostileFolders(folder.resolve("valid"));
    folders.makeValid();
    int refused = 0;
    for (long seed = 0; seed < FOLDERS; seed++) {
      Path spoilt = folder.resolve("s" + seed);
      Hostile hostile = folders.write(seed, spoilt);
      try {
        assertTimeoutPreemptively(LIMIT, () -> read(hostile), () -> hostile.what());
      } catch (BadInputException e) {
        refused++;
        assertThat(e.getMessage()).as("seed %d, %s", seed, hostile.what()).isNotBlank();
      } catch (RuntimeException | Error e) {
        throw new AssertionError("seed %d, %s".formatted(seed, hostile.what()), e);
      }
      ArtifactFolder.delete(spoilt);
    }
    assertThat(refused).isGreaterThan(FOLDERS / 3);
  }

  private static void read(Hostile hostile) {
    ModelFolder model = ModelFolder.open(hostile.model());
    assertThat(model.content()).startsWith("sha256:");
    DecoderConfig config = DecoderConfig.of(model.config(), hostile.model() + "/config.json");
    try (TensorSource weights = model.weights()) {
      DecoderTensors.check(
          config, DecoderTensors.shapesOf(weights), hostile.model().toString(), "config.json");
      readAll(weights);
    }
    AdapterFolder adapter = AdapterFolder.open(hostile.adapter());
    try (TensorSource tensors = adapter.tensors()) {
      AdapterMerge.check(
          tensors, DecoderTensors.shapes(config), hostile.adapter(), hostile.model());
      readAll(tensors);
    }
  }

  private static void readAll(TensorSource tensors) {
    for (String name : tensors.names()) {
      long elements = Safetensors.elements(tensors.shape(name));
      assertThat(elements).isLessThan(100_000);
      tensors.read(name, 0, FloatBuffer.allocate((int) elements));
    }
  }
}
