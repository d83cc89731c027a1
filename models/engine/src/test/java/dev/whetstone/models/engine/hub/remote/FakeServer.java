package dev.whetstone.models.engine.hub.remote;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.whetstone.artifacts.Json;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicLong;

/** A real HTTP server on a port of its own that sends contents and does what faults say. */
abstract class FakeServer implements AutoCloseable {
  /** What goes wrong with one request. */
  interface Fault {
    /** Answers instead of the server. */
    void answer(FakeServer server, HttpExchange exchange, Content content) throws IOException;
  }

  /** One request as it came. */
  record Request(
      String method, String path, Optional<String> authorization, Optional<String> range) {}

  final Queue<Fault> faults = new ConcurrentLinkedQueue<>();
  final List<Request> requests = new CopyOnWriteArrayList<>();
  final List<String> failures = new CopyOnWriteArrayList<>();
  final AtomicLong sentBytes = new AtomicLong();
  volatile boolean knowsRanges = true;

  private final HttpServer server;
  private final ExecutorService threads = Executors.newCachedThreadPool();

  FakeServer() {
    try {
      server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 100);
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
    server.setExecutor(threads);
    server.createContext("/", this::serve);
    server.start();
  }

  URI address() {
    return URI.create("http://127.0.0.1:" + server.getAddress().getPort());
  }

  private void serve(HttpExchange exchange) throws IOException {
    requests.add(
        new Request(
            exchange.getRequestMethod(),
            exchange.getRequestURI().toString(),
            Optional.ofNullable(exchange.getRequestHeaders().getFirst("Authorization")),
            Optional.ofNullable(exchange.getRequestHeaders().getFirst("Range"))));
    try {
      handle(exchange);
    } catch (RuntimeException e) {
      failures.add(e.toString());
      text(exchange, 500, e.toString());
    } finally {
      exchange.close();
    }
  }

  abstract void handle(HttpExchange exchange) throws IOException;

  List<Request> requests(String method, String part) {
    return requests.stream()
        .filter(request -> request.method().equals(method) && request.path().contains(part))
        .toList();
  }

  static String body(HttpExchange exchange) throws IOException {
    return new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
  }

  static void json(HttpExchange exchange, int status, Object body) throws IOException {
    exchange.getResponseHeaders().set("Content-Type", "application/json; charset=utf-8");
    text(exchange, status, Json.line(body));
  }

  static void text(HttpExchange exchange, int status, String body) throws IOException {
    byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
    boolean head = exchange.getRequestMethod().equals("HEAD");
    exchange.sendResponseHeaders(status, head || bytes.length == 0 ? -1 : bytes.length);
    if (!head) {
      exchange.getResponseBody().write(bytes);
    }
  }

  /** Sends a content, or the range that was asked for, or lets a fault do so. */
  void content(HttpExchange exchange, Content content) throws IOException {
    if (exchange.getRequestMethod().equals("HEAD")) {
      exchange.getResponseHeaders().set("Content-Length", Long.toString(content.size()));
      exchange.sendResponseHeaders(200, -1);
      return;
    }
    Fault fault = faults.poll();
    if (fault != null) {
      fault.answer(this, exchange, content);
    } else {
      send(exchange, content, Long.MAX_VALUE, false);
    }
  }

  /**
   * @param limit after so many bytes the connection is cut
   * @param wrongByte whether the first byte is another one
   */
  void send(HttpExchange exchange, Content content, long limit, boolean wrongByte)
      throws IOException {
    long from = 0;
    long to = content.size();
    String range = exchange.getRequestHeaders().getFirst("Range");
    if (range != null && knowsRanges) {
      int dash = range.indexOf('-');
      from = Long.parseLong(range.substring("bytes=".length(), dash));
      to = Long.parseLong(range.substring(dash + 1)) + 1;
      exchange
          .getResponseHeaders()
          .set("Content-Range", "bytes %d-%d/%d".formatted(from, to - 1, content.size()));
    }
    exchange.sendResponseHeaders(
        range != null && knowsRanges ? 206 : 200, to == from ? -1 : to - from);
    OutputStream out = counted(exchange.getResponseBody());
    long end = Math.min(to, from + Math.min(limit, to - from));
    if (wrongByte) {
      var right = new ByteArrayOutputStream();
      content.write(right, from, from + 1);
      out.write(right.toByteArray()[0] ^ 1);
      from++;
    }
    content.write(out, from, end);
    out.flush();
  }

  private OutputStream counted(OutputStream out) {
    return new OutputStream() {
      @Override
      public void write(int b) throws IOException {
        out.write(b);
        sentBytes.incrementAndGet();
      }

      @Override
      public void write(byte[] bytes, int offset, int length) throws IOException {
        out.write(bytes, offset, length);
        sentBytes.addAndGet(length);
      }

      @Override
      public void flush() throws IOException {
        out.flush();
      }
    };
  }

  static Fault cutAfter(long bytes) {
    return (server, exchange, content) -> server.send(exchange, content, bytes, false);
  }

  static Fault wrongByte() {
    return (server, exchange, content) -> server.send(exchange, content, Long.MAX_VALUE, true);
  }

  static Fault status(int status, Map<String, String> headers) {
    return (server, exchange, content) -> {
      headers.forEach((name, value) -> exchange.getResponseHeaders().set(name, value));
      text(exchange, status, "no");
    };
  }

  @Override
  public void close() {
    server.stop(0);
    threads.shutdownNow();
  }
}
