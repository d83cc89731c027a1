package dev.whetstone.datasets.sink;

import java.util.function.IntToLongFunction;
import org.apache.arrow.vector.ValueVector;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.vectorized.ColumnVector;
import org.apache.spark.sql.vectorized.ColumnarArray;

/** Lists of any kind: where a row's elements begin and end among all elements. */
final class ListColumn extends ReadColumn {
  private final ColumnVector elements;
  private final IntToLongFunction begin;
  private final IntToLongFunction end;

  ListColumn(
      DataType type,
      ValueVector list,
      ColumnVector elements,
      IntToLongFunction begin,
      IntToLongFunction end) {
    super(type, list);
    this.elements = elements;
    this.begin = begin;
    this.end = end;
  }

  @Override
  public ColumnarArray getArray(int row) {
    int from = Math.toIntExact(begin.applyAsLong(row));
    return new ColumnarArray(elements, from, Math.toIntExact(end.applyAsLong(row) - from));
  }
}
