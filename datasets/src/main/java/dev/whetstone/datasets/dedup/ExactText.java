package dev.whetstone.datasets.dedup;

import dev.whetstone.artifacts.ContentHash;
import dev.whetstone.datasets.rows.Conversation;
import dev.whetstone.datasets.rows.Message;
import java.nio.charset.StandardCharsets;
import java.text.Normalizer;
import java.util.List;
import java.util.Locale;

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
    var hash = ContentHash.of("exact-text/2");
    if (by == Compared.CONVERSATION || by.text(row).isBlank()) {
      hash.add(row.tools());
      add(hash, row.messages());
      add(hash, row.rejected());
      row.messages().forEach(turn -> hash.add(String.valueOf(turn.loss())));
      hash.add(row.promptTurns()).add(String.valueOf(row.label()));
    } else {
      add(hash, by.turns(row));
    }
    return hash.finish().substring("sha256:".length());
  }

  /** Whether the answers of a pair are the same text: there is nothing to prefer then. */
  public static boolean sameAnswers(Conversation row) {
    return !row.rejected().isEmpty() && hash(row.answer()).equals(hash(row.rejected()));
  }

  /** Equal for two rows whose users ask the same first: their first turns are the same text. */
  public static String promptHash(Conversation row) {
    return hash(
        row.messages().stream().filter(m -> m.role().equals(Message.USER)).limit(1).toList());
  }

  private static String hash(List<Message> turns) {
    var hash = ContentHash.of("exact-turns/1");
    add(hash, turns);
    return hash.finish();
  }

  private static void add(ContentHash hash, List<Message> turns) {
    hash.add(turns.size());
    for (Message turn : turns) {
      hash.add(turn.role())
          .add(simple(turn.content()))
          .add(simple(turn.toolCalls()))
          .add(simple(turn.extra()));
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
