package dev.whetstone.datasets.job;

import dev.whetstone.artifacts.ContentHash;
import dev.whetstone.datasets.PrepareConfig;
import dev.whetstone.datasets.PrepareConfig.LossOn;
import dev.whetstone.datasets.rows.Conversation;
import dev.whetstone.datasets.rows.DropReason;
import dev.whetstone.datasets.split.RowOrder;
import dev.whetstone.datasets.tokens.ModelText;
import dev.whetstone.datasets.tokens.RowTokenizer;
import dev.whetstone.models.text.LossMask;
import dev.whetstone.models.text.LossMask.Labelled;
import java.io.Serializable;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.api.java.function.MapPartitionsFunction;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.functions;

/**
 * Gives each row its split and its place in it, and its tokens where a model is known; then brings
 * rows to where they are written, in order.
 *
 * <p>A place depends on content and seed alone, and ranges of places are never cut by a partition:
 * the order of rows and every hash over them are the same for any number of partitions.
 */
final class PlaceAndTokenise {
  /** What a template says when it refuses a row can be long. */
  private static final int MESSAGE_CHARACTERS = 300;

  /** What of the recipe the tasks need. */
  private record Rules(LossOn lossOn, int minLength, int maxLength, long seed, double validation)
      implements Serializable {}

  private PlaceAndTokenise() {}

  /**
   * A frame of {@link RowColumns#TOKENISED}, sorted within partitions.
   *
   * @param rows of {@link RowColumns#READ}, those that are left
   * @param partitions tasks that will write, each at most one shard a split
   */
  static Dataset<Row> of(
      Dataset<Row> rows, PrepareConfig config, Optional<ModelText> model, int partitions) {
    var context = JavaSparkContext.fromSparkContext(rows.sparkSession().sparkContext());
    Broadcast<ModelText> text = context.broadcast(model.orElse(null));
    var rules =
        new Rules(
            config.lossOn(),
            config.minLength(),
            config.maxLength(),
            config.seed(),
            config.split().validation());
    MapPartitionsFunction<Row, Row> tokenise =
        part -> {
          RowTokenizer tokenizer = text.value() == null ? null : text.value().open(rules.lossOn());
          return new FlatIterator<>(
              part, row -> List.of(tokenised(row, rules, tokenizer)).iterator());
        };
    int shards = Math.min(partitions, RowOrder.RANGES);
    return rows.mapPartitions(tokenise, Encoders.row(RowColumns.TOKENISED))
        .repartitionById(
            shards,
            functions.expr(
                "CAST(row_range * %dL DIV %d AS INT)".formatted(shards, RowOrder.RANGES)))
        .sortWithinPartitions("split", "row_order", "id", "position");
  }

  private static Row tokenised(Row row, Rules rules, RowTokenizer tokenizer) {
    Conversation conversation = RowColumns.conversation(row);
    String content = conversation.content();
    RowOrder place = RowOrder.of(content, rules.seed(), rules.validation());
    if (tokenizer == null) {
      String digest = digest(conversation.id(), content, new int[0], new int[0]);
      return create(row, place, null, 0, digest, null, null);
    }
    Labelled labelled;
    try {
      labelled = tokenizer.of(conversation);
    } catch (RuntimeException e) {
      String message = String.valueOf(e.getMessage());
      return create(
          row,
          place,
          null,
          0,
          null,
          DropReason.NO_TARGET,
          "the chat template refuses it: "
              + message.substring(0, Math.min(message.length(), MESSAGE_CHARACTERS)));
    }
    int length = labelled.tokens().length;
    int targets = (int) Arrays.stream(labelled.labels()).filter(l -> l != LossMask.IGNORED).count();
    if (length > rules.maxLength() || length < rules.minLength()) {
      String detail =
          length > rules.maxLength()
              ? "%d tokens, max_length is %d".formatted(length, rules.maxLength())
              : "%d tokens, min_length is %d".formatted(length, rules.minLength());
      return create(row, place, null, 0, null, DropReason.TOO_LONG, detail);
    }
    if (targets == 0) {
      String detail = "%d tokens, none is a target".formatted(length);
      return create(row, place, null, 0, null, DropReason.NO_TARGET, detail);
    }
    String digest = digest(conversation.id(), content, labelled.tokens(), labelled.labels());
    return create(row, place, labelled, targets, digest, null, null);
  }

  private static String digest(String id, String content, int[] tokens, int[] labels) {
    return ContentHash.of("dataset-row/1").add(id).add(content).add(tokens).add(labels).finish();
  }

  private static Row create(
      Row row,
      RowOrder place,
      Labelled labelled,
      int targets,
      String digest,
      DropReason reason,
      String detail) {
    return RowFactory.create(
        row.getAs(RowColumns.POSITION),
        row.getAs(RowColumns.ID),
        row.getAs(RowColumns.SOURCE),
        row.getAs(RowColumns.LINE),
        row.getAs(RowColumns.MESSAGES),
        row.getAs(RowColumns.TOOLS),
        row.getAs(RowColumns.SCORES),
        place.order(),
        place.range(),
        place.split(),
        labelled == null ? null : boxed(labelled.tokens()),
        labelled == null ? null : boxed(labelled.labels()),
        labelled == null ? null : labelled.tokens().length,
        targets,
        digest,
        reason == null ? null : reason.key(),
        detail);
  }

  private static Integer[] boxed(int[] values) {
    return Arrays.stream(values).boxed().toArray(Integer[]::new);
  }
}
