package dev.whetstone.artifacts.testing;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.arrow.memory.RootAllocator;
import org.apache.arrow.vector.BigIntVector;
import org.apache.arrow.vector.BitVector;
import org.apache.arrow.vector.IntVector;
import org.apache.arrow.vector.VarCharVector;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.arrow.vector.complex.ListVector;
import org.apache.arrow.vector.ipc.ArrowStreamWriter;
import org.apache.arrow.vector.types.FloatingPointPrecision;
import org.apache.arrow.vector.types.pojo.ArrowType;
import org.apache.arrow.vector.types.pojo.Field;
import org.apache.arrow.vector.types.pojo.FieldType;
import org.apache.arrow.vector.types.pojo.Schema;

/**
 * Writes small Arrow IPC streams: rows of token ids and pack plans. It is in the main sources
 * because the hermetic tests of other rooms need it.
 */
public final class TinyStreams {
  private TinyStreams() {}

  private static final ArrowType INT32 = new ArrowType.Int(32, true);

  /** Rows with ids "row0", "row1" ...; {@code labels} null: those of {@code inputIds}. */
  public static void tokens(Path file, int batchRows, List<int[]> inputIds, List<int[]> labels)
      throws IOException {
    var child = List.of(new Field("element", FieldType.nullable(INT32), null));
    var schema =
        new Schema(
            List.of(
                new Field("id", FieldType.nullable(new ArrowType.Utf8()), null),
                new Field("input_ids", FieldType.nullable(new ArrowType.List()), child),
                new Field("labels", FieldType.nullable(new ArrowType.List()), child)));
    try (var allocator = new RootAllocator();
        var root = VectorSchemaRoot.create(schema, allocator);
        OutputStream out = Files.newOutputStream(file);
        var stream = new ArrowStreamWriter(root, null, Channels.newChannel(out))) {
      stream.start();
      int row = 0;
      do { // no rows: one empty batch, without which load_from_disk refuses the shard
        root.clear();
        int count = Math.min(batchRows, inputIds.size() - row);
        var ids = (VarCharVector) root.getVector("id");
        for (int i = 0; i < count; i++) {
          ids.setSafe(i, ("row" + (row + i)).getBytes(StandardCharsets.UTF_8));
        }
        fill((ListVector) root.getVector("input_ids"), inputIds.subList(row, row + count));
        fill(
            (ListVector) root.getVector("labels"),
            (labels == null ? inputIds : labels).subList(row, row + count));
        root.setRowCount(count);
        stream.writeBatch();
        row += count;
      } while (row < inputIds.size());
      stream.end();
    }
  }

  /** Pairs: chosen and rejected tokens and labels of each. */
  public static void pairs(
      Path file,
      List<int[]> chosen,
      List<int[]> chosenLabels,
      List<int[]> rejected,
      List<int[]> rejectedLabels)
      throws IOException {
    write(
        file,
        Map.of(
            "input_ids", chosen,
            "labels", chosenLabels,
            "rejected_input_ids", rejected,
            "rejected_labels", rejectedLabels),
        null,
        null);
  }

  /** Answers with a label each. */
  public static void labelled(Path file, List<int[]> tokens, List<int[]> labels, List<Boolean> good)
      throws IOException {
    write(file, Map.of("input_ids", tokens, "labels", labels), good, null);
  }

  /** Rows that say what their targets count; those of a row may be null. */
  public static void weighted(
      Path file, List<int[]> tokens, List<int[]> labels, List<float[]> weights) throws IOException {
    write(file, Map.of("input_ids", tokens, "labels", labels), null, weights);
  }

  private static void write(
      Path file, Map<String, List<int[]>> lists, List<Boolean> good, List<float[]> weights)
      throws IOException {
    var child = List.of(new Field("element", FieldType.nullable(INT32), null));
    var fields = new ArrayList<Field>();
    fields.add(new Field("id", FieldType.nullable(new ArrowType.Utf8()), null));
    lists
        .keySet()
        .forEach(
            name -> fields.add(new Field(name, FieldType.nullable(new ArrowType.List()), child)));
    if (good != null) {
      fields.add(new Field("label", FieldType.nullable(new ArrowType.Bool()), null));
    }
    if (weights != null) {
      var real = new ArrowType.FloatingPoint(FloatingPointPrecision.SINGLE);
      fields.add(
          new Field(
              "loss_weights",
              FieldType.nullable(new ArrowType.List()),
              List.of(new Field("element", FieldType.nullable(real), null))));
    }
    try (var allocator = new RootAllocator();
        var root = VectorSchemaRoot.create(new Schema(fields), allocator);
        OutputStream out = Files.newOutputStream(file);
        var stream = new ArrowStreamWriter(root, null, Channels.newChannel(out))) {
      stream.start();
      int count = lists.get("input_ids").size();
      for (int i = 0; i < count; i++) {
        ((VarCharVector) root.getVector("id"))
            .setSafe(i, ("row" + i).getBytes(StandardCharsets.UTF_8));
        if (good != null) {
          ((BitVector) root.getVector("label")).setSafe(i, good.get(i) ? 1 : 0);
        }
      }
      lists.forEach((name, rows) -> fill((ListVector) root.getVector(name), rows));
      if (weights != null) {
        fillReal((ListVector) root.getVector("loss_weights"), weights);
      }
      root.setRowCount(count);
      stream.writeBatch();
      stream.end();
    }
  }

  private static void fill(ListVector list, List<int[]> rows) {
    var writer = list.getWriter();
    for (int i = 0; i < rows.size(); i++) {
      writer.setPosition(i);
      writer.startList();
      for (int value : rows.get(i)) {
        writer.integer().writeInt(value);
      }
      writer.endList();
    }
  }

  private static void fillReal(ListVector list, List<float[]> rows) {
    var writer = list.getWriter();
    for (int i = 0; i < rows.size(); i++) {
      if (rows.get(i) == null) {
        list.setNull(i);
        continue;
      }
      writer.setPosition(i);
      writer.startList();
      for (float value : rows.get(i)) {
        writer.float4().writeFloat4(value);
      }
      writer.endList();
    }
  }

  /** A pack plan. */
  public static void plan(Path file, int[] packs, long[] rows, int[] lengths) throws IOException {
    var schema =
        new Schema(
            List.of(
                new Field("pack", FieldType.notNullable(INT32), null),
                new Field("row", FieldType.notNullable(new ArrowType.Int(64, true)), null),
                new Field("length", FieldType.notNullable(INT32), null)));
    try (var allocator = new RootAllocator();
        var root = VectorSchemaRoot.create(schema, allocator);
        OutputStream out = Files.newOutputStream(file);
        var stream = new ArrowStreamWriter(root, null, Channels.newChannel(out))) {
      stream.start();
      for (int i = 0; i < packs.length; i++) {
        ((IntVector) root.getVector("pack")).setSafe(i, packs[i]);
        ((BigIntVector) root.getVector("row")).setSafe(i, rows[i]);
        ((IntVector) root.getVector("length")).setSafe(i, lengths[i]);
      }
      root.setRowCount(packs.length);
      stream.writeBatch();
      stream.end();
    }
  }
}
