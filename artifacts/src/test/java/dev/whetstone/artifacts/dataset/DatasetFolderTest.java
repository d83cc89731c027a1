package dev.whetstone.artifacts.dataset;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import dev.whetstone.artifacts.ArtifactFolder;
import dev.whetstone.artifacts.BadInputException;
import dev.whetstone.artifacts.Golden;
import dev.whetstone.artifacts.Json;
import dev.whetstone.artifacts.TinyManifest;
import dev.whetstone.artifacts.dataset.DatasetFolder.Pack;
import dev.whetstone.artifacts.dataset.DatasetFolder.TokenRow;
import dev.whetstone.artifacts.testing.TinyStreams;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DatasetFolderTest {
  @TempDir Path path;
  private Path data;

  @BeforeEach
  void layOut() throws IOException {
    data = Files.createDirectories(path.resolve("train/data"));
    Files.writeString(path.resolve("dataset_dict.json"), "{\"splits\": [\"train\"]}");
    ArtifactFolder.finish(path, TinyManifest.of(DatasetFolder.FORMAT));
  }

  private DatasetFolder shards(String... names) throws IOException {
    var files = Arrays.stream(names).map(name -> Map.of("filename", "data/" + name)).toList();
    Files.writeString(path.resolve("train/state.json"), Json.line(Map.of("_data_files", files)));
    return DatasetFolder.open(path);
  }

  private static List<TokenRow> rows(DatasetFolder dataset) {
    var rows = new ArrayList<TokenRow>();
    try (var iterator = dataset.rows("train")) {
      iterator.forEachRemaining(rows::add);
    }
    return rows;
  }

  private void assertFault(DatasetFolder dataset, String... parts) {
    assertThatThrownBy(() -> rows(dataset))
        .isInstanceOf(BadInputException.class)
        .hasMessageContainingAll(parts);
  }

  @Test
  void rowsThatPyarrowWroteAreRead() throws IOException {
    Files.copy(Golden.file("tokens.arrow"), data.resolve("data-0.arrow"));
    DatasetFolder dataset = shards("data-0.arrow");
    List<TokenRow> rows = rows(dataset);
    assertThat(rows).extracting(TokenRow::id).containsExactly("first", "second", "third");
    assertThat(rows).extracting(TokenRow::row).containsExactly(0L, 1L, 2L);
    assertThat(rows.get(0).inputIds()).containsExactly(1, 2, 3);
    assertThat(rows.get(0).labels()).containsExactly(-100, 2, 3);
    assertThat(rows.get(2).inputIds()).isEmpty();
    assertThat(dataset.rowCount("train")).isEqualTo(3);
    try (var json = dataset.jsonRows("train")) {
      JsonNode first = json.next();
      assertThat(first.at("/messages/1/content").asText()).isEqualTo("4");
      assertThat(first.at("/labels/0").asInt()).isEqualTo(-100);
    }
  }

  @Test
  void rowsOfManyShardsAndBatchesComeInOrder() throws IOException {
    for (long seed = 0; seed < 10; seed++) {
      var random = new Random(seed);
      var written = new ArrayList<int[]>();
      var names = new ArrayList<String>();
      for (int shard = 0; shard < 3; shard++) {
        var tokens = new ArrayList<int[]>();
        for (int i = random.nextInt(40); i > 0; i--) {
          tokens.add(random.ints(random.nextInt(20), 0, 50_000).toArray());
        }
        written.addAll(tokens);
        names.add("s%d-%d.arrow".formatted(seed, shard));
        TinyStreams.tokens(data.resolve(names.get(shard)), 1 + random.nextInt(9), tokens, tokens);
      }
      List<TokenRow> rows = rows(shards(names.toArray(String[]::new)));
      assertThat(rows).as("seed %d", seed).hasSameSizeAs(written);
      for (int i = 0; i < written.size(); i++) {
        assertThat(rows.get(i).row()).isEqualTo(i);
        assertThat(rows.get(i).inputIds()).isEqualTo(written.get(i));
      }
    }
  }

  @Test
  void aSplitWithoutRowsIsEmpty() throws IOException {
    TinyStreams.tokens(data.resolve("none.arrow"), 1, List.of(), null);
    assertThat(rows(shards("none.arrow"))).isEmpty();
    TinyStreams.plan(path.resolve("train/packs-8.arrow"), new int[0], new long[0], new int[0]);
    assertThat(DatasetFolder.open(path).packs("train", 8)).isEmpty();
  }

  @Test
  void closingHalfWayFreesAll() throws IOException {
    TinyStreams.tokens(data.resolve("a.arrow"), 1, List.of(new int[] {1}, new int[] {2}), null);
    try (var rows = shards("a.arrow").rows("train")) {
      assertThat(rows.next().inputIds()).containsExactly(1);
    } // the allocator would throw at a leak
  }

  @Test
  void faultsNameFileAndRow() throws IOException {
    var good = new int[] {1, 2};
    TinyStreams.tokens(
        data.resolve("short.arrow"), 1, List.of(good, good), List.of(good, new int[] {1}));
    assertFault(
        shards("short.arrow"),
        "short.arrow, row 1: labels has 1 entries, input_ids has 2; they must match");
    TinyStreams.tokens(data.resolve("negative.arrow"), 5, List.of(good, new int[] {7, -3}), null);
    assertFault(shards("negative.arrow"), "negative.arrow, row 1: input_ids[1] is -3, below 0");
    TinyStreams.tokens(
        data.resolve("label.arrow"), 5, List.of(good), List.of(new int[] {-100, -1}));
    assertFault(shards("label.arrow"), "row 0: labels[1] is -1; expected a token or -100");
  }

  @Test
  void rowsSayWhatTheirTargetsCount() throws IOException {
    List<int[]> tokens = List.of(new int[] {1, 2, 3}, new int[] {4, 5});
    List<int[]> labels = List.of(new int[] {-100, 2, 3}, new int[] {-100, 5});
    var weights = new ArrayList<float[]>();
    weights.add(new float[] {0, 0.5f, 2});
    weights.add(null);
    TinyStreams.weighted(data.resolve("w.arrow"), tokens, labels, weights);
    List<TokenRow> rows = rows(shards("w.arrow"));
    assertThat(rows.get(0).weights().orElseThrow()).containsExactly(0, 0.5f, 2);
    assertThat(rows.get(1).weights()).isEmpty();
    for (float[] wrong :
        List.of(new float[] {0, 0, 1}, new float[] {0, Float.NaN, 1}, new float[] {0, -1, 1})) {
      TinyStreams.weighted(
          data.resolve("w.arrow"), tokens.subList(0, 1), labels.subList(0, 1), List.of(wrong));
      assertFault(shards("w.arrow"), "w.arrow, row 0: loss_weights[1] of a target is " + wrong[1]);
    }
    TinyStreams.weighted(
        data.resolve("w.arrow"), tokens, labels, List.of(new float[2], new float[2]));
    assertFault(shards("w.arrow"), "loss_weights has 2 entries, labels has 3; they must match");
  }

  @Test
  void missingColumnsFilesAndSplitsAreNamed() throws IOException {
    TinyStreams.plan(data.resolve("plan.arrow"), new int[] {0}, new long[] {0}, new int[] {1});
    assertFault(
        shards("plan.arrow"), "plan.arrow: expected a column \"id\", found pack, row, length");
    assertFault(shards("gone.arrow"), "gone.arrow: expected an Arrow file here, found no file");
    assertFault(shards("../../../x.arrow"), "expected a file within");
    assertFault(shards("a\0b.arrow"), "expected a file within");
    Files.createDirectory(data.resolve("folder.arrow"));
    assertFault(shards("folder.arrow"), "folder.arrow: expected an Arrow file, found a folder");
    assertThatThrownBy(() -> shards("plan.arrow").rows("test"))
        .hasMessageContaining("has no split \"test\"; it has train");
  }

  @Test
  void namesOfSplitsCannotLeadOutOfTheFolder() throws IOException {
    for (String name : new String[] {"../train", "a/b", "", ".", "a\0b"}) {
      Files.writeString(
          path.resolve("dataset_dict.json"), Json.line(Map.of("splits", List.of(name))));
      assertThatThrownBy(() -> DatasetFolder.open(path).splits())
          .as(name)
          .isInstanceOf(BadInputException.class)
          .hasMessageContaining("expected names of splits");
    }
  }

  @Test
  void everyCutOfAStreamIsNoticed() throws IOException {
    TinyStreams.tokens(data.resolve("whole.arrow"), 1, List.of(new int[] {1}, new int[] {2}), null);
    byte[] whole = Files.readAllBytes(data.resolve("whole.arrow"));
    DatasetFolder dataset = shards("cut.arrow");
    for (int length = 0; length < whole.length; length++) {
      Files.write(data.resolve("cut.arrow"), Arrays.copyOf(whole, length));
      assertFault(dataset, "cut.arrow: ");
    }
  }

  @Test
  void mutatedStreamsGiveASentenceOrRows() throws IOException {
    TinyStreams.tokens(
        data.resolve("whole.arrow"), 2, List.of(new int[] {1, 2}, new int[] {3}), null);
    byte[] whole = Files.readAllBytes(data.resolve("whole.arrow"));
    DatasetFolder dataset = shards("mutated.arrow");
    for (long seed = 0; seed < 400; seed++) {
      var random = new Random(seed);
      byte[] mutated = whole.clone();
      for (int i = random.nextInt(3); i >= 0; i--) {
        mutated[random.nextInt(mutated.length)] = (byte) random.nextInt();
      }
      Files.write(data.resolve("mutated.arrow"), mutated);
      try {
        rows(dataset);
      } catch (BadInputException e) {
        assertThat(e).as("seed %d", seed).hasMessageContaining("mutated.arrow");
      } catch (RuntimeException | Error e) {
        throw new AssertionError("seed " + seed, e);
      }
    }
  }

  @Test
  void theIpcFileFormatIsToldApart() throws IOException {
    Files.writeString(data.resolve("feather.arrow"), "ARROW1\0\0 and so on");
    assertFault(shards("feather.arrow"), "expected an Arrow IPC stream, found the IPC file format");
  }

  @Test
  void packsKeepTheirRowsInOrder() throws IOException {
    TinyStreams.plan(
        path.resolve("train").resolve(DatasetFolder.packsFile(8)),
        new int[] {0, 0, 1, 2},
        new long[] {4, 1, 0, 3},
        new int[] {5, 3, 8, 1});
    DatasetFolder dataset = DatasetFolder.open(path);
    assertThat(dataset.packs("train", 8))
        .containsExactly(new Pack(List.of(4L, 1L)), new Pack(List.of(0L)), new Pack(List.of(3L)));
    assertThatThrownBy(() -> dataset.packs("train", 16))
        .isInstanceOf(BadInputException.class)
        .hasMessageContaining("rows of 16 tokens, found none; there are plans for [8]");
  }

  @Test
  void packsThatAreTooLongOrOutOfOrderAreRefused() throws IOException {
    Path file = path.resolve("train").resolve(DatasetFolder.packsFile(8));
    TinyStreams.plan(file, new int[] {0, 0}, new long[] {0, 1}, new int[] {5, 4});
    assertThatThrownBy(() -> DatasetFolder.open(path).packs("train", 8))
        .isInstanceOf(BadInputException.class)
        .hasMessageContaining("which then has 9 tokens");
    TinyStreams.plan(file, new int[] {0, 2}, new long[] {0, 1}, new int[] {5, 4});
    assertThatThrownBy(() -> DatasetFolder.open(path).packs("train", 8))
        .isInstanceOf(BadInputException.class)
        .hasMessageContaining("row 1 is in pack 2 after pack 0");
  }
}
