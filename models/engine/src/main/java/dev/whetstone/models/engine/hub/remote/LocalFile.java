package dev.whetstone.models.engine.hub.remote;

import static java.util.Objects.requireNonNull;

import dev.whetstone.artifacts.InputFile;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * A file that is about to be pushed.
 *
 * @param path in the repository, with {@code /} between folders
 * @param file here
 * @param sha256 of its bytes, 64 hexadecimal digits
 * @param gitSha1 Git's name of its content, 40 hexadecimal digits
 */
record LocalFile(String path, Path file, long sizeBytes, String sha256, String gitSha1) {
  LocalFile {
    requireNonNull(path, "path is null");
    requireNonNull(file, "file is null");
    requireNonNull(sha256, "sha256 is null");
    requireNonNull(gitSha1, "gitSha1 is null");
  }

  static LocalFile of(Path folder, Path file) {
    try {
      Hashes hashes = Hashes.of(file);
      String path = folder.relativize(file).toString().replace('\\', '/');
      return new LocalFile(path, file, Files.size(file), hashes.sha256(), hashes.gitSha1());
    } catch (IOException e) {
      throw InputFile.unreadable(file, "a file", e);
    }
  }

  /** All of a small file. */
  byte[] bytes() {
    return InputFile.bytes(file, "a file");
  }

  /** The first bytes, at most {@code count}. */
  byte[] head(int count) {
    try (InputStream in = Files.newInputStream(file)) {
      return in.readNBytes(count);
    } catch (IOException e) {
      throw InputFile.unreadable(file, "a file", e);
    }
  }

  /** Whether the hub has the same content under the same name. */
  boolean isSameAs(HubFile there) {
    return there.path().equals(path)
        && (there.sha256().isPresent()
            ? there.sha256().get().equals(sha256)
            : there.gitSha1().isPresent() && there.gitSha1().get().equals(gitSha1));
  }
}
