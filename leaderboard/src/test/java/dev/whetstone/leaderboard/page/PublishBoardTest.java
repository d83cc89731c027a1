package dev.whetstone.leaderboard.page;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import dev.whetstone.artifacts.BadInputException;
import dev.whetstone.artifacts.Json;
import dev.whetstone.leaderboard.TinyResults;
import dev.whetstone.leaderboard.entry.Entry;
import dev.whetstone.leaderboard.intake.ResultReader;
import dev.whetstone.leaderboard.verdict.Policy;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Random;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PublishBoardTest {
  private static final String HOSTILE = "<script>alert(1)</script>\"'><img src=x onerror=alert(2)>";

  @TempDir private Path folder;

  static PublishBoard publisher() {
    return new PublishBoard(
        Policy.BOARD, Clock.fixed(Instant.parse("2026-01-03T10:00:00Z"), ZoneOffset.UTC));
  }

  /** A base model at two prompts, an adapter that learnt, and one that forgot. */
  static List<Entry> entries(Path work) {
    return List.of(
        read(
            TinyResults.ofBase("SmallModel-135M", 0).documents(120).right(0.02, 0.45, 1),
            work.resolve("a")),
        read(
            TinyResults.ofBase("SmallModel-135M", 3).documents(120).right(0.22, 0.45, 1),
            work.resolve("b")),
        read(
            TinyResults.ofAdapter("SmallModel-135M", "orders-lora")
                .documents(120)
                .right(0.84, 0.48, 2),
            work.resolve("c")),
        read(
            TinyResults.ofAdapter("SmallModel-135M", "orders-lora-overtrained")
                .documents(120)
                .right(0.79, 0.1, 3),
            work.resolve("d")));
  }

  private static Entry read(TinyResults result, Path folder) {
    return ResultReader.read(result.write(folder), "");
  }

  @Test
  void frontPageSaysWhetherTheDifferenceIsReal() throws IOException {
    publisher().publish(entries(folder), folder.resolve("site"));
    String page = Files.readString(folder.resolve("site/index.html"));
    assertThat(page)
        .containsPattern(
            "<b>\\+\\d+\\.\\d points</b> json exact match over the base’s better prompt"
                + " \\(3-shot\\), 95\u00a0% interval \\d+\\.\\d to \\d+\\.\\d,"
                + " p\u00a0&lt;\u00a00\\.0001, 120 paired documents")
        .contains("class=\"badge improved\"")
        .contains("class=\"badge regressed\"");
  }

  @Test
  void firstClickSortsTheBestOnTopWhicheverWayIsBetter() throws IOException {
    Path low = TinyResults.ofBase("m", 0).lowIsGood().write(folder.resolve("low"));
    publisher().publish(List.of(ResultReader.read(low, "")), folder.resolve("site"));
    assertThat(Files.readString(folder.resolve("site/index.html")))
        .contains("data-key=\"orders\" data-first=\"ascending\"")
        .contains("data-key=\"general\" data-first=\"descending\"");
  }

  @Test
  void everyLinkLeadsToAPageOfTheSite() throws IOException {
    Path site = folder.resolve("site");
    publisher().publish(entries(folder), site);
    Pattern link = Pattern.compile("(?:href|src)=\"([^\"#]*)");
    try (Stream<Path> pages = Files.walk(site)) {
      for (Path page : pages.filter(file -> file.toString().endsWith(".html")).toList()) {
        Matcher matcher = link.matcher(Files.readString(page));
        while (matcher.find()) {
          String target = matcher.group(1);
          if (!target.isEmpty() && !target.equals("data:,")) {
            assertThat(target).doesNotContain("//");
            assertThat(page.resolveSibling(target).normalize())
                .as("link of %s", page)
                .isRegularFile();
          }
        }
      }
    }
  }

  @Test
  void nothingFromStrangersComesOutRaw() throws IOException {
    Path result =
        TinyResults.ofAdapter(HOSTILE, HOSTILE).documents(6).write(folder.resolve("evil"));
    poison(result);
    Path base = TinyResults.ofBase(HOSTILE, 1).documents(6).write(folder.resolve("evil-base"));
    poison(base);
    Path site = folder.resolve("site");
    publisher()
        .publish(
            List.of(ResultReader.read(base, HOSTILE), ResultReader.read(result, HOSTILE)), site);
    try (Stream<Path> pages = Files.walk(site)) {
      List<Path> html = pages.filter(file -> file.toString().endsWith(".html")).toList();
      assertThat(html).anyMatch(file -> file.toString().contains("samples"));
      for (Path page : html) {
        assertThat(Files.readString(page))
            .as("%s", page)
            .doesNotContain("<script>")
            .doesNotContain("<img")
            .contains("alert(1)");
      }
    }
    assertThat(Files.readString(site.resolve("table.csv"))).contains("\"\"'><img");
  }

  /** Puts the hostile text wherever a file of a stranger holds text. */
  private static void poison(Path result) throws IOException {
    try (Stream<Path> files = Files.list(result)) {
      for (Path file : files.toList()) {
        String hostile = Json.line(HOSTILE);
        String inner = hostile.substring(1, hostile.length() - 1);
        Files.writeString(
            file,
            Files.readString(file)
                .replace("generate_until", inner)
                .replace("Hi, ", inner)
                .replace("Turn the", inner)
                .replace("Friday", inner.replace("\\", "\\\\\\"))
                .replace("\"cpu\"", hostile)
                .replace("orders.jsonl", inner)
                .replace("Apache-2.0", inner)
                .replace(" choice ", inner));
      }
    }
  }

  @Test
  void emptyBoardTellsHowToFillIt() throws IOException {
    publisher().publish(List.of(), folder.resolve("site"));
    assertThat(Files.readString(folder.resolve("site/index.html")))
        .contains("Nothing here yet", "whetstone board add");
  }

  @Test
  void sameBoardGivesTheSameBytes() throws IOException {
    List<Entry> entries = entries(folder);
    publisher().publish(entries, folder.resolve("one"));
    publisher().publish(entries, folder.resolve("two"));
    try (Stream<Path> files = Files.walk(folder.resolve("one"))) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        assertThat(folder.resolve("two").resolve(folder.resolve("one").relativize(file)))
            .hasSameBinaryContentAs(file);
      }
    }
  }

  @Test
  void programsGetEveryNumberWithItsInterval() {
    publisher().publish(entries(folder), folder.resolve("site"));
    JsonNode board = Json.read(folder.resolve("site/api/board.json"));
    assertThat(board.path("contenders")).hasSize(3);
    JsonNode metric = board.at("/contenders/0/results/1/metrics/0");
    assertThat(metric.path("low").asDouble()).isLessThan(metric.path("value").asDouble());
    assertThat(metric.path("method").asText()).isEqualTo("Wilson");
    assertThat(board.at("/contenders/1/results/1/verdict/comparison/pairs/only_candidate").asInt())
        .isGreaterThan(40);
  }

  @Test
  void csvHasAsManyCellsInEveryLineAndNoFormula() throws IOException {
    Path result = TinyResults.ofBase("=cmd()", 0).write(folder.resolve("r"));
    publisher().publish(List.of(ResultReader.read(result, "")), folder.resolve("site"));
    List<String> lines = Files.readAllLines(folder.resolve("site/table.csv"));
    assertThat(lines)
        .hasSize(4)
        .allMatch(line -> line.split(",(?=(?:[^\"]*\"[^\"]*\")*[^\"]*$)", -1).length == 18);
    assertThat(lines.get(1)).startsWith("\"'=cmd()\"");
  }

  @Test
  void folderOfOthersIsNotOverwritten() {
    Path site = folder.resolve("mine");
    try {
      Files.createDirectories(site);
      Files.writeString(site.resolve("thesis.txt"), "years of work");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    assertThatThrownBy(() -> publisher().publish(List.of(), site))
        .isInstanceOf(BadInputException.class)
        .hasMessageContaining("found other files");
    assertThat(site.resolve("thesis.txt")).exists();
  }

  @Test
  void piecesOfAnAnswerJoinedAreTheAnswer() {
    for (long seed = 0; seed < 300; seed++) {
      var random = new Random(seed);
      String expected = text(random);
      String answer = text(random);
      List<TextDifference.Piece> pieces = TextDifference.pieces(expected, answer);
      StringBuilder joined = new StringBuilder();
      pieces.forEach(piece -> joined.append(piece.text()));
      assertThat(joined.toString()).as("seed %d", seed).isEqualTo(answer);
      assertThat(TextDifference.pieces(expected, expected))
          .as("seed %d", seed)
          .noneMatch(TextDifference.Piece::differs);
    }
  }

  private static String text(Random random) {
    StringBuilder text = new StringBuilder();
    for (int i = random.nextInt(12); i > 0; i--) {
      text.append(List.of("a", "b", " ", "{", "é", "12", "\n").get(random.nextInt(7)));
    }
    return text.toString();
  }
}
