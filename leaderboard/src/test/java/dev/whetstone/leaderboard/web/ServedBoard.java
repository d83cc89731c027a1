package dev.whetstone.leaderboard.web;

import dev.whetstone.leaderboard.page.PublishBoard;
import dev.whetstone.leaderboard.store.BoardStore;
import dev.whetstone.leaderboard.verdict.Policy;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.Optional;

/** A real server on a free port over a board of its own, and clients of it. */
final class ServedBoard implements AutoCloseable {
  static final String TOKEN = "0123456789abcdef-token";

  private final HttpClient client = HttpClient.newHttpClient();
  final BoardStore store;
  final BoardServer server;
  final int port;

  ServedBoard(Path database, Optional<String> token, Limits limits) {
    store = BoardStore.open(database, Clock.systemUTC());
    var publisher = new PublishBoard(Policy.BOARD, Clock.systemUTC());
    server =
        new BoardServer(
            store,
            () -> publisher.site(store.entries(), store.schedule().reports(30)),
            token.flatMap(WriteToken::of),
            limits);
    port = server.start("127.0.0.1", 0);
  }

  HttpResponse<String> get(String path, String... headers) {
    return send(request(path, headers).build());
  }

  HttpResponse<byte[]> getBytes(String path, String... headers) {
    try {
      return client.send(request(path, headers).build(), BodyHandlers.ofByteArray());
    } catch (IOException | InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  HttpResponse<String> head(String path, String... headers) {
    return send(request(path, headers).method("HEAD", BodyPublishers.noBody()).build());
  }

  /** Posts with the token. */
  HttpResponse<String> post(byte[] body) {
    return post(BodyPublishers.ofByteArray(body), "Authorization", "Bearer " + TOKEN);
  }

  HttpResponse<String> post(BodyPublisher body, String... headers) {
    return send(request("/api/results", headers).POST(body).build());
  }

  private HttpResponse<String> send(HttpRequest request) {
    try {
      return client.send(request, BodyHandlers.ofString());
    } catch (IOException | InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  private HttpRequest.Builder request(String path, String... headers) {
    HttpRequest.Builder builder =
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path))
            .timeout(Duration.ofSeconds(20));
    return headers.length == 0 ? builder : builder.headers(headers);
  }

  /** What the server answers to these bytes, until it closes the connection. */
  String raw(String bytes) throws IOException {
    try (Socket socket = socket()) {
      socket.getOutputStream().write(bytes.getBytes(StandardCharsets.ISO_8859_1));
      return rest(socket.getInputStream());
    }
  }

  Socket socket() throws IOException {
    var socket = new Socket(InetAddress.getLoopbackAddress(), port);
    socket.setSoTimeout(20_000);
    return socket;
  }

  static String rest(InputStream in) throws IOException {
    return new String(in.readAllBytes(), StandardCharsets.ISO_8859_1);
  }

  @Override
  public void close() {
    server.close();
  }
}
