package dev.whetstone.models.engine.hub.remote;

import dev.whetstone.artifacts.ArtifactFolder;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.util.BitSet;
import java.util.List;

/**
 * A file that is being fetched in chunks, and beside it a list of the chunks that are complete. A
 * line of that list holds the chunk's SHA-256, and after a kill it counts only if the bytes still
 * have that hash: neither a torn write nor a lost page passes for data. Safe to use from several
 * threads, each with chunks of its own. Close it.
 */
final class PartFile implements AutoCloseable {
  private static final String FORMAT = "whetstone.part/1";

  private final Path file;
  private final Path list;
  private final long sizeBytes;
  private final int chunkBytes;
  private final BitSet done;
  private final FileChannel data;
  private final FileChannel lines;

  private PartFile(
      Path file,
      Path list,
      long sizeBytes,
      int chunkBytes,
      BitSet done,
      FileChannel data,
      FileChannel lines) {
    this.file = file;
    this.list = list;
    this.sizeBytes = sizeBytes;
    this.chunkBytes = chunkBytes;
    this.done = done;
    this.data = data;
    this.lines = lines;
  }

  /**
   * Opens or begins a part; what an earlier process finished of the same content stays.
   *
   * @param file to write, in a folder that exists and is this process's alone
   * @param identity of the content; with another one the part begins anew
   */
  static PartFile open(Path file, String identity, long sizeBytes, int chunkBytes)
      throws IOException {
    Path list = file.resolveSibling(file.getFileName() + ".chunks");
    String head = "%s %s %d\n".formatted(FORMAT, identity, chunkBytes);
    FileChannel data =
        FileChannel.open(
            file, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
    try {
      BitSet done = Files.exists(list) ? trusted(list, head, data, sizeBytes, chunkBytes) : null;
      if (done == null) {
        Files.writeString(list, head);
        done = new BitSet();
      }
      FileChannel lines =
          FileChannel.open(list, StandardOpenOption.WRITE, StandardOpenOption.APPEND);
      return new PartFile(file, list, sizeBytes, chunkBytes, done, data, lines);
    } catch (IOException | RuntimeException e) {
      data.close();
      throw e;
    }
  }

  /** The chunks whose bytes still hash to what the list says; null if it is another's list. */
  private static BitSet trusted(
      Path list, String head, FileChannel data, long sizeBytes, int chunkBytes) throws IOException {
    List<String> lines = Files.readString(list, StandardCharsets.ISO_8859_1).lines().toList();
    if (lines.isEmpty() || !(lines.get(0) + "\n").equals(head)) {
      return null;
    }
    var done = new BitSet();
    for (String line : lines.subList(1, lines.size())) {
      if (!line.matches("\\d{1,9} [0-9a-f]{64}")) {
        continue; // the last line of a process that was killed
      }
      int chunk = Integer.parseInt(line.substring(0, line.indexOf(' ')));
      long from = (long) chunk * chunkBytes;
      long to = Math.min(sizeBytes, from + chunkBytes);
      if (from < to && sha256(data, from, to).equals(line.substring(line.indexOf(' ') + 1))) {
        done.set(chunk);
      }
    }
    return done;
  }

  private static String sha256(FileChannel data, long from, long to) throws IOException {
    MessageDigest digest = Hashes.digest("SHA-256");
    var buffer = ByteBuffer.allocate(1 << 20);
    for (long at = from; at < to; at += buffer.limit()) {
      buffer.clear().limit((int) Math.min(buffer.capacity(), to - at));
      while (buffer.hasRemaining()) {
        if (data.read(buffer, at + buffer.position()) < 0) {
          return "";
        }
      }
      digest.update(buffer.flip());
    }
    return Hashes.hex(digest);
  }

  int chunks() {
    return Math.toIntExact((sizeBytes + chunkBytes - 1) / chunkBytes);
  }

  int chunkBytes() {
    return chunkBytes;
  }

  long sizeBytes() {
    return sizeBytes;
  }

  /** Where a chunk ends: the first byte of the next, or the file's end. */
  long end(int chunk) {
    return Math.min(sizeBytes, (chunk + 1L) * chunkBytes);
  }

  synchronized boolean isDone(int chunk) {
    return done.get(chunk);
  }

  synchronized boolean isComplete() {
    return done.cardinality() == chunks();
  }

  /** Bytes of the chunks that are done. */
  synchronized long doneBytes() {
    return done.stream().mapToLong(chunk -> end(chunk) - (long) chunk * chunkBytes).sum();
  }

  void write(byte[] bytes, int length, long at) throws IOException {
    var buffer = ByteBuffer.wrap(bytes, 0, length);
    for (long to = at; buffer.hasRemaining(); ) {
      to += data.write(buffer, to);
    }
  }

  /** Notes that all bytes of a chunk are written, and their hash. */
  synchronized void finish(int chunk, String sha256) throws IOException {
    lines.write(ByteBuffer.wrap((chunk + " " + sha256 + "\n").getBytes(StandardCharsets.UTF_8)));
    done.set(chunk);
  }

  /** Forces the bytes to disk. */
  void force() throws IOException {
    data.force(true);
  }

  Path file() {
    return file;
  }

  /** Deletes what there is; the part is closed. */
  void discard() throws IOException {
    close();
    ArtifactFolder.discard(file);
    ArtifactFolder.discard(list);
  }

  @Override
  public void close() throws IOException {
    try (lines) {
      data.close();
    }
  }
}
