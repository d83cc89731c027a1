package dev.whetstone.leaderboard.web;

import dev.whetstone.artifacts.Json;
import dev.whetstone.artifacts.SurroundingsException;
import dev.whetstone.leaderboard.page.Site;
import dev.whetstone.leaderboard.store.BoardChanges;
import dev.whetstone.leaderboard.store.BoardStore;
import io.javalin.Javalin;
import io.javalin.compression.CompressionStrategy;
import io.javalin.config.JavalinConfig;
import io.javalin.http.Context;
import io.javalin.util.JavalinException;
import java.net.BindException;
import java.nio.ByteBuffer;
import java.nio.channels.UnresolvedAddressException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Supplier;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.http.HttpStatus;
import org.eclipse.jetty.io.Connection;
import org.eclipse.jetty.server.Connector;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.HttpConnectionFactory;
import org.eclipse.jetty.server.NetworkConnectionLimit;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.server.handler.GracefulHandler;
import org.eclipse.jetty.util.Callback;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The board over HTTP: the files of the site at the paths that the export gives them, and posts of
 * results. Closing it lets running requests end, for at most {@link #STOP_LIMIT}.
 */
public final class BoardServer implements AutoCloseable {
  static final Duration STOP_LIMIT = Duration.ofSeconds(10);
  private static final Logger LOG = LoggerFactory.getLogger(BoardServer.class);
  private static final String HTML = "text/html;charset=utf-8";
  private static final String TEXT = "text/plain;charset=utf-8";

  private static final CachedFile MISSING =
      CachedFile.ofText(
          HTML,
          """
          <!doctype html>
          <html lang="en"><head><meta charset="utf-8"><title>Not here · Whetstone</title>
          <meta name="viewport" content="width=device-width, initial-scale=1">
          <meta name="color-scheme" content="light dark">
          <link rel="icon" href="data:,"><link rel="stylesheet" href="/board.css"></head>
          <body><main id="main"><h1>Nothing here</h1>
          <p>This board has no page at that address. <a href="/index.html">To the leaderboard</a></p>
          </main></body></html>
          """);

  private final Limits limits;
  private final BoardChanges changes;
  private final LiveSite site;
  private final ResultPost post;
  private final SlowConnections slow;
  private final Javalin javalin;
  private ServerConnector connector;
  private String host = "";
  private int port;

  /**
   * A server that does not listen yet.
   *
   * @param layOut judges the board and lays it out; called now and after every change
   * @param token that posts must show; without one there are none
   */
  public BoardServer(BoardStore store, Supplier<Site> layOut, Optional<WriteToken> token) {
    this(store, layOut, token, Limits.DEFAULT);
  }

  BoardServer(BoardStore store, Supplier<Site> layOut, Optional<WriteToken> token, Limits limits) {
    this.limits = limits;
    this.changes = store.changes();
    this.site = new LiveSite(changes::number, layOut);
    this.post = new ResultPost(store, token, limits);
    this.slow = new SlowConnections(limits);
    this.javalin = Javalin.create(this::configure);
  }

  private void configure(JavalinConfig config) {
    config.startup.showJavalinBanner = false;
    config.startup.showOldJavalinVersionWarning = false; // counts the days since its release
    config.http.prefer405over404 = true;
    config.http.compressionStrategy =
        CompressionStrategy.NONE; // files are compressed once, not for each reader
    config.jetty.modifyServer(this::configure);
    config.jetty.addConnector(this::connector);
    config.routes.get("/healthz", this::health);
    config.routes.post(
        ResultPost.PATH, context -> post.answer(context, () -> allow(context), site::refresh));
    config.routes.get("/", context -> send(context, "index.html"));
    config.routes.head("/", context -> send(context, "index.html"));
    config.routes.get("/<path>", context -> send(context, context.path().substring(1)));
    config.routes.head("/<path>", context -> send(context, context.path().substring(1)));
    config.routes.exception(Exception.class, BoardServer::defect);
  }

  private void configure(Server server) {
    server.insertHandler(slow);
    server.insertHandler(new GracefulHandler()); // without it a stop cuts running requests
    server.insertHandler(new SecureAnswers());
    server.setErrorHandler(BoardServer::error);
    server.setStopTimeout(STOP_LIMIT.toMillis());
    server.addBean(new NetworkConnectionLimit(limits.connections(), server));
  }

  private Connector connector(Server server, HttpConfiguration http) {
    http.setSendServerVersion(false);
    http.setSendDateHeader(true);
    connector = new ServerConnector(server, new HttpConnectionFactory(http));
    connector.setHost(host);
    connector.setPort(port);
    connector.setIdleTimeout(limits.head().toMillis());
    connector.addEventListener((Connection.Listener) slow);
    return connector;
  }

  /** Every answer carries the headers, whichever handler makes it. */
  private static final class SecureAnswers extends Handler.Wrapper {
    @Override
    public boolean handle(Request request, Response response, Callback callback) throws Exception {
      SecurityHeaders.put(response.getHeaders());
      return super.handle(request, response, callback);
    }
  }

  /** What Jetty refuses by itself, such as a request that is no HTTP: no page of its own. */
  private static boolean error(Request request, Response response, Callback callback) {
    SecurityHeaders.put(response.getHeaders());
    response.getHeaders().put(HttpHeader.CACHE_CONTROL, "no-store");
    response.getHeaders().put(HttpHeader.CONTENT_TYPE, TEXT);
    String text = response.getStatus() + " " + HttpStatus.getMessage(response.getStatus()) + "\n";
    response.write(true, ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8)), callback);
    return true;
  }

  private void allow(Context context) {
    Object connection = context.req().getAttribute(SlowConnections.CONNECTION);
    if (connection instanceof Connection open) {
      slow.allow(open, limits.post());
    }
  }

  private void health(Context context) {
    changes.number(); // throws where the database is gone
    context.header("Cache-Control", "no-store").contentType(TEXT).result("ok\n");
  }

  private void send(Context context, String path) {
    Optional<CachedFile> found = site.find(path);
    CachedFile file = found.orElse(MISSING);
    boolean gzip = CachedFile.acceptsGzip(context.header("Accept-Encoding"));
    context.header("Vary", "Accept-Encoding");
    context.header("Cache-Control", "no-cache"); // may be stored, must be asked for again
    if (found.isPresent()) {
      String etag = gzip ? file.gzipEtag() : file.etag();
      context.header("ETag", etag);
      if (CachedFile.matches(context.header("If-None-Match"), etag)) {
        context.status(304);
        return;
      }
    } else {
      context.status(404);
    }
    context.contentType(file.type());
    if (gzip) {
      context.header("Content-Encoding", "gzip");
    }
    byte[] body = gzip ? file.gzip() : file.plain();
    // Else it is sent in chunks, and HEAD tells no size.
    context.res().setContentLengthLong(body.length);
    context.result(body);
  }

  private static void defect(Exception e, Context context) {
    LOG.error("{} {} failed", context.method(), context.path(), e);
    context
        .status(500)
        .header("Cache-Control", "no-store")
        .contentType("application/json")
        .result(
            Json.pretty(
                Json.mapper()
                    .createObjectNode()
                    .put("error", "a defect of ours; the server's log tells more.")));
  }

  /**
   * Starts to listen.
   *
   * @param port 0 takes a free one
   * @return the port
   * @throws SurroundingsException if the address cannot be had
   */
  public int start(String host, int port) {
    this.host = host;
    this.port = port;
    try {
      javalin.start();
    } catch (JavalinException e) {
      throw refused(e);
    }
    return connector.getLocalPort();
  }

  private SurroundingsException refused(JavalinException e) {
    Throwable cause = e;
    while (cause.getCause() != null) {
      cause = cause.getCause();
    }
    boolean isTaken = String.valueOf(cause.getMessage()).contains("in use");
    if (isTaken
        || !(cause instanceof BindException || cause instanceof UnresolvedAddressException)) {
      return new SurroundingsException(
          "cannot listen on %s, port %d (%s); stop what uses it or choose another --port."
              .formatted(host, port, cause.getMessage()),
          e);
    }
    return new SurroundingsException(
        "--host %s: expected an address of this machine, found one that is not.".formatted(host),
        e);
  }

  @Override
  public void close() {
    javalin.stop();
    changes.close();
  }
}
