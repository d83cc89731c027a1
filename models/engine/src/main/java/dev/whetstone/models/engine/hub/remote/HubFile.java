package dev.whetstone.models.engine.hub.remote;

import static java.util.Objects.requireNonNull;

import java.util.Optional;

/**
 * A file of a repository as the hub lists it.
 *
 * @param path inside the repository, with {@code /} between folders; a stranger's text until {@link
 *     FileNames} has seen it
 * @param sizeBytes of the content
 * @param sha256 of the content, 64 hexadecimal digits, where the hub knows it (Git LFS)
 * @param gitSha1 Git's name of the content, 40 hexadecimal digits, where the hub knows it
 */
record HubFile(String path, long sizeBytes, Optional<String> sha256, Optional<String> gitSha1) {
  HubFile {
    requireNonNull(path, "path is null");
    if (sizeBytes < 0) {
      throw new IllegalArgumentException("sizeBytes must be >= 0: " + sizeBytes);
    }
    sha256 = sha256.filter(hash -> hash.matches("[0-9a-f]{64}"));
    gitSha1 = gitSha1.filter(hash -> hash.matches("[0-9a-f]{40}"));
  }

  /** What names its content, for a state that must not be mixed up with another. */
  String identity() {
    return sha256.or(() -> gitSha1).orElse("unknown") + " " + sizeBytes;
  }
}
