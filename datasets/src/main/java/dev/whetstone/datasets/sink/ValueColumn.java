package dev.whetstone.datasets.sink;

import java.util.function.IntFunction;
import org.apache.arrow.vector.ValueVector;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.Decimal;
import org.apache.spark.unsafe.types.UTF8String;

/** Values of rare types, each an object of the class that Spark wants. */
final class ValueColumn extends ReadColumn {
  private final IntFunction<?> value;

  ValueColumn(DataType type, ValueVector vector, IntFunction<?> value) {
    super(type, vector);
    this.value = value;
  }

  @Override
  public float getFloat(int row) {
    return (Float) value.apply(row);
  }

  @Override
  public Decimal getDecimal(int row, int precision, int scale) {
    return (Decimal) value.apply(row);
  }

  @Override
  public UTF8String getUTF8String(int row) {
    return (UTF8String) value.apply(row);
  }

  @Override
  public byte[] getBinary(int row) {
    return (byte[]) value.apply(row);
  }
}
