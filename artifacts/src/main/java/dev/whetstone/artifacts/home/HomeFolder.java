package dev.whetstone.artifacts.home;

import dev.whetstone.artifacts.ArtifactFolder;
import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** What lies in {@link dev.whetstone.artifacts.WhetstoneHome}, and what of it can be had again. */
public record HomeFolder(Path path) {
  /** What an entry is good for. */
  public enum Kind {
    /** Files as they were downloaded; models are made from them. */
    DOWNLOAD,
    /** Models that can be fetched again. */
    MODEL,
    /** Environments that tests and notebooks install by themselves. */
    TOOLS,
    /** Results that exist nowhere else. */
    BOARD,
    OTHER
  }

  /**
   * @param bytes of all files below it, links not followed
   */
  public record Entry(Path path, Kind kind, long bytes) {}

  /** Every entry, by path; none if the folder does not exist. */
  public List<Entry> entries() {
    var entries = new ArrayList<Entry>();
    for (Path child : children(path)) {
      switch (child.getFileName().toString()) {
        case "downloads" -> children(child).forEach(c -> entries.add(entry(c, Kind.DOWNLOAD)));
        case "models" -> children(child).forEach(c -> entries.add(entry(c, Kind.MODEL)));
        case "peers", "notebooks-venv" -> entries.add(entry(child, Kind.TOOLS));
        default ->
            entries.add(
                entry(
                    child,
                    child.getFileName().toString().startsWith("board.") ? Kind.BOARD : Kind.OTHER));
      }
    }
    return entries;
  }

  private static List<Path> children(Path folder) {
    if (!Files.isDirectory(folder)) {
      return List.of();
    }
    try (Stream<Path> children = Files.list(folder)) {
      return children.sorted().toList();
    } catch (IOException e) {
      throw ArtifactFolder.surroundings(folder, e);
    }
  }

  private static Entry entry(Path path, Kind kind) {
    long[] bytes = {0};
    try {
      Files.walkFileTree(
          path,
          new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
              bytes[0] += attributes.isRegularFile() ? attributes.size() : 0;
              return FileVisitResult.CONTINUE;
            }
          });
    } catch (IOException e) {
      throw ArtifactFolder.surroundings(path, e);
    }
    return new Entry(path, kind, bytes[0]);
  }

  /** Deletes an entry; a link goes, what it points to stays. */
  public void delete(Entry entry) {
    if (!entry.path().startsWith(path) || entry.path().equals(path)) {
      throw new IllegalArgumentException(entry.path() + " is not in " + path);
    }
    if (Files.exists(entry.path(), LinkOption.NOFOLLOW_LINKS)) {
      ArtifactFolder.delete(entry.path());
    }
  }
}
