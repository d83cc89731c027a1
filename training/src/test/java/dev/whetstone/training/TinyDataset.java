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
import java.util.List;
import java.util.Map;
import java.util.Random;

/** A dataset folder with random rows, two a pack. */
final class TinyDataset {
  static final int PACK_LENGTH = 32;

  private TinyDataset() {}

  /** Writes {@code 2 * packs} rows of 8 to 16 tokens; the first half of each row is no target. */
  static Path write(Path folder, int packs, long seed) throws IOException {
    var random = new Random(seed);
    List<int[]> tokens = new ArrayList<>();
    List<int[]> labels = new ArrayList<>();
    int[] packOf = new int[2 * packs];
    long[] rows = new long[2 * packs];
    int[] lengths = new int[2 * packs];
    for (int row = 0; row < 2 * packs; row++) {
      int[] ids = random.ints(8 + random.nextInt(9), 0, 20).toArray();
      ids[ids.length - 1] = TinyTokenizer.vocabularySize() - 1; // the end of text
      int[] targets = ids.clone();
      java.util.Arrays.fill(targets, 0, ids.length / 2, DatasetFolder.IGNORED);
      tokens.add(ids);
      labels.add(targets);
      packOf[row] = row / 2;
      rows[row] = row;
      lengths[row] = ids.length;
    }
    Path train = Files.createDirectories(folder.resolve("train/data"));
    TinyStreams.tokens(train.resolve("data-00000-of-00001.arrow"), 1000, tokens, labels);
    TinyStreams.plan(
        folder.resolve("train").resolve(DatasetFolder.packsFile(PACK_LENGTH)),
        packOf,
        rows,
        lengths);
    Files.writeString(
        folder.resolve("train/state.json"),
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
                "train")));
    Files.writeString(folder.resolve("train/dataset_info.json"), "{}");
    Files.writeString(folder.resolve("dataset_dict.json"), "{\"splits\": [\"train\"]}");
    ArtifactFolder.finish(
        folder,
        new Manifest(
            DatasetFolder.FORMAT,
            "sha256:tiny",
            "sha256:tiny" + seed + "-" + packs,
            Map.of(),
            Json.mapper().valueToTree(Map.of("loss_on", "assistant")),
            Json.mapper()
                .valueToTree(
                    Map.of(
                        "read",
                        2 * packs,
                        "kept",
                        Map.of("train", 2 * packs),
                        "dropped",
                        Map.of())),
            Map.of(),
            Versions.current(Map.of()),
            List.of(),
            "2026-01-01T00:00:00Z",
            1));
    assert TinyTokenizer.vocabularySize() > 20;
    return folder;
  }
}
