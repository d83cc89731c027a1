package dev.whetstone.training.tensorboard;

import dev.whetstone.artifacts.ArtifactFolder;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.zip.CRC32C;

/**
 * A file of records that is written once, from start to end. A record is its length (8 bytes), a
 * checksum of the length, the data and a checksum of the data, all little-endian (tensorflow,
 * core/lib/io/record_writer.h). Each record is one write: a kill tears the last one at most, and a
 * reader takes a torn record for the end of the file.
 *
 * <p>Closed by whoever opened it; not thread-safe.
 */
final class EventFile implements AutoCloseable {
  /** tensorflow, tsl/lib/hash/crc32c.h, kMaskDelta. */
  private static final int MASK_DELTA = 0xa282ead8;

  private final Path file;
  private final FileChannel channel;

  private EventFile(Path file, FileChannel channel) {
    this.file = file;
    this.channel = channel;
  }

  static EventFile create(Path file) {
    try {
      return new EventFile(
          file, FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE));
    } catch (IOException e) {
      throw ArtifactFolder.surroundings(file, e);
    }
  }

  void append(Message message) {
    ByteBuffer record = record(message.toBytes());
    try {
      while (record.hasRemaining()) {
        channel.write(record);
      }
    } catch (IOException e) {
      throw ArtifactFolder.surroundings(file, e);
    }
  }

  static ByteBuffer record(byte[] data) {
    ByteBuffer record = ByteBuffer.allocate(data.length + 16).order(ByteOrder.LITTLE_ENDIAN);
    record.putLong(data.length);
    record.putInt(maskedChecksum(record.array(), 8));
    record.put(data);
    record.putInt(maskedChecksum(data, data.length));
    return record.flip();
  }

  /** The checksum of data that holds its own checksum is weak, so it is turned and shifted. */
  private static int maskedChecksum(byte[] data, int length) {
    var checksum = new CRC32C();
    checksum.update(data, 0, length);
    return Integer.rotateRight((int) checksum.getValue(), 15) + MASK_DELTA;
  }

  @Override
  public void close() {
    try {
      channel.close();
    } catch (IOException e) {
      throw ArtifactFolder.surroundings(file, e);
    }
  }
}
