package dev.whetstone.datasets.sink;

import java.util.List;
import org.apache.arrow.vector.ValueVector;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.vectorized.ColumnVector;

/** Structs: a column per field. */
final class StructColumn extends ReadColumn {
  private final List<ColumnVector> fields;

  StructColumn(DataType type, ValueVector struct, List<ColumnVector> fields) {
    super(type, struct);
    this.fields = List.copyOf(fields);
  }

  @Override
  public ColumnVector getChild(int ordinal) {
    return fields.get(ordinal);
  }
}
