package dev.whetstone.workbench.step;

import com.fasterxml.jackson.databind.JsonNode;
import dev.whetstone.artifacts.ContentHash;
import dev.whetstone.artifacts.Json;
import dev.whetstone.artifacts.Manifest;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * What a file or folder holds, as one hash. A finished artifact is known by its manifest's content
 * hash, without reading its files: finished folders never change.
 */
final class Fingerprint {
  private Fingerprint() {}

  /** The hash, or nothing where there is no such file or folder. */
  static Optional<String> of(Path path) {
    if (Files.isRegularFile(path)) {
      return Optional.of(ContentHash.sha256(path));
    }
    if (!Files.isDirectory(path)) {
      return Optional.empty();
    }
    if (Manifest.exists(path)) {
      JsonNode content = Json.read(path.resolve(Manifest.FILE)).path("content");
      if (content.isTextual()) {
        return Optional.of(content.textValue());
      }
    }
    var hash = ContentHash.of("files/1");
    for (Path file : files(path)) {
      hash.add(path.relativize(file).toString()).add(ContentHash.sha256(file));
    }
    return Optional.of(hash.finish());
  }

  private static List<Path> files(Path folder) {
    try (Stream<Path> all = Files.walk(folder)) {
      return all.filter(Files::isRegularFile).sorted().toList();
    } catch (IOException e) {
      throw new UncheckedIOException(folder + ": cannot be listed", e);
    }
  }
}
