package dev.whetstone.artifacts.dataset;

import dev.whetstone.artifacts.Manifest;
import java.nio.file.Path;
import java.util.Iterator;
import java.util.List;

/**
 * A prepared dataset: Hugging Face {@code save_to_disk} layout, a sub-folder per split ({@code
 * train}, {@code validation}), Arrow IPC streams in {@code <split>/data/}, pack plans in {@code
 * <split>/packs-<length>.arrow}, dropped rows in {@code dropped/*.jsonl} (one object a line: {@code
 * id, source, line, reason, detail, text}), {@code report.html}, {@code manifest.json}.
 */
public record DatasetFolder(Path path, Manifest manifest) {
  public static final String FORMAT = "whetstone.dataset/1";

  public static DatasetFolder open(Path folder) {
    return new DatasetFolder(folder, Manifest.read(folder, FORMAT));
  }

  /**
   * A tokenised row. {@code labels} has the length of {@code inputIds}; -100 is not a target.
   *
   * @param row index within the split, from 0
   */
  public record TokenRow(long row, String id, int[] inputIds, int[] labels) {}

  /** A pack: rows of one split laid end to end, never cut, at most the plan's length in tokens. */
  public record Pack(List<Long> rows) {}

  /** The rows of a split in order. The caller closes the returned iterator. */
  public CloseableIterator<TokenRow> rows(String split) {
    throw new UnsupportedOperationException(split);
  }

  /**
   * The pack plan of a split for rows of {@code length} tokens: columns pack int32, row int64,
   * length int32.
   */
  public List<Pack> packs(String split, int length) {
    throw new UnsupportedOperationException(split + length);
  }

  /** An iterator that holds native memory until it is closed. */
  public interface CloseableIterator<T> extends Iterator<T>, AutoCloseable {
    @Override
    void close();
  }
}
