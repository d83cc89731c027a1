package dev.whetstone.leaderboard.web;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.whetstone.artifacts.Json;
import dev.whetstone.leaderboard.TinyResults;
import dev.whetstone.leaderboard.intake.ArchiveLimits;
import dev.whetstone.leaderboard.intake.Archives;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.Socket;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What strangers try on a real server: each is refused with a sentence, and it stays up. */
@Timeout(60)
class ResultPostTest {
  private static final String HOSTILE = "<script>alert(1)</script>\"'><img src=x onerror=alert(2)>";
  private static final Limits LIMITS =
      new Limits(
          Duration.ofSeconds(10),
          Duration.ofSeconds(10),
          Duration.ofSeconds(20),
          100,
          300_000,
          new ArchiveLimits(1 << 20, 20),
          1000,
          3);

  @TempDir private Path folder;
  private ServedBoard board;
  private byte[] good;

  @BeforeEach
  void start() {
    board = served(Optional.of(ServedBoard.TOKEN), LIMITS);
    good = zip(TinyResults.ofAdapter("tiny", "posted").documents(6));
  }

  private ServedBoard served(Optional<String> token, Limits limits) {
    return new ServedBoard(folder.resolve("board.db"), token, limits);
  }

  @AfterEach
  void serverIsStillUp() {
    assertThat(board.get("/").statusCode()).isEqualTo(200);
    board.close();
  }

  private byte[] zip(TinyResults result) {
    Path written = result.write(folder.resolve("result-" + System.nanoTime()));
    return Archives.zip(Archives.files(written, "result/"));
  }

  private void refused(HttpResponse<String> answer, int status, String... words) {
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(status);
    assertThat(answer.headers().firstValue("Content-Type")).hasValue("application/json");
    assertThat(error(answer)).isNotBlank().doesNotContain("/tmp");
    for (String word : words) {
      assertThat(error(answer)).contains(word);
    }
    assertThat(error(answer).lines()).hasSize(1);
    assertThat(board.store.entries()).isEmpty();
  }

  private static String error(HttpResponse<String> answer) {
    try {
      return Json.mapper().readTree(answer.body()).path("error").asText();
    } catch (IOException e) {
      throw new AssertionError(answer.body(), e);
    }
  }

  @Test
  void postedResultIsOnThePageAtOnceAndOnlyOnce() throws IOException {
    HttpResponse<String> first = board.post(good);
    assertThat(first.statusCode()).as(first.body()).isEqualTo(201);
    JsonNode answer = Json.mapper().readTree(first.body());
    assertThat(answer.path("name").asText()).isEqualTo("posted");
    assertThat(answer.path("added").asBoolean()).isTrue();
    assertThat(board.get("/").body()).contains("posted");
    HttpResponse<String> again = board.post(good);
    assertThat(again.statusCode()).isEqualTo(200);
    assertThat(board.store.entries()).hasSize(1);
    try (Stream<Path> left = Files.list(Path.of(System.getProperty("java.io.tmpdir")))) {
      assertThat(left.filter(path -> path.getFileName().toString().startsWith("whetstone-post-")))
          .isEmpty();
    }
  }

  @Test
  void nameAndPlainFoldersOfTheHarnessAreTaken() {
    Path plain =
        TinyResults.ofBase("org/tiny", 2).documents(4).writeLmEval(folder.resolve("plain"));
    HttpResponse<String> answer =
        board.post(
            BodyPublishers.ofByteArray(Archives.tarGz(Archives.files(plain, ""))),
            "Authorization",
            "bearer " + ServedBoard.TOKEN);
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(201);
    assertThat(board.store.entries().get(0).name()).isEqualTo("org/tiny");
  }

  @Test
  void withoutATokenOfItsOwnTheBoardTakesNoPosts() {
    board.close();
    board = served(Optional.empty(), LIMITS);
    refused(board.post(good), 403, "takes no posts", "WHETSTONE_BOARD_TOKEN");
  }

  @Test
  void withoutTheTokenNothingIsTaken() {
    refused(board.post(BodyPublishers.ofByteArray(good)), 401, "expected the board's token");
    HttpResponse<String> wrong =
        board.post(BodyPublishers.ofByteArray(good), "Authorization", "Bearer " + "x".repeat(30));
    refused(wrong, 401, "expected the board's token");
    assertThat(wrong.headers().firstValue("WWW-Authenticate").orElseThrow()).startsWith("Bearer");
  }

  @Test
  void whoeverGuessesHasToWaitEvenWithTheRightToken() {
    for (int i = 0; i < 3; i++) {
      refused(board.post(BodyPublishers.noBody(), "Authorization", "Bearer guess" + i), 401);
    }
    HttpResponse<String> answer = board.post(good);
    refused(answer, 429, "too many wrong tokens");
    assertThat(answer.headers().firstValueAsLong("Retry-After").orElseThrow()).isBetween(1L, 60L);
  }

  @Test
  void floodOfPostsIsSlowedDown() {
    board.close();
    board =
        served(
            Optional.of(ServedBoard.TOKEN),
            new Limits(
                LIMITS.head(),
                LIMITS.request(),
                LIMITS.post(),
                100,
                300_000,
                LIMITS.archive(),
                2,
                3));
    assertThat(board.post(new byte[0]).statusCode()).isEqualTo(400);
    assertThat(board.post(new byte[0]).statusCode()).isEqualTo(400);
    HttpResponse<String> third = board.post(good);
    refused(third, 429, "at most 2 posts a minute");
    assertThat(third.headers().firstValue("Retry-After")).isPresent();
  }

  @Test
  void oversizePostsAreRefusedWhetherTheySayTheirSizeOrNot() throws IOException {
    refused(board.post(new byte[400_000]), 413, "at most 300000 bytes");
    HttpResponse<String> chunked =
        board.post(
            BodyPublishers.ofInputStream(() -> new ByteArrayInputStream(new byte[400_000])),
            "Authorization",
            "Bearer " + ServedBoard.TOKEN);
    refused(chunked, 413, "at most 300000 bytes");
    String answer =
        board.raw(
            "POST /api/results HTTP/1.1\r\n"
                + "Host: a\r\n"
                + "Content-Length: 999999999999\r\n"
                + "Authorization: Bearer "
                + ServedBoard.TOKEN
                + "\r\n\r\n");
    assertThat(answer).startsWith("HTTP/1.1 413");
  }

  @Test
  void bombsLinksAndNamesThatLeaveTheFolderAreRefused() {
    refused(
        board.post(Archives.zip(Map.of("results_x.json", new byte[4 << 20]))),
        400,
        "bytes unpacked");
    refused(
        board.post(Archives.tarGz(Map.of("../../results_x.json", new byte[2]))),
        400,
        "names within its folder");
    refused(
        board.post(Archives.zip(Map.of("/etc/cron.d/results_x.json", new byte[2]))),
        400,
        "names within its folder");
    refused(
        board.post(Archives.tarGzWithLink("results_x.json", "/etc/passwd", (byte) '2')),
        400,
        "link");
  }

  @Test
  void malformedPostsAreRefusedWithTheOneSentence() {
    refused(board.post(new byte[0]), 400, "expected a zip or tar.gz");
    refused(board.post("hello".getBytes(StandardCharsets.UTF_8)), 400, "expected a zip or tar.gz");
    refused(board.post(Arrays.copyOf(good, good.length / 2)), 400, "the archive");
    refused(board.post(Arrays.copyOf(good, 4)), 400, "the archive");
    refused(board.post(Archives.zip(Map.of("notes.txt", new byte[2]))), 400, "results_");
    for (Map.Entry<String, String> broken :
        Map.of(
                "[1, 2",
                "JSON",
                "\"text\"",
                "expected",
                "{\"results\": 1}",
                "expected",
                "{\"results\": {}, \"results\": {}}",
                "Duplicate field",
                "{\"results\": {\"orders\": {\"acc,none\": \"high\"}}}",
                "expected",
                "[".repeat(100_000),
                "depth",
                "{\"results\": {\"orders\": {\"acc,none\": 1}}, \"n-shot\": {\"orders\": 1e999}}",
                "expected")
            .entrySet()) {
      var files = new LinkedHashMap<String, byte[]>();
      files.put(
          "results_2026-01-02T03-04-05.000000.json",
          broken.getKey().getBytes(StandardCharsets.UTF_8));
      refused(board.post(Archives.zip(files)), 400, broken.getValue());
    }
  }

  @Test
  void manifestsOfStrangersAreNotBelieved() throws IOException {
    Path result = TinyResults.ofBase("tiny", 0).documents(4).write(folder.resolve("manifest"));
    String manifest = Files.readString(result.resolve("manifest.json"));
    for (String broken :
        List.of(
            "",
            "null",
            "[]",
            manifest.replace("whetstone.result/1", "whetstone.result/99"),
            manifest.replace("\"seconds\": 63.5", "\"seconds\": -1"),
            manifest.replace("\"started\": \"2026", "\"started\": \"x2026"),
            manifest.replace("\"counts\"", "\"surprise\": 1, \"counts\""),
            manifest.replace("\"lineage\": [", "\"lineage\": [null, "))) {
      Map<String, byte[]> files = Archives.files(result, "");
      files.put("manifest.json", broken.getBytes(StandardCharsets.UTF_8));
      assertThat(broken).isNotEqualTo(manifest);
      HttpResponse<String> answer = board.post(Archives.zip(files));
      refused(answer, 400);
    }
  }

  @Test
  void hostileTextInEveryFieldComesOutAsText() throws IOException {
    Path result =
        TinyResults.ofAdapter(HOSTILE, HOSTILE).documents(6).write(folder.resolve("evil"));
    try (Stream<Path> files = Files.list(result)) {
      for (Path file : files.toList()) {
        String inner = Json.line(HOSTILE).replaceAll("^\"|\"$", "");
        Files.writeString(
            file,
            Files.readString(file)
                .replace("generate_until", inner)
                .replace("Hi, ", inner)
                .replace("Turn the", inner)
                .replace("\"cpu\"", Json.line(HOSTILE))
                .replace("orders.jsonl", inner)
                .replace("Apache-2.0", inner)
                .replace(" choice ", inner));
      }
    }
    HttpResponse<String> answer =
        board.post(
            BodyPublishers.ofByteArray(Archives.zip(Archives.files(result, ""))),
            "Authorization",
            "Bearer " + ServedBoard.TOKEN);
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(201);
    String page = board.get("/").body();
    assertThat(page).contains("&lt;script").doesNotContain("<script>alert").doesNotContain("<img");
  }

  @Test
  void clientThatNeverSendsItsBodyHoldsNobodyUp() throws IOException {
    try (Socket silent = board.socket()) {
      silent
          .getOutputStream()
          .write(
              "POST /api/results HTTP/1.1\r\nHost: a\r\nContent-Length: 1000\r\n\r\n"
                  .getBytes(StandardCharsets.US_ASCII));
      assertThat(ServedBoard.rest(silent.getInputStream()))
          .as("refused without its body")
          .startsWith("HTTP/1.1 401");
      assertThat(board.post(good).statusCode()).isEqualTo(201);
    }
  }
}
