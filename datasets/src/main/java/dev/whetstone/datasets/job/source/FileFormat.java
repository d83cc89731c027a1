package dev.whetstone.datasets.job.source;

import java.io.IOException;
import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;
import org.apache.hadoop.conf.Configuration;

/** Formats of files that hold rows. A new one is one class that reads it and one line here. */
public enum FileFormat {
  JSONL("jsonl", "JSON Lines", "jsonl|ndjson"),
  JSON("json", "JSON", "json"),
  CSV("csv", "CSV", "csv"),
  TSV("tsv", "TSV", "tsv"),
  PARQUET("parquet", "Parquet", "parquet"),
  ARROW("arrow", "Arrow IPC", "arrow|feather|ipc");

  private final String key;
  private final String title;
  private final String suffix; // a regular expression

  FileFormat(String key, String title, String suffix) {
    this.key = key;
    this.title = title;
    this.suffix = suffix;
  }

  /** As recipes name it. */
  String key() {
    return key;
  }

  /** For people. */
  String title() {
    return title;
  }

  /** Whether a file is text, and may be compressed as a whole. */
  boolean isText() {
    return switch (this) {
      case JSONL, JSON, CSV, TSV -> true;
      case PARQUET, ARROW -> false;
    };
  }

  static FileFormat ofKey(String key) {
    return Arrays.stream(values())
        .filter(format -> format.key.equals(key))
        .findFirst()
        .orElseThrow(() -> new IllegalArgumentException("unknown format: " + key));
  }

  /** What a file's name promises, with or without {@code .gz} or {@code .zst} at its end. */
  static Optional<FileFormat> ofName(String name) {
    String plain = name.toLowerCase(Locale.ROOT).replaceFirst("\\.(gz|gzip|zst|zstd)$", "");
    return Arrays.stream(values())
        .filter(format -> plain.matches("(?s).*\\.(" + format.suffix + ")"))
        .findFirst();
  }

  /**
   * The rows of a block; whoever opens them closes them.
   *
   * @throws IOException if the file cannot be opened
   */
  Lines open(Block block, Configuration configuration) throws IOException {
    return switch (this) {
      case JSONL -> new BlockLines(block, configuration);
      case JSON -> new JsonLines(block, configuration);
      case CSV -> new CsvLines(block, configuration, ',');
      case TSV -> new CsvLines(block, configuration, '\t');
      case PARQUET -> new ParquetLines(block, configuration);
      case ARROW -> new ArrowLines(block, configuration);
    };
  }
}
