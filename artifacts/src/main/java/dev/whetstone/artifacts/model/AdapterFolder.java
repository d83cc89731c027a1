package dev.whetstone.artifacts.model;

import dev.whetstone.artifacts.Ancestor;
import dev.whetstone.artifacts.tensors.Safetensors.FloatTensor;
import dev.whetstone.artifacts.tensors.TensorSource;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * A PEFT LoRA adapter: {@code adapter_config.json} and {@code adapter_model.safetensors}. Tensor
 * names are PEFT's, such as {@code base_model.model.model.layers.0.self_attn.q_proj.lora_A.weight}
 * [R, I] and {@code lora_B.weight} [O, R].
 */
public final class AdapterFolder {
  /**
   * @param baseModel name or path of the base model
   * @param rank r
   * @param alpha lora_alpha; the update is scaled by alpha / rank
   * @param dropout lora_dropout
   * @param targets last parts of the adapted modules' names, sorted, such as {@code q_proj}
   * @param lineage our own keys ({@code whetstone_*} in the file, which PEFT ignores): content
   *     hashes and facts
   */
  public record Config(
      String baseModel,
      int rank,
      double alpha,
      double dropout,
      List<String> targets,
      List<Ancestor> lineage) {}

  private final Path path;

  private AdapterFolder(Path path) {
    this.path = path;
  }

  /**
   * Opens and checks a folder; an adapter kind that we do not apply exactly (DoRA, rsLoRA, rank
   * patterns) is bad input.
   */
  public static AdapterFolder open(Path folder) {
    throw new UnsupportedOperationException(new AdapterFolder(folder).path.toString());
  }

  /**
   * Writes a whole adapter folder, which appears at once by rename. {@code more} are further keys
   * for the config.
   */
  public static void write(
      Path folder, Config config, Map<String, Object> more, List<FloatTensor> tensors) {
    throw new UnsupportedOperationException(folder + " " + config + more + tensors.size());
  }

  public Path path() {
    return path;
  }

  public Config config() {
    throw new UnsupportedOperationException();
  }

  /** The caller closes them. */
  public TensorSource tensors() {
    throw new UnsupportedOperationException();
  }

  /** Content hash of the tensors and of what changes their effect (rank, alpha, targets). */
  public String content() {
    throw new UnsupportedOperationException();
  }
}
