package dev.whetstone.artifacts.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.whetstone.artifacts.Ancestor;
import dev.whetstone.artifacts.ArtifactFolder;
import dev.whetstone.artifacts.BadInputException;
import dev.whetstone.artifacts.Json;
import dev.whetstone.artifacts.TinyManifest;
import dev.whetstone.artifacts.tensors.Safetensors;
import dev.whetstone.artifacts.tensors.Safetensors.FloatTensor;
import dev.whetstone.artifacts.tensors.TensorSource;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ModelFolderTest {
  @TempDir Path parent;

  private static final FloatTensor EMBEDDING =
      new FloatTensor("model.embed_tokens.weight", List.of(2L, 1L), new float[] {1, 2});
  private static final FloatTensor NORM =
      new FloatTensor("model.norm.weight", List.of(1L), new float[] {3});

  private Path model(String name, String config) throws IOException {
    Path folder = Files.createDirectory(parent.resolve(name));
    Files.writeString(folder.resolve("config.json"), config);
    Files.writeString(folder.resolve("tokenizer.json"), "{}");
    return folder;
  }

  private Path tiny() throws IOException {
    Path folder = model("tiny", "{\"model_type\": \"llama\", \"vocab_size\": 2}");
    Safetensors.write(folder.resolve(Safetensors.MODEL_FILE), List.of(EMBEDDING, NORM), Map.of());
    return folder;
  }

  @Test
  void missingPartsAreNamedTogether() throws IOException {
    Path folder = Files.createDirectory(parent.resolve("empty"));
    assertThatThrownBy(() -> ModelFolder.open(folder))
        .isInstanceOf(BadInputException.class)
        .hasMessageContaining("lacks config.json and tokenizer.json and model.safetensors");
    assertThatThrownBy(() -> ModelFolder.open(parent.resolve("none")))
        .isInstanceOf(BadInputException.class)
        .hasMessageContaining("expected a model folder here, found none");
    Path gguf = Files.writeString(parent.resolve("m.gguf"), "GGUF");
    assertThatThrownBy(() -> ModelFolder.open(gguf))
        .isInstanceOf(BadInputException.class)
        .hasMessageContaining("whetstone fetch " + gguf);
  }

  @Test
  void theContentIsLogicalNotHowItLiesOnDisk() throws IOException {
    Path folder = tiny();
    Path sharded = model("sharded", "{\"vocab_size\":2,   \"model_type\":\"llama\"}");
    Safetensors.write(sharded.resolve("m-1.safetensors"), List.of(NORM), Map.of());
    Safetensors.write(sharded.resolve("m-2.safetensors"), List.of(EMBEDDING), Map.of());
    Files.writeString(
        sharded.resolve(Safetensors.INDEX_FILE),
        Json.line(
            Map.of(
                "weight_map",
                Map.of(NORM.name(), "m-1.safetensors", EMBEDDING.name(), "m-2.safetensors"))));
    String content = ModelFolder.open(folder).content();
    assertThat(ModelFolder.open(sharded).content()).isEqualTo(content);
    Files.writeString(folder.resolve("chat_template.jinja"), "{{ messages }}");
    assertThat(ModelFolder.open(folder).content()).isNotEqualTo(content);
  }

  @Test
  void theManifestSaysWhatTheModelIs() throws IOException {
    Path folder = tiny();
    var hub = new Ancestor("source", "hf:org/tiny", "sha256:x", Map.of("license", "apache-2.0"));
    ArtifactFolder.finish(folder, TinyManifest.of(ModelFolder.FORMAT, hub));
    ModelFolder model = ModelFolder.open(folder);
    assertThat(model.content()).isEqualTo("sha256:content");
    assertThat(model.asAncestor())
        .isEqualTo(
            new Ancestor(
                "model",
                "tiny",
                "sha256:content",
                Map.of("architecture", "llama", "parameters", "3", "license", "apache-2.0")));
  }

  @Test
  void aManifestOfAnotherKindIsRefused() throws IOException {
    Path folder = tiny();
    ArtifactFolder.finish(folder, TinyManifest.of("whetstone.dataset/1"));
    assertThatThrownBy(() -> ModelFolder.open(folder))
        .isInstanceOf(BadInputException.class)
        .hasMessageContaining("expected whetstone.model/1, found whetstone.dataset/1");
  }

  @Test
  void theTemplateFileWinsOverTheTokenizersConfiguration() throws IOException {
    Path folder = tiny();
    assertThat(ModelFolder.open(folder).chatTemplate()).isEmpty();
    Files.writeString(
        folder.resolve("tokenizer_config.json"),
        """
        {"chat_template": [{"name": "tool_use", "template": "t"},
                           {"name": "default", "template": "d"}]}
        """);
    assertThat(ModelFolder.open(folder).chatTemplate()).contains("d");
    Files.writeString(folder.resolve("tokenizer_config.json"), "{\"chat_template\": \"c\"}");
    assertThat(ModelFolder.open(folder).chatTemplate()).contains("c");
    Files.writeString(folder.resolve("chat_template.jinja"), "f");
    assertThat(ModelFolder.open(folder).chatTemplate()).contains("f");
    try (TensorSource weights = ModelFolder.open(folder).weights()) {
      assertThat(weights.names()).hasSize(2);
    }
  }

  @Test
  void textsThatAreNoneAreNamed() throws IOException {
    Path folder = tiny();
    Files.write(folder.resolve("chat_template.jinja"), new byte[] {(byte) 0xFF});
    assertThatThrownBy(() -> ModelFolder.open(folder).chatTemplate())
        .isInstanceOf(BadInputException.class)
        .hasMessageContaining("expected a chat template in UTF-8");
    Files.writeString(folder.resolve("config.json"), "[".repeat(100_000));
    assertThatThrownBy(() -> ModelFolder.open(folder).config())
        .isInstanceOf(BadInputException.class)
        .hasMessageContaining("config.json: not the JSON that was expected")
        .hasMessageContaining("depth");
    Files.writeString(folder.resolve("config.json"), "");
    assertThatThrownBy(() -> ModelFolder.open(folder).config())
        .isInstanceOf(BadInputException.class)
        .hasMessageContaining("config.json: expected a JSON file, found an empty one");
  }

  @Test
  void anIndexCannotNameWhatIsNoFileOfTheFolder() throws IOException {
    Path folder = model("indexed", "{}");
    for (String name : new String[] {"../x.safetensors", "a\0b.safetensors", "x.bin", ""}) {
      Files.writeString(
          folder.resolve(Safetensors.INDEX_FILE),
          Json.line(Map.of("weight_map", Map.of("w", name))));
      assertThatThrownBy(() -> ModelFolder.open(folder).weights())
          .as(name)
          .isInstanceOf(BadInputException.class)
          .hasMessageContaining("expected the name of a .safetensors file in this folder");
    }
  }
}
