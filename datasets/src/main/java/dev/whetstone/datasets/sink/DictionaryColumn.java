package dev.whetstone.datasets.sink;

import org.apache.arrow.vector.BaseIntVector;
import org.apache.spark.sql.types.Decimal;
import org.apache.spark.sql.vectorized.ColumnVector;
import org.apache.spark.sql.vectorized.ColumnarArray;
import org.apache.spark.unsafe.types.UTF8String;

/** Values that stand in a dictionary, by their index. */
final class DictionaryColumn extends ReadColumn {
  private final BaseIntVector indices;
  private final ColumnVector values;
  private int nulls;

  /**
   * Looks at every index: those of a damaged file may point anywhere.
   *
   * @throws IllegalArgumentException if one is outside the dictionary of {@code size} values
   */
  DictionaryColumn(BaseIntVector indices, ColumnVector values, int size) {
    super(values.dataType(), indices);
    this.indices = indices;
    this.values = values;
    for (int row = 0; row < indices.getValueCount(); row++) {
      if (indices.isNull(row)) {
        nulls++;
        continue;
      }
      long index = indices.getValueAsLong(row);
      if (index < 0 || index >= size) {
        throw new IllegalArgumentException(
            "column \"%s\" has index %d into a dictionary of %d values"
                .formatted(indices.getName(), index, size));
      }
      nulls += values.isNullAt((int) index) ? 1 : 0;
    }
  }

  private int at(int row) {
    return (int) indices.getValueAsLong(row);
  }

  @Override
  public int numNulls() {
    return nulls;
  }

  @Override
  public boolean isNullAt(int row) {
    return indices.isNull(row) || values.isNullAt(at(row));
  }

  @Override
  public boolean getBoolean(int row) {
    return values.getBoolean(at(row));
  }

  @Override
  public byte getByte(int row) {
    return values.getByte(at(row));
  }

  @Override
  public short getShort(int row) {
    return values.getShort(at(row));
  }

  @Override
  public int getInt(int row) {
    return values.getInt(at(row));
  }

  @Override
  public long getLong(int row) {
    return values.getLong(at(row));
  }

  @Override
  public float getFloat(int row) {
    return values.getFloat(at(row));
  }

  @Override
  public double getDouble(int row) {
    return values.getDouble(at(row));
  }

  @Override
  public ColumnarArray getArray(int row) {
    return values.getArray(at(row));
  }

  @Override
  public Decimal getDecimal(int row, int precision, int scale) {
    return values.getDecimal(at(row), precision, scale);
  }

  @Override
  public UTF8String getUTF8String(int row) {
    return values.getUTF8String(at(row));
  }

  @Override
  public byte[] getBinary(int row) {
    return values.getBinary(at(row));
  }
}
