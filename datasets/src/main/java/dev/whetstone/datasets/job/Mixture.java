package dev.whetstone.datasets.job;

import static org.apache.spark.sql.functions.coalesce;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.count;
import static org.apache.spark.sql.functions.expr;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.sum;
import static org.apache.spark.sql.functions.when;

import dev.whetstone.artifacts.BadInputException;
import dev.whetstone.datasets.PrepareConfig.Cap;
import dev.whetstone.datasets.PrepareConfig.Source;
import dev.whetstone.datasets.mixture.Quotas;
import dev.whetstone.datasets.rows.DropReason;
import dev.whetstone.datasets.split.RowOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.DoubleStream;
import java.util.stream.LongStream;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/**
 * Takes of each source what the recipe's caps and weights ask for. Of a source the first rows in
 * the order of a hash of their content are taken, so that more of a source is never other rows.
 * Caps hold over both splits; weights are exact in tokens over the training rows, to within a row
 * of each source, and leave the validation rows as they are.
 *
 * @param rows of {@link RowColumns#TOKENISED}: rows that are left out have a reason, rows that are
 *     repeated stand there under the ids {@code id~2}, {@code id~3}
 * @param shares of the training rows by source, as asked and as got; empty without caps and weights
 * @param more rows that there are more of because sources are repeated
 */
record Mixture(Dataset<Row> rows, List<Share> shares, long more) {
  private static final String TOKENS =
      "CAST(length AS BIGINT) + IF(rejected_input_ids IS NULL, 0, size(rejected_input_ids))";

  private static final String CHARACTERS =
      "aggregate(messages, 0L, (sum, m) -> sum + length(m.content))";

  /**
   * @param weight asked for; null for none
   * @param share of all amounts, in 0..1
   * @param rows of the split {@code train}, repeated ones counted each time
   * @param amount of them
   * @param unit of amounts: tokens, or characters without a model
   * @param leftOut rows of both splits
   */
  record Share(
      String source,
      Double weight,
      double share,
      long rows,
      long amount,
      String unit,
      long leftOut) {}

  /**
   * The mixture of these rows.
   *
   * @param placed of {@link RowColumns#TOKENISED}
   * @param firstFiles number of the first file of each source, [S]
   * @param withTokens whether rows have tokens
   * @throws BadInputException if a source that has a weight has no row to train on
   */
  static Mixture of(
      Dataset<Row> placed, List<Source> sources, int[] firstFiles, long seed, boolean withTokens) {
    if (sources.stream().noneMatch(Source::mixed)) {
      return new Mixture(placed, List.of(), 0);
    }
    Dataset<Row> all =
        placed
            .withColumn("source_index", expr(sourceIndex(firstFiles)))
            .withColumn(
                "hash", expr("shiftrightunsigned(xxhash64(digest, %dL), 1)".formatted(seed)))
            .withColumn("amount", expr(withTokens ? TOKENS : CHARACTERS));
    Dataset<Row> alive =
        all.where(col("reason").isNull()).select("source_index", "split", "hash", "amount");
    long[] caps = caps(alive, sources);
    Dataset<Row> training =
        alive.where(col("split").equalTo(RowOrder.TRAIN).and(col("hash").leq(each(caps))));
    long[] available = available(training, sources);
    double[] quotas =
        Quotas.of(
            available, weights(sources), sources.stream().mapToDouble(Source::repeat).toArray());
    long[] times = new long[quotas.length];
    double[] rest = new double[quotas.length];
    for (int s = 0; s < quotas.length; s++) {
      times[s] = available[s] == 0 ? 0 : (long) (quotas[s] / available[s]);
      rest[s] = quotas[s] - (double) times[s] * available[s];
    }
    long[] last = HashOrder.thresholds(training, rest);
    Column copies =
        when(col("reason").isNotNull(), lit(1L))
            .when(col("hash").gt(each(caps)), lit(0L))
            .when(col("split").notEqual(RowOrder.TRAIN), lit(1L))
            .otherwise(
                each(times).plus(when(col("hash").leq(each(last)), lit(1L)).otherwise(lit(0L))));
    Dataset<Row> counted = all.withColumn("copies", copies);
    return new Mixture(
        repeated(counted, sources), shares(counted, sources, withTokens), more(counted));
  }

  /** For people. */
  String sentence() {
    return shares.isEmpty()
        ? "each row once"
        : shares.stream()
            .map(s -> String.format(Locale.ROOT, "%s %.1f %%", s.source(), 100 * s.share()))
            .collect(Collectors.joining(", "));
  }

  /** The source of a row's file. */
  private static String sourceIndex(int[] firstFiles) {
    String starts =
        Arrays.stream(firstFiles).mapToObj(Integer::toString).collect(Collectors.joining(", "));
    return "aggregate(array(%s), 0, (n, first) -> n + IF(first <= shiftright(position, 40), 1, 0)) - 1"
        .formatted(starts);
  }

  /** The value of a row's source. */
  private static Column each(long[] values) {
    String literals =
        LongStream.of(values).mapToObj(v -> v + "L").collect(Collectors.joining(", "));
    return expr("element_at(array(%s), source_index + 1)".formatted(literals));
  }

  private static long[] caps(Dataset<Row> alive, List<Source> sources) {
    double[] budgets = sources.stream().mapToDouble(source -> limit(source.cap())).toArray();
    if (DoubleStream.of(budgets).allMatch(budget -> budget < 0)) {
      long[] none = new long[budgets.length];
      Arrays.fill(none, Long.MAX_VALUE);
      return none;
    }
    long[] byRows =
        sources.stream()
            .mapToLong(source -> source.cap() != null && source.cap().rows() != null ? 1 : 0)
            .toArray();
    return HashOrder.thresholds(
        alive.withColumn(
            "amount", when(each(byRows).equalTo(1L), lit(1L)).otherwise(col("amount"))),
        budgets);
  }

  /** Negative for none. */
  private static double limit(Cap cap) {
    if (cap == null) {
      return -1;
    }
    return cap.rows() == null ? cap.tokens() : cap.rows();
  }

  private static double[] weights(List<Source> sources) {
    return sources.stream().allMatch(source -> source.weight() == null)
        ? new double[0]
        : sources.stream().mapToDouble(Source::weight).toArray();
  }

  private static long[] available(Dataset<Row> training, List<Source> sources) {
    long[] available = new long[sources.size()];
    training
        .groupBy("source_index")
        .agg(sum("amount"))
        .collectAsList()
        .forEach(group -> available[group.getInt(0)] = group.getLong(1));
    for (int s = 0; s < available.length; s++) {
      if (available[s] == 0 && sources.get(s).weight() != null) {
        throw new BadInputException(
            "source %s: expected rows to train on, since it has the weight %s, found none that are left; take its weight and its path away, or look at dropped/ to see what became of them."
                .formatted(sources.get(s).title(), sources.get(s).weight()));
      }
    }
    return available;
  }

  private static Dataset<Row> repeated(Dataset<Row> counted, List<Source> sources) {
    String titles =
        sources.stream()
            .map(source -> "'" + source.title().replace("\\", "\\\\").replace("'", "\\'") + "'")
            .collect(Collectors.joining(", "));
    Column out = col("copies").equalTo(0L);
    Column again = col("copy").gt(1L);
    Dataset<Row> copies =
        counted
            .withColumn("copy", expr("explode(sequence(1L, greatest(copies, 1L)))"))
            .withColumn("reason", when(out, lit(DropReason.MIXTURE.key())).otherwise(col("reason")))
            .withColumn(
                "detail",
                when(
                        out,
                        expr(
                            "concat('source ', element_at(array(%s), source_index + 1), ' has its share without it')"
                                .formatted(titles)))
                    .otherwise(col("detail")))
            .withColumn("id", when(again, expr("concat(id, '~', copy)")).otherwise(col("id")))
            .withColumn(
                "row_order",
                when(again, expr("shiftrightunsigned(xxhash64(digest, copy), 1)"))
                    .otherwise(col("row_order")))
            .withColumn("row_range", expr("CAST(shiftright(row_order, 51) AS INT)"))
            .withColumn(
                "digest",
                when(again, expr("concat('sha256:', sha2(concat(digest, '~', copy), 256))"))
                    .otherwise(col("digest")));
    return copies.selectExpr(RowColumns.TOKENISED.fieldNames());
  }

  private static long more(Dataset<Row> counted) {
    return counted
        .where(col("copies").gt(1L))
        .agg(coalesce(sum(col("copies").minus(1L)), lit(0L)))
        .first()
        .getLong(0);
  }

  private static List<Share> shares(
      Dataset<Row> counted, List<Source> sources, boolean withTokens) {
    Column training = col("split").equalTo(RowOrder.TRAIN).and(col("reason").isNull());
    List<Row> groups =
        counted
            .groupBy("source_index")
            .agg(
                coalesce(sum(when(training, col("copies"))), lit(0L)),
                coalesce(sum(when(training, col("copies").multiply(col("amount")))), lit(0L)),
                count(when(col("copies").equalTo(0L), lit(1))))
            .collectAsList();
    long whole = groups.stream().mapToLong(group -> group.getLong(2)).sum();
    Map<Integer, Row> bySource = new TreeMap<>();
    groups.forEach(group -> bySource.put(group.getInt(0), group));
    List<Share> shares = new ArrayList<>();
    for (int s = 0; s < sources.size(); s++) {
      Row group = bySource.get(s); // none where nothing of the source was left to mix
      long amount = group == null ? 0 : group.getLong(2);
      shares.add(
          new Share(
              sources.get(s).title(),
              sources.get(s).weight(),
              whole == 0 ? 0 : (double) amount / whole,
              group == null ? 0 : group.getLong(1),
              amount,
              withTokens ? "tokens" : "characters",
              group == null ? 0 : group.getLong(3)));
    }
    return List.copyOf(shares);
  }
}
