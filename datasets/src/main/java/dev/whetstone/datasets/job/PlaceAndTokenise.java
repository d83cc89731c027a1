package dev.whetstone.datasets.job;

import dev.whetstone.artifacts.ContentHash;
import dev.whetstone.artifacts.dataset.DatasetFolder;
import dev.whetstone.datasets.PrepareConfig;
import dev.whetstone.datasets.PrepareConfig.LossOn;
import dev.whetstone.datasets.dedup.ExactText;
import dev.whetstone.datasets.rows.Conversation;
import dev.whetstone.datasets.split.RowOrder;
import dev.whetstone.datasets.tokens.Fitted;
import dev.whetstone.datasets.tokens.ModelText;
import dev.whetstone.datasets.tokens.RowFitter;
import dev.whetstone.datasets.tokens.TooLong;
import dev.whetstone.models.text.LossMask.Labelled;
import java.io.Serializable;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.api.java.UDF1;
import org.apache.spark.sql.expressions.UserDefinedFunction;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;

/**
 * Gives each row its split and its place in it, from content and seed alone, and its tokens where a
 * model is known.
 */
final class PlaceAndTokenise {
  /** What of the recipe the tasks need. */
  private record Rules(
      LossOn lossOn, int minLength, int maxLength, TooLong tooLong, long seed, double validation)
      implements Serializable {}

  private static final String PIECES = "pieces";

  private static final Column[] SAID =
      RowColumns.SAID.stream().map(functions::col).toArray(Column[]::new);

  /** What is added to a row, or takes the place of what it has; messages of a piece alone. */
  private static final StructType PLACED =
      new StructType(
          Stream.of(
                  RowColumns.ID,
                  RowColumns.MESSAGES,
                  "row_order",
                  "row_range",
                  "split",
                  "input_ids",
                  "labels",
                  DatasetFolder.LOSS_WEIGHTS,
                  "rejected_input_ids",
                  "rejected_labels",
                  "length",
                  "targets",
                  "piece",
                  "cut",
                  "digest",
                  RowColumns.REASON,
                  RowColumns.DETAIL)
              .map(RowColumns.TOKENISED::apply)
              .toArray(StructField[]::new));

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
            config.tooLong(),
            config.seed(),
            config.split().validation());
    var each = new Each(text, rules);
    UDF1<Row, Row[]> place = each::of;
    UserDefinedFunction places =
        functions.udf(place, DataTypes.createArrayType(PLACED)).asNondeterministic(); // asked once
    Dataset<Row> pieces =
        rows.withColumn(PIECES, functions.explode(places.apply(functions.struct(SAID))));
    return pieces.select(
        Stream.of(RowColumns.TOKENISED.fieldNames())
            .map(PlaceAndTokenise::column)
            .toArray(Column[]::new));
  }

  /** Of the piece where it has one, else of the row. */
  private static Column column(String name) {
    if (!Arrays.asList(PLACED.fieldNames()).contains(name)) {
      return functions.col(name);
    }
    Column placed = functions.col(PIECES).getField(name);
    return (name.equals(RowColumns.MESSAGES)
            ? functions.coalesce(placed, functions.col(name))
            : placed)
        .as(name);
  }

  /** Places and tokenises row by row; the tokenizer is opened once in a task. */
  private static final class Each implements Serializable {
    private static final long serialVersionUID = 1L;

    private final Broadcast<ModelText> text;
    private final Rules rules;
    private transient Optional<RowFitter> fitter; // null until the first row

    Each(Broadcast<ModelText> text, Rules rules) {
      this.text = text;
      this.rules = rules;
    }

    private synchronized Optional<RowFitter> fitter() {
      if (fitter == null) {
        fitter =
            Optional.ofNullable(text.value())
                .map(
                    open ->
                        new RowFitter(
                            open.open(rules.lossOn()),
                            rules.minLength(),
                            rules.maxLength(),
                            rules.tooLong()));
      }
      return fitter;
    }

    Row[] of(Row row) {
      Conversation conversation = RowColumns.conversation(row);
      String content = conversation.content();
      RowOrder place =
          RowOrder.of(
              content, ExactText.promptHash(conversation), rules.seed(), rules.validation());
      return fitter()
          .map(f -> f.of(conversation))
          .orElse(List.of(new Fitted(conversation, 0, List.of(), 0, Optional.empty())))
          .stream()
          .map(piece -> create(content, place, piece))
          .toArray(Row[]::new);
    }
  }

  /** {@code content} of the whole row, from which a piece may be cut. */
  private static String digest(Fitted fitted, String content) {
    var hash =
        ContentHash.of("dataset-row/2")
            .add(fitted.row().id())
            .add(fitted.piece() == 0 ? content : fitted.row().content())
            .add(fitted.sides().size());
    for (Labelled side : fitted.sides()) {
      hash.add(side.tokens()).add(side.labels());
      if (side.isWeighted()) {
        hash.add(side.weights());
      }
    }
    return hash.finish();
  }

  private static Row create(String content, RowOrder place, Fitted fitted) {
    List<Labelled> sides = fitted.sides();
    Labelled chosen = sides.isEmpty() ? null : sides.get(0);
    Labelled rejected = sides.size() < 2 ? null : sides.get(1);
    return RowFactory.create(
        fitted.row().id(),
        fitted.piece() == 0 ? null : RowColumns.structs(fitted.row().messages()),
        place.order(),
        place.range(),
        place.split(),
        chosen == null ? null : boxed(chosen.tokens()),
        chosen == null ? null : boxed(chosen.labels()),
        chosen == null || !chosen.isWeighted() ? null : boxed(chosen.weights()),
        rejected == null ? null : boxed(rejected.tokens()),
        rejected == null ? null : boxed(rejected.labels()),
        chosen == null ? null : chosen.tokens().length,
        chosen == null ? 0 : RowFitter.targets(chosen),
        fitted.piece(),
        fitted.cutTokens(),
        fitted.drop().isPresent() ? null : digest(fitted, content),
        fitted.drop().map(drop -> drop.reason().key()).orElse(null),
        fitted.drop().map(Fitted.Drop::detail).orElse(null));
  }

  private static Float[] boxed(float[] values) {
    Float[] boxed = new Float[values.length];
    Arrays.setAll(boxed, i -> values[i]);
    return boxed;
  }

  private static Integer[] boxed(int[] values) {
    return Arrays.stream(values).boxed().toArray(Integer[]::new);
  }
}
