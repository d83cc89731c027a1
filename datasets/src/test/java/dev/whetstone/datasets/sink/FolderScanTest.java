package dev.whetstone.datasets.sink;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.whetstone.artifacts.BadInputException;
import dev.whetstone.artifacts.Manifest;
import dev.whetstone.datasets.layout.HuggingFaceFolder;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.apache.arrow.memory.RootAllocator;
import org.apache.arrow.vector.DateMilliVector;
import org.apache.arrow.vector.FieldVector;
import org.apache.arrow.vector.FixedSizeBinaryVector;
import org.apache.arrow.vector.Float2Vector;
import org.apache.arrow.vector.IntVector;
import org.apache.arrow.vector.LargeVarCharVector;
import org.apache.arrow.vector.NullVector;
import org.apache.arrow.vector.TimeMicroVector;
import org.apache.arrow.vector.TimeStampMilliTZVector;
import org.apache.arrow.vector.TimeStampNanoVector;
import org.apache.arrow.vector.TimeStampSecVector;
import org.apache.arrow.vector.UInt1Vector;
import org.apache.arrow.vector.UInt2Vector;
import org.apache.arrow.vector.UInt4Vector;
import org.apache.arrow.vector.UInt8Vector;
import org.apache.arrow.vector.VarCharVector;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.arrow.vector.ViewVarCharVector;
import org.apache.arrow.vector.complex.FixedSizeListVector;
import org.apache.arrow.vector.complex.LargeListVector;
import org.apache.arrow.vector.complex.StructVector;
import org.apache.arrow.vector.complex.impl.UnionFixedSizeListWriter;
import org.apache.arrow.vector.complex.impl.UnionLargeListWriter;
import org.apache.arrow.vector.dictionary.Dictionary;
import org.apache.arrow.vector.dictionary.DictionaryEncoder;
import org.apache.arrow.vector.dictionary.DictionaryProvider;
import org.apache.arrow.vector.ipc.ArrowFileWriter;
import org.apache.arrow.vector.ipc.ArrowStreamWriter;
import org.apache.arrow.vector.types.pojo.ArrowType;
import org.apache.arrow.vector.types.pojo.DictionaryEncoding;
import org.apache.arrow.vector.types.pojo.FieldType;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.catalyst.expressions.UnsafeProjection;
import org.apache.spark.sql.types.StructType;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import scala.jdk.javaapi.CollectionConverters;

/** The reader on folders of ours, of others, and of nobody. */
class FolderScanTest {
  private static final StructType ROWS =
      StructType.fromDDL(
          "id BIGINT, text STRING, turns ARRAY<STRUCT<role: STRING, ids: ARRAY<INT>>>, score"
              + " FLOAT");

  private static SparkSession spark;

  @TempDir Path world;

  @BeforeAll
  static void start() {
    spark =
        SparkSession.builder()
            .master("local[2]")
            .config("spark.ui.enabled", "false")
            .config("spark.driver.host", "127.0.0.1")
            .config("spark.driver.bindAddress", "127.0.0.1")
            .config("spark.sql.datetime.java8API.enabled", "true")
            .getOrCreate();
  }

  @AfterAll
  static void stop() {
    spark.stop();
  }

  @Test
  void rowsComeBackAsTheyWereInTheirOrder() {
    for (long seed = 0; seed < 3; seed++) {
      List<Row> rows = rows(new Random(seed), 400);
      String folder = write("rows-" + seed, rows, 3, 9000);
      assertThat(load(folder).collectAsList()).as("seed %d", seed).isEqualTo(rows);
    }
  }

  @Test
  void rangesOfAShardHoldEachBatchOnceWhereverTheyAreCut() {
    String folder = write("cut", rows(new Random(1), 600), 1, 1 << 20);
    var shard = SavedDataset.open(folder, "", new Configuration()).shards().get(0);
    String whole = read(ShardRange.of(shard, shard.sizeBytes()));
    for (long bytes : new long[] {1000, 1001, 4096, 30_000, shard.sizeBytes() - 1}) {
      List<ShardRange> ranges = ShardRange.of(shard, bytes);
      assertThat(ranges).hasSize((int) ((shard.sizeBytes() + bytes - 1) / bytes));
      assertThat(read(ranges)).as("ranges of %d bytes", bytes).isEqualTo(whole);
    }
  }

  @Test
  void onlyTheColumnsThatAreWantedAreRead() {
    List<Row> rows = rows(new Random(2), 50);
    Dataset<Row> all = load(write("pruned", rows, 2, 9000));
    Dataset<Row> some = all.selectExpr("turns.role AS roles", "id").where("id % 2 = 0");
    assertThat(some.queryExecution().optimizedPlan().toString())
        .contains("turns")
        .doesNotContain("score");
    assertThat(some.count()).isEqualTo(25);
    assertThat(all.count()).isEqualTo(50);
    assertThat(all.select("score", "text").first())
        .isEqualTo(RowFactory.create(rows.get(0).get(3), rows.get(0).get(1)));
  }

  @Test
  void ofSeveralSplitsOneIsNamed() throws IOException {
    Path dict = world.resolve("dict");
    for (String split : List.of("train", "test")) {
      spark
          .sql("SELECT '" + split + "' AS text")
          .write()
          .format("hf-arrow")
          .option("split", split)
          .mode("append")
          .save(dict.resolve(split).toString());
    }
    Files.writeString(
        dict.resolve("dataset_dict.json"), HuggingFaceFolder.dict(List.of("train", "test")));
    assertThat(texts(spark.read().format("hf-arrow").option("split", "test").load(dict.toString())))
        .containsExactly("test");
    assertThat(texts(load(dict.resolve("train").toString()))).containsExactly("train");
    refused(dict, "expected one split, found the splits train, test; name one with split");
    assertThatThrownBy(
            () -> spark.read().format("hf-arrow").option("split", "dev").load(dict.toString()))
        .isInstanceOf(BadInputException.class)
        .hasMessageContaining("expected a split \"dev\", found the splits train, test");
    assertThatThrownBy(
            () ->
                spark
                    .read()
                    .format("hf-arrow")
                    .option("split", "dev")
                    .load(dict.resolve("test").toString()))
        .hasMessageContaining("expected the split \"dev\", found \"test\"");
    Files.writeString(dict.resolve("dataset_dict.json"), HuggingFaceFolder.dict(List.of("train")));
    assertThat(texts(load(dict.toString()))).as("the only one").containsExactly("train");
  }

  @Test
  void columnsOfOtherWritersBecomeThoseOfSpark() throws IOException {
    try (var allocator = new RootAllocator()) {
      var large = new LargeVarCharVector("large", allocator);
      large.setSafe(0, "größe".getBytes(UTF_8));
      var view = new ViewVarCharVector("view", allocator);
      view.setSafe(0, "a text of more than twelve bytes: 雪".getBytes(UTF_8));
      var u8 = new UInt1Vector("u8", allocator);
      u8.setSafe(0, 200);
      var u16 = new UInt2Vector("u16", allocator);
      u16.setSafe(0, 60_000);
      var u32 = new UInt4Vector("u32", allocator);
      u32.setSafe(0, (int) 4_000_000_000L);
      var u64 = new UInt8Vector("u64", allocator);
      u64.setSafe(0, -1L);
      var half = new Float2Vector("half", allocator);
      half.setSafe(0, (short) 0x3E00);
      var date = new DateMilliVector("date", allocator);
      date.setSafe(0, -1L);
      var seconds = new TimeStampSecVector("seconds", allocator);
      seconds.setSafe(0, -1L);
      var nanos = new TimeStampNanoVector("nanos", allocator);
      nanos.setSafe(0, -1L);
      var millis =
          new TimeStampMilliTZVector(
              "millis",
              FieldType.nullable(
                  new ArrowType.Timestamp(
                      org.apache.arrow.vector.types.TimeUnit.MILLISECOND, "Asia/Kolkata")),
              allocator);
      millis.setSafe(0, 1500L);
      var bytes = new FixedSizeBinaryVector("bytes", allocator, 2);
      bytes.setSafe(0, new byte[] {1, 2});
      var fixed = FixedSizeListVector.empty("fixed", 2, allocator);
      UnionFixedSizeListWriter pairs = fixed.getWriter();
      pairs.allocate();
      pairs.setPosition(1);
      pairs.startList();
      pairs.integer().writeInt(7);
      pairs.integer().writeInt(8);
      pairs.endList();
      var list = LargeListVector.empty("list", allocator);
      UnionLargeListWriter longs = list.getWriter();
      longs.allocate();
      longs.setPosition(0);
      longs.startList();
      longs.bigInt().writeBigInt(5);
      longs.endList();
      longs.setPosition(1);
      longs.startList();
      longs.endList();
      var struct = StructVector.empty("struct", allocator);
      struct
          .addOrGet("x", FieldType.nullable(ArrowType.Utf8.INSTANCE), VarCharVector.class)
          .setSafe(1, "inner".getBytes(UTF_8));
      struct.setIndexDefined(1);
      var nothing = new NullVector("nothing", 2);
      save(
          "strange", null, large, view, u8, u16, u32, u64, half, date, seconds, nanos, millis,
          bytes, fixed, list, struct, nothing);
    }
    Dataset<Row> back = load(world.resolve("strange").toString());
    assertThat(back.schema().catalogString())
        .isEqualTo(
            "struct<large:string,view:string,u8:smallint,u16:int,u32:bigint,u64:decimal(20,0),half:float,"
                + "date:date,seconds:timestamp_ntz,nanos:timestamp_ntz,millis:timestamp,bytes:binary,"
                + "fixed:array<int>,list:array<bigint>,struct:struct<x:string>,nothing:void>");
    List<Row> rows = back.selectExpr("*", "hex(bytes) AS hex").drop("bytes").collectAsList();
    assertThat(values(rows.get(0)))
        .containsExactly(
            "größe",
            "a text of more than twelve bytes: 雪",
            (short) 200,
            60_000,
            4_000_000_000L,
            new java.math.BigDecimal("18446744073709551615"),
            1.5f,
            LocalDate.of(1969, 12, 31),
            LocalDateTime.of(1969, 12, 31, 23, 59, 59),
            LocalDateTime.of(1969, 12, 31, 23, 59, 59, 999_999_000),
            Instant.parse("1970-01-01T00:00:01.500Z"),
            null,
            List.of(5L),
            null,
            null,
            "0102");
    assertThat(values(rows.get(1)))
        .containsExactly(
            null,
            null,
            null,
            null,
            null,
            null,
            null,
            null,
            null,
            null,
            null,
            List.of(7, 8),
            List.of(),
            List.of("inner"),
            null,
            null);
  }

  @Test
  void dictionariesBecomeTheirValues() throws IOException {
    try (var allocator = new RootAllocator()) {
      var words = new VarCharVector("words", allocator);
      words.setSafe(0, "yes".getBytes(UTF_8));
      words.setSafe(1, "否".getBytes(UTF_8));
      words.setValueCount(2);
      var plain = new VarCharVector("answer", allocator);
      for (int i = 0; i < 5; i++) {
        plain.setSafe(i, (i % 2 == 0 ? "yes" : "否").getBytes(UTF_8));
      }
      plain.setNull(3);
      plain.setValueCount(5);
      var dictionary = new Dictionary(words, new DictionaryEncoding(1, false, null));
      var provider = new DictionaryProvider.MapDictionaryProvider(dictionary);
      try (words;
          plain;
          var encoded = (FieldVector) DictionaryEncoder.encode(plain, dictionary)) {
        save("dictionary", provider, 5, encoded);
      }
    }
    Dataset<Row> back = load(world.resolve("dictionary").toString());
    assertThat(back.schema().catalogString()).isEqualTo("struct<answer:string>");
    assertThat(texts(back)).containsExactly("yes", "否", "yes", null, "yes");
  }

  @Test
  void foldersThatAreNoDatasetsAreNamed() throws IOException {
    refused(world.resolve("gone"), "expected a dataset that save_to_disk wrote, found no folder");
    Path file = Files.writeString(world.resolve("file"), "text");
    refused(file, "found a file");
    Path empty = Files.createDirectories(world.resolve("empty"));
    refused(empty, "found an empty folder");
    Path parquet = Files.createDirectories(world.resolve("parquet"));
    Files.writeString(parquet.resolve("part-0.parquet"), "");
    refused(
        parquet,
        "expected state.json and dataset_info.json, or dataset_dict.json",
        "part-0.parquet");
    Path unfinished = Files.createDirectories(world.resolve("unfinished"));
    Files.writeString(unfinished.resolve(".unfinished.json"), "{}");
    Files.writeString(unfinished.resolve("dataset_dict.json"), "{\"splits\": [\"train\"]}");
    refused(unfinished, "is unfinished");
    assertThatThrownBy(() -> spark.read().format("hf-arrow").load())
        .hasMessageContaining("expected one folder");

    String whole = write("whole", rows(new Random(4), 20), 1, 9000);
    Path state = Path.of(whole, "state.json");
    String text = Files.readString(state);
    Files.writeString(state, text.replace("data/data-", "../data-"));
    refused(
        Path.of(whole), "expected names within its folder, found \"../data-00000-of-00001.arrow\"");
    Files.writeString(state, text.replace("-of-00001", "-of-00002"));
    refused(Path.of(whole), "lists \"data/data-00000-of-00002.arrow\", which is not there");
    Files.writeString(state, "{\"_data_files\": []}");
    refused(Path.of(whole), "expected \"_data_files\", found none");
    Files.writeString(state, "[1");
    refused(Path.of(whole), "state.json: not the JSON that was expected");
    assertThat(Path.of(whole, Manifest.FILE)).doesNotExist();
  }

  @Test
  void columnsWithoutAPlaceInSparkAreNamed() throws IOException {
    try (var allocator = new RootAllocator()) {
      var time = new TimeMicroVector("lunch", allocator);
      time.setSafe(0, 1);
      save("time", null, 1, time);
    }
    refused(
        world.resolve("time"),
        "column \"lunch\" is Time(MICROSECOND, 64), which Spark cannot hold");
  }

  @Test
  void shardsMustHaveOneSchema() throws IOException {
    String folder = write("mixed", rows(new Random(4), 40), 2, 9000);
    try (var allocator = new RootAllocator()) {
      var ints = new IntVector("id", allocator);
      ints.setSafe(0, 1);
      save("other", null, 1, ints);
    }
    Path second = Path.of(folder, "data/data-00001-of-00002.arrow");
    Files.copy(
        world.resolve("other/data/data-00000-of-00001.arrow"),
        second,
        java.nio.file.StandardCopyOption.REPLACE_EXISTING);
    assertThatThrownBy(() -> load(folder).select("id").collectAsList())
        .hasStackTraceContaining("expected column \"id\" of type bigint, found int");
    assertThatThrownBy(() -> load(folder).select("text").collectAsList())
        .hasStackTraceContaining("expected a column \"text\", found id");
  }

  @Test
  void damagedShardsEndInASentence() throws IOException {
    String folder = write("damaged", rows(new Random(6), 30), 1, 2000);
    Path shard = Path.of(folder, "data/data-00000-of-00001.arrow");
    shard =
        Files.exists(shard)
            ? shard
            : Path.of(SavedDataset.open(folder, "", new Configuration()).shards().get(0).file());
    byte[] whole = Files.readAllBytes(shard);
    Random random = new Random(8);
    int refused = 0;
    for (int number = 0; number < 400; number++) {
      byte[] bytes =
          number % 4 == 0 ? Arrays.copyOf(whole, random.nextInt(whole.length)) : whole.clone();
      for (int i = 0; i < 1 + number % 3 && bytes.length > 0; i++) {
        bytes[random.nextInt(bytes.length)] = (byte) random.nextInt();
      }
      Files.write(shard, bytes);
      var damaged = new SavedDataset.Shard(shard.toString(), bytes.length);
      try {
        read(ShardRange.of(damaged, 700));
      } catch (BadInputException e) {
        refused++;
        assertThat(e).hasMessageContaining(shard.toString());
        assertThat(e.getMessage()).as("mutant %d", number).doesNotContain("null)");
      }
    }
    assertThat(refused).isGreaterThan(100);
    try (var allocator = new RootAllocator();
        var root = VectorSchemaRoot.of(new IntVector("x", allocator));
        var out = Files.newOutputStream(shard);
        var writer = new ArrowFileWriter(root, null, Channels.newChannel(out))) {
      writer.writeBatch();
    }
    refused(Path.of(folder), "expected an Arrow IPC stream, found the IPC file format (Feather)");
  }

  private static final java.nio.charset.Charset UTF_8 = java.nio.charset.StandardCharsets.UTF_8;

  private void refused(Path folder, String... sentence) {
    assertThatThrownBy(() -> load(folder.toString()).collectAsList())
        .isInstanceOf(BadInputException.class)
        .hasMessageContainingAll(sentence);
  }

  private static Dataset<Row> load(String folder) {
    return spark.read().format("hf-arrow").load(folder);
  }

  private static List<String> texts(Dataset<Row> rows) {
    return rows.as(Encoders.STRING()).collectAsList();
  }

  /** Values, with those of lists and structs as lists. */
  private static List<Object> values(Row row) {
    List<Object> values = new ArrayList<>();
    for (int i = 0; i < row.size(); i++) {
      Object value = row.get(i);
      if (value instanceof scala.collection.Seq<?> seq) {
        value = List.copyOf(CollectionConverters.asJava(seq));
      }
      values.add(value instanceof Row inner ? values(inner) : value);
    }
    return values;
  }

  /** All rows of the ranges, one after the other, each value looked at. */
  private static String read(List<ShardRange> ranges) {
    var all = new StringBuilder();
    var asSparkReads = UnsafeProjection.create(ROWS);
    for (ShardRange range : ranges) {
      try (var reader = new ShardReader(range, ROWS, new Configuration())) {
        while (reader.next()) {
          var batch = reader.get().rowIterator();
          while (batch.hasNext()) {
            all.append(asSparkReads.apply(batch.next())).append('\n');
          }
        }
      }
    }
    return all.toString();
  }

  private String write(String name, List<Row> rows, int partitions, long shardBytes) {
    String folder = world.resolve(name).toString();
    spark
        .createDataFrame(rows, ROWS)
        .coalesce(partitions)
        .write()
        .format("hf-arrow")
        .option("max_shard_bytes", shardBytes)
        .mode("append")
        .save(folder);
    return folder;
  }

  private static List<Row> rows(Random random, int count) {
    List<Row> rows = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      List<Row> turns = new ArrayList<>();
      for (int turn = random.nextInt(4); turn > 0; turn--) {
        Object ids =
            random.nextInt(5) == 0
                ? null
                : random.ints(random.nextInt(9)).boxed().toArray(Integer[]::new);
        turns.add(
            RowFactory.create(
                random.nextBoolean() ? "user" : null,
                ids == null ? null : scala.collection.immutable.ArraySeq.unsafeWrapArray(ids)));
      }
      rows.add(
          RowFactory.create(
              (long) i,
              random.nextInt(6) == 0 ? null : "文 ".repeat(random.nextInt(40)) + i,
              scala.collection.immutable.ArraySeq.unsafeWrapArray(turns.toArray()),
              random.nextInt(6) == 0 ? null : random.nextFloat()));
    }
    return rows;
  }

  private void save(String name, DictionaryProvider dictionaries, FieldVector... vectors)
      throws IOException {
    save(name, dictionaries, 2, vectors);
  }

  /** A folder as save_to_disk writes it. Closes the vectors. */
  private void save(String name, DictionaryProvider dictionaries, int rows, FieldVector... vectors)
      throws IOException {
    var bytes = new ByteArrayOutputStream();
    try (var root = new VectorSchemaRoot(List.of(vectors))) {
      for (FieldVector vector : vectors) {
        vector.setValueCount(rows);
      }
      root.setRowCount(rows);
      try (var writer = new ArrowStreamWriter(root, dictionaries, (OutputStream) bytes)) {
        writer.writeBatch();
      }
    }
    Path folder = world.resolve(name);
    Files.createDirectories(folder.resolve("data"));
    String shard = HuggingFaceFolder.shard(0, 1);
    Files.write(folder.resolve(shard), bytes.toByteArray());
    Files.writeString(
        folder.resolve("state.json"), HuggingFaceFolder.state(List.of(shard), "f", ""));
    Files.writeString(folder.resolve("dataset_info.json"), "{}");
  }
}
