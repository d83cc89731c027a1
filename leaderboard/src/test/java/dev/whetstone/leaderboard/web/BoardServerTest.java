package dev.whetstone.leaderboard.web;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.whetstone.artifacts.SurroundingsException;
import dev.whetstone.leaderboard.TinyResults;
import dev.whetstone.leaderboard.intake.ResultReader;
import dev.whetstone.leaderboard.page.PublishBoard;
import dev.whetstone.leaderboard.page.Site;
import dev.whetstone.leaderboard.page.SiteFile;
import dev.whetstone.leaderboard.page.TestSites;
import dev.whetstone.leaderboard.store.BoardStore;
import dev.whetstone.leaderboard.verdict.Policy;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Pages over HTTP, asked by the JDK's client and by bare sockets. */
@Timeout(60)
class BoardServerTest {
  private static final Limits SHORT =
      new Limits(
          Duration.ofSeconds(1),
          Duration.ofSeconds(2),
          Duration.ofSeconds(2),
          100,
          1 << 20,
          Limits.DEFAULT.archive(),
          30,
          10);

  @TempDir private Path folder;
  private ServedBoard board;

  @BeforeEach
  void start() {
    board = new ServedBoard(folder.resolve("board.db"), Optional.empty(), Limits.DEFAULT);
    add(TinyResults.ofBase("tiny", 0).documents(12), "base");
    add(TinyResults.ofAdapter("tiny", "tiny-orders").documents(12).right(0.9, 0.5, 1), "adapter");
    waitForTheNextLook();
  }

  @AfterEach
  void stop() {
    board.close();
  }

  private void add(TinyResults result, String name) {
    board.store.add(ResultReader.read(result.write(folder.resolve(name)), ""));
  }

  /** Other processes' changes are seen at the first request after this. */
  private void waitForTheNextLook() {
    long end = System.nanoTime() + LiveSite.CHECK_EVERY.toNanos() + 10_000_000;
    while (System.nanoTime() < end) {
      Thread.onSpinWait();
    }
    board.get("/healthz");
  }

  @Test
  void everyFileOfTheExportIsServedWithTheSameBytesAndType() {
    Site site =
        new PublishBoard(Policy.BOARD, Clock.systemUTC()).site(board.store.entries(), List.of());
    assertThat(site.files()).hasSizeGreaterThan(7);
    for (SiteFile file : site.files()) {
      HttpResponse<byte[]> answer = board.getBytes("/" + file.path());
      assertThat(answer.statusCode()).as(file.path()).isEqualTo(200);
      assertThat(answer.headers().firstValue("Content-Type")).hasValue(file.type());
      if (!file.path().equals("index.html")
          && !file.path().equals("api/board.json")) { // they hold the time
        assertThat(answer.body()).as(file.path()).isEqualTo(file.content().get());
      }
    }
    assertThat(board.get("/").body())
        .isEqualTo(board.get("/index.html").body())
        .contains("tiny-orders");
  }

  @Test
  void everyLinkOfEveryPageIsAnswered() {
    Pattern link = Pattern.compile("(?:href|src)=\"([^\"#]*)");
    var publisher = new PublishBoard(Policy.BOARD, Clock.systemUTC());
    for (SiteFile file : publisher.site(board.store.entries(), List.of()).files()) {
      if (file.path().endsWith(".html")) {
        Matcher matcher = link.matcher(board.get("/" + file.path()).body());
        while (matcher.find()) {
          if (!matcher.group(1).isEmpty() && !matcher.group(1).equals("data:,")) {
            String target = URI.create("/" + file.path()).resolve(matcher.group(1)).toString();
            assertThat(board.get(target).statusCode())
                .as("%s in %s", target, file.path())
                .isEqualTo(200);
          }
        }
      }
    }
  }

  @Test
  void everyAnswerHasTheSecurityHeaders() throws IOException {
    for (String path :
        List.of(
            "/",
            "/board.js",
            "/api/board.json",
            "/nowhere",
            "/healthz",
            "/%2e%2e/%2e%2e/etc/passwd")) {
      HttpResponse<String> answer = board.get(path);
      SecurityHeaders.ALL.forEach(
          (name, value) ->
              assertThat(answer.headers().firstValue(name))
                  .as("%s %s", path, name)
                  .hasValue(value));
      assertThat(answer.headers().firstValue("Server")).as(path).isEmpty();
    }
    assertThat(SecurityHeaders.ALL.get("Content-Security-Policy")).doesNotContain("unsafe");
    for (String malformed :
        List.of(
            "THIS IS NO HTTP\r\n\r\n",
            "GET / HTTP/1.1\r\n\r\n",
            "GET /%zz HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n",
            "GET / HTTP/1.1\r\nHost: a\r\nContent-Length: -1\r\n\r\n",
            "GET / HTTP/1.1\r\nHost: a\r\nX: " + "y".repeat(20_000) + "\r\n\r\n")) {
      String answer = board.raw(malformed);
      assertThat(answer.lines().findFirst().orElse("")).as(malformed).startsWith("HTTP/1.1 4");
      SecurityHeaders.ALL.forEach(
          (name, value) -> assertThat(answer).as(malformed).contains(name + ": " + value));
      assertThat(answer).as(malformed).doesNotContain("Jetty").doesNotContain("Exception");
    }
  }

  @Test
  void unchangedPageIsNotSentAgainAndAChangedOneIs() {
    String etag = board.get("/").headers().firstValue("ETag").orElseThrow();
    assertThat(etag).matches("\"[^\"]+\"");
    for (String known : List.of(etag, "\"other\", " + etag, "W/" + etag, "*")) {
      HttpResponse<String> again = board.get("/", "If-None-Match", known);
      assertThat(again.statusCode()).as(known).isEqualTo(304);
      assertThat(again.body()).isEmpty();
      assertThat(again.headers().firstValue("ETag")).hasValue(etag);
    }
    assertThat(board.get("/", "If-None-Match", "\"other\"").statusCode()).isEqualTo(200);

    add(TinyResults.ofAdapter("tiny", "third").documents(12), "third");
    waitForTheNextLook();
    HttpResponse<String> changed = board.get("/", "If-None-Match", etag);
    assertThat(changed.statusCode()).isEqualTo(200);
    assertThat(changed.body()).contains("third");
  }

  @Test
  void pagesComeCompressedToWhomeverCanReadThat() throws IOException {
    HttpResponse<byte[]> answer = board.getBytes("/", "Accept-Encoding", "br;q=1.0, gzip;q=0.8");
    assertThat(answer.headers().firstValue("Content-Encoding")).hasValue("gzip");
    assertThat(answer.headers().firstValue("Vary")).hasValue("Accept-Encoding");
    try (var in = new GZIPInputStream(new ByteArrayInputStream(answer.body()))) {
      assertThat(new String(in.readAllBytes(), StandardCharsets.UTF_8))
          .isEqualTo(board.get("/").body());
    }
    assertThat(answer.headers().firstValue("ETag"))
        .isNotEqualTo(board.get("/").headers().firstValue("ETag"));
    assertThat(
            board
                .getBytes("/", "Accept-Encoding", "gzip;q=0, identity")
                .headers()
                .firstValue("Content-Encoding"))
        .isEmpty();
  }

  @Test
  void headAnswersLikeGetWithoutABody() throws IOException {
    HttpResponse<String> head = board.head("/index.html");
    HttpResponse<String> get = board.get("/index.html");
    assertThat(head.headers().firstValue("ETag")).isEqualTo(get.headers().firstValue("ETag"));
    assertThat(head.headers().firstValue("Content-Length"))
        .isEqualTo(get.headers().firstValue("Content-Length"));
    assertThat(get.headers().firstValue("Content-Length")).isPresent();
    String raw = board.raw("HEAD / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
    assertThat(raw).startsWith("HTTP/1.1 200").endsWith("\r\n\r\n");
  }

  @Test
  void noPathLeadsOutOfTheSite() throws IOException {
    for (String path :
        List.of(
            "/../board.db",
            "/..%2fboard.db",
            "/%2e%2e/board.db",
            "/model/../../board.db",
            "//etc/passwd",
            "/board.db",
            "/..;/board.db",
            "/model/%00",
            "/index.html%00.css",
            "/..\\board.db",
            "/site/board.css")) {
      String answer =
          board.raw("GET " + path + " HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
      assertThat(answer)
          .as(path)
          .matches("(?s)HTTP/1\\.1 (400|404) .*")
          .doesNotContain("SQLite")
          .doesNotContain("root:");
    }
  }

  @Test
  void otherMethodsAreRefused() throws IOException {
    for (String method : List.of("PUT", "DELETE", "PATCH", "OPTIONS", "TRACE")) {
      assertThat(
              board.raw(method + " /index.html HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"))
          .as(method)
          .matches("(?s)HTTP/1\\.1 (404|405) .*");
    }
  }

  @Test
  void healthTellsThatTheServerIsUp() {
    assertThat(board.get("/healthz").body()).isEqualTo("ok\n");
    assertThat(board.get("/healthz").headers().firstValue("Cache-Control")).hasValue("no-store");
  }

  @Test
  void addressThatCannotBeHadIsTheSurroundingsFault() {
    BoardStore store = BoardStore.open(folder.resolve("other.db"), Clock.systemUTC());
    var publisher = new PublishBoard(Policy.BOARD, Clock.systemUTC());
    try (var second =
        new BoardServer(store, () -> publisher.site(List.of(), List.of()), Optional.empty())) {
      assertThatThrownBy(() -> second.start("127.0.0.1", board.port))
          .isInstanceOf(SurroundingsException.class)
          .hasMessageContaining("port " + board.port)
          .hasMessageContaining("choose another --port");
    }
    String host = "203.0.113.7"; // RFC 5737: nobody's
    try (var elsewhere =
        new BoardServer(store, () -> publisher.site(List.of(), List.of()), Optional.empty())) {
      assertThatThrownBy(() -> elsewhere.start(host, 0))
          .isInstanceOf(SurroundingsException.class)
          .hasMessageStartingWith("--host " + host + ": expected an address of this machine");
    }
  }

  @Test
  void stoppingLetsARunningRequestEnd() throws Exception {
    var started = new CountDownLatch(1);
    var release = new CountDownLatch(1);
    BoardStore store = BoardStore.open(folder.resolve("slow.db"), Clock.systemUTC());
    Site site = new PublishBoard(Policy.BOARD, Clock.systemUTC()).site(List.of(), List.of());
    var file = new SiteFile("slow.txt", "text/plain", () -> finishedAfter(started, release));
    var slow = new BoardServer(store, () -> TestSites.with(site, file), Optional.empty());
    int port = slow.start("127.0.0.1", 0);
    CompletableFuture<String> answer =
        CompletableFuture.supplyAsync(
            () -> {
              try (var socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
                socket
                    .getOutputStream()
                    .write(
                        "GET /slow.txt HTTP/1.1\r\nHost: a\r\n\r\n"
                            .getBytes(StandardCharsets.US_ASCII));
                return ServedBoard.rest(socket.getInputStream());
              } catch (IOException e) {
                throw new IllegalStateException(e);
              }
            });
    started.await();
    CompletableFuture<Void> closing = CompletableFuture.runAsync(slow::close);
    release.countDown();
    closing.get();
    assertThat(answer.get()).startsWith("HTTP/1.1 200").endsWith("finished");
  }

  private static byte[] finishedAfter(CountDownLatch started, CountDownLatch release) {
    started.countDown();
    try {
      release.await();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
    return "finished".getBytes(StandardCharsets.US_ASCII);
  }

  @Test
  void clientsThatTrickleAreCutOffAndOthersServed() throws Exception {
    try (var impatient =
        new ServedBoard(folder.resolve("impatient.db"), Optional.of(ServedBoard.TOKEN), SHORT)) {
      var sockets = new ArrayList<Socket>();
      for (int i = 0; i < 40; i++) {
        sockets.add(sending(impatient, "GET / HTTP/1.1\r\nHost: a\r\n"));
      }
      sockets.add(
          sending(
              impatient,
              "POST /api/results HTTP/1.1\r\nHost: a\r\nContent-Length: 100000\r\n"
                  + "Authorization: Bearer "
                  + ServedBoard.TOKEN
                  + "\r\n\r\nPK"));
      long begun = System.nanoTime();
      boolean open = true;
      while (open) {
        assertThat(impatient.get("/").statusCode()).isEqualTo(200);
        open = trickle(sockets);
        assertThat(Duration.ofNanos(System.nanoTime() - begun)).isLessThan(Duration.ofSeconds(15));
        Thread.sleep(100); // one byte at a time is what this is about
      }
      assertThat(impatient.get("/").statusCode()).isEqualTo(200);
    }
  }

  private static Socket sending(ServedBoard board, String bytes) throws IOException {
    Socket socket = board.socket();
    socket.getOutputStream().write(bytes.getBytes(StandardCharsets.US_ASCII));
    return socket;
  }

  /** Sends each a byte; whether one of them still takes it. */
  private static boolean trickle(List<Socket> sockets) {
    boolean open = false;
    for (Socket socket : sockets) {
      try {
        socket.getOutputStream().write('x');
        open = true;
      } catch (IOException e) {
        // cut off, as it should be
      }
    }
    return open;
  }
}
