package dev.whetstone.artifacts.tensors;

import dev.whetstone.artifacts.BadInputException;
import dev.whetstone.artifacts.InputFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileChannel.MapMode;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * A file for reading at any place, thread-safe. Small reads come from a mapping in windows, since
 * one mapping of Java's ends at 2 GiB. Large reads are copied by the system: mapped pages would
 * count as this process's memory until the garbage collector finds the closed file unreachable
 * (Java 17 has no safe way to unmap sooner), which for weights is a second copy of the model.
 */
final class MappedFile implements AutoCloseable {
  /** Any size of at most 2 GiB works; a test takes a tiny one to cross borders. */
  static final long WINDOW_BYTES = 1L << 30;

  /** Reads of at least this size are large. */
  private static final int LARGE_BYTES = 1 << 14;

  private final Path path;
  private final FileChannel channel;
  private final long sizeBytes;
  private final long windowBytes;
  private volatile MappedByteBuffer[] windows;

  private MappedFile(
      Path path,
      FileChannel channel,
      long sizeBytes,
      long windowBytes,
      MappedByteBuffer[] windows) {
    this.path = path;
    this.channel = channel;
    this.sizeBytes = sizeBytes;
    this.windowBytes = windowBytes;
    this.windows = windows;
  }

  static MappedFile open(Path path) {
    return open(path, WINDOW_BYTES);
  }

  static MappedFile open(Path path, long windowBytes) {
    InputFile.check(path, "a file");
    try {
      FileChannel channel = FileChannel.open(path, StandardOpenOption.READ);
      try {
        long size = channel.size();
        return new MappedFile(path, channel, size, windowBytes, map(channel, size, windowBytes));
      } catch (IOException e) {
        channel.close();
        throw e;
      }
    } catch (IOException e) {
      throw InputFile.unreadable(path, "a file", e);
    }
  }

  private static MappedByteBuffer[] map(FileChannel channel, long size, long windowBytes)
      throws IOException {
    var windows = new MappedByteBuffer[Math.toIntExact((size + windowBytes - 1) / windowBytes)];
    for (int i = 0; i < windows.length; i++) {
      long from = i * windowBytes;
      windows[i] = channel.map(MapMode.READ_ONLY, from, Math.min(windowBytes, size - from));
    }
    return windows;
  }

  Path path() {
    return path;
  }

  long sizeBytes() {
    return sizeBytes;
  }

  /** Copies bytes {@code [position, position + length)} into the head of {@code into}. */
  void read(long position, byte[] into, int length) {
    if (position < 0 || length > sizeBytes - position) {
      throw new IllegalArgumentException(
          "%s: bytes %d+%d are outside the file".formatted(path, position, length));
    }
    MappedByteBuffer[] open = windows;
    if (open == null) {
      throw new IllegalStateException(path + " is closed");
    }
    if (length >= LARGE_BYTES) {
      readLarge(position, ByteBuffer.wrap(into, 0, length));
      return;
    }
    int done = 0;
    while (done < length) {
      long at = position + done;
      MappedByteBuffer window = open[(int) (at / windowBytes)];
      int offset = (int) (at % windowBytes);
      int count = Math.min(length - done, window.limit() - offset);
      window.get(offset, into, done, count);
      done += count;
    }
  }

  private void readLarge(long position, ByteBuffer into) {
    try {
      while (into.hasRemaining()) {
        int count = channel.read(into, position + into.position());
        if (count < 0) {
          throw new BadInputException(
              "%s: expected %d bytes as when it was opened, found only %d; something has cut it."
                  .formatted(path, sizeBytes, position + into.position()));
        }
      }
    } catch (IOException e) {
      throw InputFile.unreadable(path, "a file", e);
    }
  }

  /** A copy of bytes {@code [position, position + length)}, little-endian. */
  ByteBuffer copy(long position, int length) {
    byte[] bytes = new byte[length];
    read(position, bytes, length);
    return ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
  }

  @Override
  public void close() {
    windows = null;
    try {
      channel.close();
    } catch (IOException e) {
      throw InputFile.unreadable(path, "a file", e);
    }
  }
}
