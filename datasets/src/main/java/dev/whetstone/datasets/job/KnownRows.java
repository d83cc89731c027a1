package dev.whetstone.datasets.job;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.monotonically_increasing_id;

import dev.whetstone.artifacts.dataset.DatasetFolder;
import dev.whetstone.datasets.dedup.Compared;
import dev.whetstone.datasets.dedup.ExactText;
import dev.whetstone.datasets.rows.Conversation;
import dev.whetstone.datasets.sink.HadoopFolder;
import dev.whetstone.datasets.sink.HfArrowSource;
import java.util.Arrays;
import java.util.List;
import org.apache.spark.api.java.function.MapFunction;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.StructField;

/**
 * Rows of datasets that stand already: new rows that are duplicates of them go. Their positions are
 * negative.
 */
final class KnownRows {
  private static final int FOLDER_BITS = 52;

  private KnownRows() {}

  /** A frame of {@link RowColumns#READ}: all rows of all splits of all folders. */
  static Dataset<Row> of(SparkSession spark, List<DatasetFolder> folders, Compared by) {
    Dataset<Row> all = spark.createDataFrame(List.<Row>of(), RowColumns.READ);
    long parts = 0;
    for (DatasetFolder folder : folders) {
      for (String split : folder.splits()) {
        all = all.union(rows(spark, folder, split, parts++, by));
      }
    }
    return all;
  }

  private static Dataset<Row> rows(
      SparkSession spark, DatasetFolder folder, String split, long part, Compared by) {
    Dataset<Row> stored =
        spark
            .read()
            .format(HfArrowSource.FORMAT)
            .option(HfArrowSource.SPLIT, split)
            .load(HadoopFolder.text(folder.path()));
    List<String> present = Arrays.asList(stored.columns());
    Column[] columns =
        RowColumns.SAID.stream()
            .map(name -> column(name, present.contains(name))) // older datasets lack some
            .toArray(Column[]::new);
    String source = folder.path().toString();
    MapFunction<Row, Row> read =
        row -> {
          Conversation said = RowColumns.conversation(row);
          Object[] values = new Object[RowColumns.READ.length()];
          long place = row.<Long>getAs(RowColumns.POSITION);
          set(values, RowColumns.POSITION, -1 - ((part << FOLDER_BITS) + place));
          set(values, RowColumns.SOURCE, source);
          set(values, RowColumns.TEXT_HASH, ExactText.hash(said, by));
          for (String name : RowColumns.SAID) {
            set(values, name, row.getAs(name));
          }
          return RowFactory.create(values);
        };
    return stored
        .select(columns)
        .withColumn(RowColumns.POSITION, monotonically_increasing_id())
        .map(read, Encoders.row(RowColumns.READ));
  }

  /** By way of JSON, which leaves out and fills in fields of structs by their names. */
  private static Column column(String name, boolean present) {
    StructField field = RowColumns.READ.apply(name);
    DataType type = field.dataType();
    if (!present) {
      return lit(null).cast(type).as(name);
    }
    return type.typeName().equals("array")
        ? functions.from_json(functions.to_json(col(name)), type).as(name)
        : col(name).cast(type).as(name);
  }

  private static void set(Object[] values, String name, Object value) {
    values[RowColumns.READ.fieldIndex(name)] = value;
  }
}
