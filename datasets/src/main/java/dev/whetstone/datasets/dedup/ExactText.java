package dev.whetstone.datasets.dedup;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.whetstone.datasets.rows.Conversation;
import dev.whetstone.datasets.rows.Message;
import java.nio.ByteBuffer;
import java.text.Normalizer;
import java.util.Arrays;
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
      row.messages()
          .forEach(
              turn -> parts.add(String.valueOf(turn.isWeighted() ? turn.weight() : turn.loss())));
      parts.add(row.promptTurns());
      parts.add(String.valueOf(row.label()));
    } else {
      parts.addTurns(by.turns(row));
    }
    return parts.hash();
  }

  /** Whether the answers of a pair are the same text: there is nothing to prefer then. */
  public static boolean sameAnswers(Conversation row) {
    return !row.rejected().isEmpty() && parts(row.answer()).isAs(parts(row.rejected()));
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

  /** Texts, each behind its length, and numbers: none can be taken for two others. */
  private static final class Parts {
    private byte[] bytes = new byte[1 << 10];
    private int length;

    void add(int number) {
      reserve(Integer.BYTES);
      ByteBuffer.wrap(bytes).putInt(length, number);
      length += Integer.BYTES;
    }

    void add(String text) {
      byte[] encoded = text.getBytes(UTF_8);
      add(encoded.length);
      reserve(encoded.length);
      System.arraycopy(encoded, 0, bytes, length, encoded.length);
      length += encoded.length;
    }

    /** {@link #simple} of a text; in place of it where it is ASCII, as most are. */
    void addSimple(String text) {
      byte[] encoded = text.getBytes(UTF_8);
      int start = length;
      add(0);
      reserve(encoded.length);
      int at = length;
      int before = at;
      for (byte b : encoded) {
        if (b < 0) {
          length = start;
          add(simpleInFull(text));
          return;
        }
        boolean space = b == ' ' || (b >= '\t' && b <= '\r');
        if (at == before ? isBlank(b) : space && bytes[at - 1] == ' ') {
          continue;
        }
        bytes[at++] = space ? (byte) ' ' : b >= 'A' && b <= 'Z' ? (byte) (b + ('a' - 'A')) : b;
      }
      while (at > before && isBlank(bytes[at - 1])) {
        at--;
      }
      length = at;
      ByteBuffer.wrap(bytes).putInt(start, at - before);
    }

    private static boolean isBlank(byte b) {
      return b <= ' ' && Character.isWhitespace(b);
    }

    void addTurns(List<Message> turns) {
      add(turns.size());
      for (Message turn : turns) {
        add(turn.role());
        addSimple(turn.content());
        addSimple(turn.toolCalls());
        addSimple(turn.extra());
      }
    }

    private void reserve(int more) {
      if (bytes.length - length < more) {
        bytes = Arrays.copyOf(bytes, Math.max(2 * bytes.length, Math.addExact(length, more)));
      }
    }

    /**
     * 128 bits as 32 hexadecimal digits. MurmurHash3 rather than SHA-256, which without the second
     * compiler costs more than parsing the row; nobody gains by a collision, which drops one row.
     */
    String hash() {
      long[] halves = MurmurHash3.hash128x64(bytes, 0, length, 0);
      return HexFormat.of().toHexDigits(halves[0]) + HexFormat.of().toHexDigits(halves[1]);
    }

    boolean isAs(Parts other) {
      return Arrays.equals(bytes, 0, length, other.bytes, 0, other.length);
    }
  }

  /**
   * The text in NFC and UTF-8, in one case, each stretch of white space a space, none at its ends.
   */
  static String simple(String text) {
    var parts = new Parts();
    parts.addSimple(text);
    return new String(parts.bytes, Integer.BYTES, parts.length - Integer.BYTES, UTF_8);
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
