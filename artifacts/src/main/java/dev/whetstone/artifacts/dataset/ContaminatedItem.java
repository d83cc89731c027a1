package dev.whetstone.artifacts.dataset;

import static java.util.Objects.requireNonNull;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import dev.whetstone.artifacts.EnumKeys;
import java.util.List;

/**
 * A benchmark item that was found in the rows that a dataset was made of: a line of {@code
 * contamination.jsonl}.
 *
 * @param task of the items folder
 * @param version of the task
 * @param docId the item's number in the task
 * @param docHash of the document, as lm-evaluation-harness makes it: samples are joined by it
 * @param promptHash of the rendered question
 * @param targetHash of the expected answer
 * @param kind what of it was found, in the row that holds most
 * @param share of the words of question or answer that the row holds in common runs, in (0, 1]
 * @param evidence the longest stretch of words that row and item share
 * @param rows that hold it, of all that were read
 * @param trainedRows those of them that are in the split {@code train}; 0 where such rows are
 *     dropped
 * @param examples the first of the rows
 */
public record ContaminatedItem(
    String task,
    String version,
    int docId,
    String docHash,
    String promptHash,
    String targetHash,
    Kind kind,
    double share,
    String evidence,
    long rows,
    long trainedRows,
    List<Place> examples) {

  /** What of an item a row holds. */
  public enum Kind {
    /** The question, not its answer. */
    QUESTION,
    /** The answer, not its question. */
    ANSWER,
    /** The question, and the right answer said by the assistant. */
    WHOLE;

    @JsonCreator
    public static Kind of(String name) {
      return EnumKeys.of(Kind.class, "unknown kind", name);
    }

    @JsonValue
    public String key() {
      return EnumKeys.key(this);
    }
  }

  /**
   * A row that holds the item.
   *
   * @param line of the source, from 1
   */
  public record Place(String id, String source, long line) {}

  public ContaminatedItem {
    requireNonNull(task, "task is null");
    requireNonNull(version, "version is null");
    requireNonNull(docHash, "doc_hash is null");
    requireNonNull(promptHash, "prompt_hash is null");
    requireNonNull(targetHash, "target_hash is null");
    requireNonNull(kind, "kind is null");
    requireNonNull(evidence, "evidence is null");
    examples = List.copyOf(examples);
    if (docId < 0) {
      throw new IllegalArgumentException("doc_id must be >= 0: " + docId);
    }
    if (!(share > 0 && share <= 1)) {
      throw new IllegalArgumentException("share must be in (0, 1]: " + share);
    }
    if (rows < 1 || trainedRows < 0 || trainedRows > rows) {
      throw new IllegalArgumentException(
          "expected 1 or more rows, of them 0 or more trained: %d and %d"
              .formatted(rows, trainedRows));
    }
  }
}
