package dev.whetstone.datasets.job;

import dev.whetstone.artifacts.BadInputException;
import dev.whetstone.artifacts.InputFile;
import dev.whetstone.artifacts.SurroundingsException;
import dev.whetstone.datasets.PrepareConfig.Source;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.IntStream;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.LocalFileSystem;
import org.apache.hadoop.fs.Path;

/**
 * The raw files, in the order of the recipe and then by name. Looking at them reads each once, on
 * the driver: for its hash, and for how many lines stand before each block, so that tasks know the
 * number of every line they read.
 */
final class SourceFiles {
  /** A task's share of a large file; of small ones it is less, so that all cores have work. */
  private static final long MAX_BLOCK_BYTES = 32L << 20;

  private static final long MIN_BLOCK_BYTES = 128L << 10;
  private static final int BUFFER_BYTES = 1 << 20;

  /**
   * @param name path as it was found
   * @param sha256 of its bytes, 64 hexadecimal digits
   */
  record SourceFile(String name, String uri, long sizeBytes, String sha256, List<Block> blocks) {}

  private SourceFiles() {}

  /**
   * @param cores tasks that run at once
   * @throws BadInputException if a path or glob matches no file
   */
  static List<SourceFile> look(List<Source> sources, int cores) {
    Configuration configuration = new Configuration();
    List<FileStatus> found = new ArrayList<>();
    for (Source source : sources) {
      found.addAll(matching(source, configuration));
    }
    long total = found.stream().mapToLong(FileStatus::getLen).sum();
    long block = Math.max(MIN_BLOCK_BYTES, Math.min(MAX_BLOCK_BYTES, total / (2L * cores) + 1));
    return IntStream.range(0, found.size())
        .parallel()
        .mapToObj(i -> read(i, found.get(i), block, configuration))
        .toList();
  }

  /** One file in blocks of about {@code blockBytes}, at least 2. */
  static SourceFile cut(String path, long blockBytes, Configuration configuration) {
    Path file = new Path(path);
    try {
      return read(0, raw(file, configuration).getFileStatus(file), blockBytes, configuration);
    } catch (IOException e) {
      throw InputFile.unreadable(java.nio.file.Path.of(path), "a file of raw rows", e);
    }
  }

  private static List<FileStatus> matching(Source source, Configuration configuration) {
    try {
      List<FileStatus> matching = literal(source, configuration);
      if (matching.isEmpty()) {
        matching = globbed(source, configuration);
      }
      if (matching.isEmpty()) {
        throw new BadInputException(
            "source %s: expected at least one file, found none; relative paths start at %s."
                .formatted(source.path(), System.getProperty("user.dir")));
      }
      for (FileStatus file : matching) {
        String name = file.getPath().getName();
        if (source.format().equals("auto") && !name.matches("(?is).*\\.(jsonl|ndjson|json)")) {
          throw new BadInputException(
              "source %s: expected JSON Lines (.jsonl, .ndjson or .json), found %s; if it is JSON"
                      .formatted(source.path(), name)
                  + " Lines under another name, say format: jsonl.");
        }
      }
      return matching;
    } catch (IOException e) {
      throw new BadInputException(
          "source %s: cannot be read (%s).".formatted(source.path(), e.getMessage()), e);
    }
  }

  /**
   * The one local file that has this very name, whatever signs of a glob or of an address are in
   * it; empty if there is none.
   */
  private static List<FileStatus> literal(Source source, Configuration configuration)
      throws IOException {
    if (!(FileSystem.get(configuration) instanceof LocalFileSystem)
        || source.path().indexOf('\0') >= 0) {
      return List.of();
    }
    java.nio.file.Path file = java.nio.file.Path.of(source.path());
    if (!Files.exists(file)) {
      return List.of();
    }
    if (Files.isDirectory(file)) {
      throw new BadInputException(
          "source %s: expected files, found a folder; name those in it, such as %s/*.jsonl."
              .formatted(source.path(), source.path()));
    }
    InputFile.check(file, "a file of raw rows");
    Path path = new Path(file.toAbsolutePath().toUri());
    return List.of(raw(path, configuration).getFileStatus(path));
  }

  private static List<FileStatus> globbed(Source source, Configuration configuration)
      throws IOException {
    try {
      Path glob = new Path(source.path());
      FileStatus[] files = raw(glob, configuration).globStatus(glob);
      return files == null
          ? List.of()
          : Arrays.stream(files)
              .filter(FileStatus::isFile)
              .sorted(Comparator.comparing(f -> f.getPath().toString()))
              .toList();
    } catch (IllegalArgumentException e) {
      // Hadoop takes what stands before a colon for the name of a file system.
      throw new BadInputException(
          "source %s: expected the name of a file or a glob, found one that cannot be read as either (%s); rename files whose names hold a colon, or name each of them."
              .formatted(source.path(), e.getMessage()),
          e);
    }
  }

  private static SourceFile read(
      int index, FileStatus file, long blockBytes, Configuration configuration) {
    String uri = file.getPath().toUri().toString();
    String name = uri.startsWith("file:") ? file.getPath().toUri().getPath() : uri;
    name = relative(name);
    List<Block> blocks = new ArrayList<>();
    long size = file.getLen();
    try (InputStream in = raw(file.getPath(), configuration).open(file.getPath(), BUFFER_BYTES)) {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      byte[] buffer = new byte[BUFFER_BYTES];
      long at = 0;
      long newlines = 0;
      long mark = 0; // where the next block's count is taken: the byte before its start
      for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
        digest.update(buffer, 0, n);
        for (int i = 0; i < n; i++, at++) {
          if (at == mark) {
            long start = blocks.isEmpty() ? 0 : mark + 1;
            long end = Math.min(size, start + blockBytes);
            blocks.add(new Block(index, name, uri, start, end, newlines));
            mark = end - 1;
            if (end == size) {
              mark = -1;
            } else if (mark == at) {
              throw new IllegalStateException("a block must be longer than a byte");
            }
          }
          newlines += buffer[i] == '\n' ? 1 : 0;
        }
      }
      if (at != size) {
        throw new IOException("%d bytes long, then %d: it is being written".formatted(size, at));
      }
      return new SourceFile(
          name, uri, size, HexFormat.of().formatHex(digest.digest()), List.copyOf(blocks));
    } catch (IOException e) {
      throw new SurroundingsException(
          "%s: expected a file of raw rows, but it cannot be read (%s)."
              .formatted(name, e.getMessage()),
          e);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }

  /** As people wrote it where it lies below the working directory. */
  private static String relative(String name) {
    String here = System.getProperty("user.dir") + "/";
    return name.startsWith(here) ? name.substring(here.length()) : name;
  }

  /** Without Hadoop's checksum files beside local ones. */
  static FileSystem raw(Path path, Configuration configuration) throws IOException {
    FileSystem files = path.getFileSystem(configuration);
    return files instanceof LocalFileSystem local ? local.getRawFileSystem() : files;
  }
}
