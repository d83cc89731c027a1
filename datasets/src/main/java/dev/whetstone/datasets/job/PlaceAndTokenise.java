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
import java.util.ArrayList;
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

/**
 * Gives each row its split and its place in it, from content and seed alone, and its tokens where a
 * model is known.
 */
final class PlaceAndTokenise {
  /** What a template says when it refuses a row can be long. */
  private static final int MESSAGE_CHARACTERS = 300;

  /** What of the recipe the tasks need. */
  private record Rules(LossOn lossOn, int minLength, int maxLength, long seed, double validation)
      implements Serializable {}

  private PlaceAndTokenise() {}

  /**
   * A frame of {@link RowColumns#TOKENISED}.
   *
   * @param rows of {@link RowColumns#READ}, those that are left
   */
  static Dataset<Row> of(Dataset<Row> rows, PrepareConfig config, Optional<ModelText> model) {
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
    return rows.mapPartitions(tokenise, Encoders.row(RowColumns.TOKENISED));
  }

  private static Row tokenised(Row row, Rules rules, RowTokenizer tokenizer) {
    Conversation conversation = RowColumns.conversation(row);
    String content = conversation.content();
    RowOrder place = RowOrder.of(content, rules.seed(), rules.validation());
    if (tokenizer == null) {
      return create(row, place, List.of(), digest(conversation.id(), content, List.of()));
    }
    List<Labelled> sides = new ArrayList<>();
    try {
      sides.add(tokenizer.of(conversation));
      if (!conversation.rejected().isEmpty()) {
        sides.add(tokenizer.ofRejected(conversation));
      }
    } catch (RuntimeException e) {
      String message = String.valueOf(e.getMessage());
      return dropped(
          row,
          place,
          DropReason.NO_TARGET,
          "the chat template refuses it: "
              + message.substring(0, Math.min(message.length(), MESSAGE_CHARACTERS)));
    }
    for (int i = 0; i < sides.size(); i++) {
      Labelled side = sides.get(i);
      int length = side.tokens().length;
      String which = i == 0 ? "" : "with the rejected answer, ";
      if (length > rules.maxLength() || length < rules.minLength()) {
        String detail =
            length > rules.maxLength()
                ? "%s%d tokens, max_length is %d".formatted(which, length, rules.maxLength())
                : "%s%d tokens, min_length is %d".formatted(which, length, rules.minLength());
        return dropped(row, place, DropReason.TOO_LONG, detail);
      }
      if (targets(side) == 0) {
        String detail = "%s%d tokens, none is a target".formatted(which, length);
        return dropped(row, place, DropReason.NO_TARGET, detail);
      }
    }
    return create(row, place, sides, digest(conversation.id(), content, sides));
  }

  private static int targets(Labelled side) {
    return (int) Arrays.stream(side.labels()).filter(l -> l != LossMask.IGNORED).count();
  }

  private static String digest(String id, String content, List<Labelled> sides) {
    var hash = ContentHash.of("dataset-row/2").add(id).add(content).add(sides.size());
    sides.forEach(side -> hash.add(side.tokens()).add(side.labels()));
    return hash.finish();
  }

  private static Row create(Row row, RowOrder place, List<Labelled> sides, String digest) {
    return create(row, place, sides, digest, null, null);
  }

  private static Row dropped(Row row, RowOrder place, DropReason reason, String detail) {
    return create(row, place, List.of(), null, reason, detail);
  }

  private static Row create(
      Row row,
      RowOrder place,
      List<Labelled> sides,
      String digest,
      DropReason reason,
      String detail) {
    Labelled chosen = sides.isEmpty() ? null : sides.get(0);
    Labelled rejected = sides.size() < 2 ? null : sides.get(1);
    return RowFactory.create(
        row.getAs(RowColumns.POSITION),
        row.getAs(RowColumns.ID),
        row.getAs(RowColumns.SOURCE),
        row.getAs(RowColumns.LINE),
        row.getAs(RowColumns.MESSAGES),
        row.getAs(RowColumns.REJECTED),
        row.getAs(RowColumns.PROMPT_TURNS),
        row.getAs(RowColumns.LABEL),
        row.getAs(RowColumns.TOOLS),
        row.getAs(RowColumns.LANGUAGE),
        row.getAs(RowColumns.LANGUAGE_CONFIDENCE),
        row.getAs(RowColumns.SCORES),
        place.order(),
        place.range(),
        place.split(),
        chosen == null ? null : boxed(chosen.tokens()),
        chosen == null ? null : boxed(chosen.labels()),
        rejected == null ? null : boxed(rejected.tokens()),
        rejected == null ? null : boxed(rejected.labels()),
        chosen == null ? null : chosen.tokens().length,
        chosen == null ? 0 : targets(chosen),
        digest,
        reason == null ? null : reason.key(),
        detail);
  }

  private static Integer[] boxed(int[] values) {
    return Arrays.stream(values).boxed().toArray(Integer[]::new);
  }
}
