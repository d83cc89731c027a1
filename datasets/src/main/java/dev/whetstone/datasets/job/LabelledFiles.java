package dev.whetstone.datasets.job;

import dev.whetstone.datasets.clean.Cleaning;
import dev.whetstone.datasets.job.SourceFiles.SourceFile;
import dev.whetstone.datasets.quality.LabelledRow;
import dev.whetstone.datasets.quality.TextFeatures;
import dev.whetstone.datasets.read.BrokenRowException;
import dev.whetstone.datasets.read.RowReader;
import dev.whetstone.datasets.rows.DropReason;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Iterator;
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
  private record Line(LabelledRow row, String reason) {}

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
      List<List<Line>> window =
          blocks.subList(at, Math.min(blocks.size(), at + WINDOW)).parallelStream()
              .map(block -> lines(block, good, features, rules))
              .toList();
      for (List<Line> lines : window) {
        for (Line line : lines) {
          read++;
          String reason = line.reason();
          if (reason == null && rows.putIfAbsent(line.row().content(), line.row()) != null) {
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

  private static List<Line> lines(
      Block block, boolean good, TextFeatures features, RowRules rules) {
    List<Line> lines = new ArrayList<>();
    try {
      Iterator<BlockLines.Line> in = new BlockLines(block, new Configuration());
      while (in.hasNext()) {
        lines.add(line(block, in.next(), good, features, rules));
      }
    } catch (IOException e) {
      throw new UncheckedIOException(block.name() + ": cannot be read", e);
    }
    return lines;
  }

  private static Line line(
      Block block, BlockLines.Line line, boolean good, TextFeatures features, RowRules rules) {
    if (!line.fault().isEmpty()) {
      return new Line(null, DropReason.BROKEN.key());
    }
    try {
      Cleaning cleaning =
          Cleaning.of(RowReader.read(line.text()), rules.clean(), rules.personalData());
      if (cleaning instanceof Cleaning.Clean clean) {
        var row = LabelledRow.of(clean.conversation(), block.name(), line.number(), good, features);
        return new Line(row, null);
      }
      return new Line(null, ((Cleaning.Dropped) cleaning).reason().key());
    } catch (BrokenRowException e) {
      return new Line(null, DropReason.BROKEN.key());
    }
  }
}
