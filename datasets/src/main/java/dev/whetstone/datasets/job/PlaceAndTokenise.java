package dev.whetstone.datasets.job;

import dev.whetstone.artifacts.ContentHash;
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
  /** What of the recipe the tasks need. */
  private record Rules(
      LossOn lossOn, int minLength, int maxLength, TooLong tooLong, long seed, double validation)
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
            config.tooLong(),
            config.seed(),
            config.split().validation());
    MapPartitionsFunction<Row, Row> tokenise =
        part -> {
          Optional<RowFitter> fitter =
              Optional.ofNullable(text.value())
                  .map(
                      open ->
                          new RowFitter(
                              open.open(rules.lossOn()),
                              rules.minLength(),
                              rules.maxLength(),
                              rules.tooLong()));
          return new FlatIterator<>(part, row -> placed(row, rules, fitter).iterator());
        };
    return rows.mapPartitions(tokenise, Encoders.row(RowColumns.TOKENISED));
  }

  private static List<Row> placed(Row row, Rules rules, Optional<RowFitter> fitter) {
    Conversation conversation = RowColumns.conversation(row);
    String content = conversation.content();
    RowOrder place =
        RowOrder.of(content, ExactText.promptHash(conversation), rules.seed(), rules.validation());
    List<Fitted> fitted =
        fitter
            .map(f -> f.of(conversation))
            .orElse(List.of(new Fitted(conversation, 0, List.of(), 0, Optional.empty())));
    return fitted.stream().map(piece -> create(row, content, place, piece)).toList();
  }

  /** {@code content} of the whole row, from which a piece may be cut. */
  private static String digest(Fitted fitted, String content) {
    var hash =
        ContentHash.of("dataset-row/2")
            .add(fitted.row().id())
            .add(fitted.piece() == 0 ? content : fitted.row().content())
            .add(fitted.sides().size());
    fitted.sides().forEach(side -> hash.add(side.tokens()).add(side.labels()));
    return hash.finish();
  }

  private static Row create(Row row, String content, RowOrder place, Fitted fitted) {
    List<Labelled> sides = fitted.sides();
    Labelled chosen = sides.isEmpty() ? null : sides.get(0);
    Labelled rejected = sides.size() < 2 ? null : sides.get(1);
    return RowFactory.create(
        row.getAs(RowColumns.POSITION),
        fitted.row().id(),
        row.getAs(RowColumns.SOURCE),
        row.getAs(RowColumns.LINE),
        fitted.piece() == 0
            ? row.getAs(RowColumns.MESSAGES)
            : RowColumns.structs(fitted.row().messages()),
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
        chosen == null ? 0 : RowFitter.targets(chosen),
        fitted.piece(),
        fitted.cutTokens(),
        fitted.drop().isPresent() ? null : digest(fitted, content),
        fitted.drop().map(drop -> drop.reason().key()).orElse(null),
        fitted.drop().map(Fitted.Drop::detail).orElse(null));
  }

  private static Integer[] boxed(int[] values) {
    return Arrays.stream(values).boxed().toArray(Integer[]::new);
  }
}
