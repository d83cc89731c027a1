package dev.whetstone.models.engine;

import dev.whetstone.artifacts.ArtifactFolder;
import dev.whetstone.artifacts.model.ModelFolder;
import dev.whetstone.models.engine.testing.TinyModel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.stream.Stream;

/**
 * A program for a JVM of its own, as {@link HostileModels}: opens and uses models of which the
 * configuration or the tokenizer is a mutant, and GGUF files that are.
 */
public final class MutantFiles {
  /** Longer than the part of a tiny GGUF file that is not tensors. */
  private static final int GGUF_HEAD_BYTES = 3072;

  private MutantFiles() {}

  /** Arguments are those of {@link HostileModels#main}. */
  public static void main(String... arguments) throws IOException {
    Path valid = Path.of(arguments[0]);
    TinyModel.write(valid.resolve("bpe"), 3, false);
    TokenizerKinds.write(valid);
    Path work = Path.of(arguments[1]);
    byte[] gguf = Files.readAllBytes(Path.of(arguments[2]));
    int count = Integer.parseInt(arguments[3]);
    List<Path> kinds;
    try (Stream<Path> folders = Files.list(valid)) {
      kinds = folders.sorted().toList();
    }
    for (int seed = 0; seed < count; seed++) {
      Path folder = work.resolve("m" + seed);
      var random = new Random(seed);
      model(folder.resolve("config"), valid.resolve("bpe"), "config.json", 3L * seed, random);
      Path kind = kinds.get(seed % kinds.size());
      model(folder.resolve("tokenizer"), kind, "tokenizer.json", 3L * seed + 1, random);
      Path file = folder.resolve("mutant.gguf");
      Files.write(file, Mutants.gguf(gguf, GGUF_HEAD_BYTES, random));
      HostileModels.run(
          3L * seed + 2, "GGUF", () -> HostileModels.fetch(file, folder.resolve("fetched")));
      ArtifactFolder.delete(folder);
    }
    HostileModels.tellPeak();
  }

  private static void model(Path folder, Path from, String mutated, long number, Random random)
      throws IOException {
    Files.createDirectories(folder);
    try (Stream<Path> files = Files.list(from)) {
      for (Path file : files.toList()) {
        Files.copy(file, folder.resolve(file.getFileName()));
      }
    }
    Path file = folder.resolve(mutated);
    Files.write(file, Mutants.json(Files.readString(file), random));
    HostileModels.run(
        number,
        from.getFileName() + " " + mutated,
        () -> HostileModels.use(ModelFolder.open(folder), Optional.empty()));
  }
}
