package dev.whetstone.datasets.tokens;

import dev.whetstone.artifacts.ArtifactFolder;
import dev.whetstone.artifacts.BadInputException;
import dev.whetstone.artifacts.InputFile;
import dev.whetstone.artifacts.SurroundingsException;
import dev.whetstone.datasets.PrepareConfig.LossOn;
import dev.whetstone.models.text.ChatTemplate;
import dev.whetstone.models.text.Tokenizer;
import java.io.IOException;
import java.io.Serializable;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * The text side of a model folder as bytes, small enough to travel to every executor; the weights
 * stay where they are.
 */
public final class ModelText implements Serializable {
  private static final long serialVersionUID = 1L;

  /** What tokenizer and template are made of; the first must be there. */
  private static final List<String> FILES =
      List.of(
          "tokenizer.json",
          "tokenizer_config.json",
          "special_tokens_map.json",
          "chat_template.jinja",
          "config.json",
          "generation_config.json");

  /** One tokenizer per JVM and model: encoding does not change it, so all tasks share it. */
  private static final Map<String, Shared> SHARED = new HashMap<>();

  private record Shared(ChatTemplate template, Tokenizer tokenizer) {}

  private final TreeMap<String, byte[]> files;
  private final String tokenizerSha256;
  private final String templateSha256;

  private ModelText(Map<String, byte[]> files, String tokenizerSha256, String templateSha256) {
    this.files = new TreeMap<>(files);
    this.tokenizerSha256 = tokenizerSha256;
    this.templateSha256 = templateSha256;
  }

  /**
   * Reads a model folder.
   *
   * @throws BadInputException if it has no tokenizer or no chat template
   */
  public static ModelText read(Path folder) {
    var files = new TreeMap<String, byte[]>();
    for (String name : FILES) {
      Path file = folder.resolve(name);
      if (Files.isRegularFile(file)) {
        files.put(name, InputFile.bytes(file, "a part of a model"));
      }
    }
    if (!files.containsKey(FILES.get(0))) {
      throw new BadInputException(
          folder + ": expected a model folder with tokenizer.json, found none.");
    }
    ChatTemplate template = template(folder);
    try (Tokenizer tokenizer = Tokenizer.open(folder)) {
      return new ModelText(files, tokenizer.sha256(), template.sha256());
    }
  }

  private static ChatTemplate template(Path folder) {
    return ChatTemplate.open(folder)
        .orElseThrow(
            () ->
                new BadInputException(
                    folder
                        + ": has no chat template, so conversations cannot be rendered; take an"
                        + " instruction-tuned model or put a chat_template.jinja there."));
  }

  /** SHA-256 of {@code tokenizer.json}. */
  public String tokenizerSha256() {
    return tokenizerSha256;
  }

  /** SHA-256 of the chat template's source. */
  public String templateSha256() {
    return templateSha256;
  }

  /** This JVM's tokenizer of rows; native memory stays taken until the JVM ends. */
  public RowTokenizer open(LossOn lossOn) {
    synchronized (SHARED) {
      Shared shared = SHARED.computeIfAbsent(tokenizerSha256 + templateSha256, key -> openFiles());
      return new RowTokenizer(shared.template(), shared.tokenizer(), lossOn);
    }
  }

  private Shared openFiles() {
    try {
      Path folder = Files.createTempDirectory("whetstone-tokenizer");
      try {
        for (var file : files.entrySet()) {
          Files.write(folder.resolve(file.getKey()), file.getValue());
        }
        return new Shared(template(folder), Tokenizer.open(folder));
      } finally {
        ArtifactFolder.delete(folder);
      }
    } catch (IOException e) {
      throw new SurroundingsException(
          "the folder for temporary files: a tokenizer cannot be unpacked there (%s); free space or set another with WHETSTONE_JAVA_OPTIONS=-Djava.io.tmpdir=DIR."
              .formatted(e.getMessage()),
          e);
    }
  }
}
