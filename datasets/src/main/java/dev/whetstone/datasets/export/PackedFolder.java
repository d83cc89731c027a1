package dev.whetstone.datasets.export;

import dev.whetstone.artifacts.ArtifactFolder;
import dev.whetstone.artifacts.ContentHash;
import dev.whetstone.artifacts.Json;
import dev.whetstone.artifacts.Manifest;
import dev.whetstone.artifacts.StepId;
import dev.whetstone.artifacts.Versions;
import dev.whetstone.artifacts.dataset.DatasetFolder;
import dev.whetstone.artifacts.dataset.DatasetFolder.Pack;
import dev.whetstone.datasets.export.PackedRows.Written;
import dev.whetstone.datasets.layout.HuggingFaceFolder;
import dev.whetstone.datasets.pack.PackPlans;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** A whole dataset as packed rows: one folder per split, and a manifest that names its origin. */
public final class PackedFolder {
  public static final String FORMAT = "whetstone.packed/1";

  private static final int BEHAVIOUR_VERSION = 1;

  private PackedFolder() {}

  /** The section of the manifest's recipe. */
  private record Section(int packed) {}

  /**
   * Writes {@code folder}, or finds that it already holds the same work. Where the dataset has no
   * plan for that length, one is made.
   *
   * @throws dev.whetstone.artifacts.BadInputException if a row is longer
   */
  public static void write(
      DatasetFolder dataset, int length, Path folder, boolean overwrite, Clock clock) {
    Instant started = clock.instant();
    Map<String, String> inputs = Map.of("dataset", dataset.manifest().content());
    String id = StepId.of("export-packed", BEHAVIOUR_VERSION, new Section(length), inputs);
    Map<String, List<Pack>> plans = new TreeMap<>();
    for (String split : dataset.splits()) { // a row that is too long shows before any file
      plans.put(split, PackPlans.of(dataset, split, length));
    }
    Optional<ArtifactFolder> begun = ArtifactFolder.begin(folder, FORMAT, id, overwrite);
    if (begun.isEmpty()) {
      System.err.printf("export: %s is unchanged, reused%n", folder);
      return;
    }
    try (ArtifactFolder packed = begun.get()) {
      packed.clear();
      write(dataset, length, plans, packed, id, inputs, clock, started);
    }
  }

  private static void write(
      DatasetFolder dataset,
      int length,
      Map<String, List<Pack>> plans,
      ArtifactFolder packed,
      String id,
      Map<String, String> inputs,
      Clock clock,
      Instant started) {
    Path folder = packed.path();
    List<String> splits = dataset.splits();
    var content = ContentHash.of("packed/1");
    List<Written> written = new ArrayList<>();
    for (String split : splits) {
      Written done =
          PackedRows.write(dataset, split, length, plans.get(split), folder.resolve(split));
      System.err.printf(
          "export: %s: %,d packed rows, %,d tokens%n", split, done.rows(), done.tokens());
      if (done.weighted() > 0) {
        System.err.printf(
            "export: %s: %,d rows say what their targets count, which packed rows cannot: each"
                + " counts 1%n",
            split, done.weighted());
      }
      content.add(done.content());
      written.add(done);
    }
    ArtifactFolder.writeAtomically(
        folder.resolve(HuggingFaceFolder.DICT), HuggingFaceFolder.dict(splits));
    Map<String, Integer> rows = new TreeMap<>();
    written.forEach(w -> rows.put(w.split(), w.rows()));
    var lineage = new ArrayList<>(dataset.manifest().lineage());
    String name = dataset.path().toAbsolutePath().getFileName().toString();
    lineage.add(dataset.manifest().asAncestor("dataset", name, Map.of()));
    packed.finish(
        new Manifest(
            FORMAT,
            id,
            content.finish(),
            inputs,
            Json.mapper().valueToTree(new Section(length)),
            Json.mapper().valueToTree(Map.of("rows", rows)),
            Map.of(),
            Versions.current(Map.of()),
            lineage,
            started.toString(),
            Duration.between(started, clock.instant()).toMillis() / 1e3));
  }
}
