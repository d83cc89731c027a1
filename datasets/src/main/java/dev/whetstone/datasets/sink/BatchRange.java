package dev.whetstone.datasets.sink;

import dev.whetstone.artifacts.BadInputException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import org.apache.arrow.flatbuf.Message;
import org.apache.arrow.flatbuf.MessageHeader;
import org.apache.hadoop.fs.FSDataInputStream;

/**
 * The bytes of an Arrow IPC stream as if it held only those record batches that begin in a range:
 * the others are skipped, schema and dictionaries are not. Every head is checked before Arrow
 * allocates what it announces.
 *
 * @see <a href="https://arrow.apache.org/docs/format/Columnar.html#ipc-streaming-format">IPC
 *     streaming format</a>
 */
final class BatchRange extends InputStream {
  private static final int CONTINUATION = -1;
  private static final int PREFIX_BYTES = 8;

  /** A schema or a batch of a thousand columns needs far less. */
  private static final int MAX_HEAD_BYTES = 16 << 20;

  private static final byte[] END_OF_STREAM = {-1, -1, -1, -1, 0, 0, 0, 0};

  private final FSDataInputStream in;
  private final ShardRange range;
  private byte[] head = {};
  private int headAt;
  private long bodyLeft;
  private long position; // of the next message
  private boolean ended;

  /** Takes over {@code in}, which stands at the first byte of the shard. */
  BatchRange(FSDataInputStream in, ShardRange range) {
    this.in = in;
    this.range = range;
  }

  @Override
  public int read() throws IOException {
    byte[] one = new byte[1];
    return read(one, 0, 1) < 0 ? -1 : Byte.toUnsignedInt(one[0]);
  }

  @Override
  public int read(byte[] bytes, int offset, int length) throws IOException {
    if (length == 0) {
      return 0;
    }
    if (headAt == head.length && bodyLeft == 0) {
      if (ended) {
        return -1;
      }
      nextMessage();
    }
    if (headAt < head.length) {
      int count = Math.min(length, head.length - headAt);
      System.arraycopy(head, headAt, bytes, offset, count);
      headAt += count;
      return count;
    }
    int count = in.read(bytes, offset, (int) Math.min(length, bodyLeft));
    if (count < 0) {
      throw cutOff();
    }
    bodyLeft -= count;
    return count;
  }

  private void nextMessage() throws IOException {
    boolean wanted;
    do {
      if (position >= range.sizeBytes()) {
        throw cutOff();
      }
      in.seek(position);
      byte[] prefix = in.readNBytes(PREFIX_BYTES);
      ByteBuffer numbers = ByteBuffer.wrap(prefix).order(ByteOrder.LITTLE_ENDIAN);
      if (new String(prefix, StandardCharsets.US_ASCII).startsWith("ARROW1")) {
        throw new BadInputException(
            range.file() + ": expected an Arrow IPC stream, found the IPC file format (Feather).");
      }
      if (prefix.length < PREFIX_BYTES) {
        throw cutOff();
      }
      int length = numbers.getInt(4);
      if (numbers.getInt(0) != CONTINUATION || length < 0 || length > MAX_HEAD_BYTES) {
        throw damaged("expected an Arrow message, found other bytes");
      }
      if (length == 0) {
        end();
        return;
      }
      wanted = take(prefix, length);
    } while (!wanted);
  }

  /** Whether the message is one of those that are handed out. */
  private boolean take(byte[] prefix, int length) throws IOException {
    byte[] metadata = in.readNBytes(length);
    if (metadata.length < length) {
      throw cutOff();
    }
    Message message;
    long body;
    byte type;
    try {
      message = Message.getRootAsMessage(ByteBuffer.wrap(metadata).order(ByteOrder.LITTLE_ENDIAN));
      body = message.bodyLength();
      type = message.headerType();
    } catch (IndexOutOfBoundsException e) {
      throw damaged("expected the head of an Arrow message, found other bytes");
    }
    long begin = position;
    long bodyAt = begin + PREFIX_BYTES + length;
    if (body < 0 || body > range.sizeBytes() - bodyAt) {
      throw damaged("a message of %d bytes runs past the end".formatted(body));
    }
    position = bodyAt + body;
    if (type == MessageHeader.RecordBatch) {
      if (begin >= range.end()) {
        end();
        return true;
      }
      if (begin < range.begin()) {
        return false;
      }
    }
    head = new byte[PREFIX_BYTES + length];
    System.arraycopy(prefix, 0, head, 0, PREFIX_BYTES);
    System.arraycopy(metadata, 0, head, PREFIX_BYTES, length);
    headAt = 0;
    bodyLeft = body;
    return true;
  }

  private void end() {
    ended = true;
    head = END_OF_STREAM;
    headAt = 0;
    bodyLeft = 0;
  }

  private BadInputException cutOff() {
    return new BadInputException(
        "%s: cut off at byte %d, it ends without the end-of-stream mark; make it again."
            .formatted(range.file(), range.sizeBytes()));
  }

  private BadInputException damaged(String what) {
    return new BadInputException(
        "%s: damaged at byte %d: %s; make it again.".formatted(range.file(), position, what));
  }

  @Override
  public void close() throws IOException {
    in.close();
  }
}
