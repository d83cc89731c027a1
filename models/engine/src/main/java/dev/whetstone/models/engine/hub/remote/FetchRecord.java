package dev.whetstone.models.engine.hub.remote;

import static java.util.Objects.requireNonNull;

import java.time.Instant;
import java.util.List;

/**
 * {@code fetch.json} beside fetched files: where each came from and what was checked of it.
 *
 * @param format {@value #FORMAT}
 * @param endpoint web address of the hub
 * @param repository such as {@code hf:owner/name}
 * @param revision as asked for: branch, tag or commit
 * @param commit which it meant
 * @param started ISO-8601 instant
 * @param seconds wall time, of the last run if there were several
 */
record FetchRecord(
    String format,
    String endpoint,
    String repository,
    String revision,
    String commit,
    List<Item> files,
    String started,
    double seconds) {
  static final String FILE = "fetch.json";
  static final String FORMAT = "whetstone.fetch/1";

  /**
   * One file.
   *
   * @param sha256 of what lies here, 64 hexadecimal digits
   * @param checked against what the hub said: {@code sha256}, {@code git_sha1}, or {@code size}
   *     where it knew no hash
   */
  record Item(String path, long sizeBytes, String sha256, String checked) {
    Item {
      requireNonNull(path, "path is null");
      requireNonNull(sha256, "sha256 is null");
      requireNonNull(checked, "checked is null");
    }
  }

  FetchRecord {
    Instant.parse(started);
    files = List.copyOf(files);
  }
}
