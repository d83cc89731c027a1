package dev.whetstone.datasets.dedup;

import dev.whetstone.datasets.rows.Conversation;
import dev.whetstone.datasets.rows.Message;
import java.nio.charset.StandardCharsets;
import java.text.Normalizer;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import org.apache.commons.codec.digest.MurmurHash3;

/**
 * When two rows are the same text: roles, contents, calls, further keys and tools agree after NFC,
 * with case and the amount of white space set aside; of a pair, those of both answers. A label or a
 * loss that differs makes another row.
 */
public final class ExactText {
  private ExactText() {}

  /**
   * Equal for two rows of the same text.
   *
   * @param by what of the rows is compared; a row of which that says nothing is compared whole
   */
  public static String hash(Conversation row, Compared by) {
    var parts = new Parts();
    if (by == Compared.CONVERSATION || by.text(row).isBlank()) {
      parts.add(row.tools());
      parts.addTurns(row.messages());
      parts.addTurns(row.rejected());
      row.messages().forEach(turn -> parts.add(String.valueOf(turn.loss())));
      parts.add(row.promptTurns());
      parts.add(String.valueOf(row.label()));
    } else {
      parts.addTurns(by.turns(row));
    }
    return parts.hash();
  }

  /** Whether the answers of a pair are the same text: there is nothing to prefer then. */
  public static boolean sameAnswers(Conversation row) {
    return !row.rejected().isEmpty()
        && parts(row.answer()).text().equals(parts(row.rejected()).text());
  }

  /** Equal for two rows whose users ask the same first: their first turns are the same text. */
  public static String promptHash(Conversation row) {
    return parts(
            row.messages().stream().filter(m -> m.role().equals(Message.USER)).limit(1).toList())
        .hash();
  }

  private static Parts parts(List<Message> turns) {
    var parts = new Parts();
    parts.addTurns(turns);
    return parts;
  }

  /** Texts and numbers one after another, none of which can be taken for two others. */
  private static final class Parts {
    private final StringBuilder all = new StringBuilder();

    void add(String text) {
      all.append(text.length()).append(':').append(text);
    }

    void add(int number) {
      all.append(number).append(';');
    }

    void addTurns(List<Message> turns) {
      add(turns.size());
      for (Message turn : turns) {
        add(turn.role());
        add(simple(turn.content()));
        add(simple(turn.toolCalls()));
        add(simple(turn.extra()));
      }
    }

    /**
     * 128 bits as 32 hexadecimal digits. MurmurHash3 rather than SHA-256, which costs as much as
     * all the rest of reading a row does; nobody gains by a collision, which drops one row.
     */
    String hash() {
      byte[] bytes = text().getBytes(StandardCharsets.UTF_8);
      long[] halves = MurmurHash3.hash128x64(bytes, 0, bytes.length, 0);
      return HexFormat.of().toHexDigits(halves[0]) + HexFormat.of().toHexDigits(halves[1]);
    }

    String text() {
      return all.toString();
    }
  }

  /** The text in NFC, in one case, each stretch of white space a space, none at its ends. */
  static String simple(String text) {
    byte[] bytes = text.getBytes(StandardCharsets.US_ASCII);
    if (!text.equals(new String(bytes, StandardCharsets.US_ASCII))) {
      return simpleInFull(text);
    }
    int length = 0;
    for (byte b : bytes) {
      boolean space = b == ' ' || (b >= '\t' && b <= '\r');
      if (!space) {
        bytes[length++] = b >= 'A' && b <= 'Z' ? (byte) (b + ('a' - 'A')) : b;
      } else if (length == 0 || bytes[length - 1] != ' ') {
        bytes[length++] = ' ';
      }
    }
    return new String(bytes, 0, length, StandardCharsets.US_ASCII).strip();
  }

  private static String simpleInFull(String text) {
    String normal = Normalizer.normalize(text, Normalizer.Form.NFC);
    var out = new StringBuilder(normal.length());
    for (int i = 0; i < normal.length(); i++) {
      append(out, normal.charAt(i));
    }
    return out.toString().strip().toUpperCase(Locale.ROOT).toLowerCase(Locale.ROOT);
  }

  private static void append(StringBuilder out, char c) {
    boolean space = c == ' ' || (c >= '\t' && c <= '\r') || (c >= 0x80 && Character.isSpaceChar(c));
    int length = out.length();
    if (!space) {
      out.append(c);
    } else if (length == 0 || out.charAt(length - 1) != ' ') {
      out.append(' ');
    }
  }
}
