package dev.whetstone.leaderboard.web;

import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.eclipse.jetty.io.Connection;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;

/**
 * Closes connections that take too long, however busy they look: Jetty's idle timeout begins anew
 * with every byte, so a client that sends one byte now and then would hold its connection, and
 * while its body or answer trickles a thread as well, for ever.
 */
final class SlowConnections extends Handler.Wrapper implements Connection.Listener {
  /** Attribute of a request that holds its connection. */
  static final String CONNECTION = SlowConnections.class.getName();

  private static final long SWEEP_MILLIS = 250;

  private final Limits limits;
  private final Map<Connection, Long> deadlines = new ConcurrentHashMap<>();
  private final ScheduledExecutorService sweeper =
      Executors.newSingleThreadScheduledExecutor(
          work -> {
            var thread = new Thread(work, "slow-connections");
            thread.setDaemon(true);
            return thread;
          });

  SlowConnections(Limits limits) {
    this.limits = limits;
    var unused =
        sweeper.scheduleAtFixedRate(
            this::closeLate, SWEEP_MILLIS, SWEEP_MILLIS, TimeUnit.MILLISECONDS);
  }

  @Override
  public void onOpened(Connection connection) {
    allow(connection, limits.head());
  }

  @Override
  public void onClosed(Connection connection) {
    deadlines.remove(connection);
  }

  @Override
  public boolean handle(Request request, Response response, Callback callback) throws Exception {
    Connection connection = request.getConnectionMetaData().getConnection();
    request.setAttribute(CONNECTION, connection);
    allow(connection, limits.request());
    Request.addCompletionListener(request, failure -> allow(connection, limits.head()));
    return super.handle(request, response, callback);
  }

  /** Gives a connection until {@code time} from now. */
  void allow(Connection connection, Duration time) {
    deadlines.put(connection, System.nanoTime() + time.toNanos());
    if (!connection.getEndPoint().isOpen()) {
      deadlines.remove(connection); // it was closed in between; nobody would take it off
    }
  }

  private void closeLate() {
    long now = System.nanoTime();
    deadlines.forEach(
        (connection, deadline) -> {
          if (now - deadline > 0) {
            deadlines.remove(connection);
            connection.getEndPoint().close();
          }
        });
  }

  @Override
  protected void doStop() throws Exception {
    super.doStop();
    sweeper.shutdownNow();
  }
}
