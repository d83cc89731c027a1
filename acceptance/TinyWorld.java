import dev.whetstone.artifacts.model.AdapterFolder;
import dev.whetstone.artifacts.tensors.Safetensors.FloatTensor;
import dev.whetstone.models.engine.testing.TinyModel;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/** Writes a random model of two layers, an adapter for it and one for a wider model. For bad_input.py. */
public final class TinyWorld {
  public static void main(String... args) {
    Path folder = Path.of(args[0]);
    TinyModel.write(folder.resolve("model"), 1, false);
    adapter(folder.resolve("adapter"), TinyModel.HIDDEN);
    adapter(folder.resolve("adapter-of-another"), 2 * TinyModel.HIDDEN);
  }

  private static void adapter(Path folder, int in) {
    String module = "base_model.model.model.layers.1.mlp.up_proj";
    AdapterFolder.write(
        folder,
        new AdapterFolder.Config("tiny", 2, 4, 0, List.of("up_proj"), List.of()),
        Map.of(),
        List.of(
            tensor(module + ".lora_A.weight", 2, in),
            tensor(module + ".lora_B.weight", TinyModel.INTERMEDIATE, 2)));
  }

  private static FloatTensor tensor(String name, int rows, int columns) {
    float[] values = new float[rows * columns];
    Arrays.fill(values, 0.1f);
    return new FloatTensor(name, List.of((long) rows, (long) columns), values);
  }
}
