package dev.whetstone.datasets.job;

import dev.whetstone.datasets.PrepareConfig.Contaminated;
import dev.whetstone.datasets.clean.Cleaning;
import dev.whetstone.datasets.decontaminate.Contamination;
import dev.whetstone.datasets.decontaminate.ItemIndex;
import dev.whetstone.datasets.dedup.ExactText;
import dev.whetstone.datasets.job.source.Block;
import dev.whetstone.datasets.job.source.Line;
import dev.whetstone.datasets.job.source.Lines;
import dev.whetstone.datasets.language.Languages;
import dev.whetstone.datasets.measure.FlaggedWords;
import dev.whetstone.datasets.measure.Measures;
import dev.whetstone.datasets.measure.Passage;
import dev.whetstone.datasets.read.BrokenRowException;
import dev.whetstone.datasets.read.RowReader;
import dev.whetstone.datasets.rows.Conversation;
import dev.whetstone.datasets.rows.DropReason;
import java.io.IOException;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.Spliterator;
import java.util.Spliterators;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.TaskContext;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.api.java.function.FlatMapFunction;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.util.SerializableConfiguration;
import org.apache.spark.util.TaskCompletionListener;

/**
 * Lines to cleaned rows, in one pass over each block. Rows of the benchmarks are looked for here,
 * before duplicates: else a leaked row could be the one of its cluster that stays, and the clean
 * ones would go.
 */
final class ReadAndClean {
  /** Of a text that cleaning changed, so much is kept for the report. */
  private static final int BEFORE_CHARACTERS = 1000;

  private ReadAndClean() {}

  /** A frame of {@link RowColumns#READ}. */
  static Dataset<Row> rows(
      SparkSession spark,
      List<Block> blocks,
      RowRules rules,
      FlaggedWords flagged,
      ItemsOfBenchmarks benchmarks) {
    var context = JavaSparkContext.fromSparkContext(spark.sparkContext());
    Broadcast<ItemsOfBenchmarks> items = context.broadcast(benchmarks);
    var configuration = new SerializableConfiguration(spark.sparkContext().hadoopConfiguration());
    Broadcast<FlaggedWords> words = context.broadcast(flagged);
    FlatMapFunction<Block, Row> read =
        block -> rows(block, configuration.value(), rules, words.value(), items.value().index());
    return spark.createDataFrame(
        context.parallelize(blocks, Math.max(1, blocks.size())).flatMap(read), RowColumns.READ);
  }

  private static Iterator<Row> rows(
      Block block,
      Configuration configuration,
      RowRules rules,
      FlaggedWords flagged,
      ItemIndex items)
      throws IOException {
    Lines lines = block.open(configuration);
    // Read to its end it has closed itself; a task may end before.
    TaskCompletionListener close = task -> lines.close();
    TaskContext.get().addTaskCompletionListener(close);
    RowReader reader = RowReader.of(block.rows());
    Stream<Line> stream =
        StreamSupport.stream(
            Spliterators.spliteratorUnknownSize(lines, Spliterator.ORDERED), false);
    return stream.map(line -> row(block, line, reader, rules, flagged, items)).iterator();
  }

  private static Row row(
      Block block,
      Line line,
      RowReader reader,
      RowRules rules,
      FlaggedWords flagged,
      ItemIndex items) {
    if (!line.fault().isEmpty()) {
      return broken(block, line, line.fault());
    }
    Conversation raw;
    try {
      raw = reader.read(line.text());
    } catch (BrokenRowException e) {
      return broken(block, line, e.getMessage());
    }
    Cleaning cleaning = Cleaning.of(raw, rules.clean(), rules.personalData());
    if (cleaning instanceof Cleaning.Dropped dropped) {
      // What is to be protected must not lie about in the folder of dropped rows.
      boolean personal = dropped.reason() == DropReason.PERSONAL_DATA;
      String text = personal ? rules.personalData().shown(raw.text()) : raw.text();
      return row(block, line, raw, "", text, dropped.reason(), dropped.detail(), List.of());
    }
    var clean = (Cleaning.Clean) cleaning;
    String changes = String.join(", ", clean.changes());
    String before = changes.isEmpty() ? "" : rules.personalData().shown(head(raw.text()));
    Conversation row = clean.conversation();
    List<Contamination> leaks = items.find(row);
    if (!leaks.isEmpty() && rules.contaminated() == Contaminated.DROP) {
      String detail = leaks.get(0).detail();
      return row(block, line, row, changes, before, DropReason.CONTAMINATED, detail, leaks);
    }
    Optional<Languages.Guess> language = rules.languageOf(row);
    if (language.isPresent() && language.get().foreign()) {
      return row(
          block,
          line,
          row,
          changes,
          before,
          DropReason.OTHER_LANGUAGE,
          "%s, confidence %.2f".formatted(language.get().code(), language.get().confidence()),
          leaks);
    }
    return alive(
        block,
        line,
        ExactText.hash(row, rules.compared()),
        row,
        Passage.ofAnswers(row, flagged),
        language,
        changes,
        before,
        leaks);
  }

  private static String head(String text) {
    return text.substring(0, Math.min(text.length(), BEFORE_CHARACTERS));
  }

  private static Row alive(
      Block block,
      Line line,
      String textHash,
      Conversation row,
      Passage answers,
      Optional<Languages.Guess> language,
      String changes,
      String before,
      List<Contamination> leaks) {
    return RowFactory.create(
        block.position(line.number()),
        row.id(),
        block.name(),
        line.number(),
        RowColumns.structs(row.messages()),
        RowColumns.structs(row.rejected()),
        RowColumns.promptTurns(row),
        row.label(),
        RowColumns.orNull(row.tools()),
        RowColumns.language(language),
        RowColumns.confidence(language),
        RowColumns.scores(Measures.of(answers)),
        textHash,
        RowColumns.orNull(changes),
        RowColumns.orNull(before),
        null,
        null,
        RowColumns.leaks(leaks));
  }

  private static Row row(
      Block block,
      Line line,
      Conversation row,
      String changes,
      String before,
      DropReason reason,
      String detail,
      List<Contamination> leaks) {
    return RowFactory.create(
        block.position(line.number()),
        row.id(),
        block.name(),
        line.number(),
        null, // what it said is in before, where personal data is taken out
        null,
        null,
        null,
        null,
        null,
        null,
        null,
        null,
        RowColumns.orNull(changes),
        before.isEmpty() ? row.text() : before,
        reason.key(),
        detail,
        RowColumns.leaks(leaks));
  }

  private static Row broken(Block block, Line line, String detail) {
    return RowFactory.create(
        block.position(line.number()),
        RowReader.idOf(line.text()),
        block.name(),
        line.number(),
        null,
        null,
        null,
        null,
        null,
        null,
        null,
        null,
        null,
        null,
        line.text(),
        DropReason.BROKEN.key(),
        detail,
        null);
  }
}
