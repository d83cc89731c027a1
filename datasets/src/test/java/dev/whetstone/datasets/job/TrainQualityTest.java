package dev.whetstone.datasets.job;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import dev.whetstone.artifacts.BadInputException;
import dev.whetstone.artifacts.Json;
import dev.whetstone.artifacts.Manifest;
import dev.whetstone.artifacts.dataset.DatasetFolder;
import dev.whetstone.artifacts.tensors.Safetensors;
import dev.whetstone.datasets.PrepareConfig;
import dev.whetstone.datasets.PrepareConfig.Source;
import dev.whetstone.datasets.quality.NetworkConfig;
import dev.whetstone.datasets.quality.QualityConfig;
import dev.whetstone.datasets.quality.QualityConfig.CrossValidation;
import dev.whetstone.datasets.quality.QualityModel;
import dev.whetstone.datasets.quality.dl4j.Dl4j;
import dev.whetstone.datasets.rows.Conversation;
import dev.whetstone.datasets.rows.Message;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A world of tidy answers and of the same kind of answers with their words thrown about. */
class TrainQualityTest {
  @TempDir static Path world;

  @BeforeAll
  static void learnOnce() throws IOException {
    QualityWorld.write(world.resolve("good.jsonl"), 400, false, 1);
    QualityWorld.write(world.resolve("bad.jsonl"), 400, true, 2);
    train(config(5L), world.resolve("model"), false);
  }

  @Test
  void itTellsTidyAnswersFromGarbledOnes() {
    QualityModel model = QualityModel.open(world.resolve("model"));
    var random = new Random(77);
    List<Conversation> rows = new ArrayList<>();
    for (int i = 0; i < 200; i++) {
      rows.add(QualityWorld.row(random, i % 2 == 1));
    }
    float[] scores = model.scores(rows, Dl4j.ENGINE::scorer);
    int right = 0;
    for (int i = 0; i < scores.length; i++) {
      assertThat(scores[i]).isBetween(0f, 1f);
      right += (scores[i] >= 0.5) == (i % 2 == 0) ? 1 : 0;
    }
    assertThat(right).isGreaterThan(180);
  }

  @Test
  void theFolderAccountsForEveryLine() throws IOException {
    Manifest manifest = Manifest.read(world.resolve("model"), QualityModel.FORMAT);
    JsonNode counts = manifest.counts();
    long kept = 0;
    for (JsonNode part : counts.get("kept")) {
      kept += part.asLong();
    }
    long dropped = 0;
    for (JsonNode reason : counts.get("dropped")) {
      dropped += reason.asLong();
    }
    assertThat(counts.get("read").get("good").asLong()).isEqualTo(403);
    assertThat(kept + dropped).isEqualTo(403 + 403);
    assertThat(counts.get("dropped").get("both labels").asLong()).isEqualTo(2);
    assertThat(counts.get("dropped").get("good, broken").asLong()).isEqualTo(1);
    assertThat(counts.get("dropped").get("good, exact-duplicate").asLong()).isEqualTo(1);
    assertThat(manifest.content()).isEqualTo(QualityModel.open(world.resolve("model")).content());
    String page = Files.readString(world.resolve("model/report.html"));
    assertThat(page).contains("calibration error", "What each threshold would keep", "<svg");
    assertThat(page).doesNotContain("<script");
  }

  @Test
  void theSameWorkIsNotDoneTwiceAndGivesTheSameElsewhere() throws IOException {
    Path manifest = world.resolve("model/manifest.json");
    String before = Files.readString(manifest);
    train(config(5L), world.resolve("model"), false);
    assertThat(Files.readString(manifest)).isEqualTo(before);
    train(config(5L), world.resolve("again"), false);
    assertThat(Files.readAllBytes(world.resolve("again/model.safetensors")))
        .isEqualTo(Files.readAllBytes(world.resolve("model/model.safetensors")));
    assertThat(Files.readString(world.resolve("again/classifier.json")))
        .isEqualTo(Files.readString(world.resolve("model/classifier.json")));
    assertThatThrownBy(() -> train(config(6L), world.resolve("again"), false))
        .isInstanceOf(BadInputException.class)
        .hasMessageContaining("--overwrite");
  }

  @Test
  void tooFewRowsAreASentence() throws IOException {
    QualityWorld.write(world.resolve("few.jsonl"), 10, true, 3);
    QualityConfig few =
        new QualityConfig(
            sources("good.jsonl"), sources("few.jsonl"), null, 12, null, null, null, null);
    assertThatThrownBy(() -> train(few, world.resolve("nothing"), false))
        .isInstanceOf(BadInputException.class)
        .hasMessageContaining("bad: expected at least 50 different rows")
        .hasMessageContaining("found");
    assertThat(world.resolve("nothing")).doesNotExist();
  }

  @Test
  void aFolderWhoseWeightsWereChangedIsRefused() throws IOException {
    Path changed = world.resolve("changed");
    Files.createDirectories(changed);
    for (String file : List.of("manifest.json", "classifier.json", Safetensors.MODEL_FILE)) {
      Files.copy(world.resolve("model").resolve(file), changed.resolve(file));
    }
    Path weights = changed.resolve(Safetensors.MODEL_FILE);
    byte[] bytes = Files.readAllBytes(weights);
    bytes[bytes.length - 3] ^= 1;
    Files.write(weights, bytes);
    assertThatThrownBy(() -> QualityModel.open(changed))
        .isInstanceOf(BadInputException.class)
        .hasMessageContaining("its files differ");
  }

  @Test
  void prepareDropsWhatItRefusesAndTellsTheScoreOfTheRest() throws IOException {
    var random = new Random(21);
    List<String> lines = new ArrayList<>();
    List<Conversation> rows = new ArrayList<>();
    for (int i = 0; i < 300; i++) {
      rows.add(
          QualityWorld.row(random, i % 3 == 0).withId((i % 3 == 0 ? "garbled-" : "tidy-") + i));
      lines.add(QualityWorld.line(rows.get(i)));
    }
    Files.write(world.resolve("mixed.jsonl"), lines);
    float[] scores = QualityModel.open(world.resolve("model")).scores(rows, Dl4j.ENGINE::scorer);
    Map<String, Float> expected = new TreeMap<>();
    for (int i = 0; i < scores.length; i++) {
      expected.put(rows.get(i).id(), scores[i]);
    }
    DatasetFolder dataset = prepare("prepared", Map.of("model", model(), "min", 0.5));
    Map<String, Float> found = new TreeMap<>(scoresOf(dataset));
    assertThat(found).isNotEmpty();
    found.forEach((id, score) -> assertThat(score).as(id).isEqualTo(expected.get(id)));
    assertThat(found.keySet())
        .isEqualTo(
            expected.keySet().stream()
                .filter(id -> expected.get(id) >= 0.5)
                .collect(Collectors.toSet()));
    assertThat(Files.readString(dataset.path().resolve("dropped/low-quality.jsonl")))
        .contains("quality is 0.", "expected at least 0.5", "garbled-0");
    assertThat(dataset.manifest().inputs())
        .containsEntry("quality", QualityModel.open(world.resolve("model")).content());
    assertThat(dataset.manifest().lineage()).anyMatch(link -> link.kind().equals("quality"));

    DatasetFolder told = prepare("told", Map.of("model", model()));
    assertThat(scoresOf(told)).as("without min all stay").isEqualTo(expected);
    DatasetFolder without = prepare("without", Map.of());
    assertThat(scoresOf(without).values()).hasSize(300).containsOnlyNulls();
  }

  private static String model() {
    return world.resolve("model").toString();
  }

  private static DatasetFolder prepare(String name, Map<String, Object> quality) {
    Map<String, Object> section =
        Map.of(
            "sources",
            List.of(Map.of("path", world.resolve("mixed.jsonl").toString())),
            "quality",
            quality,
            "rules",
            Map.of("bounds", Map.of()),
            "dedup",
            Map.of("exact", false, "near", Map.of("enabled", false)));
    PrepareConfig config = Json.mapper().convertValue(section, PrepareConfig.class);
    var runtime = new SparkRuntime(Optional.of("local[2]"), Optional.of(2), Optional.empty());
    return new PrepareDataset(name, config, runtime, Optional.empty(), Clock.systemUTC())
        .run(world.resolve(name), false);
  }

  private static Map<String, Float> scoresOf(DatasetFolder dataset) {
    Map<String, Float> scores = new TreeMap<>();
    for (String split : dataset.splits()) {
      try (var rows = dataset.jsonRows(split)) {
        while (rows.hasNext()) {
          JsonNode row = rows.next();
          JsonNode score = row.get("scores").get("quality");
          scores.put(
              row.get("id").asText(), score == null || score.isNull() ? null : score.floatValue());
        }
      }
    }
    return scores;
  }

  @Test
  void aThresholdWithoutAModelIsRefused() {
    assertThatThrownBy(
            () -> Json.mapper().convertValue(Map.of("min", 0.5), PrepareConfig.Quality.class))
        .hasMessageContaining("min needs a model");
  }

  private static List<Source> sources(String name) {
    return List.of(new Source(world.resolve(name).toString(), null));
  }

  private static QualityConfig config(long seed) {
    return new QualityConfig(
        sources("good.jsonl"),
        sources("bad.jsonl"),
        null,
        12,
        new NetworkConfig(8, 8, 16, 0.01),
        0.15,
        new CrossValidation(2, 1),
        seed);
  }

  private static void train(QualityConfig config, Path folder, boolean overwrite) {
    new TrainQuality("tidy", config, Clock.systemUTC()).run(folder, overwrite);
  }

  /** Rows for a classifier. */
  static final class QualityWorld {
    private static final List<String> THINGS =
        List.of("kettle", "ladder", "violin", "harbour", "lantern", "orchard", "saddle", "bridge");

    private QualityWorld() {}

    /** {@code n} rows and, after them, one that both files have, a broken one and a duplicate. */
    static void write(Path file, int n, boolean garbled, long seed) throws IOException {
      var random = new Random(seed);
      List<String> lines = new ArrayList<>();
      for (int i = 0; i < n; i++) {
        lines.add(line(row(random, garbled)));
      }
      lines.add("{\"prompt\": \"Both?\", \"completion\": \"Both of them.\"}");
      lines.add("{\"prompt\": ");
      lines.add(lines.get(0));
      Files.write(file, lines);
    }

    static String line(Conversation row) {
      return Json.line(
          Map.of(
              "id",
              row.id(),
              "prompt",
              row.messages().get(0).content(),
              "completion",
              row.messages().get(1).content()));
    }

    static Conversation row(Random random, boolean garbled) {
      String thing = THINGS.get(random.nextInt(THINGS.size()));
      int n = random.nextInt(1_000_000);
      List<String> words =
          new ArrayList<>(
              List.of(
                  ("The old %s stands near the %s since year %d and nobody has moved it yet because"
                          + " it is far too heavy")
                      .formatted(thing, THINGS.get(random.nextInt(THINGS.size())), n)
                      .split(" ", -1)));
      if (garbled) {
        Collections.shuffle(words, random);
      }
      return Conversation.of(
          "r" + n,
          List.of(
              Message.of(Message.USER, "Where is the %s number %d?".formatted(thing, n)),
              Message.of(Message.ASSISTANT, String.join(" ", words) + ".")),
          "");
    }
  }
}
