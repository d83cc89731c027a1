package dev.whetstone.datasets.job.source;

import static org.assertj.core.api.Assertions.assertThat;

import dev.whetstone.artifacts.Json;
import dev.whetstone.datasets.PrepareConfig.Source;
import java.io.ByteArrayOutputStream;
import java.math.BigDecimal;
import java.nio.channels.Channels;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.memory.RootAllocator;
import org.apache.arrow.vector.DecimalVector;
import org.apache.arrow.vector.FieldVector;
import org.apache.arrow.vector.Float2Vector;
import org.apache.arrow.vector.IntVector;
import org.apache.arrow.vector.UInt1Vector;
import org.apache.arrow.vector.UInt2Vector;
import org.apache.arrow.vector.UInt4Vector;
import org.apache.arrow.vector.UInt8Vector;
import org.apache.arrow.vector.VarBinaryVector;
import org.apache.arrow.vector.VarCharVector;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.arrow.vector.complex.FixedSizeListVector;
import org.apache.arrow.vector.complex.LargeListVector;
import org.apache.arrow.vector.complex.StructVector;
import org.apache.arrow.vector.dictionary.Dictionary;
import org.apache.arrow.vector.dictionary.DictionaryProvider;
import org.apache.arrow.vector.ipc.ArrowStreamWriter;
import org.apache.arrow.vector.types.pojo.ArrowType;
import org.apache.arrow.vector.types.pojo.DictionaryEncoding;
import org.apache.arrow.vector.types.pojo.FieldType;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Values of types that Arrow's own getters give as something else, or that its checks refuse. */
class ArrowLinesTest {
  private static final DictionaryEncoding WORDS = new DictionaryEncoding(7, false, null);

  @TempDir private Path folder;

  /** A null, and a row whose numbers have their highest bits set. */
  private static List<FieldVector> columns(BufferAllocator allocator) {
    var tiny = new UInt1Vector("tiny", allocator);
    tiny.setSafe(1, 200);
    var small = new UInt2Vector("small", allocator);
    small.setSafe(1, 60_000);
    var whole = new UInt4Vector("whole", allocator);
    whole.setSafe(1, (int) 4_000_000_000L);
    var large = new UInt8Vector("large", allocator);
    large.setSafe(1, -1L);
    var half = new Float2Vector("half", allocator);
    half.setSafeWithPossibleTruncate(1, 1.5f);
    var decimal = new DecimalVector("decimal", allocator, 38, 0);
    decimal.setSafe(1, new BigDecimal("9".repeat(38)));
    var picture = new VarBinaryVector("picture", allocator);
    picture.setSafe(1, new byte[] {1, 2});

    var pair = FixedSizeListVector.empty("pair", 2, allocator);
    pair.addOrGetVector(FieldType.nullable(new ArrowType.Int(8, false)));
    pair.setInitialCapacity(2);
    pair.allocateNew();
    pair.setNotNull(1);
    ((UInt1Vector) pair.getDataVector()).setSafe(2, 255);
    ((UInt1Vector) pair.getDataVector()).setSafe(3, 1);

    var list = LargeListVector.empty("list", allocator);
    list.addOrGetVector(FieldType.nullable(new ArrowType.Int(32, true)));
    list.allocateNew();
    list.startNewValue(1);
    ((IntVector) list.getDataVector()).setSafe(0, -5);
    list.endValue(1, 1);

    var struct = StructVector.empty("struct", allocator);
    struct.addOrGet(
        "word", new FieldType(true, new ArrowType.Int(32, true), WORDS), IntVector.class);
    struct.allocateNew();
    struct.setIndexDefined(1);
    ((IntVector) struct.getChild("word")).setSafe(1, 1);
    return List.of(tiny, small, whole, large, half, decimal, picture, pair, list, struct);
  }

  @Test
  void valuesAreWhatTheWriterMeant() throws Exception {
    var bytes = new ByteArrayOutputStream();
    try (var allocator = new RootAllocator();
        var words = new VarCharVector("words", allocator)) {
      words.setSafe(0, "no".getBytes(StandardCharsets.UTF_8));
      words.setSafe(1, "yes".getBytes(StandardCharsets.UTF_8));
      words.setValueCount(2);
      var dictionaries = new DictionaryProvider.MapDictionaryProvider(new Dictionary(words, WORDS));
      List<FieldVector> columns = columns(allocator);
      columns.forEach(column -> column.setValueCount(2));
      try (var root = new VectorSchemaRoot(columns);
          var writer = new ArrowStreamWriter(root, dictionaries, Channels.newChannel(bytes))) {
        root.setRowCount(2);
        writer.start();
        writer.writeBatch();
        writer.end();
      }
    }
    Path file = Files.write(folder.resolve("x.arrow"), bytes.toByteArray());
    Block block =
        SourceFiles.look(List.of(new Source(file.toString(), null)), 1).get(0).blocks().get(0);
    try (Lines lines = block.open(new Configuration())) {
      assertThat(Json.mapper().readTree(lines.next().text())).isEmpty();
      assertThat(Json.mapper().readTree(lines.next().text()))
          .isEqualTo(
              Json.mapper()
                  .readTree(
                      """
                      {"tiny": 200, "small": 60000, "whole": 4000000000, "large": 18446744073709551615,
                       "half": 1.5, "decimal": 99999999999999999999999999999999999999,
                       "pair": [255, 1], "list": [-5], "struct": {"word": "yes"}}
                      """));
      assertThat(lines.hasNext()).isFalse();
    }
  }
}
