package dev.whetstone.training;

import dev.whetstone.artifacts.ArtifactFolder;
import dev.whetstone.artifacts.Json;
import dev.whetstone.artifacts.Manifest;
import dev.whetstone.artifacts.Versions;
import dev.whetstone.artifacts.dataset.DatasetFolder;
import dev.whetstone.artifacts.testing.TinyStreams;
import dev.whetstone.models.text.testing.TinyTokenizer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;

/** A dataset folder with random rows, two a pack. */
public final class TinyDataset {
  public static final int PACK_LENGTH = 32;

  private TinyDataset() {}

  /** Writes {@code 2 * packs} rows of 8 to 16 tokens; the first half of each row is no target. */
  public static Path write(Path folder, int packs, long seed) throws IOException {
    writeSplit(folder, "train", packs, seed);
    return finish(folder, List.of("train"), packs, seed);
  }

  /** As the other one, with a validation split of two packs. */
  static Path writeWithValidation(Path folder, int packs, long seed) throws IOException {
    writeSplit(folder, "train", packs, seed);
    writeSplit(folder, "validation", 2, seed + 1000);
    return finish(folder, List.of("train", "validation"), packs, seed);
  }

  private static void writeSplit(Path folder, String split, int packs, long seed)
      throws IOException {
    Answers rows = Answers.random(2 * packs, seed);
    int[] packOf = new int[2 * packs];
    long[] places = new long[2 * packs];
    int[] lengths = new int[2 * packs];
    for (int row = 0; row < 2 * packs; row++) {
      packOf[row] = row / 2;
      places[row] = row;
      lengths[row] = rows.tokens.get(row).length;
    }
    TinyStreams.tokens(shard(folder, split), 1000, rows.tokens, rows.labels);
    TinyStreams.plan(
        folder.resolve(split).resolve(DatasetFolder.packsFile(PACK_LENGTH)),
        packOf,
        places,
        lengths);
  }

  /** Pairs of answers of 8 to 16 tokens, in both splits. */
  static Path writePairs(Path folder, int pairs, long seed) throws IOException {
    for (String split : List.of("train", "validation")) {
      Answers chosen = Answers.random(pairs, seed + split.length());
      Answers rejected = Answers.random(pairs, seed + 77);
      TinyStreams.pairs(
          shard(folder, split), chosen.tokens, chosen.labels, rejected.tokens, rejected.labels);
    }
    return finish(folder, List.of("train", "validation"), pairs, seed);
  }

  /** Answers labelled good and bad in turn. */
  static Path writeLabelled(Path folder, int count, long seed) throws IOException {
    Answers rows = Answers.random(count, seed);
    List<Boolean> good = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      good.add(i % 2 == 0);
    }
    TinyStreams.labelled(shard(folder, "train"), rows.tokens, rows.labels, good);
    return finish(folder, List.of("train"), count, seed);
  }

  /** Random rows that end with the end of text; the first half of each is no target. */
  record Answers(List<int[]> tokens, List<int[]> labels) {
    static Answers random(int count, long seed) {
      var random = new Random(seed);
      List<int[]> tokens = new ArrayList<>();
      List<int[]> labels = new ArrayList<>();
      for (int row = 0; row < count; row++) {
        int[] ids = random.ints(8 + random.nextInt(9), 0, 20).toArray();
        ids[ids.length - 1] = TinyTokenizer.vocabularySize() - 1; // the end of text
        int[] targets = ids.clone();
        Arrays.fill(targets, 0, ids.length / 2, DatasetFolder.IGNORED);
        tokens.add(ids);
        labels.add(targets);
      }
      return new Answers(tokens, labels);
    }
  }

  /** Where the rows of a split lie. */
  public static Path shard(Path folder, String split) throws IOException {
    Path data = Files.createDirectories(folder.resolve(split).resolve("data"));
    Files.writeString(
        folder.resolve(split).resolve("state.json"),
        Json.pretty(
            Map.of(
                "_data_files",
                List.of(Map.of("filename", "data/data-00000-of-00001.arrow")),
                "_fingerprint",
                "0123456789abcdef",
                "_format_kwargs",
                Map.of(),
                "_output_all_columns",
                false,
                "_split",
                split)));
    Files.writeString(folder.resolve(split).resolve("dataset_info.json"), "{}");
    return data.resolve("data-00000-of-00001.arrow");
  }

  private static Path finish(Path folder, List<String> splits, int size, long seed)
      throws IOException {
    Files.writeString(folder.resolve("dataset_dict.json"), Json.line(Map.of("splits", splits)));
    ArtifactFolder.finish(
        folder,
        new Manifest(
            DatasetFolder.FORMAT,
            "sha256:tiny",
            "sha256:tiny" + seed + "-" + size,
            Map.of(),
            Json.mapper().valueToTree(Map.of("loss_on", "assistant")),
            Json.mapper()
                .valueToTree(
                    Map.of(
                        "read", 2 * size, "kept", Map.of("train", 2 * size), "dropped", Map.of())),
            Map.of(),
            Versions.current(Map.of()),
            List.of(),
            "2026-01-01T00:00:00Z",
            1));
    return folder;
  }
}
