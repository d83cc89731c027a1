package dev.whetstone.models.engine.hub;

import dev.whetstone.artifacts.Ancestor;
import dev.whetstone.artifacts.ArtifactFolder;
import dev.whetstone.artifacts.BadInputException;
import dev.whetstone.artifacts.ContentHash;
import dev.whetstone.artifacts.Json;
import dev.whetstone.artifacts.Manifest;
import dev.whetstone.artifacts.StepId;
import dev.whetstone.artifacts.Versions;
import dev.whetstone.artifacts.model.ModelFolder;
import dev.whetstone.artifacts.tensors.Dtype;
import dev.whetstone.artifacts.tensors.Gguf;
import dev.whetstone.artifacts.tensors.Safetensors;
import dev.whetstone.artifacts.tensors.TensorSource;
import dev.whetstone.models.engine.family.DecoderConfig;
import dev.whetstone.models.engine.family.DecoderTensors;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * A GGUF file of one of the known families as a model folder in transformers' layout, weights bit
 * for bit what the file holds. One tensor at a time is in memory.
 */
public final class GgufModel {
  /** Raised when the same file would give other contents. */
  private static final int BEHAVIOUR = 3;

  private GgufModel() {}

  /** The id of the work, without doing it. */
  public static String id(Path file, String source, Dtype dtype) {
    return StepId.of(
        "fetch",
        BEHAVIOUR,
        Map.of("source", source, "dtype", dtype.name()),
        Map.of("gguf", "sha256:" + ContentHash.sha256(file)));
  }

  /**
   * Checks a file before anything is made of it: its metadata, and every tensor's name and shape.
   * Missing, surplus and misfit tensors are named in one message.
   *
   * @throws BadInputException if it cannot become a model
   */
  private static void check(GgufMetadata metadata, GgufConfig config, TensorSource tensors) {
    new GgufTokenizer(metadata).check();
    var shapes = new LinkedHashMap<String, List<Long>>();
    names(tensors).forEach((name, newName) -> shapes.put(newName, tensors.shape(name)));
    String file = metadata.file().toString();
    DecoderConfig decoder =
        DecoderConfig.of(Json.mapper().valueToTree(config.config(Dtype.F32)), file);
    DecoderTensors.check(decoder, shapes, file, "its metadata");
  }

  /** transformers' name of each tensor that is a weight. */
  private static Map<String, String> names(TensorSource tensors) {
    var names = new LinkedHashMap<String, String>();
    for (String name : tensors.names()) {
      if (!name.equals(GgufConfig.ROPE_FREQUENCIES)) {
        names.put(name, GgufFamily.transformersName(name));
      }
    }
    return names;
  }

  /**
   * Converts {@code file} into {@code folder} and finishes it.
   *
   * @param source what the user named, for the manifest
   * @param dtype of the weights to write: F32 or BF16
   */
  public static void convert(Path file, ArtifactFolder folder, String source, Dtype dtype) {
    Instant started = Instant.now();
    folder.clear();
    Path path = folder.path();
    try (Gguf.File gguf = Gguf.open(file)) {
      var metadata = new GgufMetadata(gguf.metadata(), file);
      GgufFamily family = GgufFamily.of(metadata);
      var config = new GgufConfig(metadata, family, gguf.tensors());
      check(metadata, config, gguf.tensors());
      Files.writeString(path.resolve("config.json"), Json.pretty(config.config(dtype)));
      Files.writeString(
          path.resolve("generation_config.json"), Json.pretty(config.generationConfig()));
      new GgufTokenizer(metadata).write(path);
      Map<String, String> names = names(gguf.tensors());
      TensorSource tensors =
          new ReorderedTensors(
              gguf.tensors(),
              names.keySet().stream().collect(Collectors.toMap(name -> name, name -> name)),
              ReorderedTensors.Order.HALVES,
              family.interleaved(names.keySet(), config.heads(), config.keyValueHeads()));
      Safetensors.copy(
          tensors, names, path.resolve(Safetensors.MODEL_FILE), dtype, Safetensors.PT_METADATA);
      folder.finish(manifest(folder, metadata, source, dtype, started));
    } catch (BadInputException e) {
      folder.clear();
      throw e;
    } catch (IOException e) {
      throw ArtifactFolder.surroundings(path, e);
    }
  }

  private static Manifest manifest(
      ArtifactFolder folder, GgufMetadata metadata, String source, Dtype dtype, Instant started) {
    Path file = metadata.file();
    String sha256 = "sha256:" + ContentHash.sha256(file);
    String license = metadata.text("general.license", "unknown");
    var recipe = new LinkedHashMap<String, Object>();
    // The file's name is what people know the model by; general.name is often the name of a
    // training run.
    recipe.put(
        "name",
        file.getFileName()
            .toString()
            .replaceFirst("\\.gguf$", "")
            .replaceFirst("[.-](I?Q\\d\\w*|B?F16|F32)$", ""));
    recipe.put("source", source);
    recipe.put("revision", sha256);
    recipe.put("license", license);
    recipe.put("dtype", dtype == Dtype.BF16 ? "bfloat16" : "float32");
    var origin =
        new Ancestor(
            "source",
            file.getFileName().toString(),
            sha256,
            Map.of("from", source, "license", license));
    return new Manifest(
        ModelFolder.FORMAT,
        folder.stepId(),
        ModelFolder.contentOf(folder.path()),
        Map.of("gguf", sha256),
        Json.mapper().valueToTree(recipe),
        Json.mapper()
            .valueToTree(Map.of("parameters", new ModelFolder(folder.path()).parameters())),
        Map.of(),
        Versions.current(Map.of()),
        List.of(origin),
        started.toString(),
        java.time.Duration.between(started, Instant.now()).toMillis() / 1e3);
  }
}
