package dev.whetstone.datasets.job.source;

import dev.whetstone.artifacts.BadInputException;
import dev.whetstone.artifacts.InputFile;
import dev.whetstone.artifacts.SurroundingsException;
import dev.whetstone.datasets.PrepareConfig.Source;
import dev.whetstone.datasets.read.RowFormat;
import dev.whetstone.datasets.sink.HadoopFolder;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.IntStream;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FSDataInputStream;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.Path;

/**
 * The raw files, in the order of the recipe and then by name. Looking at them reads each once, on
 * the driver: for its hash, and for how many lines stand before each block, so that tasks know the
 * number of every line they read.
 */
public final class SourceFiles {
  /** A task's share of a large file; of small ones it is less, so that all cores have work. */
  private static final long MAX_BLOCK_BYTES = 32L << 20;

  private static final long MIN_BLOCK_BYTES = 128L << 10;
  private static final int BUFFER_BYTES = 1 << 20;

  /**
   * @param source number of the recipe's source that it belongs to, from 0
   * @param name path as it was found
   * @param sha256 of its bytes, 64 hexadecimal digits
   * @param reading how it is read: other rows come out of the same bytes read otherwise
   * @param blocks none for a file without rows
   */
  public record SourceFile(
      int source, String name, long sizeBytes, String sha256, String reading, List<Block> blocks) {}

  private SourceFiles() {}

  /**
   * @param cores tasks that run at once
   * @throws BadInputException if a path or glob matches no file, or a file is of no known format
   */
  public static List<SourceFile> look(List<Source> sources, int cores) {
    Configuration configuration = new Configuration();
    List<FoundFile> found = new ArrayList<>();
    List<Integer> sourceOf = new ArrayList<>();
    for (int source = 0; source < sources.size(); source++) {
      found.addAll(FindFiles.of(sources.get(source), configuration));
      while (sourceOf.size() < found.size()) {
        sourceOf.add(source);
      }
    }
    long total = found.stream().mapToLong(f -> f.status().getLen()).sum();
    long block = Math.max(MIN_BLOCK_BYTES, Math.min(MAX_BLOCK_BYTES, total / (2L * cores) + 1));
    return IntStream.range(0, found.size())
        .parallel()
        .mapToObj(i -> read(i, sourceOf.get(i), found.get(i), block, configuration))
        .toList();
  }

  /** One plain text in blocks of about {@code blockBytes}, at least 2. */
  static SourceFile cut(
      String path, FileFormat format, long blockBytes, Configuration configuration) {
    Path file = new Path(path);
    try {
      FileStatus status = HadoopFolder.files(file, configuration).getFileStatus(file);
      var found = new FoundFile(status, format, Compression.NONE, RowFormat.AUTO);
      return read(0, 0, found, blockBytes, configuration);
    } catch (IOException e) {
      throw InputFile.unreadable(java.nio.file.Path.of(path), "a file of raw rows", e);
    }
  }

  private static SourceFile read(
      int index, int source, FoundFile found, long blockBytes, Configuration configuration) {
    FileStatus file = found.status();
    String uri = file.getPath().toUri().toString();
    String name = name(file.getPath());
    long size = file.getLen();
    var whole =
        new Block(
            index, name, uri, found.format(), found.compression(), found.rows(), 0, Block.WHOLE, 0);
    Cutter cutter = cutter(whole, size, blockBytes);
    try (InputStream in =
        HadoopFolder.files(file.getPath(), configuration).open(file.getPath(), BUFFER_BYTES)) {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      byte[] buffer = new byte[BUFFER_BYTES];
      long at = 0;
      for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
        digest.update(buffer, 0, n);
        cutter.add(buffer, n);
        at += n;
      }
      if (at != size) {
        throw new IOException("%d bytes long, then %d: it is being written".formatted(size, at));
      }
      List<Block> blocks =
          found.format() == FileFormat.PARQUET
              ? ParquetLines.blocks(whole, configuration)
              : cutter.blocks();
      return new SourceFile(
          source,
          name,
          size,
          HexFormat.of().formatHex(digest.digest()),
          "%s, %s%s".formatted(found.format().key(), found.rows().shape(), found.rows().mapping()),
          List.copyOf(blocks));
    } catch (IOException e) {
      throw new SurroundingsException(
          "%s: expected a file of raw rows, but it cannot be read (%s)."
              .formatted(name, e.getMessage()),
          e);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }

  private static Cutter cutter(Block whole, long size, long blockBytes) {
    boolean plain = whole.compression() == Compression.NONE;
    return switch (whole.format()) {
      case JSONL -> plain ? new LineCutter(whole, size, blockBytes) : new Uncut(whole, size);
      case CSV -> plain ? new RecordCutter(whole, size, blockBytes, ',') : new Uncut(whole, size);
      case TSV -> plain ? new RecordCutter(whole, size, blockBytes, '\t') : new Uncut(whole, size);
      case JSON, PARQUET, ARROW -> new Uncut(whole, size);
    };
  }

  /** A file that one task reads. */
  private record Uncut(Block whole, long sizeBytes) implements Cutter {
    @Override
    public void add(byte[] bytes, int length) {
      // Its borders are not in its bytes.
    }

    @Override
    public List<Block> blocks() {
      return sizeBytes == 0 ? List.of() : List.of(whole);
    }
  }

  /** A path as people wrote it where it lies below the working directory. */
  static String name(Path path) {
    String uri = path.toUri().toString();
    String name = uri.startsWith("file:") ? path.toUri().getPath() : uri;
    String here = System.getProperty("user.dir") + "/";
    return name.startsWith(here) ? name.substring(here.length()) : name;
  }

  /** The text of a block's file, unpacked where it is compressed. */
  static InputStream open(Block block, Configuration configuration) throws IOException {
    return open(block, 0, configuration);
  }

  /** The same from a byte on. */
  static InputStream open(Block block, long from, Configuration configuration) throws IOException {
    Path path = new Path(URI.create(block.uri())); // as text, its escapes would be taken literally
    FSDataInputStream in =
        HadoopFolder.files(path, configuration).open(path, TextRows.BUFFER_BYTES);
    try {
      if (from > 0) {
        in.seek(from);
      }
      return block.compression().open(in);
    } catch (IOException e) {
      close(in);
      throw TextRows.damaged(block, "from its start on", e);
    }
  }

  static long sizeBytes(Block block, Configuration configuration) throws IOException {
    Path path = new Path(URI.create(block.uri()));
    return HadoopFolder.files(path, configuration).getFileStatus(path).getLen();
  }

  /** The first bytes of a file, fewer where it is shorter. */
  static byte[] head(Path path, int bytes, Configuration configuration) throws IOException {
    try (InputStream in = HadoopFolder.files(path, configuration).open(path, bytes)) {
      return in.readNBytes(bytes);
    }
  }

  /** Closes what was only read: that it cannot be closed loses nothing. */
  static void close(Closeable in) {
    try {
      in.close();
    } catch (IOException e) {
      throw new UncheckedIOException("an input cannot be closed", e);
    }
  }
}
