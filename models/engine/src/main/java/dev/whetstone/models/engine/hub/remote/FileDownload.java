package dev.whetstone.models.engine.hub.remote;

import dev.whetstone.artifacts.ArtifactFolder;
import dev.whetstone.artifacts.SurroundingsException;
import dev.whetstone.models.engine.hub.remote.HubHttp.Answer;
import dev.whetstone.models.engine.hub.remote.HubHttp.Call;
import java.io.IOException;
import java.net.URI;
import java.security.MessageDigest;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.LongConsumer;

/**
 * The bytes of one file: each chunk by a range request, and after a cut from the byte where it
 * broke. A server that answers a range with the whole file is read once, from the start.
 */
final class FileDownload {
  /** After this much progress, a cut counts as the first one again. */
  private static final int PROGRESS_BYTES = 1 << 20;

  private static final int BUFFER_BYTES = 64 << 10;

  private final HubHttp http;
  private final Refusals refusals;
  private final URI uri;
  private final String name;
  private final PartFile part;
  private final LongConsumer progress;
  private final AtomicBoolean stopped;
  private final AtomicBoolean whole = new AtomicBoolean();

  /**
   * @param name for sentences
   * @param progress hears of every byte that is written, in any order and from any thread
   * @param stopped true from when no more is wanted; the client's streams swallow interrupts
   */
  FileDownload(
      HubHttp http,
      Refusals refusals,
      URI uri,
      String name,
      PartFile part,
      LongConsumer progress,
      AtomicBoolean stopped) {
    this.http = http;
    this.refusals = refusals;
    this.uri = uri;
    this.name = name;
    this.part = part;
    this.progress = progress;
    this.stopped = stopped;
  }

  /**
   * Where a transfer is: the hash is that of the current chunk's bytes so far; {@code all} says
   * that it reads the whole file, since the server knows no ranges.
   */
  private final class Cursor {
    private final long end;
    private final boolean all;
    private long at;
    private MessageDigest digest = Hashes.digest("SHA-256");

    private Cursor(long at, long end, boolean all) {
      this.at = at;
      this.end = end;
      this.all = all;
    }

    private boolean isAtEnd() {
      return at >= end;
    }

    private int chunk() {
      return Math.toIntExact(at / part.chunkBytes());
    }

    private void write(byte[] bytes, int length) {
      try {
        part.write(bytes, length, at);
        digest.update(bytes, 0, length);
        int chunk = chunk();
        at += length;
        if (at == part.end(chunk)) {
          part.finish(chunk, Hashes.hex(digest));
          digest = Hashes.digest("SHA-256");
        }
      } catch (IOException e) { // of the disk: another try would not help
        throw ArtifactFolder.surroundings(part.file(), e);
      }
      progress.accept(length);
    }
  }

  /**
   * Fetches a chunk, unless another thread reads the whole file.
   *
   * @throws SurroundingsException if the patience ends
   */
  void fetch(int chunk) {
    if (whole.get() || part.isDone(chunk)) {
      return;
    }
    run(new Cursor((long) chunk * part.chunkBytes(), part.end(chunk), false));
  }

  private void run(Cursor cursor) {
    int failures = 0;
    Cursor at = cursor;
    while (!at.isAtEnd()) {
      if (stopped.get()) {
        throw new SurroundingsException("interrupted while fetching " + name);
      }
      long before = at.at;
      Optional<String> retryAfter = Optional.empty();
      String what;
      try (StallGuard.Watched body = http.send(request(at))) {
        Answer answer = body.answer();
        if (answer.status() == 200 && part.chunks() > 1 && !at.all) {
          if (!whole.compareAndSet(false, true)) {
            return; // another thread reads it all
          }
          at = new Cursor(0, part.sizeBytes(), true);
          before = 0;
        }
        if (answer.isGood()) {
          read(answer, at);
          continue;
        }
        retryAfter = answer.header("Retry-After");
        // A content network refuses a signature that has run out; the hub gives a new one.
        boolean expired = answer.status() == 403 && !http.endpoint().isOrigin(answer.uri());
        if (!Patience.isPassing(answer.status()) && !expired) {
          throw refusals.of(answer, Call.get(uri));
        }
        what = "%s answered %d".formatted(HubHttp.where(answer.uri()), answer.status());
      } catch (IOException e) {
        what = "the connection broke (%s)".formatted(HubHttp.reason(e));
      }
      failures = at.at - before >= PROGRESS_BYTES ? 1 : failures + 1;
      http.patience().await(failures, retryAfter, name + ": " + what);
    }
  }

  private Call request(Cursor cursor) {
    // Compressed, a range would be one of other bytes.
    Call call = Call.get(uri).with("Accept-Encoding", "identity");
    boolean needsAll = cursor.at == 0 && cursor.end == part.sizeBytes();
    return needsAll ? call : call.with("Range", "bytes=%d-%d".formatted(cursor.at, cursor.end - 1));
  }

  private void read(Answer answer, Cursor cursor) throws IOException {
    long skip = 0;
    if (answer.status() == 206) {
      checkRange(answer, cursor);
    } else {
      skip = cursor.at;
      checkSize(answer);
    }
    answer.body().skipNBytes(skip);
    var buffer = new byte[BUFFER_BYTES];
    while (!cursor.isAtEnd()) {
      // No write crosses a chunk's end.
      long room = Math.min(buffer.length, part.end(cursor.chunk()) - cursor.at);
      int read = answer.body().read(buffer, 0, (int) room);
      if (read < 0) {
        throw new IOException("it ended %,d bytes early".formatted(cursor.end - cursor.at));
      }
      cursor.write(buffer, read);
    }
  }

  private void checkRange(Answer answer, Cursor cursor) throws IOException {
    String range = answer.header("Content-Range").orElse("");
    String expected = "bytes %d-%d/".formatted(cursor.at, cursor.end - 1);
    if (!range.startsWith(expected)) {
      throw new IOException("expected the range %s, found \"%s\"".formatted(expected, range));
    }
    String size = range.substring(expected.length());
    if (!size.equals("*") && !size.equals(Long.toString(part.sizeBytes()))) {
      throw wrongSize(size);
    }
  }

  private void checkSize(Answer answer) {
    Optional<String> size = answer.header("Content-Length");
    if (size.isPresent() && !size.get().equals(Long.toString(part.sizeBytes()))) {
      throw wrongSize(size.get());
    }
  }

  private SurroundingsException wrongSize(String found) {
    return new SurroundingsException(
        "%s: expected %d bytes, as the hub lists it, found %s; fetch again."
            .formatted(name, part.sizeBytes(), found));
  }
}
