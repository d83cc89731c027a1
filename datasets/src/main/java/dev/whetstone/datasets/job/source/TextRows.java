package dev.whetstone.datasets.job.source;

import dev.whetstone.artifacts.BadInputException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** What the readers of text files share. */
final class TextRows {
  /** A row longer than this is no row: it is kept aside, cut. */
  static final int MAX_BYTES = 64 << 20;

  static final int BUFFER_BYTES = 1 << 16;

  private static final int CUT_BYTES = 1000;
  private static final String BYTE_ORDER_MARK = "\uFEFF";

  /** The byte order mark in UTF-8, which may begin a file. */
  static final List<Byte> MARK = List.of((byte) 0xEF, (byte) 0xBB, (byte) 0xBF);

  private TextRows() {}

  /**
   * Bytes as a line.
   *
   * @param at place of the first byte in the text
   */
  static Line decode(long number, long at, byte[] bytes) {
    if (bytes.length > MAX_BYTES) {
      String head = new String(bytes, 0, CUT_BYTES, StandardCharsets.UTF_8);
      return new Line(
          number, head, "longer than %d MiB; shown is its head".formatted(MAX_BYTES >> 20));
    }
    ByteBuffer in = ByteBuffer.wrap(bytes);
    try {
      String text =
          StandardCharsets.UTF_8
              .newDecoder()
              .onMalformedInput(CodingErrorAction.REPORT)
              .onUnmappableCharacter(CodingErrorAction.REPORT)
              .decode(in)
              .toString();
      boolean marked = at == 0 && text.startsWith(BYTE_ORDER_MARK);
      return new Line(number, marked ? text.substring(1) : text, "");
    } catch (CharacterCodingException e) {
      String fault = "not UTF-8 at byte %d of the file".formatted(at + in.position());
      return new Line(number, new String(bytes, StandardCharsets.UTF_8), fault);
    }
  }

  /** A file that ends in the middle, or whose bytes do not unpack. */
  static BadInputException damaged(Block block, String place, Exception e) {
    String why = e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
    return new BadInputException(
        "%s: expected %s, but it cannot be read %s (%s): it is cut off or damaged; fetch or write it again."
            .formatted(block.name(), block.format().title(), place, why.replaceFirst("\\.$", "")),
        e);
  }

  static BadInputException damaged(Block block, String place, String why) {
    return damaged(block, place, new IOException(why));
  }
}
