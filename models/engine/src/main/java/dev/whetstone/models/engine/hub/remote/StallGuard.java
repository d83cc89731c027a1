package dev.whetstone.models.engine.hub.remote;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/**
 * Ends answers from which nothing comes any more: the JDK's client has no time limit for a body, so
 * a dead line would hang for ever. Close it when done.
 */
final class StallGuard implements AutoCloseable {
  private static final Duration SILENCE = Duration.ofSeconds(60);

  private final Set<Watched> open = ConcurrentHashMap.newKeySet();
  private final ScheduledExecutorService timer =
      Executors.newSingleThreadScheduledExecutor(
          work -> {
            var thread = new Thread(work, "hub stalls");
            thread.setDaemon(true);
            return thread;
          });

  StallGuard() {
    var unused = timer.scheduleAtFixedRate(this::look, 1, 1, TimeUnit.SECONDS);
  }

  Watched watch(HubHttp.Answer answer) {
    var watched = new Watched(answer);
    open.add(watched);
    return watched;
  }

  /** Ends every answer that is open; whoever reads one gets an exception. */
  void abandonAll() {
    open.forEach(Watched::abandon);
  }

  private void look() {
    long now = System.nanoTime();
    for (Watched one : open) {
      if (now - one.lastByteNanos > SILENCE.toNanos()) {
        one.abandon();
      }
    }
  }

  @Override
  public void close() {
    timer.shutdownNow();
  }

  /** An answer whose body is watched; closing it closes the connection if bytes are left. */
  final class Watched extends FilterInputStream {
    private final HubHttp.Answer answer;
    private volatile long lastByteNanos = System.nanoTime();
    private volatile boolean stalled;

    private Watched(HubHttp.Answer answer) {
      super(answer.body());
      this.answer = answer;
    }

    /** The answer with this stream as its body. */
    HubHttp.Answer answer() {
      return new HubHttp.Answer(
          answer.status(), answer.headers(), answer.first(), answer.uri(), this);
    }

    @Override
    public int read() throws IOException {
      var one = new byte[1];
      return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] bytes, int offset, int length) throws IOException {
      int read;
      try {
        read = in.read(bytes, offset, length);
      } catch (IOException e) {
        throw stalled ? silence(e) : e;
      }
      if (read < 0 && stalled) {
        throw silence(null);
      }
      lastByteNanos = System.nanoTime();
      return read;
    }

    private static IOException silence(IOException cause) {
      return new IOException(
          "given up, or nothing came for %d s".formatted(SILENCE.toSeconds()), cause);
    }

    private void abandon() {
      stalled = true;
      open.remove(this);
      try {
        InputStream body = in;
        body.close(); // wakes whoever reads
      } catch (IOException e) {
        lastByteNanos = System.nanoTime(); // the reader gets the failure itself
      }
    }

    @Override
    public void close() throws IOException {
      open.remove(this);
      in.close();
    }
  }
}
