package dev.whetstone.leaderboard.page;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.whetstone.artifacts.ContentHash;
import dev.whetstone.artifacts.Json;
import dev.whetstone.artifacts.Publish;
import dev.whetstone.leaderboard.TinyResults;
import dev.whetstone.leaderboard.entry.Entry;
import dev.whetstone.leaderboard.intake.ResultReader;
import dev.whetstone.leaderboard.store.BoardStore;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class WithheldTextsTest {
  /** Stands in every text of documents, prompts, answers and settings. */
  private static final String MARK = "xylophagous";

  private static final int DOCUMENTS = 40;

  @TempDir private Path folder;

  private Path site;
  private int folders;

  /** Base at two prompts and an adapter, through files and database to a site. */
  private void publish(String tasks, String dataset) {
    TinyResults base = TinyResults.ofBase("tiny", 0).right(0.1, 0.5, 1);
    TinyResults better = TinyResults.ofBase("tiny", 3).right(0.2, 0.5, 2);
    TinyResults adapter = TinyResults.ofAdapter("tiny", "tiny-lora").right(0.8, 0.4, 3);
    BoardStore store =
        BoardStore.open(folder.resolve("board" + folders + ".db"), Clock.systemUTC());
    for (TinyResults results : List.of(base, better, adapter)) {
      store.add(read(results.publish(tasks, dataset)));
    }
    site = folder.resolve("site");
    PublishBoardTest.publisher().publish(store.entries(), site);
  }

  private Entry read(TinyResults results) {
    Path result = folder.resolve("result" + folders++);
    return ResultReader.read(results.documents(DOCUMENTS).marked(MARK).write(result), "");
  }

  private List<Path> filesWith(String text) {
    try (Stream<Path> files = Files.walk(site)) {
      return files.filter(Files::isRegularFile).filter(file -> holds(file, text)).toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static boolean holds(Path file, String text) {
    try {
      return Files.readString(file).contains(text);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private JsonNode data() {
    return Json.read(only("api/samples", "orders"));
  }

  private Path only(String place, String task) {
    try (Stream<Path> files = Files.list(site.resolve(place))) {
      return files.filter(file -> file.toString().contains("-" + task + "-")).findFirst().get();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @ParameterizedTest
  @EnumSource(Publish.class)
  void noFileOfTheSiteHoldsATextThatIsNotPublished(Publish publish) {
    publish(publish.key(), "text");
    if (publish == Publish.TEXT) {
      assertThat(filesWith(MARK))
          .as("the mark is where texts are")
          .contains(only("samples", "orders"), only("samples", "general"))
          .contains(only("api/samples", "orders"))
          .anyMatch(file -> file.getParent().endsWith("result"));
    } else {
      assertThat(filesWith(MARK)).isEmpty();
    }
    assertThat(filesWith("improved")).as("the verdict is told").isNotEmpty();
  }

  @Test
  void whatOnlyCallsItselfAHashIsHashed() throws IOException {
    Path base = folder.resolve("evil-base");
    Path adapter = folder.resolve("evil");
    TinyResults.ofBase("tiny", 0).right(0.1, 0.5, 1).publish("hashes", "").write(base);
    TinyResults.ofAdapter("tiny", "a").right(0.9, 0.5, 2).publish("hashes", "").write(adapter);
    for (Path result : List.of(base, adapter)) {
      try (Stream<Path> files = Files.list(result)) {
        for (Path file : files.toList()) {
          Files.writeString(
              file,
              Files.readString(file)
                  .replaceAll("(_hash\":\\s*\")[0-9a-f]{64}", "$1" + MARK)
                  .replace("a".repeat(64), MARK));
        }
      }
    }
    site = folder.resolve("site");
    PublishBoardTest.publisher()
        .publish(List.of(ResultReader.read(base, ""), ResultReader.read(adapter, "")), site);
    assertThat(site.resolve("samples")).isNotEmptyDirectory();
    assertThat(filesWith(MARK)).isEmpty();
  }

  @Test
  void hashesStandInPageAndDataWithScoresAndFlips() throws IOException {
    publish("text", "text");
    JsonNode told = data().path("documents");
    publish("hashes", "text");
    JsonNode data = data();
    assertThat(data.path("publish").asText()).isEqualTo("hashes");
    assertThat(data.path("documents")).hasSize(DOCUMENTS);
    String page = Files.readString(only("samples", "orders"));
    assertThat(page).contains("The texts of this task are not published", "data-group=\"fixed\"");
    for (int i = 0; i < DOCUMENTS; i++) {
      JsonNode row = data.path("documents").get(i);
      JsonNode text = told.get(i);
      assertThat(row.path("outcome")).isEqualTo(text.path("outcome"));
      assertThat(row.path("document_sha256")).isEqualTo(text.path("document_sha256"));
      assertThat(row.at("/candidate/score")).isEqualTo(text.at("/candidate/score"));
      for (String at : List.of("/prompt", "/expected", "/baseline/answer", "/candidate/answer")) {
        String hash = ContentHash.sha256(text.at(at).asText());
        assertThat(row.at(at + "_sha256").asText()).isEqualTo(hash);
        assertThat(page).contains("SHA-256 " + hash.substring(0, 12));
      }
    }
  }

  @Test
  void noneLeavesOnlySums() throws IOException {
    publish("none", "text");
    assertThat(site.resolve("samples")).doesNotExist();
    assertThat(site.resolve("api/samples")).doesNotExist();
    assertThat(Files.readString(site.resolve("index.html")))
        .contains("paired documents", "improved")
        .doesNotContain("See every document");
  }

  @Test
  void datasetThatForbidsItHidesWhatTheAdapterSaidAndNothingElse() throws IOException {
    for (String dataset : List.of("hashes", "none")) {
      publish("text", dataset);
      JsonNode row = data().path("documents").get(0);
      assertThat(row.path("prompt").asText()).contains(MARK);
      assertThat(row.path("expected").asText()).contains(MARK);
      assertThat(row.at("/baseline/answer").isTextual()).isTrue();
      assertThat(row.at("/candidate/answer").isTextual()).isFalse();
      assertThat(row.at("/candidate/answer_sha256").isTextual())
          .isEqualTo(dataset.equals("hashes"));
      assertThat(Files.readString(only("samples", "orders")))
          .contains("The adapter’s answers are not published");
    }
  }

  @Test
  void strictestResultOfATaskDecidesOnItsDocuments() {
    Entry open = read(TinyResults.ofBase("tiny", 0).right(0.1, 0.5, 1).publish("text", ""));
    Entry strict =
        read(TinyResults.ofAdapter("tiny", "a").right(0.9, 0.5, 2).publish("hashes", ""));
    site = folder.resolve("site");
    PublishBoardTest.publisher().publish(List.of(open, strict), site);
    assertThat(site.resolve("samples")).isNotEmptyDirectory();
    assertThat(filesWith(MARK)).isEmpty();
  }

  @Test
  void foldersOfThisMachineAreNobodysBusiness() {
    assertThat(PublicSettings.place("/home/ada/secret/models/tiny")).isEqualTo("…/models/tiny");
    assertThat(PublicSettings.place("pretrained=/home/ada/models/tiny,dtype=float32"))
        .isEqualTo("pretrained=…/models/tiny,dtype=float32");
    for (String harmless : List.of("openai/gsm8k", "yes/no/maybe", "https://host/a/b/c", "/a/b")) {
      assertThat(PublicSettings.place(harmless)).isEqualTo(harmless);
    }
  }
}
