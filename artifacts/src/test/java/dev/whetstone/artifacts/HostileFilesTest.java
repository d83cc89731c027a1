package dev.whetstone.artifacts;

import static org.assertj.core.api.Assertions.assertThat;

import dev.whetstone.artifacts.model.AdapterFolder;
import dev.whetstone.artifacts.model.LoraConfig;
import dev.whetstone.artifacts.tensors.Gguf;
import dev.whetstone.artifacts.tensors.Safetensors;
import dev.whetstone.artifacts.tensors.Safetensors.FloatTensor;
import dev.whetstone.artifacts.tensors.TensorSource;
import java.io.IOException;
import java.nio.FloatBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Small valid files, mutated by seed: each loads, or ends in a sentence that names the file. */
class HostileFilesTest {
  private static final int MUTATIONS = 2000;

  @TempDir Path folder;

  private interface Load {
    void from(Path file) throws IOException;
  }

  /** Bytes changed, ranges copied, removed or doubled, numbers set to borders, ends cut off. */
  private static byte[] mutate(byte[] whole, Random random) {
    byte[] bytes = whole.clone();
    for (int i = random.nextInt(3); i >= 0; i--) {
      int at = random.nextInt(bytes.length);
      int length = 1 + random.nextInt(Math.min(16, bytes.length - at));
      switch (random.nextInt(6)) {
        case 0 -> bytes[at] ^= (byte) (1 << random.nextInt(8));
        case 1 -> bytes[at] = (byte) random.nextInt();
        case 2 -> Arrays.fill(bytes, at, at + length, (byte) (random.nextBoolean() ? -1 : 0));
        case 3 -> bytes = Arrays.copyOf(bytes, at + 1);
        case 4 -> {
          int to = random.nextInt(bytes.length - length + 1);
          System.arraycopy(bytes, at, bytes, to, length);
        }
        default -> {
          byte[] longer = Arrays.copyOf(bytes, bytes.length + length);
          System.arraycopy(bytes, at, longer, at + length, bytes.length - at);
          bytes = longer;
        }
      }
    }
    return bytes;
  }

  private void assertSentenceOrLoad(byte[] whole, Path file, Load load) throws IOException {
    int refused = 0;
    for (long seed = 0; seed < MUTATIONS; seed++) {
      Files.write(file, mutate(whole, new Random(seed)));
      try {
        load.from(file);
      } catch (BadInputException e) {
        refused++;
        assertThat(e).as("seed %d", seed).hasMessageContaining(file.getFileName().toString());
        assertThat(e.getMessage().length()).as("seed %d", seed).isLessThan(4000);
      } catch (RuntimeException | Error e) {
        throw new AssertionError("seed " + seed, e);
      }
    }
    assertThat(refused).as("mutations that were noticed").isGreaterThan(MUTATIONS / 5);
  }

  private static void readAll(TensorSource tensors) {
    for (String name : tensors.names()) {
      long elements = Safetensors.elements(tensors.shape(name));
      assertThat(elements).isLessThan(10_000);
      tensors.read(name, 0, FloatBuffer.allocate((int) elements));
    }
  }

  private static List<FloatTensor> pair() {
    String module = "base_model.model.model.layers.0.self_attn.q_proj";
    return List.of(
        new FloatTensor(module + ".lora_A.weight", List.of(2L, 4L), new float[8]),
        new FloatTensor(module + ".lora_B.weight", List.of(3L, 2L), new float[6]));
  }

  @Test
  void safetensors() throws IOException {
    Path file = folder.resolve("x.safetensors");
    Safetensors.write(file, pair(), Safetensors.PT_METADATA);
    assertSentenceOrLoad(
        Files.readAllBytes(file),
        file,
        mutated -> {
          try (TensorSource tensors = Safetensors.open(mutated)) {
            readAll(tensors);
          }
        });
  }

  @Test
  void gguf() throws IOException {
    assertSentenceOrLoad(
        Files.readAllBytes(Golden.file("gguf-v3.gguf")),
        folder.resolve("x.gguf"),
        mutated -> {
          try (Gguf.File opened = Gguf.open(mutated)) {
            readAll(opened.tensors());
          }
        });
  }

  /** The head of the golden file alone is mutated: most of its bytes are tensors. */
  @Test
  void ggufHead() throws IOException {
    byte[] whole = Files.readAllBytes(Golden.file("gguf-v3.gguf"));
    int headBytes = 900;
    assertSentenceOrLoad(
        Arrays.copyOf(whole, headBytes),
        folder.resolve("x.gguf"),
        mutated -> {
          byte[] head = Files.readAllBytes(mutated);
          byte[] rejoined = Arrays.copyOf(whole, Math.max(whole.length, head.length));
          System.arraycopy(head, 0, rejoined, 0, head.length);
          Files.write(mutated, rejoined);
          try (Gguf.File opened = Gguf.open(mutated)) {
            readAll(opened.tensors());
          }
        });
  }

  @Test
  void adapterConfig() throws IOException {
    Path adapter = folder.resolve("adapter");
    var config =
        new AdapterFolder.Config(
            "hf:org/tiny",
            LoraConfig.plain(2, 4, List.of("q_proj")),
            List.of(new Ancestor("dataset", "orders", "sha256:d", Map.of("rows", "12"))));
    AdapterFolder.write(adapter, config, Map.of(), pair());
    Path file = adapter.resolve(AdapterFolder.CONFIG_FILE);
    assertSentenceOrLoad(
        Files.readAllBytes(file), file, mutated -> AdapterFolder.open(adapter).content());
  }
}
