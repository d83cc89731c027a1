package dev.whetstone.datasets.job.source;

import dev.whetstone.artifacts.BadInputException;
import dev.whetstone.artifacts.InputFile;
import dev.whetstone.datasets.PrepareConfig.Source;
import dev.whetstone.datasets.layout.HuggingFaceFolder;
import dev.whetstone.datasets.read.RowFormat;
import dev.whetstone.datasets.sink.HadoopFolder;
import java.io.IOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.LocalFileSystem;
import org.apache.hadoop.fs.LocatedFileStatus;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.RemoteIterator;

/**
 * The files of a source: the one of that name, those that a glob matches, those in a folder and
 * below it, or the shards of a folder of {@code save_to_disk}.
 */
final class FindFiles {
  /** Files beside rows that are JSON and hold none. */
  private static final Set<String> ABOUT =
      Set.of(
          HuggingFaceFolder.DICT,
          HuggingFaceFolder.STATE,
          HuggingFaceFolder.INFO,
          "dataset_infos.json",
          "manifest.json");

  private final Source source;
  private final Configuration configuration;
  private final RowFormat rows;

  private FindFiles(Source source, Configuration configuration, RowFormat rows) {
    this.source = source;
    this.configuration = configuration;
    this.rows = rows;
  }

  /**
   * The files in order: as named, else by path.
   *
   * @throws BadInputException if there is none, or one whose format is not known
   */
  static List<FoundFile> of(Source source, Configuration configuration) {
    if (!source.datasetInfo().isEmpty()) {
      LlamaFactoryInfo info = LlamaFactoryInfo.read(source);
      return new FindFiles(
              source.withPath(info.file()),
              configuration,
              new RowFormat("llama-factory", info.entry()))
          .find();
    }
    return new FindFiles(source, configuration, new RowFormat(source.rows(), "")).find();
  }

  private List<FoundFile> find() {
    try {
      List<FileStatus> matching = literal();
      if (matching.isEmpty()) {
        matching = globbed();
      }
      List<FoundFile> files = new ArrayList<>();
      boolean saved = false;
      for (FileStatus match : matching) {
        if (match.isFile()) {
          files.add(found(match));
          continue;
        }
        var shards = SavedFolder.shards(match.getPath(), source, configuration);
        saved |= shards.isPresent();
        List<FileStatus> inside = shards.isPresent() ? shards.get() : below(match.getPath());
        for (FileStatus file : inside) {
          files.add(found(file));
        }
      }
      if (!source.split().isEmpty() && !saved) {
        throw new BadInputException(
            "source %s: has no splits, since it is no folder of save_to_disk; take split away."
                .formatted(source.path()));
      }
      if (files.isEmpty()) {
        throw new BadInputException(
            matching.isEmpty()
                ? "source %s: expected at least one file, found none; relative paths start at %s."
                    .formatted(source.path(), System.getProperty("user.dir"))
                : "source %s: expected a folder with files of rows (.jsonl, .json, .csv, .tsv, .parquet, .arrow), found none in it."
                    .formatted(source.path()));
      }
      return files;
    } catch (IOException e) {
      throw new BadInputException(
          "source %s: cannot be read (%s).".formatted(source.path(), e.getMessage()), e);
    }
  }

  /**
   * The one local file or folder that has this very name, whatever signs of a glob or of an address
   * are in it; empty if there is none.
   */
  private List<FileStatus> literal() throws IOException {
    if (!(FileSystem.get(configuration) instanceof LocalFileSystem)
        || source.path().indexOf('\0') >= 0) {
      return List.of();
    }
    java.nio.file.Path file = java.nio.file.Path.of(source.path());
    if (!Files.exists(file)) {
      return List.of();
    }
    if (!Files.isDirectory(file)) {
      InputFile.check(file, "a file of raw rows");
    }
    Path path = new Path(file.toAbsolutePath().toUri());
    return List.of(HadoopFolder.files(path, configuration).getFileStatus(path));
  }

  private List<FileStatus> globbed() throws IOException {
    try {
      Path glob = new Path(source.path());
      FileStatus[] files = HadoopFolder.files(glob, configuration).globStatus(glob);
      return files == null ? List.of() : sorted(Arrays.asList(files));
    } catch (IllegalArgumentException e) {
      // Hadoop takes what stands before a colon for the name of a file system.
      throw new BadInputException(
          "source %s: expected the name of a file or a glob, found one that cannot be read as either (%s); rename files whose names hold a colon, or name each of them."
              .formatted(source.path(), e.getMessage()),
          e);
    }
  }

  /** Files of rows in a folder and below; where the recipe names a format, all of them. */
  private List<FileStatus> below(Path folder) throws IOException {
    FileSystem files = HadoopFolder.files(folder, configuration);
    List<FileStatus> inside = new ArrayList<>();
    List<String> others = new ArrayList<>();
    RemoteIterator<LocatedFileStatus> all = files.listFiles(folder, true);
    while (all.hasNext()) {
      FileStatus file = all.next();
      String below = folder.toUri().relativize(file.getPath().toUri()).getPath();
      boolean hidden =
          Arrays.stream(below.split("/", -1)).anyMatch(n -> n.startsWith(".") || n.startsWith("_"));
      String name = file.getPath().getName();
      boolean holdsRows =
          !ABOUT.contains(name)
              && (!source.format().equals("auto") || FileFormat.ofName(name).isPresent());
      if (!hidden && holdsRows) {
        inside.add(file);
      } else {
        others.add(below);
      }
    }
    if (!others.isEmpty()) {
      System.err.printf(
          "prepare: source %s: %d other files are not read, such as %s%n",
          source.path(), others.size(), others.get(0));
    }
    return sorted(inside);
  }

  private static List<FileStatus> sorted(List<FileStatus> files) {
    return files.stream().sorted(Comparator.comparing(f -> f.getPath().toString())).toList();
  }

  private FoundFile found(FileStatus file) throws IOException {
    Path path = file.getPath();
    byte[] head = SourceFiles.head(path, TellFormat.HEAD_BYTES, configuration);
    Compression compression = Compression.of(head);
    FileFormat format =
        source.format().equals("auto")
            ? TellFormat.of(path, head, compression, configuration).orElseThrow(() -> unknown(path))
            : FileFormat.ofKey(source.format());
    return new FoundFile(file, format, format.isText() ? compression : Compression.NONE, rows);
  }

  private BadInputException unknown(Path path) {
    return new BadInputException(
        "source %s: expected JSON Lines (.jsonl), JSON, CSV, TSV, Parquet or Arrow, found %s, of which neither name nor content tells the format; say it, such as format: jsonl."
            .formatted(source.path(), path.getName()));
  }
}
