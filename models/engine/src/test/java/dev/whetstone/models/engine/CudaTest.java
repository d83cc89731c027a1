package dev.whetstone.models.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import ai.djl.Device;
import ai.djl.engine.Engine;
import ai.djl.util.cuda.CudaUtils;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.whetstone.artifacts.Json;
import dev.whetstone.artifacts.model.LoraConfig;
import dev.whetstone.artifacts.model.ModelFolder;
import dev.whetstone.models.engine.TrainableModel.Tuning;
import dev.whetstone.models.engine.testing.TinyModel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * What only a GPU can prove: its kernels, and the memory of the device. The acceptance check {@code
 * gpu} runs it with the libtorch that WHETSTONE_TORCH names; elsewhere it is not run.
 */
@Tag("gpu")
class CudaTest {
  private static final LoraConfig LORA = LoraConfig.plain(4, 8, LoraConfig.ALL_LINEAR);

  @TempDir private Path folder;

  @BeforeAll
  static void needsCuda() {
    assumeTrue(
        Engine.getEngine("PyTorch").getGpuCount() > 0, "libtorch finds no CUDA device: not run");
  }

  /** With heads of eight numbers, the fewest that the flash kernel takes. */
  private static ModelFolder model(Path folder) throws IOException {
    TinyModel.write(folder, 14);
    Path file = folder.resolve("config.json");
    var config = (ObjectNode) Json.read(file);
    config.put("num_attention_heads", TinyModel.HEADS / 2);
    config.put("num_key_value_heads", TinyModel.KEY_VALUE_HEADS / 2);
    Files.writeString(file, Json.pretty(config));
    return ModelFolder.open(folder);
  }

  private static Tuning on(Hardware hardware, boolean bfloat16, boolean checkpointing) {
    return new Tuning(0, checkpointing, bfloat16, hardware, 0);
  }

  private static double accumulate(TrainableModel model) {
    return LoraModelTest.accumulate(model, LoraModelTest.row(1, 40, 9, 21), 1);
  }

  /** Loss and gradients beside those of the CPU, whose slopes other tests check. */
  private void assertNear(Tuning tuning, double loss, double direction) throws IOException {
    ModelFolder model = model(folder);
    try (TrainableModel ours = LoraModel.load(model, LORA, tuning);
        TrainableModel expected = LoraModel.load(model, LORA, on(Hardware.CPU, false, false))) {
      Slopes.perturb(ours, 14);
      Slopes.perturb(expected, 14);
      double found = accumulate(ours);
      double wanted = accumulate(expected);
      assertThat(found).isCloseTo(wanted, within(loss * wanted));
      for (int i = 0; i < expected.parameters().size(); i++) {
        assertThat(
                Slopes.cosine(
                    ours.parameters().get(i).gradient().toFloatArray(),
                    expected.parameters().get(i).gradient().toFloatArray()))
            .as(expected.parameters().get(i).name())
            .isGreaterThan(direction);
      }
    }
  }

  @Test
  void float32IsTheCpus() throws IOException {
    assertNear(on(Hardware.GPU, false, false), 1e-4, 0.9999);
  }

  @Test
  void flashAttentionInBfloat16IsNearFloat32() throws IOException {
    assertNear(on(Hardware.GPU, true, false), 0.02, 0.98);
  }

  @Test
  void blocksComputedAnewGiveTheSame() throws IOException {
    assertNear(on(Hardware.GPU, true, true), 0.02, 0.98);
  }

  @Test
  void aHundredPassesLeaveTheDevicesMemoryFlat() throws IOException {
    try (TrainableModel model =
        LoraModel.load(model(folder), LORA, on(Hardware.GPU, true, false))) {
      List<Long> used = new ArrayList<>();
      for (int pass = 0; pass < 110; pass++) {
        accumulate(model);
        used.add(CudaUtils.getGpuMemory(Device.gpu()).getCommitted());
      }
      assertThat(used.get(109) - used.get(9)).isLessThan(4L << 20);
    }
  }
}
