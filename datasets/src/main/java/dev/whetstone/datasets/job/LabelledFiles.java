package dev.whetstone.datasets.job;

import dev.whetstone.datasets.clean.Cleaning;
import dev.whetstone.datasets.job.source.Block;
import dev.whetstone.datasets.job.source.Line;
import dev.whetstone.datasets.job.source.Lines;
import dev.whetstone.datasets.job.source.SourceFiles.SourceFile;
import dev.whetstone.datasets.quality.LabelledRow;
import dev.whetstone.datasets.quality.TextFeatures;
import dev.whetstone.datasets.read.BrokenRowException;
import dev.whetstone.datasets.read.RowReader;
import dev.whetstone.datasets.rows.DropReason;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import org.apache.hadoop.conf.Configuration;

/** Rows of one label, read and cleaned as {@code prepare} does, without Spark. */
final class LabelledFiles {
  /** Blocks that are in memory at once, a core each and as many again. */
  private static final int WINDOW = 2 * Runtime.getRuntime().availableProcessors();

  /**
   * @param rows those that are used, by the hash of their content
   * @param read lines
   * @param dropped rows by reason: those of {@link DropReason}, and {@code over-limit}
   */
  record Read(NavigableMap<String, LabelledRow> rows, long read, Map<String, Long> dropped) {}

  /** What became of a line: a row, or else a reason. */
  private record Outcome(LabelledRow row, String reason) {}

  private LabelledFiles() {}

  /**
   * Reads all files.
   *
   * @param limit most rows that are used: those whose hash is least, whatever their order
   */
  static Read read(
      List<SourceFile> files, boolean good, TextFeatures features, RowRules rules, int limit) {
    NavigableMap<String, LabelledRow> rows = new TreeMap<>();
    Map<String, Long> dropped = new TreeMap<>();
    long read = 0;
    List<Block> blocks = files.stream().flatMap(f -> f.blocks().stream()).toList();
    for (int at = 0; at < blocks.size(); at += WINDOW) {
      List<List<Outcome>> window =
          blocks.subList(at, Math.min(blocks.size(), at + WINDOW)).parallelStream()
              .map(block -> lines(block, good, features, rules))
              .toList();
      for (List<Outcome> outcomes : window) {
        for (Outcome outcome : outcomes) {
          read++;
          String reason = outcome.reason();
          if (reason == null && rows.putIfAbsent(outcome.row().content(), outcome.row()) != null) {
            reason = DropReason.EXACT_DUPLICATE.key();
          }
          if (reason == null && rows.size() > limit) {
            rows.pollLastEntry();
            reason = "over-limit";
          }
          if (reason != null) {
            dropped.merge(reason, 1L, Long::sum);
          }
        }
      }
    }
    return new Read(rows, read, dropped);
  }

  private static List<Outcome> lines(
      Block block, boolean good, TextFeatures features, RowRules rules) {
    List<Outcome> outcomes = new ArrayList<>();
    RowReader reader = RowReader.of(block.rows());
    try (Lines lines = block.open(new Configuration())) {
      while (lines.hasNext()) {
        outcomes.add(outcome(block, lines.next(), reader, good, features, rules));
      }
    } catch (IOException e) {
      throw new UncheckedIOException(block.name() + ": cannot be read", e);
    }
    return outcomes;
  }

  private static Outcome outcome(
      Block block,
      Line line,
      RowReader reader,
      boolean good,
      TextFeatures features,
      RowRules rules) {
    if (!line.fault().isEmpty()) {
      return new Outcome(null, DropReason.BROKEN.key());
    }
    try {
      Cleaning cleaning =
          Cleaning.of(reader.read(line.text()), rules.clean(), rules.personalData());
      if (cleaning instanceof Cleaning.Clean clean) {
        var row = LabelledRow.of(clean.conversation(), block.name(), line.number(), good, features);
        return new Outcome(row, null);
      }
      return new Outcome(null, ((Cleaning.Dropped) cleaning).reason().key());
    } catch (BrokenRowException e) {
      return new Outcome(null, DropReason.BROKEN.key());
    }
  }
}
