package dev.whetstone.datasets.job.source;

import dev.whetstone.artifacts.BadInputException;
import dev.whetstone.artifacts.Json;
import dev.whetstone.datasets.sink.HadoopFolder;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Optional;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;

/** What a file is, by its first bytes; of a text, by its name and what it begins with. */
final class TellFormat {
  static final int HEAD_BYTES = 8;

  private static final byte[] PARQUET = "PAR1".getBytes(StandardCharsets.US_ASCII);

  /** A first line up to which length is looked at: rows on one line are rarely longer. */
  private static final int MAX_LINE = 1 << 20;

  private TellFormat() {}

  static Optional<FileFormat> of(
      Path path, byte[] head, Compression compression, Configuration configuration)
      throws IOException {
    if (startsWith(head, PARQUET)) {
      return Optional.of(FileFormat.PARQUET);
    }
    // A stream begins with the continuation mark of its first message.
    if (startsWith(head, ArrowLines.MAGIC) || startsWith(head, new byte[] {-1, -1, -1, -1})) {
      return Optional.of(FileFormat.ARROW);
    }
    Optional<FileFormat> named = FileFormat.ofName(path.getName());
    if (named.isPresent() && named.get() != FileFormat.JSON) {
      return named;
    }
    try (InputStream in =
            compression.open(HadoopFolder.files(path, configuration).open(path, MAX_LINE));
        var text = new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8))) {
      return ofText(text).or(() -> named);
    } catch (IOException e) {
      throw new BadInputException(
          "%s: expected a file of rows, but it does not unpack (%s): it is cut off or damaged; fetch or write it again."
              .formatted(SourceFiles.name(path), e.getMessage()),
          e);
    }
  }

  static boolean startsWith(byte[] head, byte[] magic) {
    return head.length >= magic.length
        && Arrays.equals(head, 0, magic.length, magic, 0, magic.length);
  }

  /** JSON if it begins with an array, or with an object that its first line does not end. */
  private static Optional<FileFormat> ofText(BufferedReader text) throws IOException {
    var line = new StringBuilder();
    for (int c = text.read(); c >= 0 && line.length() < MAX_LINE; c = text.read()) {
      boolean blank = Character.isWhitespace(c) || c == 0xFEFF;
      if (c == '\n' && !line.isEmpty()) {
        break;
      }
      if (!blank || !line.isEmpty()) {
        line.append((char) c);
      }
    }
    if (line.isEmpty()) {
      return Optional.empty();
    }
    return switch (line.charAt(0)) {
      case '[' -> Optional.of(FileFormat.JSON);
      case '{' -> Optional.of(isWhole(line.toString()) ? FileFormat.JSONL : FileFormat.JSON);
      default -> Optional.empty();
    };
  }

  private static boolean isWhole(String line) {
    if (line.length() >= MAX_LINE) {
      return true; // nobody lays out JSON in lines that long
    }
    try {
      Json.mapper().readTree(line);
      return true;
    } catch (IOException e) {
      return false;
    }
  }
}
