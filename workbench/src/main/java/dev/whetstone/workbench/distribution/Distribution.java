package dev.whetstone.workbench.distribution;

import dev.whetstone.artifacts.BadInputException;
import dev.whetstone.artifacts.ContentHash;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Everything that runs without Maven and git: the launcher, recipes, documents, and in {@code lib}
 * each jar once. Rooms keep class paths of their own, as lists of jars ({@code lib/ROOM.classpath},
 * one name a line, in order): Spark, DJL and the web server must not meet. {@code lib/packaged},
 * lines of {@code key=value}, tells the launcher where it is.
 *
 * @param name of the folder that holds all files in the archive
 * @param files by name
 */
public record Distribution(String name, Map<String, PackedFile> files) {
  private static final List<String> DOCUMENTS = List.of("README.md", "LICENSE", "NOTICE");
  private static final List<String> FOLDERS = List.of("docs", "recipes");

  public Distribution {
    files = Collections.unmodifiableMap(new TreeMap<>(files));
  }

  /**
   * What stands in the build.
   *
   * @param home folder of the sources
   * @param rooms folders that may hold {@code target/classpath.txt}; rooms without one are
   *     libraries
   * @param facts for {@code lib/packaged}; {@code version} is among them
   * @throws BadInputException if a jar of a room is missing
   */
  public static Distribution of(Path home, Collection<String> rooms, Map<String, String> facts) {
    var files = new ArrayList<PackedFile>();
    files.add(PackedFile.program("whetstone", home.resolve("whetstone")));
    DOCUMENTS.stream()
        .filter(name -> Files.isRegularFile(home.resolve(name)))
        .forEach(name -> files.add(PackedFile.of(name, home.resolve(name))));
    FOLDERS.forEach(folder -> files.addAll(folder(home, folder)));
    files.addAll(libraries(home, rooms, facts.get("version")));
    files.add(PackedFile.of("lib/packaged", lines(new TreeMap<>(facts))));
    return new Distribution(
        "whetstone-" + facts.get("version"),
        files.stream().collect(Collectors.toMap(PackedFile::name, file -> file)));
  }

  private static String lines(Map<String, String> facts) {
    return facts.entrySet().stream()
        .map(fact -> fact.getKey() + "=" + fact.getValue() + "\n")
        .collect(Collectors.joining());
  }

  /** Files below a folder, links and hidden ones left out. */
  private static List<PackedFile> folder(Path home, String folder) {
    try (Stream<Path> files = Files.walk(home.resolve(folder))) {
      return files
          .filter(file -> Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS))
          .map(home::relativize)
          .filter(file -> Stream.of(parts(file)).noneMatch(part -> part.startsWith(".")))
          .map(file -> PackedFile.of(String.join("/", parts(file)), home.resolve(file)))
          .toList();
    } catch (IOException e) {
      throw new UncheckedIOException(home.resolve(folder) + ": cannot be listed", e);
    }
  }

  private static String[] parts(Path file) {
    String[] parts = new String[file.getNameCount()];
    for (int i = 0; i < parts.length; i++) {
      parts[i] = file.getName(i).toString();
    }
    return parts;
  }

  private static List<PackedFile> libraries(Path home, Collection<String> rooms, String version) {
    var jars = new TreeMap<String, Path>();
    var files = new ArrayList<PackedFile>();
    for (String room : rooms) {
      Path target = home.resolve(room).resolve("target");
      if (!Files.isRegularFile(target.resolve("classpath.txt"))) {
        continue;
      }
      String artifact = room.replace('/', '-');
      var names = new StringBuilder();
      for (Path jar : classPath(target, artifact + "-" + version + ".jar")) {
        names.append(store(jar, jars)).append('\n');
      }
      files.add(PackedFile.of("lib/" + artifact + ".classpath", names.toString()));
    }
    jars.forEach((name, jar) -> files.add(PackedFile.of("lib/" + name, jar)));
    return files;
  }

  /** The room's own jar and those of its class path, all there. */
  private static List<Path> classPath(Path target, String own) {
    var jars = new ArrayList<Path>();
    jars.add(target.resolve(own));
    Path list = target.resolve("classpath.txt");
    try {
      for (String jar : Files.readString(list).strip().split(File.pathSeparator, -1)) {
        jars.add(Path.of(jar));
      }
    } catch (IOException e) {
      throw new UncheckedIOException(list + ": cannot be read", e);
    }
    for (Path jar : jars) {
      if (!Files.isRegularFile(jar)) {
        throw new BadInputException(
            jar + ": expected a jar here, found none; build again: ./whetstone --help builds.");
      }
    }
    return jars;
  }

  /** The name of a jar in {@code lib}; two different jars of one name are told apart by hash. */
  private static String store(Path jar, Map<String, Path> jars) {
    String name = jar.getFileName().toString();
    Path stored = jars.putIfAbsent(name, jar);
    if (stored == null || stored.equals(jar)) {
      return name;
    }
    String hash = ContentHash.sha256(jar);
    if (ContentHash.sha256(stored).equals(hash)) {
      return name;
    }
    String other = hash.substring(hash.length() - 8) + "-" + name;
    jars.put(other, jar);
    return other;
  }
}
