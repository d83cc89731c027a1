package dev.whetstone.artifacts.dataset;

import dev.whetstone.artifacts.BadInputException;
import dev.whetstone.artifacts.InputFile;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.apache.arrow.flatbuf.Message;
import org.apache.arrow.flatbuf.MessageHeader;
import org.apache.arrow.flatbuf.RecordBatch;

/**
 * Walks the messages of an Arrow IPC stream by their heads alone, so that a damaged or hostile file
 * ends in a sentence before Arrow allocates what it announces.
 *
 * @see <a href="https://arrow.apache.org/docs/format/Columnar.html#ipc-streaming-format">IPC
 *     streaming format</a>
 */
final class ArrowStreamCheck {
  /** A schema or a batch of a thousand columns needs far less. */
  private static final int MAX_HEAD_BYTES = 16 << 20;

  private static final int CONTINUATION = -1;

  private ArrowStreamCheck() {}

  /**
   * Checks {@code file} and counts its rows.
   *
   * @throws BadInputException if the file is missing, is not an IPC stream or is cut off; the
   *     message names the byte
   */
  static long rows(Path file) {
    InputFile.check(file, "an Arrow file");
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      long rows = 0;
      long position = 0;
      for (int number = 0; ; number++) {
        ByteBuffer prefix = read(channel, position, 8);
        if (number == 0 && isFileFormat(prefix)) {
          throw new BadInputException(
              file + ": expected an Arrow IPC stream, found the IPC file format (Feather).");
        }
        int length = prefix.getInt(4);
        if (prefix.getInt(0) != CONTINUATION || length < 0 || length > MAX_HEAD_BYTES) {
          throw damaged(file, position, "expected an Arrow message, found other bytes");
        }
        if (length == 0) {
          return rows;
        }
        Message message = Message.getRootAsMessage(read(channel, position + 8, length));
        long body = message.bodyLength();
        long next = position + 8 + length + body;
        if (body < 0 || next > channel.size()) {
          throw damaged(file, position, "a message of %d bytes runs past the end".formatted(body));
        }
        if (message.headerType() == MessageHeader.RecordBatch) {
          var batch = (RecordBatch) message.header(new RecordBatch());
          if (batch == null || batch.length() < 0) {
            throw damaged(file, position, "a batch without a length");
          }
          rows = Math.addExact(rows, batch.length());
        }
        position = next;
      }
    } catch (EOFException e) {
      throw new BadInputException(
          file + ": cut off, it ends without the end-of-stream mark. Prepare the dataset again.",
          e);
    } catch (IOException e) {
      throw InputFile.unreadable(file, "an Arrow file", e);
    } catch (IndexOutOfBoundsException | IllegalArgumentException | ArithmeticException e) {
      throw new BadInputException(
          "%s: not a whole Arrow stream (%s). Prepare the dataset again."
              .formatted(file, e.getMessage()),
          e);
    }
  }

  private static boolean isFileFormat(ByteBuffer prefix) {
    byte[] magic = new byte[6];
    prefix.get(0, magic);
    return new String(magic, StandardCharsets.US_ASCII).equals("ARROW1");
  }

  private static BadInputException damaged(Path file, long position, String what) {
    return new BadInputException(
        "%s: damaged at byte %d: %s. Prepare the dataset again.".formatted(file, position, what));
  }

  private static ByteBuffer read(FileChannel channel, long position, int length)
      throws IOException {
    if (length > channel.size() - position) {
      throw new EOFException();
    }
    ByteBuffer bytes = ByteBuffer.allocate(length).order(ByteOrder.LITTLE_ENDIAN);
    while (bytes.hasRemaining()) {
      if (channel.read(bytes, position + bytes.position()) < 0) {
        throw new EOFException();
      }
    }
    return bytes.flip();
  }
}
