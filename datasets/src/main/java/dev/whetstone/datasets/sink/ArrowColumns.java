package dev.whetstone.datasets.sink;

import java.math.BigDecimal;
import java.util.function.IntFunction;
import java.util.function.IntToLongFunction;
import org.apache.arrow.vector.BaseIntVector;
import org.apache.arrow.vector.DateMilliVector;
import org.apache.arrow.vector.FieldVector;
import org.apache.arrow.vector.FixedSizeBinaryVector;
import org.apache.arrow.vector.Float2Vector;
import org.apache.arrow.vector.TimeStampVector;
import org.apache.arrow.vector.UInt1Vector;
import org.apache.arrow.vector.UInt2Vector;
import org.apache.arrow.vector.UInt4Vector;
import org.apache.arrow.vector.UInt8Vector;
import org.apache.arrow.vector.ViewVarBinaryVector;
import org.apache.arrow.vector.ViewVarCharVector;
import org.apache.arrow.vector.complex.BaseListVector;
import org.apache.arrow.vector.complex.LargeListVector;
import org.apache.arrow.vector.dictionary.Dictionary;
import org.apache.arrow.vector.dictionary.DictionaryProvider;
import org.apache.arrow.vector.types.FloatingPointPrecision;
import org.apache.arrow.vector.types.pojo.ArrowType;
import org.apache.arrow.vector.types.pojo.Field;
import org.apache.spark.sql.types.ArrayType;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.Decimal;
import org.apache.spark.sql.types.DecimalType;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.sql.vectorized.ArrowColumnVector;
import org.apache.spark.sql.vectorized.ColumnVector;
import org.apache.spark.unsafe.types.UTF8String;

/**
 * Arrow's columns as Spark's. Everything is nullable, as to Hugging Face.
 *
 * <p>Lists of all three kinds become arrays, dictionaries their values, large and view texts
 * strings; unsigned integers the next larger type, uint64 a decimal(20,0); float16 a float; dates
 * of milliseconds days; timestamps microseconds (nanoseconds are rounded down), those without a
 * zone timestamp_ntz. Maps, unions, times, durations, intervals and wide decimals have no place.
 */
final class ArrowColumns {
  private static final long MILLIS_OF_DAY = 86_400_000;
  private static final int UINT64_DIGITS = 20;

  private ArrowColumns() {}

  /**
   * Spark's type of a column.
   *
   * @throws IllegalArgumentException if it has none; the message names column and type
   */
  static DataType type(Field field, DictionaryProvider dictionaries) {
    if (field.getDictionary() != null) {
      return type(dictionary(field, dictionaries).getVector().getField(), dictionaries);
    }
    ArrowType type = field.getType();
    return switch (type.getTypeID()) {
      case List, LargeList, FixedSizeList ->
          new ArrayType(type(field.getChildren().get(0), dictionaries), true);
      case Struct ->
          DataTypes.createStructType(
              field.getChildren().stream()
                  .map(child -> structField(child, dictionaries))
                  .toArray(StructField[]::new));
      default -> scalar(field, type);
    };
  }

  static StructField structField(Field field, DictionaryProvider dictionaries) {
    return DataTypes.createStructField(field.getName(), type(field, dictionaries), true);
  }

  private static DataType scalar(Field field, ArrowType type) {
    DataType found =
        switch (type.getTypeID()) {
          case Null -> DataTypes.NullType;
          case Bool -> DataTypes.BooleanType;
          case Int -> integer((ArrowType.Int) type);
          case FloatingPoint ->
              ((ArrowType.FloatingPoint) type).getPrecision() == FloatingPointPrecision.DOUBLE
                  ? DataTypes.DoubleType
                  : DataTypes.FloatType;
          case Utf8, LargeUtf8, Utf8View -> DataTypes.StringType;
          case Binary, LargeBinary, BinaryView, FixedSizeBinary -> DataTypes.BinaryType;
          case Date -> DataTypes.DateType;
          case Timestamp ->
              ((ArrowType.Timestamp) type).getTimezone() == null
                  ? DataTypes.TimestampNTZType
                  : DataTypes.TimestampType;
          case Decimal -> decimal((ArrowType.Decimal) type);
          default -> null;
        };
    if (found == null) {
      throw new IllegalArgumentException(
          "column \"%s\" is %s, which Spark cannot hold; leave it out or convert it"
              .formatted(field.getName(), type));
    }
    return found;
  }

  private static DataType integer(ArrowType.Int type) {
    int bits = type.getIsSigned() ? type.getBitWidth() : 2 * type.getBitWidth();
    return switch (bits) {
      case 8 -> DataTypes.ByteType;
      case 16 -> DataTypes.ShortType;
      case 32 -> DataTypes.IntegerType;
      case 64 -> DataTypes.LongType;
      default -> DataTypes.createDecimalType(UINT64_DIGITS, 0);
    };
  }

  private static DataType decimal(ArrowType.Decimal type) {
    boolean fits =
        type.getBitWidth() == 128
            && type.getPrecision() <= DecimalType.MAX_PRECISION()
            && type.getScale() >= 0
            && type.getScale() <= type.getPrecision();
    return fits ? DataTypes.createDecimalType(type.getPrecision(), type.getScale()) : null;
  }

  private static Dictionary dictionary(Field field, DictionaryProvider dictionaries) {
    Dictionary dictionary = dictionaries.lookup(field.getDictionary().getId());
    if (dictionary == null) {
      throw new IllegalArgumentException(
          "column \"%s\" has no dictionary in the file".formatted(field.getName()));
    }
    return dictionary;
  }

  /**
   * A column of a batch, which may come from anybody.
   *
   * @throws RuntimeException if it points outside its buffers or its dictionary
   */
  static ColumnVector of(FieldVector vector, DictionaryProvider dictionaries) {
    ArrowCheck.check(vector);
    return checked(vector, dictionaries);
  }

  private static ColumnVector checked(FieldVector vector, DictionaryProvider dictionaries) {
    Field field = vector.getField();
    if (field.getDictionary() != null) {
      FieldVector values = dictionary(field, dictionaries).getVector();
      return new DictionaryColumn(
          (BaseIntVector) vector, of(values, dictionaries), values.getValueCount());
    }
    DataType type = type(field, dictionaries);
    if (type instanceof StructType) {
      return new StructColumn(
          type,
          vector,
          vector.getChildrenFromFields().stream().map(v -> checked(v, dictionaries)).toList());
    }
    if (type instanceof ArrayType) {
      return list(vector, type, checked(vector.getChildrenFromFields().get(0), dictionaries));
    }
    IntToLongFunction number = number(vector);
    if (number != null) {
      return new NumberColumn(type, vector, number);
    }
    IntFunction<?> value = value(vector);
    return value == null ? new ArrowColumnVector(vector) : new ValueColumn(type, vector, value);
  }

  private static ColumnVector list(FieldVector vector, DataType type, ColumnVector elements) {
    if (vector instanceof LargeListVector large) {
      return new ListColumn(
          type, large, elements, large::getElementStartIndex, large::getElementEndIndex);
    }
    var list = (BaseListVector) vector;
    return new ListColumn(
        type, list, elements, list::getElementStartIndex, list::getElementEndIndex);
  }

  /** How to read a number that Spark holds otherwise; null for all else. */
  private static IntToLongFunction number(FieldVector vector) {
    if (vector instanceof UInt1Vector || vector instanceof UInt2Vector) {
      return ((BaseIntVector) vector)::getValueAsLong;
    }
    if (vector instanceof UInt4Vector unsigned) {
      return row -> Integer.toUnsignedLong(unsigned.get(row));
    }
    if (vector instanceof DateMilliVector date) {
      return row -> Math.floorDiv(date.get(row), MILLIS_OF_DAY);
    }
    if (vector instanceof TimeStampVector timestamp) {
      return switch (((ArrowType.Timestamp) vector.getField().getType()).getUnit()) {
        case SECOND -> row -> Math.multiplyExact(timestamp.get(row), 1_000_000L);
        case MILLISECOND -> row -> Math.multiplyExact(timestamp.get(row), 1000L);
        case MICROSECOND -> timestamp::get;
        case NANOSECOND -> row -> Math.floorDiv(timestamp.get(row), 1000L);
      };
    }
    return null;
  }

  /** How to read a value of a type that Spark's own columns lack; null where they have it. */
  private static IntFunction<?> value(FieldVector vector) {
    if (vector instanceof UInt8Vector unsigned) {
      return row ->
          Decimal.apply(new BigDecimal(Long.toUnsignedString(unsigned.get(row))), UINT64_DIGITS, 0);
    }
    if (vector instanceof Float2Vector half) {
      return half::getValueAsFloat;
    }
    if (vector instanceof ViewVarCharVector text) {
      return row -> UTF8String.fromBytes(text.get(row));
    }
    if (vector instanceof ViewVarBinaryVector bytes) {
      return bytes::get;
    }
    if (vector instanceof FixedSizeBinaryVector bytes) {
      return bytes::get;
    }
    return null;
  }
}
