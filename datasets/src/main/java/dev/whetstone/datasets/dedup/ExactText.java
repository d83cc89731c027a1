package dev.whetstone.datasets.dedup;

import dev.whetstone.artifacts.ContentHash;
import dev.whetstone.datasets.rows.Conversation;
import java.text.Normalizer;
import java.util.Locale;
import java.util.regex.Pattern;

/**
 * When two rows are the same text: roles, contents, calls and tools agree after NFC, with case and
 * the amount of white space set aside.
 */
public final class ExactText {
  private static final Pattern SPACE = Pattern.compile("[\\s\\p{Z}]+");

  private ExactText() {}

  /** Equal for two rows that are the same text. */
  public static String hash(Conversation row) {
    var hash = ContentHash.of("exact-text/1").add(row.tools());
    row.messages()
        .forEach(m -> hash.add(m.role()).add(simple(m.content())).add(simple(m.toolCalls())));
    return hash.finish().substring("sha256:".length());
  }

  private static String simple(String text) {
    String spaced = SPACE.matcher(Normalizer.normalize(text, Normalizer.Form.NFC)).replaceAll(" ");
    return spaced.strip().toUpperCase(Locale.ROOT).toLowerCase(Locale.ROOT);
  }
}
