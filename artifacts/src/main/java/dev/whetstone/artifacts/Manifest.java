package dev.whetstone.artifacts;

import static java.util.Objects.requireNonNull;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * {@code manifest.json}: what a folder is, what it was made from and how. Written last, so its
 * presence means complete.
 *
 * @param format kind and version, such as {@code whetstone.dataset/1}
 * @param id {@link StepId} of the work that made it
 * @param content {@link ContentHash} of the logical content
 * @param inputs content hash by role
 * @param recipe the step's section with every default filled in
 * @param counts everything kept and dropped, by reason
 * @param seeds by purpose
 * @param versions see {@link Versions}
 * @param lineage from the raw rows on, oldest first, this artifact not included
 * @param started ISO-8601 instant
 * @param seconds wall time of the work
 */
public record Manifest(
    String format,
    String id,
    String content,
    Map<String, String> inputs,
    JsonNode recipe,
    JsonNode counts,
    Map<String, Long> seeds,
    Map<String, String> versions,
    List<Ancestor> lineage,
    String started,
    double seconds) {

  public static final String FILE = "manifest.json";

  public Manifest {
    requireNonNull(format, "format is null");
    requireNonNull(id, "id is null");
    requireNonNull(content, "content is null");
    inputs = Collections.unmodifiableMap(new TreeMap<>(requireNonNull(inputs, "inputs is null")));
    requireNonNull(recipe, "recipe is null");
    requireNonNull(counts, "counts is null");
    seeds = Collections.unmodifiableMap(new TreeMap<>(requireNonNull(seeds, "seeds is null")));
    versions =
        Collections.unmodifiableMap(new TreeMap<>(requireNonNull(versions, "versions is null")));
    for (Ancestor ancestor : requireNonNull(lineage, "lineage is null")) {
      requireNonNull(ancestor, "lineage has an entry that is null");
    }
    lineage = List.copyOf(lineage);
    Instant.parse(requireNonNull(started, "started is null"));
    if (!(seconds >= 0)) {
      throw new IllegalArgumentException("seconds must be >= 0: " + seconds);
    }
  }

  /** Whether {@code folder} is finished. */
  public static boolean exists(Path folder) {
    return Files.isRegularFile(folder.resolve(FILE));
  }

  /**
   * The manifest of a finished folder.
   *
   * @param format the kind and version that is expected, such as {@code whetstone.dataset/1}
   * @throws BadInputException if the folder is missing, unfinished or of another kind or version
   */
  public static Manifest read(Path folder, String format) {
    if (!Files.isDirectory(folder)) {
      throw new BadInputException(
          folder + ": expected a folder (" + format + ") here, found none.");
    }
    if (!exists(folder)) {
      throw new BadInputException(
          folder + ": unfinished, it has no " + FILE + "; run the command that makes it again.");
    }
    Manifest manifest = Json.read(folder.resolve(FILE), Manifest.class);
    if (!manifest.format.equals(format)) {
      throw new BadInputException(
          "%s: expected %s, found %s.".formatted(folder, format, manifest.format));
    }
    return manifest;
  }

  /** This artifact as a link of a later lineage. */
  public Ancestor asAncestor(String kind, String name, Map<String, String> facts) {
    return new Ancestor(kind, name, content, facts);
  }
}
