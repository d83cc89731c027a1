package dev.whetstone.datasets.sink;

import dev.whetstone.artifacts.BadInputException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.apache.spark.sql.types.ArrayType;
import org.apache.spark.sql.types.BinaryType;
import org.apache.spark.sql.types.BooleanType;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DateType;
import org.apache.spark.sql.types.NullType;
import org.apache.spark.sql.types.NumericType;
import org.apache.spark.sql.types.StringType;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.sql.types.TimestampNTZType;
import org.apache.spark.sql.types.TimestampType;

/**
 * Which columns Hugging Face {@code datasets} can read, by its string_to_arrow and
 * generate_from_arrow_type (features/features.py, 3.6 to 5.2): no maps, intervals, variants or
 * user-defined types, and each name once.
 */
final class SchemaCheck {
  private SchemaCheck() {}

  /**
   * @throws BadInputException naming every column that cannot be read
   */
  static void check(StructType schema) {
    List<String> faults = new ArrayList<>();
    check(schema, "", faults);
    if (!faults.isEmpty()) {
      throw new BadInputException(
          "Hugging Face datasets cannot read such columns: "
              + String.join("; ", faults)
              + "; write a JSON text or a list of structs in their place.");
    }
  }

  private static void check(StructType struct, String path, List<String> faults) {
    if (struct.isEmpty()) {
      faults.add(path.isEmpty() ? "there are none" : path + " is a struct without fields");
    }
    Set<String> names = new HashSet<>();
    for (StructField field : struct.fields()) {
      String name = path.isEmpty() ? field.name() : path + "." + field.name();
      if (!names.add(field.name())) {
        faults.add(name + " is there twice");
      }
      check(field.dataType(), name, faults);
    }
  }

  private static void check(DataType type, String path, List<String> faults) {
    if (type instanceof StructType struct) {
      check(struct, path, faults);
    } else if (type instanceof ArrayType list) {
      check(list.elementType(), path + "[]", faults);
    } else if (!isScalar(type)) {
      faults.add(path + " is " + type.sql());
    }
  }

  private static boolean isScalar(DataType type) {
    return type instanceof StringType
        || type instanceof NumericType // integers, floating point, decimal
        || type instanceof BooleanType
        || type instanceof BinaryType
        || type instanceof DateType
        || type instanceof TimestampType
        || type instanceof TimestampNTZType
        || type instanceof NullType;
  }
}
