package dev.whetstone.datasets.quality;

import dev.whetstone.artifacts.ContentHash;
import dev.whetstone.datasets.dedup.Words;
import dev.whetstone.datasets.rows.Conversation;
import dev.whetstone.datasets.rows.Message;
import java.util.stream.Collectors;

/**
 * A row whose label is known, as much of it as learning and the report need.
 *
 * @param source file that it stands in
 * @param content hash of the cleaned row
 * @param prompt hash of what is asked, but for case and punctuation: rows that share it are never
 *     on two sides of a split, or a network could know the answer from the question
 * @param head its text as far as a report shows it, personal data redacted
 */
public record LabelledRow(
    String id,
    String source,
    long line,
    String content,
    String prompt,
    boolean good,
    SparseText features,
    String head) {
  private static final int HEAD_CHARACTERS = 1000;

  /** A row that has been cleaned. */
  public static LabelledRow of(
      Conversation row, String source, long line, boolean good, TextFeatures features) {
    String text = row.text();
    return new LabelledRow(
        row.id(),
        source,
        line,
        row.content(),
        prompt(row),
        good,
        features.of(row),
        text.substring(0, Math.min(text.length(), HEAD_CHARACTERS)));
  }

  /** A row that nobody asks anything in is its own prompt. */
  private static String prompt(Conversation row) {
    String asked =
        row.messages().stream()
            .filter(m -> m.role().equals(Message.USER))
            .map(m -> String.join(" ", Words.of(m.content())))
            .collect(Collectors.joining("\n"));
    return asked.isBlank() ? row.content() : "sha256:" + ContentHash.sha256(asked);
  }
}
