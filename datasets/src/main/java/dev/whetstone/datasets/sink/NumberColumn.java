package dev.whetstone.datasets.sink;

import java.util.function.IntToLongFunction;
import org.apache.arrow.vector.ValueVector;
import org.apache.spark.sql.types.DataType;

/** Integers, dates and timestamps that Arrow holds otherwise than Spark. */
final class NumberColumn extends ReadColumn {
  private final IntToLongFunction number;

  NumberColumn(DataType type, ValueVector vector, IntToLongFunction number) {
    super(type, vector);
    this.number = number;
  }

  @Override
  public short getShort(int row) {
    return (short) getLong(row);
  }

  @Override
  public int getInt(int row) {
    return (int) getLong(row);
  }

  @Override
  public long getLong(int row) {
    return number.applyAsLong(row);
  }
}
