package dev.whetstone.artifacts.dataset;

import dev.whetstone.artifacts.BadInputException;
import dev.whetstone.artifacts.dataset.DatasetFolder.TokenRow;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Optional;
import java.util.stream.Collectors;
import org.apache.arrow.vector.FieldVector;
import org.apache.arrow.vector.Float4Vector;
import org.apache.arrow.vector.IntVector;
import org.apache.arrow.vector.VarCharVector;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.arrow.vector.complex.ListVector;

/**
 * Token rows out of the columns {@code id}, {@code input_ids}, {@code labels} and, where there is
 * one, {@code loss_weights}.
 */
record TokenColumns(
    VarCharVector ids, ListVector inputIds, ListVector labels, Optional<ListVector> weights)
    implements ArrowRows.Columns<TokenRow> {
  static TokenColumns of(VectorSchemaRoot root, Path file) {
    return of(root, file, "");
  }

  /** Those whose names begin with {@code prefix}, as a pair's other side does. */
  static TokenColumns of(VectorSchemaRoot root, Path file, String prefix) {
    String weights = prefix + DatasetFolder.LOSS_WEIGHTS;
    return new TokenColumns(
        column(root, file, DatasetFolder.ID, VarCharVector.class, "utf8"),
        list(root, file, prefix + DatasetFolder.INPUT_IDS, IntVector.class, "list of int32"),
        list(root, file, prefix + DatasetFolder.LABELS, IntVector.class, "list of int32"),
        root.getVector(weights) == null
            ? Optional.empty()
            : Optional.of(list(root, file, weights, Float4Vector.class, "list of float32")));
  }

  private static ListVector list(
      VectorSchemaRoot root,
      Path file,
      String name,
      Class<? extends FieldVector> elements,
      String typeName) {
    ListVector list = column(root, file, name, ListVector.class, typeName);
    if (!elements.isInstance(list.getDataVector())) {
      throw new BadInputException(
          "%s: column \"%s\" is %s, expected a %s."
              .formatted(file, name, list.getField(), typeName));
    }
    return list;
  }

  static <V extends FieldVector> V column(
      VectorSchemaRoot root, Path file, String name, Class<V> type, String typeName) {
    FieldVector vector = root.getVector(name);
    if (vector == null) {
      String known =
          root.getSchema().getFields().stream()
              .map(field -> field.getName())
              .collect(Collectors.joining(", "));
      throw new BadInputException(
          "%s: expected a column \"%s\", found %s.%s"
              .formatted(
                  file,
                  name,
                  known,
                  name.equals(DatasetFolder.INPUT_IDS)
                      ? " Prepare the dataset with a model, which tokenises it."
                      : ""));
    }
    if (!type.isInstance(vector)) {
      throw new BadInputException(
          "%s: column \"%s\" is %s, expected %s."
              .formatted(file, name, vector.getField(), typeName));
    }
    return type.cast(vector);
  }

  @Override
  public TokenRow row(int index, long row) {
    if (ids.isNull(index)) {
      throw new IllegalArgumentException("its id is null");
    }
    int[] tokens = ints(inputIds, index, DatasetFolder.INPUT_IDS);
    int[] targets = ints(labels, index, DatasetFolder.LABELS);
    if (tokens.length != targets.length) {
      throw new IllegalArgumentException(
          "labels has %d entries, input_ids has %d; they must match"
              .formatted(targets.length, tokens.length));
    }
    for (int i = 0; i < tokens.length; i++) {
      if (tokens[i] < 0) {
        throw new IllegalArgumentException("input_ids[%d] is %d, below 0".formatted(i, tokens[i]));
      }
      if (targets[i] < 0 && targets[i] != DatasetFolder.IGNORED) {
        throw new IllegalArgumentException(
            "labels[%d] is %d; expected a token or %d"
                .formatted(i, targets[i], DatasetFolder.IGNORED));
      }
    }
    return new TokenRow(
        row,
        new String(ids.get(index), StandardCharsets.UTF_8),
        tokens,
        targets,
        weights.filter(list -> !list.isNull(index)).map(list -> weights(list, index, targets)));
  }

  private static int[] ints(ListVector list, int index, String name) {
    int start = start(list, index, name);
    var values = (IntVector) list.getDataVector();
    int[] ints = new int[list.getElementEndIndex(index) - start];
    for (int i = 0; i < ints.length; i++) {
      ints[i] = values.get(start + i);
    }
    return ints;
  }

  private static float[] weights(ListVector list, int index, int[] targets) {
    int start = start(list, index, DatasetFolder.LOSS_WEIGHTS);
    var values = (Float4Vector) list.getDataVector();
    float[] weights = new float[list.getElementEndIndex(index) - start];
    if (weights.length != targets.length) {
      throw new IllegalArgumentException(
          "loss_weights has %d entries, labels has %d; they must match"
              .formatted(weights.length, targets.length));
    }
    for (int i = 0; i < weights.length; i++) {
      weights[i] = values.get(start + i);
      boolean counts = weights[i] > 0 && weights[i] < Float.POSITIVE_INFINITY;
      if (!counts && targets[i] != DatasetFolder.IGNORED) {
        throw new IllegalArgumentException(
            "loss_weights[%d] of a target is %s; expected a finite number above 0"
                .formatted(i, weights[i]));
      }
    }
    return weights;
  }

  /** Where a row's elements begin, after all of them were found to be there. */
  private static int start(ListVector list, int index, String name) {
    if (list.isNull(index)) {
      throw new IllegalArgumentException(name + " is null");
    }
    int start = list.getElementStartIndex(index);
    int end = list.getElementEndIndex(index);
    FieldVector values = list.getDataVector();
    if (start < 0 || start > end || end > values.getValueCount()) {
      throw new IllegalArgumentException(
          "%s spans elements %d to %d of %d".formatted(name, start, end, values.getValueCount()));
    }
    for (int i = start; i < end; i++) {
      if (values.isNull(i)) {
        throw new IllegalArgumentException("%s[%d] is null".formatted(name, i - start));
      }
    }
    return start;
  }
}
