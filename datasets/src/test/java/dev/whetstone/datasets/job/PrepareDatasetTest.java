package dev.whetstone.datasets.job;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.entry;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.whetstone.artifacts.ArtifactFolder;
import dev.whetstone.artifacts.BadInputException;
import dev.whetstone.artifacts.Json;
import dev.whetstone.artifacts.Manifest;
import dev.whetstone.artifacts.dataset.CheckedTask;
import dev.whetstone.artifacts.dataset.ContaminatedItem.Kind;
import dev.whetstone.artifacts.dataset.ContaminatedItem.Place;
import dev.whetstone.artifacts.dataset.DatasetFolder;
import dev.whetstone.artifacts.dataset.DatasetFolder.Pack;
import dev.whetstone.artifacts.dataset.DatasetFolder.TokenRow;
import dev.whetstone.artifacts.items.ItemsFolder;
import dev.whetstone.artifacts.items.ItemsFolder.Item;
import dev.whetstone.datasets.PrepareConfig;
import dev.whetstone.datasets.PrepareConfig.Contaminated;
import dev.whetstone.datasets.PrepareConfig.Dedup;
import dev.whetstone.datasets.PrepareConfig.LossOn;
import dev.whetstone.datasets.PrepareConfig.Source;
import dev.whetstone.datasets.PrepareConfig.Split;
import dev.whetstone.datasets.clean.PersonalData;
import dev.whetstone.datasets.dedup.Keep;
import dev.whetstone.datasets.export.PackedFolder;
import dev.whetstone.datasets.language.LanguageRule;
import dev.whetstone.models.text.Tokenizer;
import dev.whetstone.models.text.testing.TinyTokenizer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The whole story on some sixty rows: one row is planted for every reason to drop one. */
class PrepareDatasetTest {
  private static final int MAX_LENGTH = 400;
  private static final String LEAKED =
      "Would you kindly put nine dozen crates of blue marbles onto the ferry that leaves for"
          + " Ålesund";

  @TempDir static Path world;

  private static Map<String, String> planted;
  private static DatasetFolder dataset;

  @BeforeAll
  static void prepareOnce() throws IOException {
    planted = writeRaw(world.resolve("raw.jsonl"));
    TinyTokenizer.write(world.resolve("model"));
    writeItems(world.resolve("items"));
    dataset = prepare("dataset", 3, config(world.resolve("model").toString()));
  }

  @Test
  void everyPlantedRowGoesForItsReasonAndNoOther() {
    assertThat(dropped(dataset)).isEqualTo(planted);
  }

  @Test
  void countsAccountForEveryRow() {
    assertThat(dataset.manifest().recipe().path("publish").asText())
        .as("unless the recipe says so, nobody else may read the rows")
        .isEqualTo("hashes");
    JsonNode counts = dataset.manifest().counts();
    long kept =
        counts.get("kept").get("train").asLong() + counts.get("kept").get("validation").asLong();
    assertThat(counts.get("read").asLong()).isEqualTo(kept + planted.size());
    planted
        .values()
        .forEach(
            reason ->
                assertThat(counts.get("dropped").get(reason).asLong()).as(reason).isPositive());
    assertThat(counts.get("languages").properties())
        .as("of the rows that reading left, in English or of nothing but numbers")
        .extracting(Map.Entry::getKey)
        .contains("en")
        .doesNotContain("de");
    assertThat(counts.get("tokens").asLong())
        .isEqualTo(rows(dataset).stream().mapToLong(r -> r.inputIds().length).sum());
    assertThat(counts.get("targets").asLong())
        .isEqualTo(
            rows(dataset).stream()
                .mapToLong(r -> Arrays.stream(r.labels()).filter(l -> l >= 0).count())
                .sum());
  }

  @Test
  void onlyWhatTheAssistantSaysIsATarget() {
    try (Tokenizer tokenizer = Tokenizer.open(world.resolve("model"))) {
      for (TokenRow row : rows(dataset)) {
        String learned =
            tokenizer.decode(Arrays.stream(row.labels()).filter(l -> l >= 0).toArray(), false);
        assertThat(learned).as(row.id()).startsWith("{\"product\"").endsWith("}<|im_end|>");
        assertThat(tokenizer.decode(row.inputIds(), false)).contains("<|im_start|>user\n");
      }
    }
  }

  @Test
  void thePackPlanHoldsEveryRowOnce() {
    for (String split : dataset.splits()) {
      List<Pack> packs = dataset.packs(split, MAX_LENGTH);
      List<Long> packed = packs.stream().flatMap(p -> p.rows().stream()).sorted().toList();
      List<Long> all = Stream.iterate(0L, i -> i + 1).limit(dataset.rowCount(split)).toList();
      assertThat(packed).as(split).isEqualTo(all);
    }
  }

  @Test
  void partitionsDoNotEnterTheContent() {
    DatasetFolder one = prepare("one", 1, config(world.resolve("model").toString()));
    DatasetFolder seven = prepare("seven", 7, config(world.resolve("model").toString()));
    assertThat(seven.shards("train").size()).isGreaterThan(one.shards("train").size());
    assertThat(seven.manifest().content())
        .isEqualTo(one.manifest().content())
        .isEqualTo(dataset.manifest().content());
    assertThat(ids(seven)).isEqualTo(ids(one)).isEqualTo(ids(dataset));
  }

  @Test
  void theSameWorkIsNotDoneTwiceAndOtherWorkDoesNotOverwriteIt() throws IOException {
    Path manifest = dataset.path().resolve(Manifest.FILE);
    String before = Files.readString(manifest);
    assertThat(prepare("dataset", 7, config(world.resolve("model").toString())).manifest())
        .isEqualTo(dataset.manifest());
    assertThat(Files.readString(manifest)).isEqualTo(before);
    assertThatThrownBy(() -> prepare("dataset", 1, config("")))
        .isInstanceOf(BadInputException.class)
        .hasMessageContaining("--overwrite");
  }

  @Test
  void longConversationsAreSplitAndEveryTurnIsAccountedFor() throws IOException {
    List<String> lines = new ArrayList<>();
    for (int i = 0; i < 8; i++) {
      List<Map<String, String>> turns = new ArrayList<>(List.of(turn("system", "Be kind.")));
      for (int exchange = 0; exchange < 6; exchange++) {
        String more = exchange == 4 && i == 0 ? " and so on".repeat(60) : "";
        turns.add(
            turn("user", "What comes after item %d of list %d%s?".formatted(exchange, i, more)));
        turns.add(turn("assistant", "Item %d of list %d comes.".formatted(exchange + 1, i)));
      }
      lines.add(Json.line(Map.of("id", "chat-" + i, "messages", turns)));
    }
    Path raw = Files.write(world.resolve("chats.jsonl"), lines);
    DatasetFolder split =
        prepare(
            "pieces",
            2,
            with(
                config(world.resolve("model").toString(), raw),
                Map.of("too_long", "split", "dedup", Map.of("near", Map.of("enabled", false)))));
    JsonNode counts = split.manifest().counts();
    long kept = counts.at("/kept/train").asLong() + counts.at("/kept/validation").asLong();
    JsonNode tooLong = counts.get("too_long");
    assertThat(tooLong.get("split").asLong()).isEqualTo(8);
    assertThat(counts.at("/dropped/too-long").asLong()).isEqualTo(1);
    assertThat(kept).isEqualTo(tooLong.get("pieces").asLong() - 1);
    assertThat(tooLong.get("tokens_cut").asLong()).isGreaterThan(MAX_LENGTH);
    assertThat(Files.readString(split.path().resolve("dropped/too-long.jsonl")))
        .contains("\"id\":\"chat-0\"", "piece ", ", turns 10 to 11: ");
    for (String half : split.splits()) {
      try (var rows = split.jsonRows(half)) {
        while (rows.hasNext()) {
          JsonNode row = rows.next();
          assertThat(row.get("id").asText()).matches("chat-\\d#\\d");
          assertThat(row.at("/messages/0/role").asText()).isEqualTo("system");
          assertThat(row.at("/messages/1/role").asText()).isEqualTo("user");
        }
      }
    }
  }

  private static PrepareConfig with(PrepareConfig config, Map<String, Object> changes) {
    ObjectNode tree = Json.mapper().valueToTree(config);
    changes.forEach((key, value) -> tree.set(key, Json.mapper().valueToTree(value)));
    return Json.mapper().convertValue(tree, PrepareConfig.class);
  }

  @Test
  void withoutAModelRowsAreMessages() {
    DatasetFolder messages = prepare("messages", 2, config(""));
    Map<String, String> expected = new TreeMap<>(planted);
    expected.values().removeIf("too-long"::equals);
    assertThat(dropped(messages)).isEqualTo(expected);
    try (var rows = messages.jsonRows("train")) {
      JsonNode row = rows.next();
      assertThat(row.properties())
          .extracting(Map.Entry::getKey)
          .containsExactly(
              "id", "source", "messages", "language", "language_confidence", "tools", "scores");
      assertThat(row.get("language").asText()).isEqualTo("en");
      assertThat(row.get("language_confidence").asDouble()).isBetween(0.5, 1.0);
      assertThat(row.get("messages").get(1).get("role").asText()).isEqualTo("user");
    }
  }

  @Test
  void answersOfFlaggedWordsGoAndTheOthersAreScored() throws IOException {
    Path source = world.resolve("flagged.jsonl");
    Path words = Files.writeString(world.resolve("flagged.txt"), "darn\n");
    Files.writeString(
        source,
        row("mild", "Say darn.", "I would rather say something else than that word.")
            + "\n"
            + row("strong", "Say it.", "Darn the orders, darn the shop, and darn the keeper too."));
    DatasetFolder folder =
        prepare(
            "flagged",
            1,
            with(
                config(null, source),
                Map.of(
                    "flagged_words",
                    words.toString(),
                    "split",
                    Map.of("train", 1, "validation", 0))));
    assertThat(folder.manifest().counts().at("/kept/train").asInt()).isEqualTo(1);
    assertThat(Files.readString(folder.path().resolve("dropped/low-quality.jsonl")))
        .contains("flagged_words is 0.273, expected at most 0.0045");
    assertThat(folder.manifest().inputs()).containsKey("flagged_words");
    try (var rows = folder.jsonRows("train")) {
      assertThat(rows.next().at("/scores/flagged_words").asDouble(-1)).isZero();
    }
  }

  @Test
  void theItemThatIsFoundIsToldWithItsRow() {
    assertThat(dataset.checkedTasks())
        .containsExactly(entry("orders", new CheckedTask(1, 1, 1, 0, 1)));
    assertThat(dataset.contamination())
        .singleElement()
        .satisfies(
            item -> {
              assertThat(item.docId()).isEqualTo(4);
              assertThat(item.docHash()).isEqualTo("d");
              assertThat(item.kind()).isEqualTo(Kind.QUESTION);
              assertThat(item.share()).isEqualTo(1);
              assertThat(item.rows()).isEqualTo(1);
              assertThat(item.trainedRows()).as("it was dropped").isZero();
              assertThat(item.examples()).extracting(Place::id).containsExactly("leak");
            });
  }

  @Test
  void contaminatedRowsThatAreMarkedStayAndAreTold() {
    DatasetFolder marked =
        prepare("marked", 2, config("", world.resolve("raw.jsonl"), Contaminated.MARK));
    assertThat(dropped(marked)).doesNotContainKey("leak");
    assertThat(marked.checkedTasks().get("orders").found()).isEqualTo(1);
    boolean trained = ids(marked, "train").contains("leak");
    assertThat(marked.checkedTasks().get("orders").trained()).isEqualTo(trained ? 1 : 0);
    assertThat(marked.contamination())
        .singleElement()
        .satisfies(item -> assertThat(item.trainedRows()).isEqualTo(trained ? 1 : 0));
    assertThat(trained || ids(marked, "validation").contains("leak")).isTrue();
  }

  @Test
  void personalDataOfDroppedRowsIsNotKeptAside() throws IOException {
    assertThat(Files.readString(dataset.path().resolve("dropped/personal-data.jsonl")))
        .contains("[EMAIL]", "[PHONE]")
        .doesNotContain("jo.doe", "555-0142");
    assertThat(Files.readString(dataset.path().resolve("report.html")))
        .doesNotContain("jo.doe")
        .doesNotContain("<script>")
        .contains("near-duplicate");
  }

  @Test
  void packedRowsStartEveryDocumentWithoutATarget() {
    Path packed = world.resolve("packed");
    PackedFolder.write(dataset, MAX_LENGTH, packed, true, Clock.systemUTC());
    var exported = new DatasetFolder(packed, dataset.manifest());
    long tokens = 0;
    try (var rows = exported.jsonRows("train")) {
      while (rows.hasNext()) {
        JsonNode row = rows.next();
        int at = 0;
        for (JsonNode length : row.get("seq_lengths")) {
          assertThat(row.get("labels").get(at).asInt()).isEqualTo(-100);
          at += length.asInt();
        }
        assertThat(row.get("input_ids")).hasSize(at);
        assertThat(row.get("labels")).hasSize(at);
        assertThat(at).isLessThanOrEqualTo(MAX_LENGTH);
        tokens += at;
      }
    }
    assertThat(tokens)
        .isEqualTo(rows(dataset, "train").stream().mapToLong(r -> r.inputIds().length).sum());
  }

  @Test
  void aSourceThatIsNotThereIsNamed() {
    assertThatThrownBy(
            () ->
                new PrepareDataset(
                        "t",
                        config("", world.resolve("missing-*.jsonl")),
                        SparkRuntime.local(2),
                        Optional.empty(),
                        Clock.systemUTC())
                    .run(world.resolve("nothing"), false))
        .isInstanceOf(BadInputException.class)
        .hasMessageContaining("missing-*.jsonl: expected at least one file, found none");
  }

  private static DatasetFolder prepare(String name, int partitions, PrepareConfig config) {
    var runtime =
        new SparkRuntime(Optional.of("local[2]"), Optional.of(partitions), Optional.empty());
    return new PrepareDataset("orders", config, runtime, Optional.empty(), Clock.systemUTC())
        .run(world.resolve(name), false);
  }

  private static PrepareConfig config(String model) {
    return config(model, world.resolve("raw.jsonl"));
  }

  private static PrepareConfig config(String model, Path source) {
    return config(model, source, null);
  }

  private static PrepareConfig config(String model, Path source, Contaminated contaminated) {
    return new PrepareConfig(
        List.of(new Source(source.toString(), null)),
        model,
        MAX_LENGTH,
        null,
        null,
        LossOn.ASSISTANT,
        null,
        PersonalData.Policy.DROP,
        new LanguageRule(null, List.of("en"), null),
        null,
        null,
        null,
        new Dedup(null, null, null, Keep.FIRST, null),
        List.of(world.resolve("items").toString()),
        null,
        contaminated,
        new Split(0.8, 0.2),
        null,
        7L);
  }

  private static Map<String, String> dropped(DatasetFolder folder) {
    Map<String, String> dropped = new TreeMap<>();
    try (Stream<Path> files = Files.list(folder.path().resolve("dropped"))) {
      for (Path file : files.toList()) {
        for (String line : Files.readAllLines(file)) {
          JsonNode row = Json.mapper().readTree(line);
          assertThat(row.get("detail").asText()).isNotEmpty();
          assertThat(row.get("line").asInt()).isPositive();
          dropped.put(row.get("id").asText(), row.get("reason").asText());
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return dropped;
  }

  private static List<TokenRow> rows(DatasetFolder folder) {
    return folder.splits().stream().flatMap(s -> rows(folder, s).stream()).toList();
  }

  private static List<TokenRow> rows(DatasetFolder folder, String split) {
    List<TokenRow> rows = new ArrayList<>();
    try (var all = folder.rows(split)) {
      all.forEachRemaining(rows::add);
    }
    return rows;
  }

  /** Of a dataset without token ids, too. */
  private static List<String> ids(DatasetFolder folder, String split) {
    List<String> ids = new ArrayList<>();
    try (var all = folder.jsonRows(split)) {
      all.forEachRemaining(row -> ids.add(row.get("id").asText()));
    }
    return ids;
  }

  private static List<String> ids(DatasetFolder folder) {
    return rows(folder).stream().map(TokenRow::id).toList();
  }

  /** Sixty clean orders and, after them, the planted rows; returns id to reason. */
  private static Map<String, String> writeRaw(Path file) throws IOException {
    Random random = new Random(11);
    List<String> lines = new ArrayList<>();
    List<String> users = new ArrayList<>();
    List<String> answers = new ArrayList<>();
    for (int i = 0; i < 60; i++) {
      String product = "thing" + random.nextInt(1000);
      int quantity = random.nextInt(1, 500);
      String user =
          switch (i % 3) {
            case 0 -> "Please send %d boxes of %s to house %d by Friday, it is urgent for us here";
            case 1 ->
                "We are short of stock again: %d units of %s go to gate %d before noon, thanks";
            default ->
                "My order this time is %d of your lovely %s delivered at door %d next week please";
          };
      users.add(user.formatted(quantity, product, random.nextInt(1000)));
      answers.add("{\"product\": \"%s\", \"quantity\": %d}".formatted(product, quantity));
      lines.add(row("clean-" + i, users.get(i), answers.get(i)));
    }
    Map<String, String> planted = new TreeMap<>();
    plant(
        planted,
        lines,
        "exact-duplicate",
        row("same", " " + users.get(3).toUpperCase(Locale.ROOT), answers.get(3)));
    plant(
        planted,
        lines,
        "near-duplicate",
        row("near", users.get(4).replace(",", " --") + "!!", answers.get(4)));
    plant(planted, lines, "empty", row("no-answer", users.get(5), " \n"));
    plant(planted, lines, "broken", row("cut", users.get(6), answers.get(6)).substring(0, 90));
    plant(planted, lines, "broken", "{\"id\": \"shape\", \"question\": \"what?\"}");
    plant(
        planted,
        lines,
        "personal-data",
        row("mail", "Mail jo.doe@example.com the bill for " + users.get(7), answers.get(7)));
    plant(
        planted,
        lines,
        "personal-data",
        row("phone", "Call me at 555-0142 about this. " + users.get(8), answers.get(8)));
    plant(
        planted,
        lines,
        "contaminated",
        row("leak", LEAKED.toLowerCase(Locale.ROOT) + "!", answers.get(9)));
    plant(
        planted,
        lines,
        "other-language",
        row(
            "german",
            "Bitte schicken Sie uns bis Freitag zwölf Kisten davon an das Tor, es ist dringend",
            answers.get(9)));
    plant(
        planted,
        lines,
        "low-quality",
        row("parrot", users.get(11), "I am sorry, I cannot help with that. ".repeat(9)));
    plant(
        planted,
        lines,
        "too-long",
        row("long", "again and ".repeat(300) + random.nextLong(), answers.get(10)));
    lines.add("");
    Files.write(file, String.join("\n", lines).getBytes(StandardCharsets.UTF_8));
    return planted;
  }

  private static void plant(
      Map<String, String> planted, List<String> lines, String reason, String row) {
    planted.put(row.replaceFirst("^\\{\"id\": ?\"([^\"]+)\".*", "$1"), reason);
    lines.add(row);
  }

  private static String row(String id, String user, String answer) {
    Map<String, Object> row = new LinkedHashMap<>();
    row.put("id", id);
    row.put(
        "messages",
        List.of(
            turn("system", "Turn the order into JSON with product and quantity."),
            turn("user", user),
            turn("assistant", answer)));
    return Json.line(row);
  }

  private static Map<String, String> turn(String role, String content) {
    Map<String, String> turn = new LinkedHashMap<>();
    turn.put("role", role);
    turn.put("content", content);
    return turn;
  }

  private static void writeItems(Path folder) {
    List<Item> items = List.of(new Item("orders", "1", 4, LEAKED, List.of("{}"), "d", "p", "t"));
    var manifest =
        new Manifest(
            ItemsFolder.FORMAT,
            "id",
            ItemsFolder.contentOf(items),
            Map.of(),
            Json.mapper().createObjectNode(),
            Json.mapper().createObjectNode(),
            Map.of(),
            Map.of(),
            List.of(),
            "2026-01-01T00:00:00Z",
            0);
    try (var begun = ArtifactFolder.begin(folder, ItemsFolder.FORMAT, "id", false).orElseThrow()) {
      ItemsFolder.write(begun, items, manifest);
    }
  }
}
