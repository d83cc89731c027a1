package dev.whetstone.datasets.job;

import dev.whetstone.datasets.quality.QualityModel;
import dev.whetstone.datasets.quality.dl4j.Dl4j;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.api.java.function.MapPartitionsFunction;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;

/** What a classifier says of each row that is alive: the last of its scores. */
final class QualityScores {
  /** Rows that are scored at once. */
  private static final int BATCH = 256;

  private QualityScores() {}

  /**
   * The same rows, scored where there is a model.
   *
   * @param rows of {@link RowColumns#READ}
   */
  static Dataset<Row> of(Dataset<Row> rows, Optional<QualityModel> model) {
    if (model.isEmpty()) {
      return rows;
    }
    var context = JavaSparkContext.fromSparkContext(rows.sparkSession().sparkContext());
    Broadcast<QualityModel> broadcast = context.broadcast(model.get());
    MapPartitionsFunction<Row, Row> score =
        part -> new FlatIterator<>(new Batches(part), rs -> scored(rs, broadcast.value()));
    return rows.mapPartitions(score, Encoders.row(RowColumns.READ));
  }

  private static Iterator<Row> scored(List<Row> rows, QualityModel model) {
    List<Row> alive = rows.stream().filter(QualityScores::isAlive).toList();
    float[] scores =
        model.scores(alive.stream().map(RowColumns::conversation).toList(), Dl4j.ENGINE::scorer);
    List<Row> all = new ArrayList<>(rows.size());
    int next = 0;
    for (Row row : rows) {
      all.add(isAlive(row) ? with(row, scores[next++]) : row);
    }
    return all.iterator();
  }

  private static boolean isAlive(Row row) {
    return row.isNullAt(row.fieldIndex(RowColumns.REASON));
  }

  private static Row with(Row row, float score) {
    int column = row.fieldIndex(RowColumns.SCORES);
    Object[] scores = values(row.getStruct(column));
    scores[scores.length - 1] = score;
    Object[] all = values(row);
    all[column] = RowFactory.create(scores);
    return RowFactory.create(all);
  }

  private static Object[] values(Row row) {
    Object[] values = new Object[row.size()];
    for (int i = 0; i < values.length; i++) {
      values[i] = row.get(i);
    }
    return values;
  }

  /** Rows in groups, the last of which may be smaller. */
  private record Batches(Iterator<Row> rows) implements Iterator<List<Row>> {
    @Override
    public boolean hasNext() {
      return rows.hasNext();
    }

    @Override
    public List<Row> next() {
      List<Row> batch = new ArrayList<>(BATCH);
      batch.add(rows.next());
      while (batch.size() < BATCH && rows.hasNext()) {
        batch.add(rows.next());
      }
      return batch;
    }
  }
}
