package dev.whetstone.datasets.job.source;

import com.fasterxml.jackson.databind.JsonNode;
import com.github.luben.zstd.ZstdOutputStream;
import dev.whetstone.artifacts.Json;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import java.util.zip.GZIPOutputStream;
import org.apache.arrow.memory.RootAllocator;
import org.apache.arrow.vector.VarCharVector;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.arrow.vector.complex.ListVector;
import org.apache.arrow.vector.complex.StructVector;
import org.apache.arrow.vector.ipc.ArrowFileWriter;
import org.apache.arrow.vector.ipc.ArrowStreamWriter;
import org.apache.arrow.vector.ipc.ArrowWriter;
import org.apache.arrow.vector.types.pojo.ArrowType;
import org.apache.arrow.vector.types.pojo.Field;
import org.apache.arrow.vector.types.pojo.FieldType;
import org.apache.arrow.vector.types.pojo.Schema;
import org.apache.hadoop.conf.Configuration;
import org.apache.parquet.example.data.Group;
import org.apache.parquet.example.data.simple.SimpleGroupFactory;
import org.apache.parquet.hadoop.ParquetWriter;
import org.apache.parquet.hadoop.example.ExampleParquetWriter;
import org.apache.parquet.hadoop.metadata.CompressionCodecName;
import org.apache.parquet.schema.MessageType;
import org.apache.parquet.schema.MessageTypeParser;

/** Writes rows {@code {"id", "messages": [{"role", "content", "tool_calls"}]}} in every format. */
final class TestFiles {
  private static final List<String> TURN = List.of("role", "content", "tool_calls");

  private static final MessageType PARQUET =
      MessageTypeParser.parseMessageType(
          """
          message rows {
            optional binary id (STRING);
            optional group messages (LIST) {
              repeated group list {
                optional group element {
                  optional binary role (STRING);
                  optional binary content (STRING);
                  optional binary tool_calls (STRING);
                }
              }
            }
          }
          """);

  private TestFiles() {}

  static byte[] gzip(byte[] plain) {
    return packed(plain, true);
  }

  static byte[] zstd(byte[] plain) {
    return packed(plain, false);
  }

  private static byte[] packed(byte[] plain, boolean gzip) {
    var bytes = new ByteArrayOutputStream();
    try (OutputStream out = gzip ? new GZIPOutputStream(bytes) : new ZstdOutputStream(bytes)) {
      out.write(plain);
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
    return bytes.toByteArray();
  }

  static byte[] jsonl(List<JsonNode> rows) {
    return rows.stream()
        .map(row -> Json.line(row) + "\n")
        .collect(Collectors.joining())
        .getBytes(StandardCharsets.UTF_8);
  }

  /** Messages as JSON text in a cell. */
  static byte[] csv(List<JsonNode> rows, char separator) {
    var text = new StringBuilder("id" + separator + "messages\r\n");
    for (JsonNode row : rows) {
      String cell = Json.pretty(row.get("messages")).replace("\"", "\"\"");
      text.append(row.get("id").asText()).append(separator);
      text.append('"').append(cell).append("\"\r\n");
    }
    return text.toString().getBytes(StandardCharsets.UTF_8);
  }

  static void parquet(Path file, List<JsonNode> rows, CompressionCodecName codec, int groupBytes)
      throws IOException {
    Files.deleteIfExists(file);
    try (ParquetWriter<Group> writer =
        ExampleParquetWriter.builder(new org.apache.hadoop.fs.Path(file.toUri()))
            .withType(PARQUET)
            .withConf(new Configuration())
            .withCompressionCodec(codec)
            .withRowGroupSize((long) groupBytes)
            .withMinRowCountForPageSizeCheck(1)
            .build()) {
      var groups = new SimpleGroupFactory(PARQUET);
      for (JsonNode row : rows) {
        Group group = groups.newGroup().append("id", row.get("id").asText());
        Group list = group.addGroup("messages");
        for (JsonNode turn : row.get("messages")) {
          Group element = list.addGroup("list").addGroup("element");
          for (String key : TURN) {
            if (turn.hasNonNull(key)) {
              element.append(key, turn.get(key).asText());
            }
          }
        }
        writer.write(group);
      }
    }
  }

  /** A stream, or with a footer a file, {@code batch} rows a batch. */
  static byte[] arrow(List<JsonNode> rows, int batch, boolean asFile) {
    var text = FieldType.nullable(new ArrowType.Utf8());
    var turn =
        new Field(
            "item",
            FieldType.nullable(new ArrowType.Struct()),
            TURN.stream().map(name -> new Field(name, text, null)).toList());
    var messages = new Field("messages", FieldType.nullable(new ArrowType.List()), List.of(turn));
    var schema = new Schema(List.of(new Field("id", text, null), messages));
    var bytes = new ByteArrayOutputStream();
    try (var allocator = new RootAllocator();
        var root = VectorSchemaRoot.create(schema, allocator);
        ArrowWriter writer =
            asFile
                ? new ArrowFileWriter(root, null, Channels.newChannel(bytes))
                : new ArrowStreamWriter(root, null, Channels.newChannel(bytes))) {
      writer.start();
      for (int from = 0; from < rows.size(); from += batch) {
        List<JsonNode> part = rows.subList(from, Math.min(rows.size(), from + batch));
        fill(root, part);
        writer.writeBatch();
        root.clear();
      }
      writer.end();
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
    return bytes.toByteArray();
  }

  private static void fill(VectorSchemaRoot root, List<JsonNode> rows) {
    var id = (VarCharVector) root.getVector("id");
    var messages = (ListVector) root.getVector("messages");
    var turns = (StructVector) messages.getDataVector();
    root.allocateNew();
    for (int i = 0; i < rows.size(); i++) {
      id.setSafe(i, bytes(rows.get(i).get("id").asText()));
      int at = messages.startNewValue(i);
      List<JsonNode> list = new ArrayList<>();
      rows.get(i).get("messages").forEach(list::add);
      for (int t = 0; t < list.size(); t++) {
        turns.setIndexDefined(at + t);
        for (String key : TURN) {
          var field = (VarCharVector) turns.getChild(key);
          if (list.get(t).hasNonNull(key)) {
            field.setSafe(at + t, bytes(list.get(t).get(key).asText()));
          } else {
            field.setNull(at + t);
          }
        }
      }
      messages.endValue(i, list.size());
    }
    root.setRowCount(rows.size());
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  static byte[] cut(byte[] whole, int length) {
    return Arrays.copyOf(whole, length);
  }

  /** A folder as save_to_disk leaves it, a row a shard. */
  static void saved(Path folder, List<JsonNode> rows) throws IOException {
    Files.createDirectories(folder);
    List<String> shards = new ArrayList<>();
    for (int i = 0; i < rows.size(); i++) {
      // Names whose order is not that of the rows: state.json tells it.
      String shard = "data-%05d.arrow".formatted(rows.size() - i);
      Files.write(folder.resolve(shard), arrow(rows.subList(i, i + 1), 10, false));
      shards.add("{\"filename\": \"" + shard + "\"}");
    }
    Files.writeString(folder.resolve("state.json"), "{\"_data_files\": " + shards + "}");
    Files.writeString(folder.resolve("dataset_info.json"), "{}");
  }
}
